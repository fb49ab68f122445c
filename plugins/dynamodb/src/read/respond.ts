import type { ReturnConsumedCapacity, Select } from '@aws-sdk/client-dynamodb'
import { Consumption, consumedCapacity } from '../capacity.js'
import type { Context } from '../kit.js'
import { present } from '../output.js'
import { admitRead, chargeRead } from '../throughput-limits.js'
import { type PageRequest, readPage } from './page.js'

interface Input {
  readonly TableName?: string | undefined
  readonly Limit?: number | undefined
  readonly Select?: Select | undefined
  readonly ConsistentRead?: boolean | undefined
  readonly ReturnConsumedCapacity?: ReturnConsumedCapacity | undefined
}

/** Reads a page for a Query or a Scan and makes the output of it. */
export function respond(ctx: Context, input: Input, request: Omit<PageRequest, 'limit' | 'countOnly' | 'consistent'>) {
  const countOnly = input.Select === 'COUNT'
  admitRead(ctx, request.table, request.index)
  const page = readPage({ ...request, limit: input.Limit, countOnly, consistent: input.ConsistentRead })
  chargeRead(ctx, request.table, page.units, request.index, page.fetchUnits)
  const used = new Consumption()
  if (request.index) used.addIndex(request.index, page.units)
  else used.table = page.units
  used.table += page.fetchUnits
  return present({
    Items: countOnly ? undefined : page.items,
    Count: page.count,
    ScannedCount: page.scanned,
    LastEvaluatedKey: page.lastKey,
    ConsumedCapacity: consumedCapacity(input.ReturnConsumedCapacity, input.TableName!, used),
  })
}
