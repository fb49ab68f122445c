import { randomUUID } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type {
  CreateReplicationGroupMemberAction,
  ReplicationGroupUpdate,
  UpdateReplicationGroupMemberAction,
} from '@aws-sdk/client-dynamodb'
import { AwsError } from '@ministack/gateway'
import { applyChange } from '../change.js'
import { invalidValues, unsupported, validation } from '../errors.js'
import type { Context, InputOf } from '../kit.js'
import { checkSettled } from '../operations/delete-table.js'
import { HASH_RANGE } from '../storage/key-schema.js'
import { type Position, Probe } from '../storage/position.js'
import { describe } from '../tables/describe.js'
import { tableRecord } from '../tables/find.js'
import { scheduleTransition } from '../tables/lifecycle.js'
import type { ReplicaRecord, TableRecord } from '../tables/record.js'
import { newStream } from '../tables/stream-spec.js'
import { peersOf, placeOf } from './replicate.js'
import { checkConsistency } from './strong.js'
import { underWay } from './under-way.js'

const REGION = /^[a-z]{2}(-[a-z]+)+-\d$/
/** How many items are copied before others get their turn. */
const CHUNK = 2000

type Input = InputOf<'UpdateTable'>

/** Adds, changes and takes away replicas and witnesses: `ReplicaUpdates` and `GlobalTableWitnessUpdates` of UpdateTable. */
export async function updateReplicas(ctx: Context, input: Input) {
  checkAlone(input)
  const { ReplicaUpdates: updates = [], GlobalTableWitnessUpdates: [witness] = [], MultiRegionConsistency: mode } = input
  for (const update of updates) checkUpdate(ctx, update)
  const record = tableRecord(ctx, input.TableName!)
  checkSettled(record)
  if (record.globalVersion) throw validation('ReplicaUpdates is not supported for global tables of version 2017.11.29')
  checkConsistency(ctx, record, input)
  for (const update of updates) checkGroup(ctx, record, update)
  ctx.state.tables.update(record.name, table => {
    table.status = 'UPDATING'
    if (mode === 'STRONG') table.consistency = mode
    if (witness?.Create) table.witness = witness.Create.RegionName!
  })
  for (const { Create, Update, Delete } of updates) {
    if (Create) await addReplica(ctx, record, Create)
    else if (Update) changeReplica(ctx, record, Update)
    else removeReplica(ctx, record, Delete!.RegionName!)
  }
  scheduleTransition(ctx, record)
  return { TableDescription: underWay(describe(ctx, record), updates, witness) }
}

/** What all replicas of a table have in common, so that a change of it is a change of all; undefined for none of that. */
export function sharedPart({
  TableName,
  AttributeDefinitions,
  GlobalSecondaryIndexUpdates,
  BillingMode,
  ProvisionedThroughput,
}: Input): Input | undefined {
  if (!GlobalSecondaryIndexUpdates?.length && !BillingMode && !ProvisionedThroughput) return undefined
  return { TableName, AttributeDefinitions, GlobalSecondaryIndexUpdates, BillingMode, ProvisionedThroughput }
}

/** @throws ValidationException for changes of replicas together with others. */
function checkAlone(input: Input): void {
  const {
    TableName: _name,
    ReplicaUpdates: _replicas,
    MultiRegionConsistency: _consistency,
    GlobalTableWitnessUpdates: _witness,
    ...others
  } = input
  if (Object.values(others).some(parameter => parameter !== undefined)) {
    throw validation('ReplicaUpdates cannot be combined with other updates of the table in one request')
  }
}

function checkUpdate(ctx: Context, { Create, Update, Delete, Disassociate }: ReplicationGroupUpdate): void {
  if (Disassociate) throw unsupported('UpdateTable with ReplicaUpdates.Disassociate')
  const actions = [Create, Update, Delete].filter(action => action !== undefined)
  if (actions.length !== 1) throw validation('Each ReplicaUpdate must have exactly one of Create, Update and Delete')
  const region = actions[0]!.RegionName!
  if (!REGION.test(region)) throw validation(`Invalid region: ${region}`)
  if (region === ctx.region) {
    throw invalidValues(
      'Cannot add, delete, or update the local region through ReplicaUpdates. Use CreateTable, DeleteTable, or UpdateTable as required.',
    )
  }
}

