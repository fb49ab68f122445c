import type { Message as ReceivedMessage } from '@aws-sdk/client-sqs'
import { md5OfAttributes } from './digests.js'
import type { Entry } from './entry.js'
import { selectAttributes } from './message-attributes.js'
import { receiptHandle } from './receipt.js'

/** What a receive wants to be told beside the body. */
export interface Wanted {
  readonly system: ReadonlySet<string> | undefined
  readonly attributes: readonly string[]
}

/** A message as a receive hands it out. */
export function received(queueId: string, entry: Entry, wanted: Wanted): ReceivedMessage {
  const { message } = entry
  const answer: ReceivedMessage = {
    MessageId: message.id,
    ReceiptHandle: receiptHandle(queueId, message.id, entry.receives),
    MD5OfBody: message.md5,
    Body: message.body,
  }
  if (wanted.system) answer.Attributes = systemAttributes(entry, name => wanted.system!.has(name))
  const attributes =
    message.attributes && wanted.attributes.length > 0 ? selectAttributes(message.attributes, wanted.attributes) : undefined
  if (attributes) {
    answer.MD5OfMessageAttributes = attributes === message.attributes ? message.attributesMd5 : md5OfAttributes(attributes)
    answer.MessageAttributes = attributes
  }
  return answer
}

/** The system attributes of a message, as far as they are wanted and there. */
export function systemAttributes({ message, delivery, receives }: Entry, wanted: (name: string) => boolean): Record<string, string> {
  const firstReceivedAt = delivery?.firstReceivedAt ?? message.firstReceivedAt
  const all: Record<string, string | undefined> = {
    SenderId: message.senderId,
    ApproximateFirstReceiveTimestamp: firstReceivedAt?.toString(),
    ApproximateReceiveCount: String((message.earlierReceives ?? 0) + receives),
    SentTimestamp: String(message.sentAt),
    AWSTraceHeader: message.traceHeader,
    SequenceNumber: message.sequenceNumber,
    MessageDeduplicationId: message.deduplicationId,
    MessageGroupId: message.groupId,
    DeadLetterQueueSourceArn: message.deadLetterSource,
  }
  const there: Record<string, string> = {}
  for (const [name, value] of Object.entries(all)) if (value !== undefined && wanted(name)) there[name] = value
  return there
}
