import type { MessageAttributeValue } from '@aws-sdk/client-sqs'
import { AwsError } from '@ministack/gateway'
import { MAX_MESSAGE_BYTES } from '../attributes.js'
import { checkEntries, runEntries } from '../batch.js'
import { missingParameter } from '../errors.js'
import { fifoIds } from '../fifo.js'
import { operation } from '../kit.js'
import { sendTo } from '../sending.js'
import { queueAt } from '../state.js'
import { changeVisibility, deleteReceived } from './messages.js'

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html */
export const sendMessageBatch = operation('SendMessageBatch', (ctx, input) => {
  const queue = queueAt(ctx, input.QueueUrl)
  const entries = checkEntries(input.Entries, 'SendMessageBatchRequestEntry')
  let size = 0
  entries.forEach(({ MessageBody, MessageAttributes }, i) => {
    if (!MessageBody) throw missingParameter(`SendMessageBatchRequestEntry.${i + 1}.MessageBody`)
    size += Buffer.byteLength(MessageBody) + sizeOf(MessageAttributes)
  })
  if (size > MAX_MESSAGE_BYTES) {
    throw new AwsError(
      'BatchRequestTooLong',
      `Batch requests cannot be longer than ${MAX_MESSAGE_BYTES} bytes. You have sent ${size} bytes.`,
    )
  }
  if (queue.fifo) {
    // A batch that lacks what every message of a FIFO queue must have is refused as a whole.
    queue.meter('SendMessage', new Set(entries.map(entry => fifoIds(entry, queue.settings.contentBasedDeduplication).groupId)))
  }
  const now = ctx.clock.now()
  const { userId } = ctx.caller
  return runEntries(entries, entry => ({ Id: entry.Id, ...sendTo(queue, entry, userId, now) }))
})

function sizeOf(attributes: Readonly<Record<string, MessageAttributeValue>> = {}): number {
  let size = 0
  for (const [name, { DataType = '', StringValue = '', BinaryValue }] of Object.entries(attributes)) {
    size += Buffer.byteLength(name) + Buffer.byteLength(DataType) + (BinaryValue?.byteLength ?? Buffer.byteLength(StringValue))
  }
  return size
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteMessageBatch.html */
export const deleteMessageBatch = operation('DeleteMessageBatch', (ctx, input) => {
  const queue = queueAt(ctx, input.QueueUrl)
  const entries = checkEntries(input.Entries, 'DeleteMessageBatchRequestEntry')
  queue.meter('DeleteMessage')
  return runEntries(entries, ({ Id, ReceiptHandle }) => {
    deleteReceived(queue, ReceiptHandle)
    return { Id }
  })
})

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibilityBatch.html */
export const changeMessageVisibilityBatch = operation('ChangeMessageVisibilityBatch', (ctx, input) => {
  const queue = queueAt(ctx, input.QueueUrl)
  const entries = checkEntries(input.Entries, 'ChangeMessageVisibilityBatchRequestEntry')
  const now = ctx.clock.now()
  return runEntries(entries, ({ Id, ReceiptHandle, VisibilityTimeout }) => {
    changeVisibility(queue, ReceiptHandle, VisibilityTimeout, now)
    return { Id }
  })
})
