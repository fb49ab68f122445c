import { AwsError, type Clock, type DictView, type Scope } from '@ministack/gateway'
import { type QueueAttributes, type Settings, settingsOf } from './attributes.js'
import { DeduplicationWindow, ReceiveAttempts } from './deduplication.js'
import { Entry, type EntryState } from './entry.js'
import { FifoLine, SequenceNumbers } from './fifo.js'
import { EntryHeap } from './heap.js'
import { type Line, StandardLine } from './line.js'
import type { Delivery, Message, SentOnce } from './message.js'
import { queueArn } from './names.js'
import { allows } from './redrive.js'
import { type MeteredAction, Throughput } from './throughput.js'
import { Waiters } from './waiters.js'

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html: standard and FIFO alike. */
const MAX_IN_FLIGHT = 120_000

/** A queue as it is kept. */
export interface QueueRecord {
  /** Tells the queue apart from an earlier one of its name. */
  readonly id: string
  readonly createdAt: number
  readonly modifiedAt: number
  readonly attributes: QueueAttributes
  readonly tags: Readonly<Record<string, string>>
  readonly purgedAt?: number
}

/** The dicts of one account and region that a queue keeps its own part in; messages are under `{queue}/{id}`. */
export interface Kept {
  readonly queues: DictView<QueueRecord>
  readonly messages: DictView<Message>
  readonly deliveries: DictView<Delivery>
  readonly duplicates: DictView<SentOnce>
}

/** What a queue is made from. */
export interface QueueParts {
  readonly scope: Scope
  readonly name: string
  readonly record: QueueRecord
  readonly kept: Kept
  readonly clock: Clock
  /** Finds the dead-letter queue. */
  readonly find: (arn: string) => Queue | undefined
}

/**
 * A queue at work: its messages in the order in which they are handed out, what is hidden by when it shows, and the receives that wait.
 *
 * Nothing runs while nobody waits: what fell due since the last call is caught up with by {@link advance}, which every call to a queue begins with.
 */
export class Queue {
  readonly account: string
  readonly region: string
  readonly name: string
  readonly arn: string
  readonly fifo: boolean
  readonly deduplication: DeduplicationWindow
  readonly attempts = new ReceiveAttempts()
  readonly sequence = new SequenceNumbers()
  readonly #throughput: Throughput
  readonly #kept: Kept
  readonly #clock: Clock
  readonly #find: QueueParts['find']
  readonly #entries = new Map<string, Entry>()
  readonly #line: Line
  /** What is delayed or in flight, by when it becomes visible. */
  readonly #due = new EntryHeap('dueAt')
  readonly #bySentAt = new EntryHeap('sentAt')
  readonly #counts: Record<EntryState, number> = { ready: 0, delayed: 0, inFlight: 0 }
  readonly #waiters: Waiters
  #record: QueueRecord
  #settings: Settings
  #deleted = false