function checkGroup(
  ctx: Context,
  { name, replicas = [], settingsReplication }: Readonly<TableRecord>,
  { Create, Update, Delete }: ReplicationGroupUpdate,
): void {
  const region = (Create ?? Update ?? Delete)!.RegionName!
  if (settingsReplication === 'ENABLED' || replicas.some(({ account }) => account !== undefined)) {
    throw validation('The replicas of a multi-account global table are created, updated and deleted in their own accounts')
  }
  const present = replicas.some(r => r.region === region)
  if (Create && (present || ctx.as({ region }).state.tables.has(name))) {
    throw validation(
      `Failed to create a the new replica of table with name: '${name}' because one or more replicas already existed as tables.`,
    )
  }
  if (!Create && !present) {
    throw validation(`Update global table operation failed because one or more replicas were not part of the global table: ${region}`)
  }
}

function replicaRecord(region: string, from: CreateReplicationGroupMemberAction | UpdateReplicationGroupMemberAction): ReplicaRecord {
  const { KMSMasterKeyId, ProvisionedThroughputOverride, OnDemandThroughputOverride, GlobalSecondaryIndexes, TableClassOverride } = from
  return {
    region,
    ...(KMSMasterKeyId !== undefined && { key: KMSMasterKeyId }),
    ...(ProvisionedThroughputOverride && { throughput: { ...ProvisionedThroughputOverride } }),
    ...(OnDemandThroughputOverride && { onDemand: { ...OnDemandThroughputOverride } }),
    ...(GlobalSecondaryIndexes && { indexes: GlobalSecondaryIndexes.map(index => ({ ...index })) }),
    ...(TableClassOverride && { tableClass: TableClassOverride }),
  }
}

/** Makes a replica in another region of the account. */
async function addReplica(ctx: Context, source: Readonly<TableRecord>, create: CreateReplicationGroupMemberAction): Promise<void> {
  await addMember(ctx, source, ctx.as({ region: create.RegionName! }), create)
}

/** Makes the replica's table, tells the whole group of it, and copies the items. */
export async function addMember(
  ctx: Context,
  source: Readonly<TableRecord>,
  there: Context,
  create: CreateReplicationGroupMemberAction,
): Promise<Readonly<TableRecord>> {
  const region = create.RegionName!
  const { name } = source
  const apart = there.account !== ctx.account
  if (!source.consistency) turnOnStream(ctx, source)
  const group: ReplicaRecord[] = [{ region: ctx.region, ...(apart && { account: ctx.account }) }, ...(source.replicas ?? [])]
  const record = copyRecord(there, source, create, group)
  there.state.tables.set(name, record)
  const added: ReplicaRecord = { ...replicaRecord(region, create), ...(apart && { account: there.account }) }
  for (const member of [{ ctx, record: source }, ...peersOf(ctx, source)]) {
    member.ctx.state.tables.update(name, table => {
      table.replicas = [...(table.replicas ?? []), added]
    })
  }
  await copyItems(ctx, source, there, record)
  there.state.tables.update(name, table => {
    delete table.loading
  })
  scheduleTransition(there, record)
  ctx.stores.expiries.open(there, ctx.stores.open.get(record, there))
  return record
}

