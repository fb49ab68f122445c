import type { ContinuousBackupsDescription } from '@aws-sdk/client-dynamodb'
import type { ItemChange } from '../change.js'
import { validation } from '../errors.js'
import { type Context, operation } from '../kit.js'
import type { LogEntry } from '../storage/logs.js'
import type { TableRecord } from '../tables/record.js'
import { type Item, itemsEqual } from '../value/attribute-value.js'
import { backedTable } from './operations.js'

const DAY = 24 * 60 * 60 * 1000
const MAX_DAYS = 35

/** What an item was before a change. */
export interface UndoEntry extends LogEntry {
  readonly key: string
  readonly old?: Item
}

/** A key as the log of changes has it. */
export function changeKey({ partition, sort }: { readonly partition: string; readonly sort: string }): string {
  return `${partition.length}:${partition}${sort}`
}

/** Keeps what each change of an item undoes, for tables that can be recovered to a point in time. */
export function keepUndo(ctx: Context, { table, key, oldItem, newItem }: ItemChange): void {
  const { id, pitr } = table.record
  if (!pitr || (oldItem && newItem && itemsEqual(oldItem, newItem))) return
  const { changes } = ctx.stores
  const now = ctx.clock.now()
  const horizon = now - pitr.days * DAY
  const oldest = changes.of(id)[0]
  if (oldest && oldest.at < horizon - DAY) changes.trim(id, horizon)
  changes.append(id, `${ctx.account}/${ctx.region}`, now, { key: changeKey(key), ...(oldItem && { old: oldItem }) })
}

/** The earliest time that a table can be recovered to, in milliseconds since the epoch. */
export function earliestRestorable({ pitr }: Readonly<TableRecord>, now: number): number {
  return Math.max(pitr!.enabledAt, now - pitr!.days * DAY)
}

function describeContinuous(ctx: Context, table: Readonly<TableRecord>): ContinuousBackupsDescription {
  const now = ctx.clock.now()
  return {
    ContinuousBackupsStatus: 'ENABLED',
    PointInTimeRecoveryDescription: table.pitr
      ? {
          PointInTimeRecoveryStatus: 'ENABLED',
          RecoveryPeriodInDays: table.pitr.days,
          EarliestRestorableDateTime: new Date(earliestRestorable(table, now)),
          LatestRestorableDateTime: new Date(now),
        }
      : { PointInTimeRecoveryStatus: 'DISABLED' },
  }
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeContinuousBackups.html */
export const describeContinuousBackups = operation('DescribeContinuousBackups', (ctx, { TableName }) => ({
  ContinuousBackupsDescription: describeContinuous(ctx, backedTable(ctx, TableName!)),
}))

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateContinuousBackups.html */
export const updateContinuousBackups = operation('UpdateContinuousBackups', (ctx, input) => {
  const { PointInTimeRecoveryEnabled: on, RecoveryPeriodInDays } = input.PointInTimeRecoverySpecification!
  if (!on && RecoveryPeriodInDays !== undefined) {
    throw validation('RecoveryPeriodInDays cannot be specified when PointInTimeRecoveryEnabled is false')
  }
  const table = backedTable(ctx, input.TableName!)
  if (on) {
    const days = RecoveryPeriodInDays ?? table.pitr?.days ?? MAX_DAYS
    const pitr = { enabledAt: table.pitr?.enabledAt ?? ctx.clock.now(), days }
    ctx.state.tables.update(table.name, t => {
      t.pitr = pitr
    })
  } else if (table.pitr) {
    ctx.stores.changes.drop(table.id)
    ctx.state.tables.update(table.name, t => {
      delete t.pitr
    })
  }
  return { ContinuousBackupsDescription: describeContinuous(ctx, table) }
})
