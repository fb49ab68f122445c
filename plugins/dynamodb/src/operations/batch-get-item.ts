import type { ConsumedCapacity, KeysAndAttributes } from '@aws-sdk/client-dynamodb'
import type { AwsError } from '@ministack/gateway'
import { Consumption, consumedCapacity, readUnits } from '../capacity.js'
import { validation } from '../errors.js'
import type { DocumentPath } from '../expression/ast.js'
import { project } from '../expression/paths.js'
import { keyOf } from '../items.js'
import { type Context, operation } from '../kit.js'
import { present } from '../output.js'
import { projection } from '../requests.js'
import type { ItemKey } from '../storage/position.js'
import { findTable, openTable } from '../tables/find.js'
import type { OpenTable } from '../tables/open-tables.js'
import { admitRead, chargeRead, isThrottled } from '../throughput-limits.js'
import type { AttributeValue, Item } from '../value/attribute-value.js'
import { normalizeItem } from '../value/normalize.js'

const MAX_KEYS = 100
const MAX_RESPONSE_SIZE = 16 * 1024 * 1024

interface TableRead {
  readonly name: string
  readonly request: KeysAndAttributes
  readonly table: OpenTable
  readonly paths: readonly DocumentPath[] | undefined
  readonly keys: readonly ItemKey[]
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html */
export const batchGetItem = operation('BatchGetItem', (ctx, input) => {
  const requests = Object.entries(input.RequestItems!)
  if (requests.reduce((n, [, { Keys }]) => n + Keys!.length, 0) > MAX_KEYS) {
    throw validation('Too many items requested for the BatchGetItem call')
  }
  const checked = requests.map(([name, request]) => {
    const ref = findTable(ctx, name)
    return { name, request, ref, paths: projection(ctx, request), keys: request.Keys!.map(normalizeItem) }
  })
  const reads = checked.map(({ name, request, ref, paths, keys }): TableRead => {
    const table = openTable(ref)
    const encoded = keys.map(key => keyOf(table, key))
    checkDistinct(encoded)
    return { name, request, table, paths, keys: encoded }
  })
  const Responses: Record<string, Record<string, AttributeValue>[]> = {}
  const UnprocessedKeys: Record<string, KeysAndAttributes> = {}
  const capacities: ConsumedCapacity[] = []
  let bytes = 0
  let processed = 0
  let throttled: AwsError | undefined
  for (const { name, request, table, paths, keys } of reads) {
    const items: Item[] = []
    const used = new Consumption()
    let at = 0
    for (; at < keys.length; at++) {
      const refusal = throttling(ctx, table)
      if (refusal) {
        throttled ??= refusal
        break
      }
      const entry = table.items.get(keys[at]!)
      if (entry && bytes + entry.size > MAX_RESPONSE_SIZE) break
      bytes += entry?.size ?? 0
      processed++
      const units = readUnits(entry?.size ?? 0, request.ConsistentRead)
      used.table += units
      chargeRead(ctx, table, units)
      if (entry) items.push(paths ? project(entry.item, paths) : entry.item)
    }
    Responses[name] = items
    if (at < keys.length) UnprocessedKeys[name] = { ...request, Keys: request.Keys!.slice(at) }
    const capacity = consumedCapacity(input.ReturnConsumedCapacity, name, used)
    if (capacity) capacities.push(capacity)
  }
  if (processed === 0 && throttled) throw throttled
  return present({ Responses, UnprocessedKeys, ConsumedCapacity: capacities.length > 0 ? capacities : undefined })
})

/** What keeps a table from being read now for want of throughput. */
function throttling(ctx: Context, table: OpenTable): AwsError | undefined {
  if (!ctx.config.dynamodbEnforceThroughput) return undefined
  try {
    admitRead(ctx, table)
    return undefined
  } catch (error) {
    if (isThrottled(error)) return error
    throw error
  }
}

/** @throws ValidationException when a key is there twice. */
export function checkDistinct(keys: readonly ItemKey[]): void {
  if (keys.length < 2) return
  const seen = new Set(keys.map(({ partition, sort }) => `${partition.length}:${partition}${sort}`))
  if (seen.size < keys.length) throw validation('Provided list of item keys contains duplicates')
}