  constructor({ scope, name, record, kept, clock, find }: QueueParts) {
    this.account = scope.account
    this.region = scope.region
    this.name = name
    this.arn = queueArn(scope, name)
    this.#kept = kept
    this.#clock = clock
    this.#find = find
    this.#record = record
    this.#settings = settingsOf(record.attributes)
    this.fifo = this.#settings.fifo
    this.#throughput = new Throughput(scope.region)
    this.deduplication = new DeduplicationWindow(name, kept.duplicates)
    this.#line = this.fifo ? new FifoLine() : new StandardLine()
    this.#waiters = new Waiters(clock, {
      nextDue: () => this.#due.first?.dueAt,
      onDue: () => {
        this.advance()
        this.wake()
      },
    })
  }

  get record(): QueueRecord {
    return this.#record
  }

  get settings(): Settings {
    return this.#settings
  }

  /** How many messages are in each state. */
  get counts(): Readonly<Record<EntryState, number>> {
    return this.#counts
  }

  /** True once the queue was deleted: nothing that waited for it may go on. */
  get deleted(): boolean {
    return this.#deleted
  }

  /** All messages, in whatever state, in the order they came. */
  entries(): IterableIterator<Entry> {
    return this.#entries.values()
  }

  entry(messageId: string): Entry | undefined {
    return this.#entries.get(messageId)
  }

  /** Keeps a change of the queue's own record. */
  save(change: Partial<QueueRecord>): void {
    this.#record = { ...this.#record, ...change }
    this.#kept.queues.set(this.name, this.#record)
  }

  /** Takes on new attributes. Retention and a FIFO queue's delay also reach the messages that are there. */
  configure(attributes: QueueAttributes): void {
    const { delayMs } = this.#settings
    this.save({ attributes, modifiedAt: this.#clock.now() })
    this.#settings = settingsOf(attributes)
    if (this.fifo && this.#settings.delayMs !== delayMs) {
      const now = this.#clock.now()
      for (const entry of this.#entries.values()) if (!entry.delivery) this.#putOff(entry, 'delayed', this.#visibleAt(entry.message), now)
    }
    this.advance()
  }

  /**
   * Counts a call against the quotas of a FIFO queue; a standard queue has none.
   * @param groups the message groups that the call sends to
   * @throws AwsError RequestThrottled
   */
  meter(action: MeteredAction, groups?: Iterable<string>): void {
    if (this.fifo) this.#throughput.count(action, this.#clock.now(), this.#settings.highThroughput, groups)
  }

  /** Adds a message and lets a waiting receive know. */
  send(message: Message): void {
    const key = this.#key(message.id)
    this.#kept.messages.set(key, message)
    this.#enter(new Entry(message, key, this.#visibleAt(message)))
    this.wake()
  }

  /** Takes back a message that was kept, without keeping it again. */
  restore(message: Message, key: string, delivery: Delivery | undefined): void {
    this.#enter(new Entry(message, key, delivery?.dueAt ?? this.#visibleAt(message), delivery))
    if (message.sequenceNumber) this.sequence.after(message.sequenceNumber)
  }

  /** Shows what is due and drops what is too old. */
  advance(): void {
    const now = this.#clock.now()
    let shown = false
    for (let entry = this.#due.first; entry && entry.dueAt <= now; entry = this.#due.first) {
      this.#change(entry, 'ready')
      shown = true
    }
    const { retentionMs } = this.#settings
    for (let entry = this.#bySentAt.first; entry && entry.sentAt + retentionMs <= now; entry = this.#bySentAt.first) this.delete(entry)
    if (shown) this.wake()
  }

  /**
   * Hands out messages, at most `max`, and hides them; those that were received too often go to the dead-letter queue instead.
   * @throws AwsError OverLimit when a standard queue has too many in flight (a FIFO queue then has nothing)
   */
  receive(max: number, visibilityMs: number): Entry[] {
    const room = MAX_IN_FLIGHT - this.#counts.inFlight
    const taken: Entry[] = []
    if (room <= 0) {
      if (this.fifo) return taken
      throw new AwsError('OverLimit', `The maximum number of in flight messages is reached: ${MAX_IN_FLIGHT}.`)
    }
    const now = this.#clock.now()
    this.#line.take(Math.min(max, room), entry => {
      if (this.#deadLetter(entry)) return false
      this.#deliver(entry, now, now + visibilityMs)
      taken.push(entry)
      return true
    })
    if (visibilityMs === 0) this.advance()
    return taken
  }

  /** Changes when a message in flight becomes visible again. */
  setVisibility(entry: Entry, dueAt: number): void {
    const delivery = entry.delivery!
    delivery.dueAt = dueAt
    this.#kept.deliveries.set(entry.key, delivery)
    this.#putOff(entry, 'inFlight', dueAt, this.#clock.now())
    this.wake()
  }

  delete(entry: Entry): void {
    this.#kept.messages.delete(entry.key)
    if (entry.delivery) this.#kept.deliveries.delete(entry.key)
    this.#entries.delete(entry.message.id)
    this.#line.leave(entry)
    this.#due.remove(entry)
    this.#bySentAt.remove(entry)
    this.#counts[entry.state]--
    this.wake()
  }

  purge(): void {
    for (const entry of this.#entries.values()) this.delete(entry)
    this.save({ purgedAt: this.#clock.now() })
  }

  /** The end of the queue, with all that is in it. */
  close(): void {
    this.#deleted = true
    for (const entry of this.#entries.values()) this.delete(entry)
    this.deduplication.clear()
    this.#kept.queues.delete(this.name)
    this.#waiters.wakeAll()
  }

  /** Takes out the first messages that may be received, at most `max`, for a move task. */
  takeOut(max: number, accept: (entry: Entry) => boolean): number {
    let moved = 0
    this.#line.take(max, entry => {
      if (!accept(entry)) return false
      this.delete(entry)
      moved++
      return true
    })
    return moved
  }

  /** Waits for something to receive, a deadline or the signal; the caller looks which it was, and tells the next one with {@link wake}. */
  wait(ms: number, signal: AbortSignal): Promise<void> {
    return this.#waiters.wait(ms, signal)
  }

  /** Gives the receive that waits longest its turn if there is something for it. */
  wake(): void {
    if (this.#waiters.size === 0) return
    if (this.#line.hasReady) this.#waiters.wakeOne()
    this.#waiters.arm()
  }

  #key(messageId: string): string {
    return `${this.name}/${messageId}`
  }

  #visibleAt(message: Message): number {
    return this.fifo ? message.sentAt + this.#settings.delayMs : (message.visibleAt ?? message.sentAt)
  }

  #enter(entry: Entry): void {
    if (entry.dueAt > this.#clock.now()) {
      entry.state = entry.delivery ? 'inFlight' : 'delayed'
      this.#due.add(entry)
    }
    this.#entries.set(entry.message.id, entry)
    this.#bySentAt.add(entry)
    this.#counts[entry.state]++
    this.#line.enter(entry)
  }

  #deliver(entry: Entry, now: number, dueAt: number): void {
    const { delivery } = entry
    if (delivery) {
      delivery.receives++
      delivery.receivedAt = now
      delivery.dueAt = dueAt
    } else {
      entry.delivery = { receives: 1, firstReceivedAt: entry.message.firstReceivedAt ?? now, receivedAt: now, dueAt }
    }
    this.#kept.deliveries.set(entry.key, entry.delivery!)
    entry.dueAt = dueAt
    this.#change(entry, 'inFlight')
  }

  /** Hides an entry until a time, or shows it when that is past. */
  #putOff(entry: Entry, state: EntryState, dueAt: number, now: number): void {
    this.#due.remove(entry)
    entry.dueAt = dueAt
    this.#change(entry, dueAt > now ? state : 'ready')
  }

  #change(entry: Entry, state: EntryState): void {
    const before = entry.state
    if (state === 'ready') this.#due.remove(entry)
    else this.#due.add(entry)
    if (state === before) return
    entry.state = state
    this.#counts[before]--
    this.#counts[state]++
    this.#line.changed(entry, before)
  }

  /** Moves an entry that was received often enough to the dead-letter queue; false when it stays. */
  #deadLetter(entry: Entry): boolean {
    const { redrive } = this.#settings
    if (!redrive || entry.receives < redrive.maxReceiveCount) return false
    const target = this.#find(redrive.deadLetterTargetArn)
    if (!target || target.fifo !== this.fifo || !allows(target.settings.redriveAllow, this.arn)) return false
    this.delete(entry)
    const now = this.#clock.now()
    const { message } = entry
    target.send({
      ...message,
      visibleAt: undefined,
      deadLetterSource: this.arn,
      earlierReceives: (message.earlierReceives ?? 0) + entry.receives,
      firstReceivedAt: entry.delivery!.firstReceivedAt,
      // The age of a message goes on counting in a standard dead-letter queue, and begins anew in a FIFO one.
      ...(this.fifo && { sentAt: now, sequenceNumber: target.sequence.next(now) }),
    })
    return true
  }
}
