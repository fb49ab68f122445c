import { setImmediate as nextTurn } from 'node:timers/promises'
import type { CreateTableInput, GlobalSecondaryIndex, LocalSecondaryIndex } from '@aws-sdk/client-dynamodb'
import { AwsError } from '@ministack/gateway'
import { applyChange } from '../change.js'
import { invalidValues, unsupported, validation } from '../errors.js'
import { keyOfItem } from '../items.js'
import { type Context, type InputOf, operation } from '../kit.js'
import { checkDescription, newTable } from '../operations/create-table.js'
import { firstAfter, sequenceAt } from '../storage/logs.js'
import { describe } from '../tables/describe.js'
import { checkName } from '../tables/find.js'
import { scheduleTransition } from '../tables/lifecycle.js'
import type { IndexRecord, TableRecord } from '../tables/record.js'
import type { Item } from '../value/attribute-value.js'
import { itemSize } from '../value/size.js'
import { itemsOf } from './backup.js'
import { changeKey, earliestRestorable } from './continuous.js'
import { backedTable, presentBackup } from './operations.js'

/** How many items are put before others get their turn. */
const CHUNK = 2000

type Overrides = Omit<InputOf<'RestoreTableFromBackup'>, 'BackupArn' | 'TargetTableName'>

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_RestoreTableFromBackup.html */
export const restoreTableFromBackup = operation('RestoreTableFromBackup', async (ctx, input) => {
  const name = targetName(input.TargetTableName!)
  const backup = presentBackup(ctx, input.BackupArn!)
  if (backup.status === 'CREATING') throw new AwsError('BackupInUseException', `Backup is being created: ${backup.arn}`)
  const source = { backupArn: backup.arn, tableArn: backup.table.arn, at: backup.createdAt }
  return restore(ctx, name, backup.table, [...itemsOf(ctx, backup)], source, input)
})

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_RestoreTableToPointInTime.html */
export const restoreTableToPointInTime = operation('RestoreTableToPointInTime', async (ctx, input) => {
  const name = targetName(input.TargetTableName!)
  const { SourceTableArn, SourceTableName, UseLatestRestorableTime, RestoreDateTime } = input
  const sourceName = SourceTableArn ?? SourceTableName
  if (sourceName === undefined) throw validation('Either SourceTableName or SourceTableArn must be specified')
  const table = backedTable(ctx, sourceName)
  if (!UseLatestRestorableTime === !RestoreDateTime) {
    throw validation('Exactly one of UseLatestRestorableTime and RestoreDateTime must be specified')
  }
  if (!table.pitr) {
    throw new AwsError('PointInTimeRecoveryUnavailableException', `Point in time recovery is not enabled for table '${table.name}'`)
  }
  const now = ctx.clock.now()
  const at = RestoreDateTime?.getTime() ?? now
  if (at > now || at < Math.floor(earliestRestorable(table, now) / 1000) * 1000) {
    throw new AwsError(
      'InvalidRestoreTimeException',
      'An invalid restore time was specified. RestoreDateTime must be between EarliestRestorableDateTime and LatestRestorableDateTime.',
    )
  }
  return restore(ctx, name, table, itemsAt(ctx, table, at), { tableArn: table.arn, at }, input)
})

function targetName(name: string): string {
  checkName(name, 'targetTableName')
  return name
}

/** The items of a table as they were at a time: as they are now, with every change since then undone. */
export function itemsAt(ctx: Context, table: Readonly<TableRecord>, at: number): Item[] {
  const changes = ctx.stores.changes.of(table.id)
  const before = new Map<string, Item | undefined>()
  // The first change of an item after that time knows what it was.
  for (let i = firstAfter(changes, sequenceAt(at + 1)) - 1; i < changes.length; i++) {
    const change = changes[i]
    if (change && change.at > at && !before.has(change.key)) before.set(change.key, change.old)
  }
  const items: Item[] = []
  for (const entry of ctx.stores.open.get(table, ctx).items.entries.all()) {
    if (!before.has(changeKey(entry))) items.push(entry.item)
  }
  for (const old of before.values()) if (old) items.push(old)
  return items
}

interface Source {
  readonly backupArn?: string
  readonly tableArn: string
  readonly at: number
}

async function restore(
  ctx: Context,
  name: string,
  from: Readonly<TableRecord>,
  items: readonly Item[],
  source: Source,
  overrides: Overrides,
) {
  const { tables } = ctx.state
  if (tables.has(name)) throw new AwsError('TableAlreadyExistsException', `Table already exists: ${name}`)
  const record: TableRecord = { ...newTable(ctx, name, tableInput(name, from, overrides)), restored: source, loading: true }
  tables.set(name, record)
  await load(ctx, record, items)
  const TableDescription = describe(ctx, record)
  scheduleTransition(ctx, record)
  return { TableDescription }
}

