import { type AttributeValue, attribute, type Item, setAttribute } from '../value/attribute-value.js'
import { itemSize } from '../value/size.js'
import { encodeParts, HASH_RANGE, type KeySchema } from './key-schema.js'
import { Ordered } from './ordered.js'
import { comparePositions, IndexEntry, ItemEntry, type ItemKey, type Position, Probe } from './position.js'

const START = new Probe(0, '', '', -1)
const END = new Probe(HASH_RANGE, '', '', 1)

/** What an index is made of. */
export interface IndexDefinition {
  readonly name: string
  readonly schema: KeySchema
  readonly local: boolean
  /** The names of the projected attributes, keys included; undefined for all. */
  readonly projected: readonly string[] | undefined
}

/** The entries of one index. */
export class IndexItems {
  readonly definition: IndexDefinition
  readonly entries = new Ordered<IndexEntry>()
  bytes = 0
  /** How far the index is filled, while it is: changes of items after that are left to the filling. */
  filledTo: Position | undefined

  constructor(definition: IndexDefinition) {
    this.definition = definition
  }

  /** An item as the index has it. */
  view(item: Item): Item {
    const { projected } = this.definition
    if (!projected) return item
    const out: Record<string, AttributeValue> = {}
    for (const name of projected) {
      const value = attribute(item, name)
      if (value !== undefined) setAttribute(out, name, value)
    }
    return out
  }

  /** What the index's view of an item takes. */
  sizeOf(item: Item, size: number): number {
    return this.definition.projected ? itemSize(this.view(item)) : size
  }

  /** Puts an item's entry in order after the item changed. @param old the item as it was; undefined for a new one. */
  update(entry: ItemEntry, old: Item | undefined, oldSize: number): void {
    if (this.#beyond(entry)) return
    const before = old && this.#key(old)
    const after = this.#key(entry.item)
    if (before) this.bytes -= this.sizeOf(old!, oldSize)
    if (after) this.bytes += this.sizeOf(entry.item, entry.size)
    if (before && after && before.partition === after.partition && before.sort === after.sort) return
    if (before) this.#delete(before, entry)
    if (after) this.entries.add(new IndexEntry(after.partition, after.sort, entry))
  }

  /** Takes out the entry of an item that is gone. */
  remove(entry: ItemEntry): void {
    if (this.#beyond(entry)) return
    const key = this.#key(entry.item)
    if (!key) return
    this.bytes -= this.sizeOf(entry.item, entry.size)
    this.#delete(key, entry)
  }

  #beyond(entry: ItemEntry): boolean {
    return this.filledTo !== undefined && comparePositions(entry, this.filledTo) > 0
  }

  #delete(key: { partition: string; sort: string }, entry: ItemEntry): void {
    this.entries.delete(new IndexEntry(key.partition, key.sort, entry))
  }

  /** Undefined for an item that lacks a key of the index: it isn't in it. */
  #key(item: Item): { partition: string; sort: string } | undefined {
    const { hash, range } = this.definition.schema
    const partition = encodeParts(hash, item)
    if (partition === undefined) return undefined
    const sort = encodeParts(range, item)
    return sort === undefined ? undefined : { partition, sort }
  }
}

/** The items of one table, in order, with the entries of its indexes. */
export class TableItems {
  readonly entries = new Ordered<ItemEntry>()
  readonly indexes = new Map<string, IndexItems>()
  bytes = 0
  /** The size of each item collection (all items with one partition key); only for tables with local indexes, which limit it. */
  collections: Map<string, number> | undefined

  get(key: ItemKey): ItemEntry | undefined {
    return this.entries.get(key instanceof Probe ? key : new Probe(key.hash, key.partition, key.sort))
  }

  /** Puts an item in the place of the one with the same key. */
  put(key: ItemKey, item: Item, size: number): void {
    const entry = this.get(key)
    if (entry) {
      const { item: old, size: oldSize } = entry
      entry.item = item
      entry.size = size
      this.#grow(key, size - oldSize)
      for (const index of this.indexes.values()) index.update(entry, old, oldSize)
      return
    }
    const added = new ItemEntry(key, item, size)
    this.entries.add(added)
    this.#grow(key, size)
    for (const index of this.indexes.values()) index.update(added, undefined, 0)
  }

  delete(key: ItemKey): void {
    const entry = this.get(key)
    if (!entry) return
    for (const index of this.indexes.values()) index.remove(entry)
    this.entries.delete(entry)
    this.#grow(key, -entry.size)
  }

  #grow(key: ItemKey, bytes: number): void {
    this.bytes += bytes
    if (this.collections) {
      const size = (this.collections.get(key.partition) ?? 0) + bytes
      if (size > 0) this.collections.set(key.partition, size)
      else this.collections.delete(key.partition)
    }
  }

  /** Starts to keep the sizes of item collections. */
  trackCollections(): void {
    this.collections = new Map()
    for (const { partition, size } of this.entries.all()) this.collections.set(partition, (this.collections.get(partition) ?? 0) + size)
  }

  /** Adds an index and fills it. */
  addIndex(definition: IndexDefinition): void {
    const filling = this.fillIndex(definition, Number.POSITIVE_INFINITY)
    while (!filling.next().done);
  }

  /** Adds an index and fills it, so many items at a time; the table may change between them. */
  *fillIndex(definition: IndexDefinition, chunk: number): Generator<void, void, void> {
    const index = new IndexItems(definition)
    this.indexes.set(definition.name, index)
    index.filledTo = START
    for (;;) {
      let left = chunk
      for (const entry of this.entries.range(index.filledTo, END)) {
        index.filledTo = new Probe(entry.hash, entry.partition, entry.sort, 1)
        index.update(entry, undefined, 0)
        if (--left === 0) break
      }
      if (left > 0) break
      yield
    }
    index.filledTo = undefined
  }
}
