import { changeKey } from '../backups/continuous.js'
import type { Context } from '../kit.js'
import { keyAttributesOf } from '../streams/images.js'
import type { TableRecord } from '../tables/record.js'
import { type Item, itemsEqual } from '../value/attribute-value.js'

/** An item that changed in a stretch of time. */
export interface ChangedItem {
  readonly keys: Item
  /** As it was at the beginning. */
  readonly old: Item | undefined
  /** As it was at the end. */
  readonly now: Item | undefined
  /** When it changed last: milliseconds since the epoch. */
  readonly changedAt: number
}

/** The items that differ between two times, `from` excluded and `to` included. The table's changes must be kept since then. */
export function changedBetween(ctx: Context, table: Readonly<TableRecord>, from: number, to: number): ChangedItem[] {
  const first = new Map<string, { old: Item | undefined; changedAt: number }>()
  const after = new Map<string, Item | undefined>()
  for (const change of ctx.stores.changes.of(table.id)) {
    if (change.at <= from) continue
    if (change.at > to) {
      if (!after.has(change.key)) after.set(change.key, change.old)
      continue
    }
    const known = first.get(change.key)
    if (known) known.changedAt = change.at
    else first.set(change.key, { old: change.old, changedAt: change.at })
  }
  const open = ctx.stores.open.get(table, ctx)
  const present = new Map<string, Item>()
  for (const entry of open.items.entries.all()) {
    const key = changeKey(entry)
    if (first.has(key)) present.set(key, entry.item)
  }
  const changed: ChangedItem[] = []
  for (const [key, { old, changedAt }] of first) {
    const now = after.has(key) ? after.get(key) : present.get(key)
    const known = now ?? old
    // What came and went in between, or is as it was, leaves nothing to tell.
    if (!known || (old && now && itemsEqual(old, now))) continue
    changed.push({ keys: keyAttributesOf(open, known), old, now, changedAt })
  }
  return changed
}
