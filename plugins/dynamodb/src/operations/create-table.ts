import { randomUUID } from 'node:crypto'
import type { CreateTableInput, GlobalSecondaryIndex, LocalSecondaryIndex, Tag } from '@aws-sdk/client-dynamodb'
import { AwsError } from '@ministack/gateway'
import { invalidValues, unsupported, validation } from '../errors.js'
import { type Context, type InputOf, operation } from '../kit.js'
import { createAssociated } from '../replicas/multi-account.js'
import { newPolicy } from '../settings/resource-policy.js'
import { describe } from '../tables/describe.js'
import { checkName } from '../tables/find.js'
import { scheduleTransition } from '../tables/lifecycle.js'
import type { GlobalIndexRecord, IndexRecord, TableRecord } from '../tables/record.js'
import {
  checkAllUsed,
  checkDefinitions,
  checkDistinctIndexes,
  checkIndex,
  checkKeySchema,
  checkLocalIndex,
  checkProjectedTotal,
  checkTableKeyDefined,
  MAX_GLOBAL_INDEXES,
  MAX_LOCAL_INDEXES,
} from '../tables/schema-rules.js'
import { sseDescription } from '../tables/sse.js'
import { newStream } from '../tables/stream-spec.js'
import { checkTags } from '../tables/tag-rules.js'
import { checkTableLimit, checkThroughput, newThroughput, warmThroughput } from '../tables/throughput.js'

const MAX_TABLES = 2500

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html */
export const createTable = operation('CreateTable', (ctx, input) => {
  const name = tableName(ctx, input.TableName!)
  if (!input.GlobalTableSourceArn) {
    checkCreate(input)
    checkTableLimit(ctx.region, undefined, input.ProvisionedThroughput)
  }
  const { tables } = ctx.state
  if (tables.has(name)) throw new AwsError('ResourceInUseException', `Table already exists: ${name}`)
  if (tables.size >= MAX_TABLES) {
    throw new AwsError('LimitExceededException', `Subscriber limit exceeded: Number of tables exceeds the limit of ${MAX_TABLES}`)
  }
  if (input.GlobalTableSourceArn) return createAssociated(ctx, name, input)
  const record = newTable(ctx, name, input)
  if (input.ResourcePolicy !== undefined) record.policy = newPolicy(ctx, record.arn, input.ResourcePolicy, false)
  tables.set(name, record)
  scheduleTransition(ctx, record)
  return { TableDescription: describe(ctx, record) }
})

/** A new table's name; an ARN of this account and region is as good. */
function tableName(ctx: Context, nameOrArn: string): string {
  const prefix = ctx.arn('table/')
  const name = nameOrArn.startsWith(prefix) ? nameOrArn.slice(prefix.length) : nameOrArn
  if (name.length < 3 || name.length > 255) {
    throw validation('TableName must be at least 3 characters long and at most 255 characters long')
  }
  checkName(name, 'tableName')
  return name
}

function checkCreate(input: InputOf<'CreateTable'>): void {
  if (input.VectorIndexes) throw unsupported('CreateTable with VectorIndexes')
  if (input.GlobalTableSettingsReplicationMode) {
    throw validation('GlobalTableSettingsReplicationMode can only be specified together with GlobalTableSourceArn')
  }
  checkDescription(input)
  if (input.Tags) checkTags(input.Tags)
}

/**
 * Checks all that makes up a table.
 * @throws ValidationException
 */
export function checkDescription(input: CreateTableInput): void {
  const { BillingMode = 'PROVISIONED', AttributeDefinitions, KeySchema } = input
  requireMembers({ attributeDefinitions: AttributeDefinitions, keySchema: KeySchema })
  checkThroughput(BillingMode, input)
  checkDefinitions(AttributeDefinitions!)
  checkKeySchema(KeySchema!)
  const { LocalSecondaryIndexes: local = [], GlobalSecondaryIndexes: global = [] } = input
  if (local.length + global.length === 0) checkTableKeyDefined(KeySchema!, AttributeDefinitions!)
  if (input.LocalSecondaryIndexes && local.length === 0) throw invalidValues('List of LocalSecondaryIndexes is empty')
  if (input.GlobalSecondaryIndexes && global.length === 0) throw invalidValues('List of GlobalSecondaryIndexes is empty')
  checkIndexes(input, local, global)
  checkTableKeyDefined(KeySchema!, AttributeDefinitions!)
  checkAllUsed(
    KeySchema!,
    [...local, ...global].map(index => index.KeySchema!),
    AttributeDefinitions!,
  )
}

