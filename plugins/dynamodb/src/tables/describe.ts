import type {
  GlobalSecondaryIndexDescription,
  LocalSecondaryIndexDescription,
  ProvisionedThroughputDescription,
  ReplicaDescription,
  RestoreSummary,
  TableDescription,
} from '@aws-sdk/client-dynamodb'
import type { Context } from '../kit.js'
import { sharesSettings } from '../replicas/replicate.js'
import type { TableItems } from '../storage/table-items.js'
import type { GlobalIndexRecord, IndexRecord, ReplicaRecord, TableRecord, Throughput, Warm } from './record.js'
import { decreasesToday } from './throughput.js'

/** What an on-demand table can take at once when nothing else was asked for. */
const ON_DEMAND_WARM = { read: 12_000, write: 4_000 }

/** A table as DescribeTable tells it. */
export function describe(ctx: Context, record: Readonly<TableRecord>): TableDescription {
  const { items } = ctx.stores.open.get(record, ctx)
  const { stream } = record
  const now = ctx.clock.now()
  return {
    AttributeDefinitions: record.attributeDefinitions.map(d => ({ ...d })).sort((a, b) => (a.AttributeName! < b.AttributeName! ? -1 : 1)),
    TableName: record.name,
    KeySchema: record.keySchema.map(e => ({ ...e })),
    TableStatus: record.status,
    CreationDateTime: new Date(record.createdAt),
    ProvisionedThroughput: throughput(record.throughput, now),
    // What is restored or imported counts when it is all there.
    TableSizeBytes: record.status === 'CREATING' ? 0 : items.bytes,
    ItemCount: record.status === 'CREATING' ? 0 : items.entries.size,
    TableArn: record.arn,
    TableId: record.id,
    ...billingMode(record),
    ...(record.localIndexes.length > 0 && { LocalSecondaryIndexes: record.localIndexes.map(index => localIndex(index, items)) }),
    ...(record.globalIndexes.length > 0 && {
      GlobalSecondaryIndexes: record.globalIndexes.map(index => globalIndex(record, index, items, now)),
    }),
    ...(stream?.enabled && { StreamSpecification: { StreamEnabled: true, StreamViewType: stream.viewType } }),
    ...(stream && { LatestStreamLabel: stream.label, LatestStreamArn: stream.arn }),
    ...(record.sseChange
      ? { SSEDescription: { ...record.sse, Status: 'UPDATING' as const } }
      : record.sse && { SSEDescription: { ...record.sse } }),
    ...(record.tableClass && {
      TableClassSummary: {
        TableClass: record.tableClass,
        ...(record.tableClassChangedAt !== undefined && { LastUpdateDateTime: new Date(record.tableClassChangedAt) }),
      },
    }),
    ...(record.globalVersion && { GlobalTableVersion: record.globalVersion }),
    ...(sharesSettings(record) && {
      GlobalTableVersion: '2019.11.21',
      MultiRegionConsistency: record.consistency ?? ('EVENTUAL' as const),
      Replicas: record.replicas!.map(replica => describeReplica(record, replica)),
    }),
    ...settingsMode(record),
    ...(record.witness !== undefined && {
      GlobalTableWitnesses: [{ RegionName: record.witness, WitnessStatus: 'ACTIVE' as const }],
    }),
    ...(record.restored && { RestoreSummary: restoreSummary(record, record.restored) }),
    DeletionProtectionEnabled: record.deletionProtection,
    ...(record.onDemand && { OnDemandThroughput: { ...record.onDemand } }),
    WarmThroughput: { ...warm(record, record), Status: record.status === 'DELETING' ? 'DELETING' : 'ACTIVE' },
  }
}

/** Tables that were always provisioned tell nothing of their billing, unless they were restored. */
function billingMode({
  billingMode,
  onDemandSince,
  restored,
  status,
}: Readonly<TableRecord>): Pick<TableDescription, 'BillingModeSummary'> {
  if (onDemandSince === undefined) return restored ? { BillingModeSummary: { BillingMode: billingMode } } : {}
  // A table that is being created hasn't been switched yet.
  if (status === 'CREATING') return { BillingModeSummary: { BillingMode: billingMode } }
  return { BillingModeSummary: { BillingMode: billingMode, LastUpdateToPayPerRequestDateTime: new Date(onDemandSince) } }
}

