import { Consumption, consumedCapacity, readUnits } from '../capacity.js'
import { project } from '../expression/paths.js'
import { keyOf } from '../items.js'
import { operation } from '../kit.js'
import { projection } from '../requests.js'
import { findTable, openTable } from '../tables/find.js'
import { admitRead, chargeRead } from '../throughput-limits.js'
import { normalizeItem } from '../value/normalize.js'

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_GetItem.html */
export const getItem = operation('GetItem', (ctx, input) => {
  const ref = findTable(ctx, input.TableName!)
  const paths = projection(ctx, input)
  const key = normalizeItem(input.Key!)
  const table = openTable(ref)
  const encoded = keyOf(table, key)
  admitRead(ctx, table)
  const entry = table.items.get(encoded)
  if (ctx.config.dynamodbEnforceThroughput) chargeRead(ctx, table, readUnits(entry?.size ?? 0, input.ConsistentRead))
  const { ReturnConsumedCapacity: mode } = input
  if (mode !== undefined && mode !== 'NONE') {
    const used = new Consumption()
    used.table = readUnits(entry?.size ?? 0, input.ConsistentRead)
    const ConsumedCapacity = consumedCapacity(mode, input.TableName!, used)
    return entry ? { Item: paths ? project(entry.item, paths) : entry.item, ConsumedCapacity } : { ConsumedCapacity }
  }
  return entry ? { Item: paths ? project(entry.item, paths) : entry.item } : {}
})
