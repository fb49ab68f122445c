import type { AttributeDefinition, GlobalSecondaryIndexUpdate, StreamSpecification } from '@aws-sdk/client-dynamodb'
import { AwsError } from '@ministack/gateway'
import { invalidValues, unsupported, validation } from '../errors.js'
import { type Context, type InputOf, operation } from '../kit.js'
import { settingsReplicationChange } from '../replicas/multi-account.js'
import { sharingPeersOf } from '../replicas/replicate.js'
import { sharedPart, updateReplicas } from '../replicas/update.js'
import { describe } from '../tables/describe.js'
import { tableRecord } from '../tables/find.js'
import { scheduleTransition } from '../tables/lifecycle.js'
import type { GlobalIndexRecord, TableRecord } from '../tables/record.js'
import { checkDefinitions, checkDistinctIndexes, checkIndex, checkProjectedTotal, MAX_GLOBAL_INDEXES } from '../tables/schema-rules.js'
import { sseDescription } from '../tables/sse.js'
import { newStream } from '../tables/stream-spec.js'
import {
  changedThroughput,
  checkDecrease,
  checkTableLimit,
  checkThroughput,
  keptThroughput,
  pendingThroughput,
  unchangedThroughput,
  warmThroughput,
} from '../tables/throughput.js'
import { globalIndexRecord } from './create-table.js'
import { checkSettled } from './delete-table.js'

type Input = InputOf<'UpdateTable'>

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html */
export const updateTable = operation('UpdateTable', (ctx, input) => {
  checkSupported(input)
  if (input.ReplicaUpdates?.length || input.GlobalTableWitnessUpdates?.length || input.MultiRegionConsistency)
    return updateReplicas(ctx, input)
  checkSomething(input)
  checkIndexUpdates(input.GlobalSecondaryIndexUpdates)
  if (input.AttributeDefinitions) checkDefinitions(input.AttributeDefinitions)
  const record = tableRecord(ctx, input.TableName!)
  const shared = sharedPart(input)
  const members = shared ? [{ ctx, record }, ...sharingPeersOf(ctx, record)] : [{ ctx, record }]
  for (const member of members) checkSettled(member.record)
  const changes = members.map(member => planned(member.ctx, member.record, member.ctx === ctx ? input : shared!))
  members.forEach((member, i) => {
    member.ctx.state.tables.update(record.name, table => {
      changes[i]!(table)
      table.status = 'UPDATING'
    })
    scheduleTransition(member.ctx, member.record)
  })
  return { TableDescription: describe(ctx, record) }
})

function checkSupported(input: Input): void {
  const { VectorIndexUpdates, DisassociationProtectionEnabled } = input
  const others = {
    VectorIndexUpdates,
    DisassociationProtectionEnabled,
  }
  for (const [name, value] of Object.entries(others)) if (value !== undefined) throw unsupported(`UpdateTable with ${name}`)
}

function checkSomething(input: Input): void {
  const { ProvisionedThroughput, BillingMode, StreamSpecification, GlobalSecondaryIndexUpdates, SSESpecification } = input
  const { TableClass, DeletionProtectionEnabled, OnDemandThroughput, WarmThroughput, GlobalTableSettingsReplicationMode } = input
  const some = [
    ProvisionedThroughput,
    BillingMode,
    StreamSpecification,
    GlobalSecondaryIndexUpdates?.length ? GlobalSecondaryIndexUpdates : undefined,
    SSESpecification,
    TableClass,
    DeletionProtectionEnabled,
    OnDemandThroughput,
    WarmThroughput,
    GlobalTableSettingsReplicationMode,
  ]
  if (some.some(parameter => parameter !== undefined)) return
  throw validation(
    'At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates or SSESpecification or ReplicaUpdates is required',
  )
}

function checkIndexUpdates(updates: readonly GlobalSecondaryIndexUpdate[] = []): void {
  const seen = new Set<string>()
  for (const update of updates) {
    const actions = [update.Create, update.Update, update.Delete].filter(action => action !== undefined)
    if (actions.length !== 1) {
      throw invalidValues(
        'One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, GlobalSecondaryIndexUpdate.Delete must not be null',
      )
    }
    const name = actions[0]!.IndexName!
    if (seen.has(name)) {
      throw invalidValues(`Only one global secondary index update per index is allowed simultaneously. Index: ${name}`)
    }
    seen.add(name)
  }
  if (updates.filter(({ Create, Delete }) => Create ?? Delete).length > 1) {
    throw new AwsError(
      'LimitExceededException',
      'Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table',
    )
  }
}

type Change = (table: TableRecord) => void

