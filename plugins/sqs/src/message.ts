/** A message attribute's value: text for `String` and `Number`, bytes for `Binary`. */
export interface AttributeValue {
  readonly DataType: string
  readonly StringValue?: string
  readonly BinaryValue?: Uint8Array
}

export type MessageAttributes = Readonly<Record<string, AttributeValue>>

/** A message as it entered a queue. Nothing in it changes afterwards: what happens to it is its {@link Delivery}. */
export interface Message {
  readonly id: string
  readonly body: string
  readonly md5: string
  readonly senderId: string
  /** When it was sent, in milliseconds; retention counts from here. */
  readonly sentAt: number
  /** When its delay ends. Standard queues only: in a FIFO queue the queue's own delay counts, even when it is changed later. */
  readonly visibleAt?: number
  readonly attributes?: MessageAttributes
  readonly attributesMd5?: string
  /** The AWSTraceHeader system attribute. */
  readonly traceHeader?: string
  readonly groupId?: string
  readonly deduplicationId?: string
  readonly sequenceNumber?: string
  /** The ARN of the queue that dead-lettered it, how often it was received there and when first. */
  readonly deadLetterSource?: string
  readonly earlierReceives?: number
  readonly firstReceivedAt?: number
}

/** What a queue's consumers did with a message; there is none before the first receive. */
export interface Delivery {
  /** How often it was received from this queue; also tells its receipt handles apart. */
  receives: number
  readonly firstReceivedAt: number
  /** When it was last received; the 12 hours of visibility count from here. */
  receivedAt: number
  /** When it is, or was, visible again. */
  dueAt: number
}

/** A FIFO send that is remembered, so that its repetition is recognised. */
export interface SentOnce {
  readonly id: string
  readonly sequenceNumber: string
  readonly at: number
}
