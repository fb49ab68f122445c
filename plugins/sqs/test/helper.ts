import { type TestOptions, testService } from '@ministack/gateway/testing'
import type { Test } from 'tap'
import sqs from '../src/index.js'

/** SQS behind the real gateway, closed at the end of the test. */
export async function startSqs(t: Test, options?: TestOptions) {
  const test = await testService<typeof import('@aws-sdk/client-sqs')>(sqs, options)
  t.teardown(() => test.close())
  return test
}

export type Sqs = Awaited<ReturnType<typeof startSqs>>

/** Makes a queue and answers its URL; a FIFO one where the name says so. */
export async function makeQueue({ client }: Sqs, name: string, attributes: Record<string, string> = {}): Promise<string> {
  const fifo = name.endsWith('.fifo') ? { FifoQueue: 'true' } : {}
  const { QueueUrl } = await client.createQueue({ QueueName: name, Attributes: { ...fifo, ...attributes } })
  return QueueUrl!
}

export function arnOf(name: string): string {
  return `arn:aws:sqs:us-east-1:000000000000:${name}`
}

/** Receives at once, and answers the messages. */
export async function receive({ client }: Sqs, QueueUrl: string, options: object = {}) {
  const { Messages = [] } = await client.receiveMessage({ QueueUrl, MaxNumberOfMessages: 10, ...options })
  return Messages as { MessageId: string; ReceiptHandle: string; Body: string; Attributes?: Record<string, string> }[]
}

export async function bodies(sqs: Sqs, QueueUrl: string, options: object = {}): Promise<string[]> {
  return (await receive(sqs, QueueUrl, options)).map(message => message.Body)
}

/** How many messages are visible, in flight and delayed. */
export async function counts({ client }: Sqs, QueueUrl: string): Promise<number[]> {
  const { Attributes = {} } = await client.getQueueAttributes({ QueueUrl, AttributeNames: ['All'] })
  return ['', 'NotVisible', 'Delayed'].map(kind => Number((Attributes as Record<string, string>)[`ApproximateNumberOfMessages${kind}`]))
}

/** Checks that a call is refused with exactly this code and message. */
export async function refuses(t: Test, call: Promise<unknown>, code: string, message: string): Promise<void> {
  await t.rejects(call, { code, message })
}
