import { setImmediate as nextTurn } from 'node:timers/promises'
import { backUpDeleted } from '../backups/backup.js'
import type { Context } from '../kit.js'
import { leaveGroup } from '../replicas/update.js'
import { followStream } from '../streams/known-stream.js'
import { indexDefinition } from './open-tables.js'
import type { TableRecord } from './record.js'
import { reachedThroughput } from './throughput.js'

/** How many items an index takes in before others get their turn. */
const FILL_CHUNK = 2000

/**
 * Brings a table to where its status leads: CREATING and UPDATING to ACTIVE, DELETING to its end, and its indexes and time to live likewise.
 * It happens right after the response, on the clock: tools that wait for a table poll seldom, so there is nothing to gain by making them wait.
 */
export function scheduleTransition(ctx: Context, record: Readonly<TableRecord>): void {
  const { name, id } = record
  followStream(ctx, record)
  ctx.background.after(0, `dynamodb table ${name}`, () => transition(ctx, name, id))
}

/** Whether a table, an index of it or its time to live is on its way to another state. */
export function isChanging({ status, globalIndexes, ttl }: Readonly<TableRecord>): boolean {
  return status !== 'ACTIVE' || globalIndexes.some(index => index.status !== 'ACTIVE') || ttl?.settling === true
}

function transition(ctx: Context, name: string, id: string): void {
  const { tables } = ctx.state
  const record = tables.get(name)
  if (record?.id !== id) return
  if (record.status === 'DELETING') {
    backUpDeleted(ctx, record)
    leaveGroup(ctx, record)
    tables.delete(name)
    ctx.stores.open.close(id)
    ctx.stores.expiries.close(id)
    ctx.stores.limits.close(id)
    ctx.stores.changes.drop(id)
    ctx.stores.items.drop(id)
    return
  }
  const { items } = ctx.stores.open.get(record, ctx)
  tables.update(name, table => {
    if (table.status === 'CREATING' || table.status === 'UPDATING') table.status = 'ACTIVE'
    for (const index of table.globalIndexes) {
      if (index.status === 'DELETING') items.indexes.delete(index.name)
      else if (!index.backfilling) index.status = 'ACTIVE'
    }
    table.globalIndexes = table.globalIndexes.filter(index => index.status !== 'DELETING')
    settle(table)
  })
  for (const index of record.globalIndexes) {
    if (index.backfilling) ctx.background.run(`dynamodb index ${name}/${index.name}`, signal => backfill(ctx, name, id, index.name, signal))
  }
}

/** Ends what is on its way beside the table's own status. */
function settle(table: TableRecord): void {
  if (table.ttl?.settling) {
    const { settling: _over, ...settled } = table.ttl
    table.ttl = settled
  }
  table.throughput = reachedThroughput(table.throughput)
  for (const index of table.globalIndexes) index.throughput = reachedThroughput(index.throughput)
  if (!table.sseChange) return
  const { to } = table.sseChange
  if (to) table.sse = to
  else delete table.sse
  delete table.sseChange
}

/** Fills a new index, in turns with other work. */
async function backfill(ctx: Context, name: string, id: string, indexName: string, signal: AbortSignal): Promise<void> {
  const { tables } = ctx.state
  const present = () => {
    const record = tables.get(name)
    return record?.id === id && record.status !== 'DELETING' ? record.globalIndexes.find(index => index.name === indexName) : undefined
  }
  const record = tables.get(name)
  const index = present()
  if (!record || !index?.backfilling) return
  const { items } = ctx.stores.open.get(record, ctx)
  // One that was being filled before is begun anew, never twice at a time.
  if (items.indexes.has(indexName)) return
  for (const _chunk of items.fillIndex(indexDefinition(record, index, false), FILL_CHUNK)) {
    await nextTurn()
    if (signal.aborted || !present()) return
  }
  if (!present()) return
  tables.update(name, table => {
    for (const filled of table.globalIndexes) {
      if (filled.name !== indexName) continue
      filled.status = 'ACTIVE'
      delete filled.backfilling
    }
  })
}
