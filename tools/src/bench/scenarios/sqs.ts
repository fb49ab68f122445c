import { buildRequest } from '../request.js'
import type { Scenario } from '../scenario.js'

function sqsRequest(operation: string, input: object): Buffer {
  return buildRequest({
    service: 'sqs',
    contentType: 'application/x-amz-json-1.0',
    target: `AmazonSQS.${operation}`,
    body: JSON.stringify(input),
  })
}

/** A message's whole life: as many sends, receives and deletes in a round. */
export const sqs: Scenario = {
  name: 'sqs',
  async prepare(call) {
    const { QueueUrl } = JSON.parse((await call(sqsRequest('CreateQueue', { QueueName: 'bench' }))).toString()) as { QueueUrl: string }
    const send = sqsRequest('SendMessage', {
      QueueUrl,
      MessageBody: JSON.stringify({ orderId: 4711, items: ['one', 'two'], note: 'x'.repeat(100) }),
    })
    const receive = sqsRequest('ReceiveMessage', { QueueUrl, MaxNumberOfMessages: 1, VisibilityTimeout: 600 })
    const handles: string[] = []
    return [
      { label: 'sqs SendMessage', request: () => send },
      {
        label: 'sqs ReceiveMessage',
        request: () => receive,
        response(body) {
          const { Messages = [] } = JSON.parse(body.toString()) as { Messages?: { ReceiptHandle: string }[] }
          for (const message of Messages) handles.push(message.ReceiptHandle)
        },
      },
      {
        label: 'sqs DeleteMessage',
        request() {
          const ReceiptHandle = handles.pop()
          if (ReceiptHandle === undefined) throw new Error('fewer messages came back than were sent')
          return sqsRequest('DeleteMessage', { QueueUrl, ReceiptHandle })
        },
      },
    ]
  },
}
