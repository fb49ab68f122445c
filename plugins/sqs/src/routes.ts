import type { Unit } from '@ministack/gateway'
import type { FastifyInstance } from 'fastify'
import type { Entry } from './entry.js'
import { queuePath } from './names.js'
import type { Queue } from './queue.js'
import { systemAttributes } from './received.js'
import type { SqsState } from './state.js'

/** Which queues to show: one by its URL, or all of an account. */
interface Query {
  readonly QueueUrl?: string
  readonly account?: string
  readonly region?: string
}

/**
 * `GET /_ministack/sqs/messages?QueueUrl=&account=&region=`: shows messages without receiving them.
 *
 * Without a queue it shows those of all queues of the account, the default one unless it is named; without a region those of all regions.
 */
export function routes(app: FastifyInstance, unit: Unit<SqsState>): void {
  app.get<{ Querystring: Query }>('/_ministack/sqs/messages', ({ query }, reply) => {
    const { QueueUrl, account = unit.config.account, region } = query
    const path = QueueUrl && queuePath(QueueUrl)
    const queues = [...unit.state.live.all()].filter(
      queue =>
        (region === undefined || queue.region === region) &&
        (QueueUrl ? `${queue.account}/${queue.name}` === path : queue.account === account),
    )
    if (QueueUrl && queues.length === 0) return reply.code(404).send({ message: 'The specified queue does not exist.' })
    return reply.send({ messages: queues.flatMap(messagesOf) })
  })
}

function messagesOf(queue: Queue): object[] {
  queue.advance()
  return Array.from(queue.entries(), entry => shown(queue, entry))
}

const STATES = { ready: 'visible', delayed: 'delayed', inFlight: 'inflight' } as const

function shown(queue: Queue, entry: Entry): object {
  const { message } = entry
  return {
    QueueArn: queue.arn,
    MessageId: message.id,
    MD5OfBody: message.md5,
    Body: message.body,
    Attributes: systemAttributes(entry, () => true),
    MD5OfMessageAttributes: message.attributesMd5,
    MessageAttributes:
      message.attributes && Object.fromEntries(Object.entries(message.attributes).map(([name, value]) => [name, json(value)])),
    State: STATES[entry.state],
    VisibleAt: entry.state === 'ready' ? undefined : new Date(entry.dueAt).toISOString(),
  }
}

function json({ BinaryValue, ...value }: { readonly DataType: string; readonly BinaryValue?: Uint8Array }): object {
  return BinaryValue ? { ...value, BinaryValue: Buffer.from(BinaryValue).toString('base64') } : value
}
