import type { ReturnConsumedCapacity, Select } from '@aws-sdk/client-dynamodb'
import { Consumption, consumedCapacity } from '../capacity.js'
import { present } from '../output.js'
import { type PageRequest, readPage } from './page.js'

interface Input {
  readonly TableName?: string | undefined
  readonly Limit?: number | undefined
  readonly Select?: Select | undefined
  readonly ConsistentRead?: boolean | undefined
  readonly ReturnConsumedCapacity?: ReturnConsumedCapacity | undefined
}

/** Reads a page for a Query or a Scan and makes the output of it. */
export function respond(input: Input, request: Omit<PageRequest, 'limit' | 'countOnly' | 'consistent'>) {
  const countOnly = input.Select === 'COUNT'
  const page = readPage({ ...request, limit: input.Limit, countOnly, consistent: input.ConsistentRead })
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