function settingsMode(record: Readonly<TableRecord>): Pick<TableDescription, 'GlobalTableSettingsReplicationMode'> {
  if (record.settingsReplication) return { GlobalTableSettingsReplicationMode: record.settingsReplication }
  return sharesSettings(record) ? { GlobalTableSettingsReplicationMode: 'ENABLED_WITH_OVERRIDES' } : {}
}

/** A member of the global table as the others tell of it. */
function describeReplica(record: Readonly<TableRecord>, replica: ReplicaRecord): ReplicaDescription {
  return {
    RegionName: replica.region,
    ReplicaStatus: 'ACTIVE',
    ReplicaArn: record.arn.replace(
      /^(arn:[^:]+:dynamodb:)[^:]+:(\d+)/,
      (_, start, own) => `${start}${replica.region}:${replica.account ?? own}`,
    ),
    ...(replica.key !== undefined && { KMSMasterKeyId: replica.key }),
    ...(replica.throughput && { ProvisionedThroughputOverride: { ...replica.throughput } }),
    ...(replica.onDemand && { OnDemandThroughputOverride: { ...replica.onDemand } }),
    ...(replica.indexes && { GlobalSecondaryIndexes: replica.indexes.map(index => ({ ...index })) }),
    ...(replica.tableClass && { ReplicaTableClassSummary: { TableClass: replica.tableClass } }),
  }
}

function restoreSummary(record: Readonly<TableRecord>, { backupArn, tableArn, at }: NonNullable<TableRecord['restored']>): RestoreSummary {
  return {
    ...(backupArn !== undefined && { SourceBackupArn: backupArn }),
    SourceTableArn: tableArn,
    RestoreDateTime: new Date(at),
    RestoreInProgress: record.status === 'CREATING',
  }
}

function localIndex(index: IndexRecord, items: TableItems): LocalSecondaryIndexDescription {
  const stored = items.indexes.get(index.name)
  return {
    IndexName: index.name,
    KeySchema: index.keySchema.map(e => ({ ...e })),
    Projection: { ...index.projection },
    IndexSizeBytes: stored?.bytes ?? 0,
    ItemCount: stored?.entries.size ?? 0,
    IndexArn: index.arn,
  }
}

function globalIndex(
  record: Readonly<TableRecord>,
  index: GlobalIndexRecord,
  items: TableItems,
  now: number,
): GlobalSecondaryIndexDescription {
  return {
    ...localIndex(index, items),
    IndexStatus: index.status,
    // While the table is updating the index is given room, then it is filled.
    ...(index.backfilling !== undefined && { Backfilling: record.status !== 'UPDATING' }),
    ProvisionedThroughput: throughput(index.throughput, now),
    ...(index.onDemand && { OnDemandThroughput: { ...index.onDemand } }),
    WarmThroughput: { ...warm(record, index), Status: index.status },
  }
}

function throughput(of: Throughput, now: number): ProvisionedThroughputDescription {
  const { read, write, increasedAt, decreasedAt } = of
  return {
    NumberOfDecreasesToday: decreasesToday(of, now),
    ReadCapacityUnits: read,
    WriteCapacityUnits: write,
    ...(increasedAt !== undefined && { LastIncreaseDateTime: new Date(increasedAt) }),
    ...(decreasedAt !== undefined && { LastDecreaseDateTime: new Date(decreasedAt) }),
  }
}

/** Warm throughput as asked for; else what the billing mode begins with. */
function warm({ billingMode }: Readonly<TableRecord>, of: { readonly warm?: Warm; readonly throughput: Throughput }) {
  const { read, write } = billingMode === 'PAY_PER_REQUEST' ? ON_DEMAND_WARM : of.throughput
  return { ReadUnitsPerSecond: of.warm?.read ?? read, WriteUnitsPerSecond: of.warm?.write ?? write }
}
