import type { Entry } from './entry.js'

/** A queue's entries by a time, earliest first. Adding and removing cost O(log n), and O(1) where times only grow. */
export class EntryHeap {
  readonly #entries: Entry[] = []
  readonly #time: 'dueAt' | 'sentAt'
  readonly #slot: 'dueSlot' | 'sentSlot'

  /** @param time what the entries are ordered by; their place in the heap is kept in the slot of the same name. */
  constructor(time: 'dueAt' | 'sentAt') {
    this.#time = time
    this.#slot = time === 'dueAt' ? 'dueSlot' : 'sentSlot'
  }

  /** The entry with the earliest time. */
  get first(): Entry | undefined {
    return this.#entries[0]
  }

  add(entry: Entry): void {
    this.#entries.push(entry)
    this.#rise(entry, this.#entries.length - 1)
  }

  /** Takes an entry out; does nothing for one that isn't in. */
  remove(entry: Entry): void {
    const slot = entry[this.#slot]
    if (slot < 0) return
    entry[this.#slot] = -1
    const last = this.#entries.pop()!
    if (last === entry) return
    const parent = this.#entries[(slot - 1) >> 1]
    if (slot > 0 && last[this.#time] < parent![this.#time]) this.#rise(last, slot)
    else this.#sink(last, slot)
  }

  clear(): void {
    for (const entry of this.#entries) entry[this.#slot] = -1
    this.#entries.length = 0
  }

  #rise(entry: Entry, slot: number): void {
    const time = entry[this.#time]
    while (slot > 0) {
      const above = (slot - 1) >> 1
      const parent = this.#entries[above]!
      if (parent[this.#time] <= time) break
      this.#place(parent, slot)
      slot = above
    }
    this.#place(entry, slot)
  }

  #sink(entry: Entry, slot: number): void {
    const time = entry[this.#time]
    const { length } = this.#entries
    for (;;) {
      let below = 2 * slot + 1
      if (below >= length) break
      if (below + 1 < length && this.#entries[below + 1]![this.#time] < this.#entries[below]![this.#time]) below++
      const child = this.#entries[below]!
      if (child[this.#time] >= time) break
      this.#place(child, slot)
      slot = below
    }
    this.#place(entry, slot)
  }

  #place(entry: Entry, slot: number): void {
    this.#entries[slot] = entry
    entry[this.#slot] = slot
  }
}