/** A replicated table has a stream of new and old images. */
function turnOnStream(ctx: Context, table: Readonly<TableRecord>): void {
  if (table.stream?.enabled) {
    if (table.stream.viewType === 'NEW_AND_OLD_IMAGES') return
    throw validation('Table must have streams enabled with StreamViewType NEW_AND_OLD_IMAGES to be replicated')
  }
  const stream = newStream(table.arn, { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' }, ctx.clock.now())!
  ctx.state.tables.update(table.name, t => {
    t.stream = stream
  })
}

function copyRecord(
  there: Context,
  source: Readonly<TableRecord>,
  create: CreateReplicationGroupMemberAction,
  replicas: ReplicaRecord[],
): TableRecord {
  const arn = there.arn(`table/${source.name}`)
  const now = there.clock.now()
  const {
    policy: _policy,
    streamPolicy: _streamPolicy,
    pitr: _pitr,
    kinesis: _kinesis,
    insights: _insights,
    restored: _restored,
    stream: _stream,
    ...rest
  } = structuredClone(source) as TableRecord
  const tableClass = create.TableClassOverride ?? source.tableClass
  // One that is consistent everywhere isn't replicated through streams.
  const stream = source.consistency ? undefined : newStream(arn, { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' }, now)
  return {
    ...rest,
    id: randomUUID(),
    arn,
    createdAt: now,
    status: 'CREATING',
    localIndexes: source.localIndexes.map(index => ({ ...index, arn: `${arn}/index/${index.name}` })),
    globalIndexes: source.globalIndexes.map(index => ({ ...index, arn: `${arn}/index/${index.name}` })),
    throughput: { ...source.throughput, read: create.ProvisionedThroughputOverride?.ReadCapacityUnits ?? source.throughput.read },
    ...(tableClass && { tableClass }),
    deletionProtection: false,
    ...(stream && { stream }),
    tags: [],
    replicas,
    loading: true,
  }
}

/** Copies what the source has, in turns with other work; what is written meanwhile is replicated as it comes. */
async function copyItems(ctx: Context, source: Readonly<TableRecord>, there: Context, record: Readonly<TableRecord>): Promise<void> {
  const from = ctx.stores.open.get(source, ctx)
  const to = ctx.stores.open.get(record, there)
  const end = new Probe(HASH_RANGE, '', '', 1)
  let at: Position = new Probe(0, '', '', -1)
  for (;;) {
    let left = CHUNK
    const last = at
    for (const entry of from.items.entries.range(at, end)) {
      at = new Probe(entry.hash, entry.partition, entry.sort, 1)
      applyChange(there, to, { hash: entry.hash, partition: entry.partition, sort: entry.sort }, entry.item, entry.size, 'replication')
      if (--left === 0) break
    }
    if (left > 0 || at === last) return
    await nextTurn()
    ctx.background.signal.throwIfAborted()
  }
}

function changeReplica(ctx: Context, { name, replicas = [] }: Readonly<TableRecord>, update: UpdateReplicationGroupMemberAction): void {
  const region = update.RegionName!
  const changed = { ...replicas.find(r => r.region === region)!, ...replicaRecord(region, update) }
  ctx.state.tables.update(name, table => {
    table.replicas = table.replicas!.map(r => (r.region === region ? changed : r))
  })
  ctx.as({ region }).state.tables.update(name, table => {
    if (update.TableClassOverride) table.tableClass = update.TableClassOverride
    if (update.ProvisionedThroughputOverride?.ReadCapacityUnits !== undefined) {
      table.throughput = { ...table.throughput, read: update.ProvisionedThroughputOverride.ReadCapacityUnits }
    }
  })
}

/** Deletes the replica's table. */
function removeReplica(ctx: Context, { name }: Readonly<TableRecord>, region: string): void {
  const there = ctx.as({ region })
  const record = there.state.tables.get(name)
  if (record?.deletionProtection) {
    throw new AwsError(
      'ValidationException',
      'Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.',
    )
  }
  if (record) {
    there.state.tables.update(name, table => {
      table.status = 'DELETING'
    })
    scheduleTransition(there, record)
  }
}

/** Takes a table that is going, or that never came to be, out of its group. */
export function leaveGroup(ctx: Context, { name, replicas = [], globalVersion }: Readonly<TableRecord>): void {
  if (globalVersion) {
    ctx.state.globalTables.update(name, global => {
      global.regions = global.regions.filter(region => region !== ctx.region)
    })
  }
  for (const replica of replicas) {
    placeOf(ctx, replica).state.tables.update(name, table => {
      const rest = (table.replicas ?? []).filter(r => r.region !== ctx.region)
      if (rest.length > 0) table.replicas = rest
      else {
        delete table.replicas
        delete table.consistency
        delete table.witness
      }
    })
  }
}
