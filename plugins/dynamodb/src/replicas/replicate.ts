import { applyChange, type ItemChange } from '../change.js'
import type { Context } from '../kit.js'
import type { OpenTable } from '../tables/open-tables.js'
import type { TableRecord } from '../tables/record.js'
import { itemSize } from '../value/size.js'

/** A replica of a table in another region. */
interface Peer {
  readonly ctx: Context
  readonly record: Readonly<TableRecord>
}

/** The table's replicas in other regions. */
export function peersOf(ctx: Context, { name, replicas }: Readonly<TableRecord>): Peer[] {
  const peers: Peer[] = []
  for (const { region } of replicas ?? []) {
    const other = ctx.as({ region })
    const record = other.state.tables.get(name)
    if (record && record.status !== 'DELETING') peers.push({ ctx: other, record })
  }
  return peers
}

/** Writes each change of an item to the table's replicas, at once: what AWS does within a second. */
export function replicate(ctx: Context, { table, key, newItem, cause }: ItemChange): void {
  if (cause === 'replication' || !table.record.replicas) return
  const size = newItem ? itemSize(newItem) : 0
  for (const peer of peersOf(ctx, table.record)) {
    const open: OpenTable = ctx.stores.open.get(peer.record, peer.ctx)
    applyChange(peer.ctx, open, key, newItem, size, 'replication')
  }
}
