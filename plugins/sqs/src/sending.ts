import { randomUUID } from 'node:crypto'
import type { SendMessageRequest, SendMessageResult } from '@aws-sdk/client-sqs'
import { AwsError } from '@ministack/gateway'
import { refusedCharacter } from './contents.js'
import { md5, md5OfAttributes } from './digests.js'
import { invalidParameter, invalidRequest, missingParameter } from './errors.js'
import { checkToken, fifoIds } from './fifo.js'
import { checkMessageAttributes, checkSystemAttributes } from './message-attributes.js'
import type { Queue } from './queue.js'

const MAX_DELAY_SECONDS = 900
const NOT_FOR_TYPE = 'The request include parameter that is not valid for this queue type'

/** A message as SendMessage and an entry of SendMessageBatch bring it. */
export type Send = Omit<SendMessageRequest, 'QueueUrl'>

/**
 * Puts a message into a queue, or finds that it is there already.
 * @param senderId the unique id of who sends it
 * @throws AwsError MissingParameter, InvalidParameterValue, InvalidMessageContents, UnsupportedOperation
 */
export function sendTo(
  queue: Queue,
  send: Send,
  senderId: string,
  now: number,
): SendMessageResult & { MessageId: string; MD5OfMessageBody: string } {
  const body = send.MessageBody
  if (!body) throw missingParameter('MessageBody')
  const delayMs = delayOf(queue, send)
  const ids = queue.fifo ? fifoIds(send, queue.settings.contentBasedDeduplication) : fairnessIds(send)
  const refused = refusedCharacter(body, 'message body')
  if (refused) throw new AwsError('InvalidMessageContents', refused)
  const checked = send.MessageAttributes && checkMessageAttributes(send.MessageAttributes)
  const attributes = checked && checked.size > 0 ? checked.attributes : undefined
  const system = send.MessageSystemAttributes && checkSystemAttributes(send.MessageSystemAttributes)
  const { maxMessageBytes } = queue.settings
  if (Buffer.byteLength(body) + (checked?.size ?? 0) > maxMessageBytes) {
    throw invalidRequest(`One or more parameters are invalid. Reason: Message must be shorter than ${maxMessageBytes} bytes.`)
  }

  const bodyMd5 = md5(body)
  const attributesMd5 = attributes && md5OfAttributes(attributes)
  const { id, sequenceNumber, repeated } = identify(queue, ids, now)
  if (!repeated) {
    queue.send({
      id,
      body,
      md5: bodyMd5,
      senderId,
      sentAt: now,
      visibleAt: delayMs > 0 ? now + delayMs : undefined,
      attributes,
      attributesMd5,
      traceHeader: system?.AWSTraceHeader?.StringValue,
      groupId: ids.groupId,
      deduplicationId: ids.deduplicationId,
      sequenceNumber,
    })
  }
  return {
    MessageId: id,
    MD5OfMessageBody: bodyMd5,
    MD5OfMessageAttributes: attributesMd5,
    MD5OfMessageSystemAttributes: system?.AWSTraceHeader && md5OfAttributes(system),
    SequenceNumber: sequenceNumber,
  }
}

/** The ids that go with a message; only a FIFO queue's have a deduplication id. */
interface Ids {
  readonly groupId?: string | undefined
  readonly deduplicationId?: string
}

/** A standard queue takes a group id, for fairness between tenants, and nothing else that belongs to FIFO queues. */
function fairnessIds({ MessageGroupId, MessageDeduplicationId }: Send): Ids {
  if (MessageDeduplicationId !== undefined) throw invalidParameter('MessageDeduplicationId', MessageDeduplicationId, NOT_FOR_TYPE)
  if (MessageGroupId !== undefined) checkToken('MessageGroupId', MessageGroupId)
  return { groupId: MessageGroupId }
}

/** How long a standard queue hides the message; a FIFO queue knows only its own delay. */
function delayOf(queue: Queue, { DelaySeconds: seconds }: Send): number {
  if (seconds === undefined) return queue.fifo ? 0 : queue.settings.delayMs
  if (!(Number.isInteger(seconds) && seconds >= 0 && seconds <= MAX_DELAY_SECONDS)) {
    throw invalidParameter('DelaySeconds', seconds, `DelaySeconds must be >= 0 and <= ${MAX_DELAY_SECONDS}.`)
  }
  if (queue.fifo && seconds > 0) throw invalidParameter('DelaySeconds', seconds, `${NOT_FOR_TYPE}.`)
  return seconds * 1000
}

/** A new message's id, and number in a FIFO queue; or those of the message that this one repeats. */
function identify(
  queue: Queue,
  { groupId, deduplicationId }: Ids,
  now: number,
): { id: string; sequenceNumber?: string; repeated: boolean } {
  if (deduplicationId === undefined) return { id: randomUUID(), repeated: false }
  const key = queue.settings.deduplicatesByGroup ? `${groupId} ${deduplicationId}` : deduplicationId
  const earlier = queue.deduplication.find(key, now)
  if (earlier) return { id: earlier.id, sequenceNumber: earlier.sequenceNumber, repeated: true }
  const sent = { id: randomUUID(), sequenceNumber: queue.sequence.next(now), at: now }
  queue.deduplication.remember(key, sent)
  return { id: sent.id, sequenceNumber: sent.sequenceNumber, repeated: false }
}
