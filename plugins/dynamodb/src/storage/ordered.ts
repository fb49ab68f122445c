import sortedBTree from 'sorted-btree'
import { comparePositions, type Position } from './position.js'

const { default: BTree } = sortedBTree

/** Entries in order of their positions. */
export class Ordered<E extends Position> {
  readonly #tree = new BTree<Position, E>(undefined, comparePositions)

  get size(): number {
    return this.#tree.size
  }

  get(position: Position): E | undefined {
    return this.#tree.get(position)
  }

  add(entry: E): void {
    this.#tree.set(entry, entry)
  }

  delete(position: Position): boolean {
    return this.#tree.delete(position)
  }

  /**
   * The entries between two positions, `low` first or, backward, `high` first. Work is proportional to what is taken from it.
   * The tree may not change meanwhile.
   */
  *range(low: Position, high: Position, forward = true): Generator<E, void, void> {
    if (forward) {
      for (const [position, entry] of this.#tree.entries(low, [])) {
        if (comparePositions(position, high) > 0) return
        yield entry
      }
    } else {
      for (const [position, entry] of this.#tree.entriesReversed(high, [])) {
        if (comparePositions(position, low) < 0) return
        yield entry
      }
    }
  }

  /** Every entry, in order. */
  all(): IterableIterator<E> {
    return this.#tree.values()
  }
}
