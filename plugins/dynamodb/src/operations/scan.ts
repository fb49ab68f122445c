import { validation } from '../errors.js'
import { type Context, type InputOf, operation } from '../kit.js'
import { indexOf } from '../read/index-of.js'
import { type ReadRequest, readRequest } from '../read/request.js'
import { respond } from '../read/respond.js'
import { checkSelection, needsFetch } from '../read/selection.js'
import { startPosition } from '../read/start-key.js'
import { checkMixing, placeholders } from '../requests.js'
import { HASH_RANGE } from '../storage/key-schema.js'
import { comparePositions, Probe } from '../storage/position.js'
import { findTable, openTable } from '../tables/find.js'
import { normalizeItem } from '../value/normalize.js'

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Scan.html */
export const scan = operation('Scan', (ctx, input) => {
  const ref = findTable(ctx, input.TableName!)
  const request = conditions(ctx, input)
  const { filter, paths } = request
  const { Segment = 0, TotalSegments = 1 } = input
  checkSegment(input)
  const start = input.ExclusiveStartKey && normalizeItem(input.ExclusiveStartKey)
  checkSelection(request, input.IndexName !== undefined)
  const table = openTable(ref)
  const index = indexOf(table, input.IndexName, input.ConsistentRead)
  const fetch = index ? needsFetch(index, request, filter) : false
  let low = segmentStart(Segment, TotalSegments)
  const high = segmentStart(Segment + 1, TotalSegments)
  if (start) {
    const after = startPosition(table, index, start, true)
    if (comparePositions(after, low) < 0 || comparePositions(after, high) > 0) {
      throw validation(
        `The provided starting key is invalid: Invalid ExclusiveStartKey. Please use ExclusiveStartKey with correct Segment. TotalSegments: ${TotalSegments} Segment: ${Segment}`,
      )
    }
    low = after
  }
  return respond(ctx, input, { table, index, low, high, forward: true, filter, paths, fetch })
})

function conditions(ctx: Context, input: InputOf<'Scan'>): ReadRequest {
  const { AttributesToGet, ScanFilter, ConditionalOperator, ProjectionExpression, FilterExpression } = input
  checkMixing({ AttributesToGet, ScanFilter, ConditionalOperator }, { ProjectionExpression, FilterExpression })
  const bound = placeholders(input, { ProjectionExpression, FilterExpression })
  const request = readRequest(ctx, input, ScanFilter, bound)
  bound.checkUsed()
  return request
}

function checkSegment({ Segment, TotalSegments }: InputOf<'Scan'>): void {
  if (Segment !== undefined && TotalSegments === undefined) {
    throw validation('The TotalSegments parameter is required but was not present in the request when Segment parameter is present')
  }
  if (TotalSegments !== undefined && Segment === undefined) {
    throw validation('The Segment parameter is required but was not present in the request when parameter TotalSegments is present')
  }
  if (Segment !== undefined && Segment >= TotalSegments!) {
    throw validation(
      `The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: ${Segment} is not less than TotalSegments: ${TotalSegments}`,
    )
  }
}

/** Where a segment begins: each has an equal share of the partition hashes. */
function segmentStart(segment: number, total: number): Probe {
  return new Probe(Math.ceil((segment * HASH_RANGE) / total), '', '', -1)
}
