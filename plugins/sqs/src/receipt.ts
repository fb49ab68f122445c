import { AwsError } from '@ministack/gateway'

/** What a receipt handle stands for: one receive of one message. */
export interface Receipt {
  readonly messageId: string
  /** Which receive of the message it was, from 1. */
  readonly receive: number
}

const PREFIX = 'AQEB'
const CONTENT = /^(\S{36}) (\S{36}) (\d+)$/

export function receiptHandle(queueId: string, messageId: string, receive: number): string {
  return PREFIX + Buffer.from(`${queueId} ${messageId} ${receive}`).toString('base64')
}

/** Reads a handle that this queue gave out. @throws AwsError ReceiptHandleIsInvalid for any other text. */
export function readReceipt(queueId: string, handle: string): Receipt {
  const content = handle.startsWith(PREFIX) ? CONTENT.exec(Buffer.from(handle.slice(PREFIX.length), 'base64').toString()) : null
  if (content?.[1] !== queueId) throw new AwsError('ReceiptHandleIsInvalid', 'The input receipt handle is invalid.')
  return { messageId: content[2]!, receive: Number(content[3]) }
}
