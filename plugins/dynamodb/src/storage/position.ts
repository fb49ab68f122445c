import type { Item } from '../value/attribute-value.js'
import { partitionHash } from './key-schema.js'

/** A place in the order of a table or an index: by partition hash, partition key, sort key. */
export interface Position {
  readonly hash: number
  readonly partition: string
  readonly sort: string
  /** 0 for an entry; -1 and 1 for the places right before and after all entries with this key. */
  readonly edge: number
  /** In an index: the place of the item in its table, which tells entries with the same key apart. */
  readonly base: Position | undefined
}

/** An item as a table holds it. */
export class ItemEntry implements Position {
  readonly hash: number
  readonly partition: string
  readonly sort: string
  item: Item
  size: number
  declare readonly edge: 0
  declare readonly base: undefined

  constructor(key: ItemKey, item: Item, size: number) {
    this.hash = key.hash
    this.partition = key.partition
    this.sort = key.sort
    this.item = item
    this.size = size
  }
}

/** An item's entry in an index. */
export class IndexEntry implements Position {
  readonly hash: number
  readonly partition: string
  readonly sort: string
  readonly base: ItemEntry
  declare readonly edge: 0

  constructor(partition: string, sort: string, base: ItemEntry) {
    this.hash = partition === base.partition ? base.hash : partitionHash(partition)
    this.partition = partition
    this.sort = sort
    this.base = base
  }
}

// On the prototypes, so that millions of entries don't each hold what is the same for all.
Object.defineProperties(ItemEntry.prototype, { edge: { value: 0 }, base: { value: undefined } })
Object.defineProperty(IndexEntry.prototype, 'edge', { value: 0 })

/** A primary key, encoded. */
export interface ItemKey {
  readonly hash: number
  readonly partition: string
  readonly sort: string
}

/** A place to search from or to. */
export class Probe implements Position {
  readonly hash: number
  readonly partition: string
  readonly sort: string
  readonly edge: number
  readonly base: Position | undefined

  constructor(hash: number, partition: string, sort: string, edge = 0, base?: Position) {
    this.hash = hash
    this.partition = partition
    this.sort = sort
    this.edge = edge
    this.base = base
  }
}

/** The order of positions. */
export function comparePositions(a: Position, b: Position): number {
  if (a.hash !== b.hash) return a.hash - b.hash
  if (a.partition !== b.partition) return a.partition < b.partition ? -1 : 1
  if (a.sort !== b.sort) return a.sort < b.sort ? -1 : 1
  if (a.edge !== b.edge) return a.edge - b.edge
  return a.base === b.base || a.base === undefined || b.base === undefined ? 0 : comparePositions(a.base, b.base)
}