/** Checks the whole request against the table, and answers what it comes to. Nothing is changed yet. */
function planned(ctx: Context, record: Readonly<TableRecord>, input: Input): Change {
  if (record.replicas && !record.consistency && input.StreamSpecification?.StreamEnabled === false) {
    throw validation('The stream of a table with replicas can not be disabled')
  }
  const changes = [
    throughputChange(ctx, record, input),
    streamChange(ctx, record, input.StreamSpecification),
    indexChanges(ctx, record, input),
    settingsChange(ctx, record, input),
    settingsReplicationChange(record, input.GlobalTableSettingsReplicationMode),
  ]
  return table => {
    for (const change of changes) change?.(table)
  }
}

function throughputChange(ctx: Context, record: Readonly<TableRecord>, input: Input): Change | undefined {
  const { ProvisionedThroughput: asked, OnDemandThroughput, WarmThroughput } = input
  const { BillingMode = record.billingMode } = input
  const now = ctx.clock.now()
  const switched = BillingMode !== record.billingMode
  if (switched || asked || OnDemandThroughput) {
    checkThroughput(BillingMode, {
      OnDemandThroughput,
      ProvisionedThroughput: asked ?? (switched ? undefined : keptThroughput(record.billingMode, record.throughput)),
    })
  }
  checkTableLimit(ctx.region, record.throughput, asked)
  checkDecrease(record.throughput, asked, now)
  if (asked && !switched && asked.ReadCapacityUnits === record.throughput.read && asked.WriteCapacityUnits === record.throughput.write) {
    throw unchangedThroughput(record.throughput, 'table')
  }
  const warm = warmThroughput(WarmThroughput)
  if (!switched && !asked && !OnDemandThroughput && !warm) return undefined
  if (switched && BillingMode === 'PROVISIONED') checkIndexThroughput(record, input)
  return table => {
    table.billingMode = BillingMode
    if (switched) table.throughput = changedThroughput(table.throughput, asked, now)
    else if (asked) table.throughput = pendingThroughput(table.throughput, asked, now)
    if (OnDemandThroughput) table.onDemand = { ...table.onDemand, ...OnDemandThroughput }
    if (warm) table.warm = { ...table.warm, ...warm }
    if (!switched) return
    if (BillingMode === 'PROVISIONED') {
      delete table.onDemand
      return
    }
    table.onDemandSince = now
    for (const index of table.globalIndexes) index.throughput = changedThroughput(index.throughput, undefined, now)
  }
}

/** A table that becomes provisioned needs throughput for each of its global indexes. */
function checkIndexThroughput(record: Readonly<TableRecord>, { GlobalSecondaryIndexUpdates: updates = [] }: Input): void {
  for (const { name } of record.globalIndexes) {
    const update = updates.find(({ Update, Delete }) => (Update ?? Delete)?.IndexName === name)
    if (!update?.Delete && !update?.Update?.ProvisionedThroughput) {
      throw invalidValues(`ProvisionedThroughput must be specified for index: ${name}`)
    }
  }
}

function streamChange(ctx: Context, record: Readonly<TableRecord>, request: StreamSpecification | undefined): Change | undefined {
  if (!request) return undefined
  const stream = newStream(record.arn, request, ctx.clock.now())
  if (stream && record.stream?.enabled) throw validation(`Table already has an enabled stream: TableName: ${record.name}`)
  if (!stream && !record.stream?.enabled) throw validation(`Table already has a disabled stream: TableName: ${record.name}`)
  return table => {
    if (stream) table.stream = stream
    else table.stream!.enabled = false
  }
}

function indexChanges(ctx: Context, record: Readonly<TableRecord>, input: Input): Change | undefined {
  const { GlobalSecondaryIndexUpdates: updates, BillingMode = record.billingMode, AttributeDefinitions: given = [] } = input
  if (!updates) return undefined
  const definitions = mergedDefinitions(record, given)
  const now = ctx.clock.now()
  const changes = updates.map((update, i): Change => {
    if (update.Create) {
      const { Create } = update
      checkIndex(Create, definitions, `globalSecondaryIndexUpdates.${i + 1}.member.create`, true)
      checkThroughput(BillingMode, Create, Create.IndexName)
      checkNewIndex(record, Create)
      return table => {
        table.attributeDefinitions = usedDefinitions(definitions, [...table.globalIndexes, { keySchema: Create.KeySchema! }], table)
        table.globalIndexes.push({ ...globalIndexRecord(table.arn, Create, 'CREATING'), backfilling: true })
      }
    }
    const name = (update.Update ?? update.Delete)!.IndexName!
    const index = record.globalIndexes.find(i => i.name === name)
    if (!index) throw new AwsError('ResourceNotFoundException', 'Requested resource not found')
    if (update.Delete) {
      return table => {
        table.globalIndexes.find(i => i.name === name)!.status = 'DELETING'
        const rest = table.globalIndexes.filter(i => i.status !== 'DELETING')
        table.attributeDefinitions = usedDefinitions(definitions, rest, table)
      }
    }
    return indexUpdate(index, update.Update!, BillingMode, record.billingMode !== BillingMode, now)
  })
  return table => {
    for (const change of changes) change(table)
  }
}