/** Puts items into a new table, in turns with other work. Until it is done the table is `loading`: it isn't kept over a restart. */
export async function load(ctx: Context, record: Readonly<TableRecord>, items: readonly Item[]): Promise<void> {
  const table = ctx.stores.open.get(record, ctx)
  for (let i = 0; i < items.length; i++) {
    const item = items[i]!
    applyChange(ctx, table, keyOfItem(table, item), item, itemSize(item), 'restore')
    if (i % CHUNK === CHUNK - 1) {
      await nextTurn()
      ctx.background.signal.throwIfAborted()
    }
  }
  ctx.state.tables.update(record.name, t => {
    delete t.loading
  })
}

/** What CreateTable would be asked for a table like another. Streams, TTL, tags, policies and scaling aren't restored. */
function tableInput(name: string, from: Readonly<TableRecord>, overrides: Overrides): CreateTableInput {
  if (overrides.VectorIndexOverride) throw unsupported('VectorIndexOverride')
  const billing = overrides.BillingModeOverride ?? from.billingMode
  const provisioned = billing === 'PROVISIONED'
  const throughput = overrides.ProvisionedThroughputOverride ?? units(from.throughput)
  const onDemand = overrides.OnDemandThroughputOverride ?? (provisioned ? undefined : from.onDemand)
  const local = overrides.LocalSecondaryIndexOverride ?? from.localIndexes.map(indexInput)
  const global =
    overrides.GlobalSecondaryIndexOverride ??
    from.globalIndexes.map(
      (index): GlobalSecondaryIndex => ({
        ...indexInput(index),
        ...(provisioned && { ProvisionedThroughput: index.throughput.read > 0 ? units(index.throughput) : throughput }),
        ...(!provisioned && index.onDemand && { OnDemandThroughput: { ...index.onDemand } }),
      }),
    )
  checkSubset('LocalSecondaryIndexOverride', local, from.localIndexes)
  checkSubset('GlobalSecondaryIndexOverride', global, from.globalIndexes)
  const used = new Set([from, ...local, ...global].flatMap(keysOf))
  const encryption =
    overrides.SSESpecificationOverride ?? (from.sse && { Enabled: true, SSEType: 'KMS', KMSMasterKeyId: from.sse.KMSMasterKeyArn })
  const input: CreateTableInput = {
    TableName: name,
    KeySchema: from.keySchema,
    AttributeDefinitions: from.attributeDefinitions.filter(d => used.has(d.AttributeName)),
    BillingMode: billing,
    ...((provisioned || overrides.ProvisionedThroughputOverride) && { ProvisionedThroughput: throughput }),
    ...(onDemand && { OnDemandThroughput: onDemand }),
    ...(local.length > 0 && { LocalSecondaryIndexes: [...local] }),
    ...(global.length > 0 && { GlobalSecondaryIndexes: [...global] }),
    ...(encryption && { SSESpecification: encryption }),
    ...(from.tableClass && { TableClass: from.tableClass }),
  }
  checkDescription(input)
  return input
}

function units({ read, write }: TableRecord['throughput']) {
  return { ReadCapacityUnits: Math.max(read, 1), WriteCapacityUnits: Math.max(write, 1) }
}

function indexInput({ name, keySchema, projection }: IndexRecord): LocalSecondaryIndex {
  return { IndexName: name, KeySchema: keySchema, Projection: projection }
}

function keysOf(of: { readonly keySchema: TableRecord['keySchema'] } | { readonly KeySchema?: TableRecord['keySchema'] | undefined }) {
  return ('keySchema' in of ? of.keySchema : ((of as LocalSecondaryIndex).KeySchema ?? [])).map(e => e.AttributeName)
}

function checkSubset(what: string, wanted: readonly LocalSecondaryIndex[], from: readonly IndexRecord[]): void {
  for (const { IndexName, KeySchema, Projection } of wanted) {
    const source = from.find(({ name }) => name === IndexName)
    const same =
      source &&
      JSON.stringify(source.keySchema.map(e => [e.AttributeName, e.KeyType])) ===
        JSON.stringify(KeySchema?.map(e => [e.AttributeName, e.KeyType])) &&
      source.projection.ProjectionType === Projection?.ProjectionType
    if (!same) throw invalidValues(`${what}: index ${IndexName} must be an index of the source table`)
  }
}
