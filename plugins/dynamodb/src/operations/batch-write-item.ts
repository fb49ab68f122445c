import type { ConsumedCapacity, ItemCollectionMetrics, WriteRequest } from '@aws-sdk/client-dynamodb'
import type { AwsError } from '@ministack/gateway'
import { addWrite, Consumption, collectionMetrics, consumedCapacity } from '../capacity.js'
import { applyChange } from '../change.js'
import { validation } from '../errors.js'
import { checkCollection, putKeyOf, requestItem, writeKeyOf } from '../items.js'
import { type Context, operation } from '../kit.js'
import { present } from '../output.js'
import type { ItemKey } from '../storage/position.js'
import { findTable, openTable } from '../tables/find.js'
import type { OpenTable } from '../tables/open-tables.js'
import { admitWrite, chargeWrite, isThrottled } from '../throughput-limits.js'
import { metricsByTable } from '../transact.js'
import type { Item } from '../value/attribute-value.js'
import { normalizeItem } from '../value/normalize.js'
import { checkDistinct } from './batch-get-item.js'

const MAX_REQUESTS = 25
const MAX_REQUEST_SIZE = 16 * 1024 * 1024

interface Write {
  readonly key: ItemKey
  /** The attributes that hold the key. */
  readonly attributes: Item
  /** Undefined for a delete. */
  readonly item: Item | undefined
  readonly size: number
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html */
export const batchWriteItem = operation('BatchWriteItem', (ctx, input) => {
  const requests = Object.entries(input.RequestItems!)
  if (requests.reduce((n, [, writes]) => n + writes.length, 0) > MAX_REQUESTS) {
    throw validation('Too many items requested for the BatchWriteItem call')
  }
  let bytes = 0
  const checked = requests.map(([name, writes]) => ({
    name,
    ref: findTable(ctx, name),
    writes: writes.map(write => {
      const request = requestOf(write)
      bytes += request.size
      return request
    }),
  }))
  if (bytes > MAX_REQUEST_SIZE) throw validation('Request size exceeded 16777216 bytes')
  const plans = checked.map(({ name, ref, writes }) => {
    const table = openTable(ref)
    const planned = writes.map(
      ({ item, attributes, size }): Write => ({
        key: item ? putKeyOf(table, item) : writeKeyOf(table, attributes),
        attributes,
        item,
        size,
      }),
    )
    checkDistinct(planned.map(({ key }) => key))
    for (const { key, size } of planned) checkCollection(table, key, size - (table.items.get(key)?.size ?? 0))
    return { name, ctx: ref.ctx, table, writes: planned }
  })
  const capacities: ConsumedCapacity[] = []
  const metrics: (readonly [string, ItemCollectionMetrics | undefined])[] = []
  const { ReturnConsumedCapacity: mode } = input
  const refusals: (AwsError | 'conflict')[] = []
  let processed = 0
  const UnprocessedItems: Record<string, WriteRequest[]> = {}
  for (const plan of plans) {
    const used = new Consumption()
    for (let i = 0; i < plan.writes.length; i++) {
      const { key, attributes, item, size } = plan.writes[i]!
      const old = plan.table.items.get(key)?.item
      // A batch is many single writes: one that can't be done now is left for the client to send again.
      const refusal = ctx.stores.ongoing.has(plan.table, key) ? 'conflict' : throttling(ctx, plan.table, old, item)
      if (refusal !== undefined) {
        UnprocessedItems[plan.name] = [...(UnprocessedItems[plan.name] ?? []), input.RequestItems![plan.name]![i]!]
        refusals.push(refusal)
        continue
      }
      processed++
      if (mode === 'TOTAL' || mode === 'INDEXES') addWrite(used, plan.table, old, item)
      applyChange(plan.ctx, plan.table, key, item, size)
      if (input.ReturnItemCollectionMetrics === 'SIZE') metrics.push([plan.name, collectionMetrics(plan.table, key, attributes)])
    }
    const capacity = consumedCapacity(mode, plan.name, used)
    if (capacity) capacities.push(capacity)
  }
  const [first] = refusals
  if (processed === 0 && first !== undefined && first !== 'conflict' && !refusals.includes('conflict')) throw first
  return present({
    UnprocessedItems,
    ItemCollectionMetrics: metricsByTable(metrics),
    ConsumedCapacity: capacities.length > 0 ? capacities : undefined,
  })
})

/** What keeps a write from being done now for want of throughput; it is charged for otherwise. */
function throttling(ctx: Context, table: OpenTable, old: Item | undefined, item: Item | undefined): AwsError | undefined {
  if (!ctx.config.dynamodbEnforceThroughput) return undefined
  try {
    admitWrite(ctx, table, undefined, old)
    chargeWrite(ctx, table, old, item)
    return undefined
  } catch (error) {
    if (isThrottled(error)) return error
    throw error
  }
}

function requestOf({ PutRequest, DeleteRequest }: WriteRequest): Omit<Write, 'key'> {
  if ((PutRequest === undefined) === (DeleteRequest === undefined)) {
    throw validation('Supplied WriteRequest must contain exactly one of PutRequest or DeleteRequest')
  }
  if (!PutRequest) return { attributes: normalizeItem(DeleteRequest!.Key!), item: undefined, size: 0 }
  const { item, size } = requestItem(PutRequest.Item!)
  return { attributes: item, item, size }
}
