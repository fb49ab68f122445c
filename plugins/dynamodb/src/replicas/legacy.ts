import type { GlobalTableDescription, ReplicaDescription } from '@aws-sdk/client-dynamodb'
import { AwsError } from '@ministack/gateway'
import { validation } from '../errors.js'
import { type Context, operation } from '../kit.js'
import { checkName } from '../tables/find.js'
import type { TableRecord } from '../tables/record.js'

/**
 * Global tables of version 2017.11.29, which join tables that the user made.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/globaltables.V1.html
 */

/** A global table of the old version; its replicas know each other by their own records. */
export interface LegacyGlobalTable {
  readonly name: string
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  regions: string[]
}

const MAX_PAGE = 100

/** @throws GlobalTableNotFoundException */
export function globalTable(ctx: Context, name: string): Readonly<LegacyGlobalTable> {
  const found = ctx.state.globalTables.get(name)
  if (!found)
    throw new AwsError('GlobalTableNotFoundException', `Global table not found: Global table with name: '${name}' does not exist.`)
  return found
}

function describeGlobal(ctx: Context, { name, createdAt, regions }: Readonly<LegacyGlobalTable>): GlobalTableDescription {
  return {
    ReplicationGroup: regions.map((region): ReplicaDescription => ({ RegionName: region, ReplicaStatus: 'ACTIVE' })),
    GlobalTableArn: `arn:${ctx.partition}:dynamodb::${ctx.account}:global-table/${name}`,
    CreationDateTime: new Date(createdAt),
    GlobalTableStatus: 'ACTIVE',
    GlobalTableName: name,
  }
}

/**
 * A table that is fit to become a replica beside others.
 * @throws TableNotFoundException, ValidationException
 */
function candidate(ctx: Context, name: string, region: string, beside: Readonly<TableRecord> | undefined): Readonly<TableRecord> {
  const there = ctx.as({ region })
  const table = there.state.tables.get(name)
  if (table?.status !== 'ACTIVE') throw new AwsError('TableNotFoundException', `Table not found: ${name} in region: ${region}`)
  if (table.replicas) throw validation(`Table is already part of a global table: ${name} in region: ${region}`)
  if (!table.stream?.enabled || table.stream.viewType !== 'NEW_AND_OLD_IMAGES') {
    throw validation(
      `One or more parameter values were invalid: StreamSpecification of the table must be enabled with NEW_AND_OLD_IMAGES. Table: ${name}, Region: ${region}`,
    )
  }
  if (ctx.stores.open.get(table, there).items.entries.size > 0) {
    throw validation(
      `One or more parameter values were invalid: Table must be empty to become a replica. Table: ${name}, Region: ${region}`,
    )
  }
  if (beside && schemaOf(beside) !== schemaOf(table)) {
    throw validation(`One or more parameter values were invalid: Replicas must have the same key schema. Table: ${name}, Region: ${region}`)
  }
  return table
}

function schemaOf({ keySchema, attributeDefinitions }: Readonly<TableRecord>): string {
  const typeOf = (name: string | undefined) => attributeDefinitions.find(d => d.AttributeName === name)?.AttributeType
  return JSON.stringify(keySchema.map(e => [e.AttributeName, e.KeyType, typeOf(e.AttributeName)]))
}

/** Tells each member which others there are; a table that is none any more stays as a table of its own. */
function link(ctx: Context, name: string, regions: readonly string[], gone: readonly string[] = []): void {
  for (const region of regions) {
    ctx.as({ region }).state.tables.update(name, table => {
      table.replicas = regions.filter(other => other !== region).map(other => ({ region: other }))
      table.globalVersion = '2017.11.29'
    })
  }
  for (const region of gone) {
    ctx.as({ region }).state.tables.update(name, table => {
      delete table.replicas
      delete table.globalVersion
    })
  }
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateGlobalTable.html */
export const createGlobalTable = operation('CreateGlobalTable', (ctx, input) => {
  const name = input.GlobalTableName!
  checkName(name, 'globalTableName')
  const regions = input.ReplicationGroup!.map(({ RegionName }, i) => {
    if (RegionName !== undefined) return RegionName
    throw validation(
      `1 validation error detected: Value null at 'replicationGroup.${i + 1}.member.regionName' failed to satisfy constraint: Member must not be null`,
    )
  })
  if (new Set(regions).size < regions.length)
    throw validation('One or more parameter values were invalid: Duplicate region in the replication group')
  if (ctx.state.globalTables.has(name)) {
    throw new AwsError(
      'GlobalTableAlreadyExistsException',
      `Global table already exists: Global table with name: '${name}' already exists.`,
    )
  }
  let first: Readonly<TableRecord> | undefined
  for (const region of regions) first ??= candidate(ctx, name, region, first)
  for (const region of regions) candidate(ctx, name, region, first)
  const record: LegacyGlobalTable = { name, createdAt: ctx.clock.now(), regions }
  ctx.state.globalTables.set(name, record)
  link(ctx, name, regions)
  return { GlobalTableDescription: { ...describeGlobal(ctx, record), GlobalTableStatus: 'CREATING' as const } }
})

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeGlobalTable.html */
export const describeGlobalTable = operation('DescribeGlobalTable', (ctx, { GlobalTableName }) => ({
  GlobalTableDescription: describeGlobal(ctx, globalTable(ctx, GlobalTableName!)),
}))

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ListGlobalTables.html */
export const listGlobalTables = operation(
  'ListGlobalTables',
  (ctx, { ExclusiveStartGlobalTableName: after, Limit = MAX_PAGE, RegionName }) => {
    const all = [...ctx.state.globalTables.values()]
      .filter(({ name, regions }) => (after === undefined || name > after) && (RegionName === undefined || regions.includes(RegionName)))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
    const page = all.slice(0, Limit)
    return {
      GlobalTables: page.map(({ name, regions }) => ({
        GlobalTableName: name,
        ReplicationGroup: regions.map(region => ({ RegionName: region })),
      })),
      ...(all.length > Limit && { LastEvaluatedGlobalTableName: page.at(-1)!.name }),
    }
  },
)

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateGlobalTable.html */
export const updateGlobalTable = operation('UpdateGlobalTable', (ctx, input) => {
  const global = globalTable(ctx, input.GlobalTableName!)
  const { name } = global
  let regions = [...global.regions]
  const gone: string[] = []
  for (const { Create, Delete } of input.ReplicaUpdates!) {
    if ((Create === undefined) === (Delete === undefined)) throw validation('Each ReplicaUpdate must have exactly one of Create and Delete')
    const region = (Create ?? Delete)!.RegionName!
    const present = regions.includes(region)
    if (Create) {
      if (present) {
        throw new AwsError(
          'ReplicaAlreadyExistsException',
          `Failed to create a replica: Replica in region: '${region}' is already part of the global table.`,
        )
      }
      candidate(ctx, name, region, regions[0] === undefined ? undefined : ctx.as({ region: regions[0] }).state.tables.get(name))
      regions.push(region)
    } else {
      if (!present) {
        throw new AwsError(
          'ReplicaNotFoundException',
          `Failed to delete a replica: Replica in region: '${region}' is not part of the global table.`,
        )
      }
      regions = regions.filter(r => r !== region)
      gone.push(region)
    }
  }
  link(ctx, name, regions, gone)
  const record = ctx.state.globalTables.update(name, g => {
    g.regions = regions
  })!
  return { GlobalTableDescription: { ...describeGlobal(ctx, record), GlobalTableStatus: 'UPDATING' as const } }
})
