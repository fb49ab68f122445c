import { AwsError } from '@ministack/gateway'
import type { Entry } from '../entry.js'
import { invalidParameter, missingParameter } from '../errors.js'
import { checkToken } from '../fifo.js'
import { operation } from '../kit.js'
import { wantedSystemAttributes } from '../message-attributes.js'
import type { Queue } from '../queue.js'
import { type Receipt, readReceipt } from '../receipt.js'
import { received } from '../received.js'
import { sendTo } from '../sending.js'
import { queueAt, type SqsContext } from '../state.js'

const MAX_MESSAGES = 10
const MAX_WAIT_SECONDS = 20
const MAX_VISIBILITY_SECONDS = 43_200

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html */
export const sendMessage = operation('SendMessage', (ctx, input) => {
  const queue = queueAt(ctx, input.QueueUrl)
  queue.meter('SendMessage', input.MessageGroupId === undefined ? undefined : [input.MessageGroupId])
  return sendTo(queue, input, ctx.caller.userId, ctx.clock.now())
})

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html */
export const receiveMessage = operation('ReceiveMessage', (ctx, input) => {
  const queue = queueAt(ctx, input.QueueUrl)
  const { MaxNumberOfMessages: max = 1, VisibilityTimeout, WaitTimeSeconds, ReceiveRequestAttemptId: attemptId } = input
  if (!isWithin(max, 1, MAX_MESSAGES)) throw invalidParameter('MaxNumberOfMessages', max, 'Must be between 1 and 10, if provided.')
  if (WaitTimeSeconds !== undefined && !isWithin(WaitTimeSeconds, 0, MAX_WAIT_SECONDS)) {
    throw invalidParameter('WaitTimeSeconds', WaitTimeSeconds, 'Must be >= 0 and <= 20, if provided.')
  }
  if (VisibilityTimeout !== undefined && !isWithin(VisibilityTimeout, 0, MAX_VISIBILITY_SECONDS)) {
    throw invalidParameter('VisibilityTimeout', VisibilityTimeout, 'Must be >= 0 and <= 43200, if provided.')
  }
  if (attemptId !== undefined) checkAttemptId(queue, attemptId)
  const wanted = {
    system: wantedSystemAttributes(input.MessageSystemAttributeNames, input.AttributeNames),
    attributes: input.MessageAttributeNames ?? [],
  }
  queue.meter('ReceiveMessage')

  const take = () => {
    const visibilityMs = VisibilityTimeout === undefined ? queue.settings.visibilityMs : VisibilityTimeout * 1000
    const entries =
      attemptId === undefined ? queue.receive(max, visibilityMs) : receiveAttempt(queue, attemptId, max, visibilityMs, ctx.clock.now())
    return entries.map(entry => received(queue.record.id, entry, wanted))
  }
  const waitSeconds = WaitTimeSeconds ?? queue.settings.waitSeconds
  const messages = take()
  if (messages.length > 0) return { Messages: messages }
  return waitSeconds === 0 ? {} : poll(ctx, queue, waitSeconds * 1000, take)
})

function checkAttemptId(queue: Queue, id: string): void {
  if (!queue.fifo) {
    throw invalidParameter('ReceiveRequestAttemptId', id, 'The request include parameter that is not valid for this queue type')
  }
  checkToken('ReceiveRequestAttemptId', id)
}

/** Repeats the receive of that id where it can be repeated, with its visibility timeout begun anew; else receives, and remembers the id. */
function receiveAttempt(queue: Queue, id: string, max: number, visibilityMs: number, now: number): Entry[] {
  const earlier = queue.attempts.find(id, now)
  const entries = earlier ?? queue.receive(max, visibilityMs)
  if (earlier) for (const entry of earlier) queue.setVisibility(entry, now + visibilityMs)
  if (entries.length > 0) queue.attempts.remember(id, entries, now)
  return entries
}

