import type { ThrottlingReason } from '@aws-sdk/client-dynamodb'
import { AwsError } from '@ministack/gateway'
import { addWrite, Consumption } from './capacity.js'
import type { Condition } from './expression/ast.js'
import type { Context } from './kit.js'
import { checkCondition } from './requests.js'
import type { IndexItems } from './storage/table-items.js'
import type { OpenTable } from './tables/open-tables.js'
import type { GlobalIndexRecord, TableRecord } from './tables/record.js'
import type { Item } from './value/attribute-value.js'

/**
 * Throughput as it is enforced under `DYNAMODB_ENFORCE_THROUGHPUT`: a token bucket for the reads and one for the writes of each table and each
 * global index. A request is let through while its buckets hold a unit, and what it takes beyond that is paid back before the next.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/burst-adaptive-capacity.html
 */

type Kind = 'Read' | 'Write'

/** For how many seconds provisioned capacity that isn't used is kept. */
const BURST_SECONDS = 300
/** The least that a request takes: a write a unit, a read that isn't consistent half of one. */
const LEAST: Readonly<Record<Kind, number>> = { Read: 0.5, Write: 1 }

/** What a table or index may take. */
interface Limit {
  /** Units a second. */
  readonly rate: number
  /** The most units that are kept. */
  readonly most: number
  readonly provisioned: boolean
}

interface Bucket {
  units: number
  /** Milliseconds since the epoch. */
  at: number
}

/** The buckets in use, by table. They are made from a table's age, so none is kept over a restart. */
export class ThroughputLimits {
  readonly #tables = new Map<string, Map<string, Bucket>>()

  /** @throws ProvisionedThroughputExceededException, ThrottlingException when there is nothing left. */
  admit(ctx: Context, { record }: OpenTable, index: IndexItems | undefined, kind: Kind): void {
    const global = globalIndex(record, index)
    const limit = limitOf(record, global, kind)
    if (limit && this.#bucket(ctx, record, global, kind, limit).units < LEAST[kind]) throw throttled(record, global, kind, limit)
  }

  /** Takes what was used. */
  charge(ctx: Context, { record }: OpenTable, used: Consumption, kind: Kind): void {
    this.#take(ctx, record, undefined, kind, used.table)
    for (const [index, units] of used.indexes) this.#take(ctx, record, globalIndex(record, index), kind, units)
  }

  close(tableId: string): void {
    this.#tables.delete(tableId)
  }

  #take(ctx: Context, record: Readonly<TableRecord>, global: GlobalIndexRecord | undefined, kind: Kind, units: number): void {
    const limit = limitOf(record, global, kind)
    if (limit) this.#bucket(ctx, record, global, kind, limit).units -= units
  }

  /** A bucket with what came into it since it was looked at last; at first, what a table of its age has saved. */
  #bucket(ctx: Context, record: Readonly<TableRecord>, global: GlobalIndexRecord | undefined, kind: Kind, { rate, most }: Limit): Bucket {
    let buckets = this.#tables.get(record.id)
    if (!buckets) {
      buckets = new Map()
      this.#tables.set(record.id, buckets)
    }
    const name = `${kind}/${global?.name ?? ''}`
    const now = ctx.clock.now()
    let bucket = buckets.get(name)
    if (!bucket) {
      bucket = { units: rate, at: record.createdAt }
      buckets.set(name, bucket)
    }
    bucket.units = Math.min(most, bucket.units + (Math.max(0, now - bucket.at) / 1000) * rate)
    bucket.at = now
    return bucket
  }
}

/** Local indexes use their table's capacity. */
function globalIndex(record: Readonly<TableRecord>, index: IndexItems | undefined): GlobalIndexRecord | undefined {
  return index && !index.definition.local ? record.globalIndexes.find(({ name }) => name === index.definition.name) : undefined
}

/** Undefined for what may take any amount. */
function limitOf(record: Readonly<TableRecord>, global: GlobalIndexRecord | undefined, kind: Kind): Limit | undefined {
  const { throughput, onDemand } = global ?? record
  if (record.billingMode === 'PROVISIONED') {
    const rate = kind === 'Read' ? throughput.read : throughput.write
    return { rate, most: rate * BURST_SECONDS, provisioned: true }
  }
  const rate = kind === 'Read' ? onDemand?.MaxReadRequestUnits : onDemand?.MaxWriteRequestUnits
  return rate === undefined || rate < 0 ? undefined : { rate, most: rate, provisioned: false }
}

