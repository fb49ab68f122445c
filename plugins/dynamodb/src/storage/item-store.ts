import type { ChangeSink, Durable, Scope } from '@ministack/gateway'
import type { Item } from '../value/attribute-value.js'
import { itemSize } from '../value/size.js'
import { partitionHash } from './key-schema.js'
import type { ItemKey } from './position.js'
import { TableItems } from './table-items.js'

interface StoredTable {
  readonly scopeKey: string
  readonly items: TableItems
}

/**
 * The items of all tables, by table id. On disk each item is a record of its own, `<table id>/<length of partition key>:<partition key><sort key>`,
 * so a write costs what it changes; the record `<table id>/` stands for a whole table and is only ever deleted.
 */
export class ItemStore implements Durable {
  readonly name = 'items'
  readonly #tables = new Map<string, StoredTable>()
  #sink: ChangeSink | undefined

  /** The items of a table; empty at first. */
  table(id: string, scope: Scope): TableItems {
    return this.#table(id, `${scope.account}/${scope.region}`).items
  }

  #table(id: string, scopeKey: string): StoredTable {
    let table = this.#tables.get(id)
    if (!table) {
      table = { scopeKey, items: new TableItems() }
      this.#tables.set(id, table)
    }
    return table
  }

  /** Writes one item, or with `undefined` deletes it, and records that. */
  write(id: string, key: ItemKey, item: Item | undefined, size: number): void {
    const { items, scopeKey } = this.#tables.get(id)!
    if (item) items.put(key, item, size)
    else items.delete(key)
    this.#sink?.record(this.name, scopeKey, recordKey(id, key), item)
  }

  /** Forgets a table with all its items. */
  drop(id: string): void {
    const table = this.#tables.get(id)
    if (!table) return
    this.#tables.delete(id)
    this.#sink?.record(this.name, table.scopeKey, `${id}/`, undefined)
  }

  /** Forgets tables that aren't there any more. */
  keepOnly(ids: ReadonlySet<string>): void {
    for (const id of [...this.#tables.keys()]) if (!ids.has(id)) this.drop(id)
  }

  attach(sink: ChangeSink): void {
    this.#sink = sink
  }

  *records(): Iterable<[string, string, unknown]> {
    for (const [id, { scopeKey, items }] of this.#tables) {
      for (const entry of items.entries.all()) yield [scopeKey, recordKey(id, entry), entry.item]
    }
  }

  restore(scopeKey: string, key: string, value: unknown): void {
    const slash = key.indexOf('/')
    const id = key.slice(0, slash)
    if (slash === key.length - 1) {
      this.#tables.delete(id)
      return
    }
    const colon = key.indexOf(':', slash)
    const end = colon + 1 + Number(key.slice(slash + 1, colon))
    const partition = key.slice(colon + 1, end)
    const itemKey = { hash: partitionHash(partition), partition, sort: key.slice(end) }
    const { items } = this.#table(id, scopeKey)
    if (value === undefined) items.delete(itemKey)
    else items.put(itemKey, value as Item, itemSize(value as Item))
  }
}

function recordKey(id: string, { partition, sort }: ItemKey): string {
  return `${id}/${partition.length}:${partition}${sort}`
}
