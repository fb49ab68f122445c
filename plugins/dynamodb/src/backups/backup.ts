import { randomBytes } from 'node:crypto'
import type { BackupDescription, BackupDetails, BackupStatus, BackupType } from '@aws-sdk/client-dynamodb'
import type { Context } from '../kit.js'
import { describeTtl } from '../operations/time-to-live.js'
import type { TableRecord } from '../tables/record.js'
import type { Item } from '../value/attribute-value.js'

/** How long the backup of a deleted table is kept. */
const SYSTEM_LIFE = 35 * 24 * 60 * 60 * 1000
/** About how many bytes of items are one record. */
const CHUNK = 1024 * 1024

/** A backup of a table. Its items are in chunks of their own. Times are milliseconds since the epoch. */
export interface Backup {
  readonly arn: string
  readonly name: string
  readonly type: BackupType
  readonly createdAt: number
  readonly expiresAt?: number
  status: BackupStatus
  /** The table as it was. */
  readonly table: TableRecord
  readonly itemCount: number
  readonly bytes: number
  readonly chunks: number
}

/** Takes a backup of a table as it is now. */
export function takeBackup(ctx: Context, table: Readonly<TableRecord>, name: string, type: BackupType): Backup {
  const now = ctx.clock.now()
  const arn = `${table.arn}/backup/${String(now).padStart(14, '0')}-${randomBytes(4).toString('hex')}`
  const { items } = ctx.stores.open.get(table, ctx)
  let chunks = 0
  let chunk: Item[] = []
  let bytes = 0
  const flush = () => {
    ctx.state.backupItems.set(`${arn}/${chunks++}`, chunk)
    chunk = []
    bytes = 0
  }
  for (const { item, size } of items.entries.all()) {
    chunk.push(item)
    bytes += size
    if (bytes >= CHUNK) flush()
  }
  if (chunk.length > 0) flush()
  const backup: Backup = {
    arn,
    name,
    type,
    createdAt: now,
    ...(type === 'SYSTEM' && { expiresAt: now + SYSTEM_LIFE }),
    status: type === 'SYSTEM' ? 'AVAILABLE' : 'CREATING',
    table: structuredClone(table) as TableRecord,
    itemCount: items.entries.size,
    bytes: items.bytes,
    chunks,
  }
  ctx.state.backups.set(arn, backup)
  return backup
}

/** A table that could be recovered to any point in time leaves a backup when it is deleted. */
export function backUpDeleted(ctx: Context, table: Readonly<TableRecord>): void {
  if (table.pitr) takeBackup(ctx, table, `${table.name}$DeletedTableBackup`, 'SYSTEM')
}

/** The items of a backup. */
export function* itemsOf(ctx: Context, { arn, chunks }: Readonly<Backup>): Iterable<Item> {
  for (let i = 0; i < chunks; i++) yield* ctx.state.backupItems.get(`${arn}/${i}`) ?? []
}

/** Forgets a backup. */
export function dropBackup(ctx: Context, { arn, chunks }: Readonly<Backup>): void {
  ctx.state.backups.delete(arn)
  for (let i = 0; i < chunks; i++) ctx.state.backupItems.delete(`${arn}/${i}`)
}

/** The backups of this account and region, oldest first, without those whose time is over. */
export function presentBackups(ctx: Context): Readonly<Backup>[] {
  const now = ctx.clock.now()
  const present: Readonly<Backup>[] = []
  for (const backup of [...ctx.state.backups.values()]) {
    if (backup.expiresAt !== undefined && backup.expiresAt <= now) dropBackup(ctx, backup)
    else present.push(backup)
  }
  return present.sort((a, b) => a.createdAt - b.createdAt || (a.arn < b.arn ? -1 : 1))
}

/** A backup as it is told. */
export function backupDetails(backup: Readonly<Backup>): BackupDetails & { BackupArn: string } {
  return {
    BackupArn: backup.arn,
    BackupName: backup.name,
    BackupSizeBytes: backup.bytes,
    BackupStatus: backup.status,
    BackupType: backup.type,
    BackupCreationDateTime: new Date(backup.createdAt),
    ...(backup.expiresAt !== undefined && { BackupExpiryDateTime: new Date(backup.expiresAt) }),
  }
}

/** The same with the table as it was. */
export function backupDescription(backup: Readonly<Backup>): BackupDescription {
  const { table } = backup
  const { read, write } = table.throughput
  return {
    BackupDetails: backupDetails(backup),
    SourceTableDetails: {
      TableName: table.name,
      TableId: table.id,
      TableArn: table.arn,
      TableSizeBytes: backup.bytes,
      KeySchema: table.keySchema.map(e => ({ ...e })),
      TableCreationDateTime: new Date(table.createdAt),
      ProvisionedThroughput: { ReadCapacityUnits: read, WriteCapacityUnits: write },
      ...(table.onDemand && { OnDemandThroughput: { ...table.onDemand } }),
      ItemCount: backup.itemCount,
      BillingMode: table.billingMode,
    },
    SourceTableFeatureDetails: {
      ...(table.localIndexes.length > 0 && {
        LocalSecondaryIndexes: table.localIndexes.map(({ name, keySchema, projection }) => ({
          IndexName: name,
          KeySchema: keySchema.map(e => ({ ...e })),
          Projection: { ...projection },
        })),
      }),
      ...(table.globalIndexes.length > 0 && {
        GlobalSecondaryIndexes: table.globalIndexes.map(({ name, keySchema, projection, throughput, onDemand }) => ({
          IndexName: name,
          KeySchema: keySchema.map(e => ({ ...e })),
          Projection: { ...projection },
          ProvisionedThroughput: { ReadCapacityUnits: throughput.read, WriteCapacityUnits: throughput.write },
          ...(onDemand && { OnDemandThroughput: { ...onDemand } }),
        })),
      }),
      ...(table.stream?.enabled && { StreamDescription: { StreamEnabled: true, StreamViewType: table.stream.viewType } }),
      ...(table.ttl && { TimeToLiveDescription: describeTtl(table.ttl) }),
      ...(table.sse && { SSEDescription: { ...table.sse } }),
    },
  }
}
