import { validation } from '../errors.js'
import type { Condition } from '../expression/ast.js'
import { keyTests } from '../expression/key-condition.js'
import { attributesOf } from '../expression/paths.js'
import { type Context, type InputOf, operation } from '../kit.js'
import { legacyKeyTests } from '../legacy/filter.js'
import { queryBounds } from '../read/bounds.js'
import { indexOf } from '../read/index-of.js'
import { readRequest } from '../read/request.js'
import { respond } from '../read/respond.js'
import { checkSelection, needsFetch } from '../read/selection.js'
import { startPosition } from '../read/start-key.js'
import { checkMixing, placeholders } from '../requests.js'
import { comparePositions } from '../storage/position.js'
import { findTable, openTable } from '../tables/find.js'
import { normalizeItem } from '../value/normalize.js'

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Query.html */
export const query = operation('Query', (ctx, input) => {
  const ref = findTable(ctx, input.TableName!)
  const { request, tests } = conditions(ctx, input)
  const { filter, paths } = request
  const start = input.ExclusiveStartKey && normalizeItem(input.ExclusiveStartKey)
  checkSelection(request, input.IndexName !== undefined)
  const table = openTable(ref)
  const index = indexOf(table, input.IndexName, input.ConsistentRead)
  const schema = index?.definition.schema ?? table.schema
  const forward = input.ScanIndexForward !== false
  let { low, high } = queryBounds(schema, tests)
  checkFilter(filter, schema.attributes, input.QueryFilter ? 'QueryFilter' : 'Filter Expression')
  const fetch = index ? needsFetch(index, request, filter) : false
  if (start) {
    const after = startPosition(table, index, start, forward)
    if (comparePositions(after, low) < 0 || comparePositions(after, high) > 0) {
      throw validation(
        after.partition === low.partition
          ? 'The provided starting key does not match the range key predicate'
          : 'The provided starting key is outside query boundaries based on provided conditions',
      )
    }
    if (forward) low = after
    else high = after
  }
  return respond(ctx, input, { table, index, low, high, forward, filter, paths, fetch })
})

function conditions(ctx: Context, input: InputOf<'Query'>) {
  const { AttributesToGet, QueryFilter, ConditionalOperator, KeyConditions } = input
  const { ProjectionExpression, FilterExpression, KeyConditionExpression } = input
  checkMixing(
    { AttributesToGet, QueryFilter, ConditionalOperator, KeyConditions },
    { ProjectionExpression, FilterExpression, KeyConditionExpression },
  )
  const bound = placeholders(input, { ProjectionExpression, FilterExpression, KeyConditionExpression })
  if (KeyConditionExpression === undefined && !KeyConditions) {
    throw validation('Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.')
  }
  const request = readRequest(ctx, input, QueryFilter, bound)
  const tests =
    KeyConditionExpression === undefined
      ? legacyKeyTests(KeyConditions!)
      : keyTests(ctx.stores.expressions.condition('KeyConditionExpression', KeyConditionExpression, bound))
  bound.checkUsed()
  return { request, tests }
}

/** @throws ValidationException for a filter that names an attribute of the key. */
export function checkFilter(filter: Condition | undefined, keys: readonly { readonly name: string }[], parameter: string): void {
  if (!filter) return
  for (const name of attributesOf(filter)) {
    if (keys.some(key => key.name === name)) {
      throw validation(`${parameter} can only contain non-primary key attributes: Primary key attribute: ${name}`)
    }
  }
}
