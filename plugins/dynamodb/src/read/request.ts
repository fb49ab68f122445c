import type { ConditionalOperator, Condition as LegacyCondition, Select } from '@aws-sdk/client-dynamodb'
import type { Condition, DocumentPath } from '../expression/ast.js'
import type { Placeholders } from '../expression/placeholders.js'
import type { Context } from '../kit.js'
import { checkConditionalOperator } from '../legacy/comparison.js'
import { filterCondition } from '../legacy/filter.js'
import { checkAttributesToGet } from '../requests.js'
import type { Selection } from './selection.js'

/** What a Query and a Scan may both ask for. */
export interface ReadInput {
  readonly Select?: Select | undefined
  readonly AttributesToGet?: string[] | undefined
  readonly ConditionalOperator?: ConditionalOperator | undefined
  readonly ProjectionExpression?: string | undefined
  readonly FilterExpression?: string | undefined
}

/** Which attributes a read returns, and of which items. */
export interface ReadRequest extends Selection {
  readonly paths: DocumentPath[] | undefined
  readonly filter: Condition | undefined
}

/**
 * Reads what a Query and a Scan have in common.
 * @param legacyFilter the request's `QueryFilter` or `ScanFilter`.
 * @throws ValidationException
 */
export function readRequest(
  ctx: Context,
  input: ReadInput,
  legacyFilter: Readonly<Record<string, LegacyCondition>> | undefined,
  bound: Placeholders,
): ReadRequest {
  const { Select, AttributesToGet, ConditionalOperator, ProjectionExpression, FilterExpression } = input
  if (AttributesToGet) checkAttributesToGet(AttributesToGet)
  checkConditionalOperator(ConditionalOperator, legacyFilter)
  const { expressions } = ctx.stores
  return {
    select: Select,
    parameter: AttributesToGet ? 'AttributesToGet' : 'ProjectionExpression',
    paths: ProjectionExpression === undefined ? AttributesToGet?.map(name => [name]) : expressions.projection(ProjectionExpression, bound),
    filter:
      FilterExpression === undefined
        ? filterCondition(legacyFilter, ConditionalOperator)
        : expressions.condition('FilterExpression', FilterExpression, bound),
  }
}