/** Takes again each time there may be something to take, until there is, the time is over, or nobody waits for the answer any more. */
async function poll<T>(ctx: SqsContext, queue: Queue, ms: number, take: () => T[]): Promise<{ Messages?: T[] }> {
  const { clock, signal } = ctx
  const deadline = clock.now() + ms
  for (;;) {
    await queue.wait(deadline - clock.now(), signal)
    if (signal.aborted) {
      // The turn may have come together with the hang-up: it is the next one's, and the message stays.
      queue.wake()
      return {}
    }
    if (queue.deleted) return {}
    queue.advance()
    const messages = take()
    queue.wake()
    if (messages.length > 0) return { Messages: messages }
    if (clock.now() >= deadline) return {}
  }
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteMessage.html */
export const deleteMessage = operation('DeleteMessage', (ctx, input) => {
  const queue = queueAt(ctx, input.QueueUrl)
  queue.meter('DeleteMessage')
  deleteReceived(queue, input.ReceiptHandle)
  return {}
})

/**
 * Deletes the message of a receipt handle, if it is still there and wasn't received again.
 * @throws AwsError MissingParameter, ReceiptHandleIsInvalid; InvalidParameterValue for a FIFO queue's handle whose visibility timeout is over
 */
export function deleteReceived(queue: Queue, handle: string | undefined): void {
  const { entry, receipt } = locate(queue, handle)
  if (!entry) return
  if (queue.fifo) checkCurrent(entry, receipt, handle!)
  else if (receipt.receive !== entry.receives) return
  queue.delete(entry)
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html */
export const changeMessageVisibility = operation('ChangeMessageVisibility', (ctx, input) => {
  const queue = queueAt(ctx, input.QueueUrl)
  changeVisibility(queue, input.ReceiptHandle, input.VisibilityTimeout, ctx.clock.now())
  return {}
})

/**
 * Lets a received message become visible again so many seconds from now.
 * @throws AwsError MissingParameter, ReceiptHandleIsInvalid, InvalidParameterValue, MessageNotInflight
 */
export function changeVisibility(queue: Queue, handle: string | undefined, seconds: number | undefined, now: number): void {
  const { entry, receipt } = locate(queue, handle)
  if (seconds === undefined) throw missingParameter('VisibilityTimeout')
  if (!isWithin(seconds, 0, MAX_VISIBILITY_SECONDS)) {
    throw invalidParameter('VisibilityTimeout', seconds, `Must be between 0 and ${MAX_VISIBILITY_SECONDS}.`)
  }
  if (!entry) throw notAvailable(handle!)
  if (queue.fifo) checkCurrent(entry, receipt, handle!)
  if (receipt.receive !== entry.receives) throw notAvailable(handle!)
  if (entry.state !== 'inFlight') throw new AwsError('MessageNotInflight', "The specified message isn't in flight.")
  const dueAt = now + seconds * 1000
  if (dueAt > entry.delivery!.receivedAt + MAX_VISIBILITY_SECONDS * 1000) {
    throw invalidParameter(
      'VisibilityTimeout',
      seconds,
      `Total VisibilityTimeout for the message is beyond the limit [${MAX_VISIBILITY_SECONDS} seconds]`,
    )
  }
  queue.setVisibility(entry, dueAt)
}

function locate(queue: Queue, handle: string | undefined): { entry: Entry | undefined; receipt: Receipt } {
  if (!handle) throw missingParameter('ReceiptHandle')
  const receipt = readReceipt(queue.record.id, handle)
  return { entry: queue.entry(receipt.messageId), receipt }
}

function checkCurrent(entry: Entry, receipt: Receipt, handle: string): void {
  if (entry.state === 'inFlight' && receipt.receive === entry.receives) return
  throw invalidParameter('ReceiptHandle', handle, 'The receipt handle has expired.')
}

function notAvailable(handle: string): AwsError {
  return invalidParameter('ReceiptHandle', handle, 'Message does not exist or is not available for visibility timeout change.')
}

function isWithin(value: number, min: number, max: number): boolean {
  return Number.isInteger(value) && value >= min && value <= max
}