function checkIndexes(input: CreateTableInput, local: readonly LocalSecondaryIndex[], global: readonly GlobalSecondaryIndex[]): void {
  const { BillingMode = 'PROVISIONED', AttributeDefinitions, KeySchema } = input
  local.forEach((index, i) => {
    checkIndex(index, AttributeDefinitions!, `localSecondaryIndexes.${i + 1}.member`, false)
    checkLocalIndex(index, KeySchema!)
  })
  if (local.length > MAX_LOCAL_INDEXES) {
    throw invalidValues(`Number of LocalSecondaryIndexes exceeds per-table limit of ${MAX_LOCAL_INDEXES}`)
  }
  global.forEach((index, i) => {
    checkIndex(index, AttributeDefinitions!, `globalSecondaryIndexes.${i + 1}.member`, true)
    checkThroughput(BillingMode, index, index.IndexName)
  })
  if (global.length > MAX_GLOBAL_INDEXES) {
    throw invalidValues(`GlobalSecondaryIndex count exceeds the per-table limit of ${MAX_GLOBAL_INDEXES}`)
  }
  checkDistinctIndexes([...local, ...global])
  checkProjectedTotal([...local, ...global])
}

/** These are optional in the model since tables can be made as replicas. */
function requireMembers(members: Readonly<Record<string, unknown>>): void {
  const missing = Object.keys(members).filter(name => members[name] === undefined)
  if (missing.length === 0) return
  const found = missing.map(name => `Value null at '${name}' failed to satisfy constraint: Member must not be null`)
  throw validation(`${found.length} validation error${found.length === 1 ? '' : 's'} detected: ${found.join('; ')}`)
}

/** Makes the record of a table that is being created; everything has been checked. */
export function newTable(ctx: Context, name: string, input: CreateTableInput & { Tags?: Tag[] | undefined }): TableRecord {
  const arn = ctx.arn(`table/${name}`)
  const now = ctx.clock.now()
  const onDemand = input.BillingMode === 'PAY_PER_REQUEST'
  const warm = warmThroughput(input.WarmThroughput)
  const sse = sseDescription(ctx, input.SSESpecification)
  const stream = newStream(arn, input.StreamSpecification, now)
  return {
    name,
    id: randomUUID(),
    arn,
    createdAt: now,
    status: 'CREATING',
    keySchema: input.KeySchema!.map(e => ({ ...e })),
    attributeDefinitions: input.AttributeDefinitions!.map(d => ({ ...d })),
    localIndexes: (input.LocalSecondaryIndexes ?? []).map(index => indexRecord(arn, index)),
    globalIndexes: (input.GlobalSecondaryIndexes ?? []).map(index => globalIndexRecord(arn, index, 'CREATING')),
    billingMode: onDemand ? 'PAY_PER_REQUEST' : 'PROVISIONED',
    ...(onDemand && { onDemandSince: now }),
    throughput: newThroughput(input.ProvisionedThroughput),
    ...(input.OnDemandThroughput && { onDemand: { ...input.OnDemandThroughput } }),
    ...(warm && { warm }),
    ...(input.TableClass && { tableClass: input.TableClass }),
    deletionProtection: input.DeletionProtectionEnabled ?? false,
    ...(sse && { sse }),
    ...(stream && { stream }),
    tags: (input.Tags ?? []).map(tag => ({ ...tag })),
  }
}

function indexRecord(tableArn: string, { IndexName, KeySchema, Projection }: LocalSecondaryIndex): IndexRecord {
  return {
    name: IndexName!,
    arn: `${tableArn}/index/${IndexName}`,
    keySchema: KeySchema!.map(e => ({ ...e })),
    projection: { ...Projection! },
  }
}

/** A global index's record as it begins. */
export function globalIndexRecord(tableArn: string, index: GlobalSecondaryIndex, status: GlobalIndexRecord['status']): GlobalIndexRecord {
  const warm = warmThroughput(index.WarmThroughput)
  return {
    ...indexRecord(tableArn, index),
    status,
    throughput: newThroughput(index.ProvisionedThroughput),
    ...(index.OnDemandThroughput && { onDemand: { ...index.OnDemandThroughput } }),
    ...(warm && { warm }),
  }
}
