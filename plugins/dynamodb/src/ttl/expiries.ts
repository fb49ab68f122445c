import type { Timer } from '@ministack/gateway'
import sortedBTree from 'sorted-btree'
import { applyChange, type ItemChange } from '../change.js'
import type { Context } from '../kit.js'
import { comparePositions, Probe } from '../storage/position.js'
import type { OpenTable } from '../tables/open-tables.js'
import { attribute, type Item } from '../value/attribute-value.js'

const { default: BTree } = sortedBTree

/** Items that expired longer ago than five years are left alone: their attribute is likely no time at all. */
const OLDEST = 5 * 365 * 24 * 60 * 60
/** How many items are deleted before others get their turn. */
const CHUNK = 1000

interface Expiry {
  /** Seconds since the epoch. */
  readonly at: number
  readonly key: Probe
}

interface OpenExpiries {
  readonly attribute: string
  readonly order: InstanceType<typeof BTree<Expiry, true>>
  timer: Timer | undefined
}

function compareExpiries(a: Expiry, b: Expiry): number {
  return a.at - b.at || comparePositions(a.key, b.key)
}

/** When an item expires, in seconds since the epoch; undefined for never. */
export function expiryOf(item: Item, name: string): number | undefined {
  const number = attribute(item, name)?.N
  return number === undefined ? undefined : Number(number)
}

/** Knows when the items of each table with a time to live expire, and deletes them then. */
export class Expiries {
  readonly #tables = new Map<string, OpenExpiries>()

  /** Begins to look after a table, or stops when its time to live is off. */
  open(ctx: Context, table: OpenTable): void {
    const { id, ttl } = table.record
    this.close(id)
    if (!ttl?.enabled) return
    const expiries: OpenExpiries = {
      attribute: ttl.attribute,
      order: new BTree<Expiry, true>(undefined, compareExpiries),
      timer: undefined,
    }
    this.#tables.set(id, expiries)
    for (const entry of table.items.entries.all()) this.#note(ctx, expiries, entry.item, new Probe(entry.hash, entry.partition, entry.sort))
    this.#arm(ctx, table, expiries)
  }

  /** Stops to look after a table. */
  close(id: string): void {
    this.#tables.get(id)?.timer?.cancel()
    this.#tables.delete(id)
  }

  /** Notes a change of an item. */
  follow(ctx: Context, { table, key, oldItem, newItem }: ItemChange): void {
    const expiries = this.#tables.get(table.record.id)
    if (!expiries) return
    const position = new Probe(key.hash, key.partition, key.sort)
    const old = oldItem && expiryOf(oldItem, expiries.attribute)
    if (old !== undefined) expiries.order.delete({ at: old, key: position })
    if (newItem) this.#note(ctx, expiries, newItem, position)
    const first = expiries.order.minKey()
    if (first && (!expiries.timer || first.at * 1000 < expiries.timer.at)) this.#arm(ctx, table, expiries)
  }

  #note(ctx: Context, { attribute, order }: OpenExpiries, item: Item, key: Probe): void {
    const at = expiryOf(item, attribute)
    if (at === undefined || at < ctx.clock.now() / 1000 - OLDEST) return
    order.set({ at, key }, true)
  }

  #arm(ctx: Context, table: OpenTable, expiries: OpenExpiries): void {
    expiries.timer?.cancel()
    expiries.timer = undefined
    const first = expiries.order.minKey()
    if (!first) return
    const wait = Math.max(0, first.at * 1000 - ctx.clock.now())
    expiries.timer = ctx.background.after(wait, `dynamodb time to live of ${table.record.name}`, () => {
      if (this.#tables.get(table.record.id) !== expiries) return
      this.#deleteExpired(ctx, table, expiries)
      this.#arm(ctx, table, expiries)
    })
  }

  #deleteExpired(ctx: Context, table: OpenTable, { order }: OpenExpiries): void {
    const now = ctx.clock.now() / 1000
    const due: Probe[] = []
    for (const { at, key } of order.keys()) {
      if (at > now || due.length === CHUNK) break
      due.push(key)
    }
    for (const key of due) applyChange(ctx, table, key, undefined, 0, 'ttl')
  }
}