function indexUpdate(
  index: Readonly<GlobalIndexRecord>,
  update: NonNullable<GlobalSecondaryIndexUpdate['Update']>,
  mode: NonNullable<Input['BillingMode']>,
  switched: boolean,
  now: number,
): Change {
  const { ProvisionedThroughput: asked, OnDemandThroughput, WarmThroughput } = update
  if (index.status !== 'ACTIVE') {
    const doing = index.status === 'CREATING' ? 'created' : index.status === 'DELETING' ? 'deleted' : 'updated'
    throw new AwsError(
      'ResourceInUseException',
      `Attempt to change a resource which is still in use: Index is being ${doing}: ${index.name}`,
    )
  }
  if (asked || OnDemandThroughput) {
    checkThroughput(mode, { OnDemandThroughput, ProvisionedThroughput: asked ?? keptThroughput(mode, index.throughput) }, index.name)
  }
  checkDecrease(index.throughput, asked, now)
  if (asked && !switched && asked.ReadCapacityUnits === index.throughput.read && asked.WriteCapacityUnits === index.throughput.write) {
    throw unchangedThroughput(index.throughput, `index ${index.name}`)
  }
  const warm = warmThroughput(WarmThroughput)
  return table => {
    const target = table.globalIndexes.find(i => i.name === index.name)!
    target.status = 'UPDATING'
    if (asked) target.throughput = (switched ? changedThroughput : pendingThroughput)(target.throughput, asked, now)
    if (OnDemandThroughput) target.onDemand = { ...target.onDemand, ...OnDemandThroughput }
    if (warm) target.warm = { ...target.warm, ...warm }
  }
}

function checkNewIndex(record: Readonly<TableRecord>, create: NonNullable<GlobalSecondaryIndexUpdate['Create']>): void {
  const all = [...record.localIndexes, ...record.globalIndexes]
  if (all.some(index => index.name === create.IndexName)) throw validation('Attempting to create an index which already exists')
  if (record.globalIndexes.some(index => index.status === 'CREATING' || index.status === 'DELETING')) {
    throw new AwsError(
      'LimitExceededException',
      'Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table',
    )
  }
  if (record.globalIndexes.length >= MAX_GLOBAL_INDEXES) {
    throw new AwsError(
      'LimitExceededException',
      `Subscriber limit exceeded: GlobalSecondaryIndex count exceeds the per-table limit of ${MAX_GLOBAL_INDEXES}`,
    )
  }
  const projections = [...all.map(({ name, projection }) => ({ IndexName: name, Projection: projection })), create]
  checkDistinctIndexes(projections)
  checkProjectedTotal(projections)
}

/** The table's definitions with those that the request adds. @throws ValidationException when it gives a key another type. */
function mergedDefinitions(record: Readonly<TableRecord>, given: readonly AttributeDefinition[]): AttributeDefinition[] {
  for (const { AttributeName, AttributeType } of given) {
    const old = record.attributeDefinitions.find(d => d.AttributeName === AttributeName)
    if (old && old.AttributeType !== AttributeType) {
      throw invalidValues(`Attribute type can not be changed: ${AttributeName} is ${old.AttributeType}, not ${AttributeType}`)
    }
  }
  const added = given.filter(d => !record.attributeDefinitions.some(old => old.AttributeName === d.AttributeName))
  return [...record.attributeDefinitions, ...added].map(d => ({ ...d }))
}

/** The definitions that keys of the table and its indexes use. */
function usedDefinitions(
  definitions: readonly AttributeDefinition[],
  globalIndexes: readonly Pick<GlobalIndexRecord, 'keySchema'>[],
  table: Readonly<TableRecord>,
): AttributeDefinition[] {
  const schemas = [table, ...table.localIndexes, ...globalIndexes].flatMap(({ keySchema }) => keySchema)
  return definitions.filter(d => schemas.some(e => e.AttributeName === d.AttributeName))
}

function settingsChange(ctx: Context, record: Readonly<TableRecord>, input: Input): Change | undefined {
  const { SSESpecification, TableClass, DeletionProtectionEnabled } = input
  const sse = sseDescription(ctx, SSESpecification)
  if (SSESpecification && !sse && !record.sse) throw invalidValues('Table is already encrypted by given KMSMasterKey')
  if (sse && record.sse?.KMSMasterKeyArn === sse.KMSMasterKeyArn) throw invalidValues('Table is already encrypted by given KMSMasterKey')
  const now = ctx.clock.now()
  return table => {
    if (SSESpecification) table.sseChange = sse ? { to: sse } : {}
    if (TableClass) {
      table.tableClass = TableClass
      table.tableClassChangedAt = now
    }
    if (DeletionProtectionEnabled !== undefined) table.deletionProtection = DeletionProtectionEnabled
  }
}
