import { type Entry, EntryList, type EntryState } from './entry.js'

/** The order in which a queue hands out its messages. */
export interface Line {
  /** Something may be received now. */
  readonly hasReady: boolean
  enter(entry: Entry): void
  leave(entry: Entry): void
  /** The entry's state is another than it was. */
  changed(entry: Entry, before: EntryState): void
  /**
   * Offers ready entries in order until `max` of them were taken.
   * @param offer takes the entry (hides it) and answers true, or disposes of it otherwise and answers false
   */
  take(max: number, offer: (entry: Entry) => boolean): void
}

/** A standard queue: first come, first served; a message that becomes visible again goes to the end. */
export class StandardLine implements Line {
  readonly #ready = new EntryList()

  get hasReady(): boolean {
    return this.#ready.first !== undefined
  }

  enter(entry: Entry): void {
    if (entry.state === 'ready') this.#ready.append(entry)
  }

  leave(entry: Entry): void {
    if (entry.state === 'ready') this.#ready.remove(entry)
  }

  changed(entry: Entry, before: EntryState): void {
    if (before === 'ready') this.#ready.remove(entry)
    if (entry.state === 'ready') this.#ready.append(entry)
  }

  take(max: number, offer: (entry: Entry) => boolean): void {
    let taken = 0
    let entry = this.#ready.first
    while (entry && taken < max) {
      const { next } = entry
      if (offer(entry)) taken++
      entry = next
    }
  }
}
