import { contentDeduplicationId } from './digests.js'
import { type Entry, EntryList, type EntryState } from './entry.js'
import { invalidParameter, invalidRequest, missingParameter } from './errors.js'
import type { Line } from './line.js'

const TOKEN = /^[\w!"#$%&'()*+,\-./:;<=>?@[\\\]^`{|}~]{1,128}$/

/** Checks a MessageGroupId, MessageDeduplicationId or ReceiveRequestAttemptId. @throws AwsError InvalidParameterValue */
export function checkToken(name: string, value: string): void {
  if (!TOKEN.test(value)) {
    throw invalidParameter(name, value, `${name} can only include alphanumeric and punctuation characters. 1 to 128 in length.`)
  }
}

/** What a send to a FIFO queue must bring. */
interface FifoSend {
  readonly MessageBody?: string | undefined
  readonly MessageGroupId?: string | undefined
  readonly MessageDeduplicationId?: string | undefined
}

/**
 * The group and deduplication id of a send to a FIFO queue.
 * @throws AwsError MissingParameter, InvalidParameterValue
 */
export function fifoIds(send: FifoSend, contentBased: boolean): { groupId: string; deduplicationId: string } {
  const { MessageGroupId: groupId, MessageDeduplicationId: given } = send
  if (groupId === undefined) throw missingParameter('MessageGroupId')
  checkToken('MessageGroupId', groupId)
  if (given !== undefined) checkToken('MessageDeduplicationId', given)
  if (given === undefined && !contentBased) {
    throw invalidRequest('The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly')
  }
  return { groupId, deduplicationId: given ?? contentDeduplicationId(send.MessageBody!) }
}

/**
 * Numbers messages in the order they are sent: 20 digits, ascending, unique in the queue. The first 13 are the time, so that the numbers go on
 * ascending over a restart with nothing kept.
 */
export class SequenceNumbers {
  #at = 0
  #count = 0

  next(now: number): string {
    if (now > this.#at) {
      this.#at = now
      this.#count = 0
    }
    return `${this.#at}${String(this.#count++).padStart(7, '0')}`
  }

  /** Goes on after a number that was given earlier. */
  after(number: string): void {
    const at = Number(number.slice(0, -7))
    const count = Number(number.slice(-7)) + 1
    if (at < this.#at || (at === this.#at && count <= this.#count)) return
    this.#at = at
    this.#count = count
  }
}

/** The messages of one message group, in order. */
export interface Group {
  readonly id: string
  readonly entries: EntryList
  inFlight: number
}

/**
 * A FIFO queue: strict order within a message group, and nothing more of a group while a message of it is in flight. A receive takes as much as it
 * can from one group before it goes on to the next; groups take turns.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-understanding-logic.html
 */
export class FifoLine implements Line {
  readonly #groups = new Map<string, Group>()
  /** The groups that a receive may take from, the one that waits longest first. */
  readonly #ready = new Set<Group>()

  get hasReady(): boolean {
    return this.#ready.size > 0
  }

  enter(entry: Entry): void {
    const id = entry.message.groupId!
    let group = this.#groups.get(id)
    if (!group) {
      group = { id, entries: new EntryList(), inFlight: 0 }
      this.#groups.set(id, group)
    }
    entry.group = group
    group.entries.append(entry)
    if (entry.state === 'inFlight') group.inFlight++
    this.#refresh(group)
  }

  leave(entry: Entry): void {
    const group = entry.group!
    group.entries.remove(entry)
    if (entry.state === 'inFlight') group.inFlight--
    if (!group.entries.first) this.#groups.delete(group.id)
    this.#refresh(group)
  }

  changed(entry: Entry, before: EntryState): void {
    const group = entry.group!
    if (before === 'inFlight') group.inFlight--
    if (entry.state === 'inFlight') group.inFlight++
    this.#refresh(group)
  }

  take(max: number, offer: (entry: Entry) => boolean): void {
    let taken = 0
    for (const group of this.#ready) {
      let entry = group.entries.first
      while (entry?.state === 'ready' && taken < max) {
        const { next } = entry
        if (offer(entry)) taken++
        entry = next
      }
      if (taken === max) return
    }
  }

  #refresh(group: Group): void {
    if (group.inFlight === 0 && group.entries.first?.state === 'ready') this.#ready.add(group)
    else this.#ready.delete(group)
  }
}
