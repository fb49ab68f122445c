import type { ItemChange } from '../change.js'
import type { Context } from '../kit.js'
import { itemsEqual } from '../value/attribute-value.js'
import { keyAttributesOf } from './images.js'
import { RETENTION, recordsOf, trimStream } from './known-stream.js'

/** Records older than this are dropped as new ones come, so that a stream nobody reads doesn't grow for ever. */
const OVERDUE = RETENTION + 60 * 60 * 1000

/** Writes each change of an item to its table's stream. */
export function recordChange(ctx: Context, { table, oldItem, newItem, cause }: ItemChange): void {
  const { stream, id } = table.record
  if (!stream?.enabled) return
  if (oldItem && newItem && itemsEqual(oldItem, newItem)) return
  const records = ctx.stores.streamRecords
  const name = recordsOf({ tableId: id, label: stream.label })
  const now = ctx.clock.now()
  const oldest = records.of(name)[0]
  if (oldest && oldest.at < now - OVERDUE) {
    const known = ctx.state.streams.get(stream.arn)
    if (known) trimStream(ctx, known, now - RETENTION)
  }
  const { viewType } = stream
  records.append(name, `${ctx.account}/${ctx.region}`, now, {
    event: !oldItem ? 'INSERT' : newItem ? 'MODIFY' : 'REMOVE',
    keys: keyAttributesOf(table, (newItem ?? oldItem)!),
    ...(oldItem && (viewType === 'OLD_IMAGE' || viewType === 'NEW_AND_OLD_IMAGES') && { old: oldItem }),
    ...(newItem && (viewType === 'NEW_IMAGE' || viewType === 'NEW_AND_OLD_IMAGES') && { new: newItem }),
    ...(cause === 'ttl' && { expired: true as const }),
  })
}
