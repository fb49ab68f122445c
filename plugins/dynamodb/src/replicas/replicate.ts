import { applyChange, type ItemChange } from '../change.js'
import type { Context } from '../kit.js'
import type { OpenTable } from '../tables/open-tables.js'
import type { ReplicaRecord, TableRecord } from '../tables/record.js'
import type { Item } from '../value/attribute-value.js'
import { canonicalNumber } from '../value/decimal.js'
import { itemSize } from '../value/size.js'

/** A replica of a table in another region. */
interface Peer {
  readonly ctx: Context
  readonly record: Readonly<TableRecord>
}

/** The context of a replica. */
export function placeOf(ctx: Context, { region, account = ctx.account }: ReplicaRecord): Context {
  return ctx.as({ region, account })
}

/** The table's other replicas. */
export function peersOf(ctx: Context, { name, replicas }: Readonly<TableRecord>): Peer[] {
  const peers: Peer[] = []
  for (const replica of replicas ?? []) {
    const other = placeOf(ctx, replica)
    const record = other.state.tables.get(name)
    if (record && record.status !== 'DELETING') peers.push({ ctx: other, record })
  }
  return peers
}

/** Whether a table is a member of a global table whose members have indexes, billing mode and TTL in common: not so in the old version. */
export function sharesSettings({ replicas, globalVersion }: Readonly<TableRecord>): boolean {
  return replicas !== undefined && globalVersion === undefined
}

/** The replicas that share the table's settings. */
export function sharingPeersOf(ctx: Context, record: Readonly<TableRecord>): Peer[] {
  return sharesSettings(record) ? peersOf(ctx, record) : []
}

/** Writes each change of an item to the table's replicas, at once: what AWS does within a second. */
export function replicate(ctx: Context, change: ItemChange): void {
  const { table, key, cause } = change
  if (cause === 'replication' || !table.record.replicas) return
  const newItem = change.newItem && table.record.globalVersion ? marked(ctx, change.newItem) : change.newItem
  const size = newItem ? itemSize(newItem) : 0
  if (newItem !== change.newItem) applyChange(ctx, table, key, newItem, size, 'replication')
  for (const peer of peersOf(ctx, table.record)) {
    const open: OpenTable = ctx.stores.open.get(peer.record, peer.ctx)
    applyChange(peer.ctx, open, key, newItem, size, 'replication')
  }
}

/** The old version keeps in each item where and when it was written last. */
function marked(ctx: Context, item: Item): Item {
  return {
    ...item,
    'aws:rep:deleting': { BOOL: false },
    'aws:rep:updateregion': { S: ctx.region },
    'aws:rep:updatetime': { N: canonicalNumber((ctx.clock.now() / 1000).toFixed(6)) },
  }
}