function throttled(record: Readonly<TableRecord>, global: GlobalIndexRecord | undefined, kind: Kind, { provisioned }: Limit): AwsError {
  const why = provisioned ? 'ProvisionedThroughputExceeded' : 'MaxOnDemandThroughputExceeded'
  const reasons: ThrottlingReason[] = [{ reason: `${global ? 'Index' : 'Table'}${kind}${why}`, resource: (global ?? record).arn }]
  if (!provisioned) {
    return new AwsError('ThrottlingException', 'Throughput exceeds the maximum OnDemandThroughput configured on table or index', {
      fields: { throttlingReasons: reasons },
    })
  }
  return new AwsError(
    'ProvisionedThroughputExceededException',
    global
      ? 'The level of configured provisioned throughput for one or more global secondary indexes of the table was exceeded. Consider increasing your provisioning level for the under-provisioned global secondary indexes with the UpdateTable API.'
      : 'The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level with the UpdateTable API.',
    { fields: { ThrottlingReasons: reasons } },
  )
}

/** @throws ProvisionedThroughputExceededException, ThrottlingException when the table or the index can't be read from now. */
export function admitRead(ctx: Context, table: OpenTable, index?: IndexItems): void {
  if (ctx.config.dynamodbEnforceThroughput) ctx.stores.limits.admit(ctx, table, index, 'Read')
}

/** Takes what was read: of the index if there is one, and of the table. */
export function chargeRead(ctx: Context, table: OpenTable, units: number, index?: IndexItems, tableUnits = 0): void {
  if (!ctx.config.dynamodbEnforceThroughput) return
  const used = new Consumption()
  if (index) used.addIndex(index, units)
  used.table += index ? tableUnits : units + tableUnits
  ctx.stores.limits.charge(ctx, table, used, 'Read')
}

/**
 * Lets a single write through, up to its condition. One whose condition fails has used what is there.
 * @throws ConditionalCheckFailedException; ProvisionedThroughputExceededException, ThrottlingException when the table can't be written to now.
 */
export function admitWrite(
  ctx: Context,
  table: OpenTable,
  condition: Condition | undefined,
  old: Item | undefined,
  onFailure?: Parameters<typeof checkCondition>[2],
  factor = 1,
): void {
  if (!ctx.config.dynamodbEnforceThroughput) {
    checkCondition(condition, old, onFailure)
    return
  }
  ctx.stores.limits.admit(ctx, table, undefined, 'Write')
  try {
    checkCondition(condition, old, onFailure)
  } catch (error) {
    chargeCheck(ctx, table, old, factor)
    throw error
  }
}

/** Takes what a condition uses that was only looked at. */
export function chargeCheck(ctx: Context, table: OpenTable, old: Item | undefined, factor = 1): void {
  if (!ctx.config.dynamodbEnforceThroughput) return
  const used = new Consumption()
  addWrite(used, table, old, old, factor)
  used.indexes.clear()
  ctx.stores.limits.charge(ctx, table, used, 'Write')
}

/**
 * Takes what a write uses that is about to be done.
 * @throws ProvisionedThroughputExceededException, ThrottlingException when a global index that it changes can't be written to now.
 */
export function chargeWrite(ctx: Context, table: OpenTable, old: Item | undefined, item: Item | undefined, factor = 1): void {
  if (!ctx.config.dynamodbEnforceThroughput) return
  const used = new Consumption()
  addWrite(used, table, old, item, factor)
  const { limits } = ctx.stores
  for (const index of used.indexes.keys()) if (!index.definition.local) limits.admit(ctx, table, index, 'Write')
  limits.charge(ctx, table, used, 'Write')
}

/** Whether an error says that there is no throughput left, for which a batch leaves what it couldn't do to its client. */
export function isThrottled(error: unknown): error is AwsError {
  return error instanceof AwsError && (error.code === 'ProvisionedThroughputExceededException' || error.code === 'ThrottlingException')
}
