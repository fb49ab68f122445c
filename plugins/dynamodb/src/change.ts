import type { Context } from '@ministack/gateway'
import type { DynamoState } from './state.js'
import type { ItemKey } from './storage/position.js'
import type { OpenTable } from './tables/open-tables.js'
import type { Item } from './value/attribute-value.js'

/** Who made a change: a request, TTL, the write of another replica (which must not be sent on), or a restore or import. */
export type ChangeCause = 'request' | 'ttl' | 'replication' | 'restore'

/** One change of one item. */
export interface ItemChange {
  readonly table: OpenTable
  readonly key: ItemKey
  /** The item before; undefined when there was none. */
  readonly oldItem: Item | undefined
  /** The item after; undefined when it was deleted. */
  readonly newItem: Item | undefined
  readonly cause: ChangeCause
}

/** Hears of each change right after it was made, in the same synchronous stretch; what it records is journalled together with the change. May not throw. */
export type ChangeObserver = (ctx: Context<DynamoState>, change: ItemChange) => void

/**
 * Changes one item: the one way by which any write goes, of a request, a transaction, TTL, a restore or a replica.
 * What may be refused has been checked before; this can't fail. A delete of nothing changes nothing and tells nobody.
 *
 * @param item the new item, normalised and never changed afterwards; undefined deletes.
 * @param size its size as `itemSize` counts it; any number for a delete.
 */
export function applyChange(
  ctx: Context<DynamoState>,
  table: OpenTable,
  key: ItemKey,
  item: Item | undefined,
  size: number,
  cause: ChangeCause = 'request',
): void {
  const oldItem = table.items.get(key)?.item
  if (!oldItem && !item) return
  const state = ctx.stores
  state.items.write(table.record.id, key, item, size)
  for (const observe of state.observers) observe(ctx, { table, key, oldItem, newItem: item, cause })
}
