import type { FilterSpecification } from '@aws-sdk/client-dynamodb'
import { validation } from '../errors.js'
import { evaluate } from '../expression/evaluate.js'
import { keyTests } from '../expression/key-condition.js'
import { project } from '../expression/paths.js'
import { keyOfItem } from '../items.js'
import type { Context } from '../kit.js'
import { checkFilter } from '../operations/query.js'
import { queryBounds } from '../read/bounds.js'
import { placeholders } from '../requests.js'
import { comparePositions, Probe } from '../storage/position.js'
import type { OpenTable } from '../tables/open-tables.js'
import type { Item } from '../value/attribute-value.js'

/**
 * What an export with a `FilterSpecification` has of an item; undefined for an item that isn't in it.
 * @throws ValidationException for expressions that a Query or Scan wouldn't take either.
 */
export function exportFilter(ctx: Context, table: OpenTable, specification: FilterSpecification): (item: Item) => Item | undefined {
  const { ProjectionExpression, FilterExpression, KeyConditionExpression } = specification
  if ((ProjectionExpression ?? FilterExpression ?? KeyConditionExpression) === undefined) {
    throw validation(
      'At least one of FilterExpression, ProjectionExpression and KeyConditionExpression must be specified in FilterSpecification',
    )
  }
  const bound = placeholders(specification, { ProjectionExpression, FilterExpression, KeyConditionExpression })
  const { expressions } = ctx.stores
  const paths = ProjectionExpression === undefined ? undefined : expressions.projection(ProjectionExpression, bound)
  const filter = FilterExpression === undefined ? undefined : expressions.condition('FilterExpression', FilterExpression, bound)
  const key =
    KeyConditionExpression === undefined
      ? undefined
      : keyTests(expressions.condition('KeyConditionExpression', KeyConditionExpression, bound))
  bound.checkUsed()
  const bounds = key && queryBounds(table.schema, key)
  if (key) checkFilter(filter, table.schema.attributes, 'Filter Expression')
  return item => {
    if (bounds) {
      const { hash, partition, sort } = keyOfItem(table, item)
      const at = new Probe(hash, partition, sort)
      if (comparePositions(at, bounds.low) < 0 || comparePositions(at, bounds.high) > 0) return undefined
    }
    if (filter && !evaluate(filter, item)) return undefined
    return paths ? project(item, paths) : item
  }
}
