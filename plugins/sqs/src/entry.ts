import type { Group } from './fifo.js'
import type { Delivery, Message } from './message.js'

/** Where a message is: may be received, hidden until its delay ends, or received and not yet deleted or visible again. */
export type EntryState = 'ready' | 'delayed' | 'inFlight'

/** A message in its queue, at run time. Rebuilt at the start from what is kept. */
export class Entry {
  readonly message: Message
  /** The message's key in the plugin's dicts. */
  readonly key: string
  readonly sentAt: number
  delivery: Delivery | undefined
  state: EntryState = 'ready'
  /** When it becomes visible, while it is delayed or in flight. */
  dueAt: number
  /** Places in the queue's heaps; -1 when it isn't in. */
  dueSlot = -1
  sentSlot = -1
  /** Neighbours in the list that it is in. */
  previous: Entry | undefined
  next: Entry | undefined
  /** FIFO queues only. */
  group: Group | undefined

  constructor(message: Message, key: string, dueAt: number, delivery?: Delivery) {
    this.message = message
    this.key = key
    this.sentAt = message.sentAt
    this.dueAt = dueAt
    this.delivery = delivery
  }

  /** How often it was received from this queue. */
  get receives(): number {
    return this.delivery?.receives ?? 0
  }
}

/** Entries in order, linked through themselves; every change is O(1). An entry is in one list at most. */
export class EntryList {
  first: Entry | undefined
  #last: Entry | undefined

  append(entry: Entry): void {
    entry.previous = this.#last
    entry.next = undefined
    if (this.#last) this.#last.next = entry
    else this.first = entry
    this.#last = entry
  }

  remove(entry: Entry): void {
    if (entry.previous) entry.previous.next = entry.next
    else this.first = entry.next
    if (entry.next) entry.next.previous = entry.previous
    else this.#last = entry.previous
    entry.previous = undefined
    entry.next = undefined
  }
}
