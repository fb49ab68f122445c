import type { Select } from '@aws-sdk/client-dynamodb'
import { invalidValues, validation } from '../errors.js'
import type { Condition, DocumentPath } from '../expression/ast.js'
import { attributesOf } from '../expression/paths.js'
import type { IndexItems } from '../storage/table-items.js'

/** What a Query or Scan is asked to return. */
export interface Selection {
  readonly select: Select | undefined
  /** Which parameter named the paths. */
  readonly parameter: 'AttributesToGet' | 'ProjectionExpression'
  readonly paths: readonly DocumentPath[] | undefined
}

/** @throws ValidationException when `Select` and the projection don't go together. */
export function checkSelection({ select, parameter, paths }: Selection, hasIndex: boolean): void {
  if (paths && select !== undefined && select !== 'SPECIFIC_ATTRIBUTES') {
    throw validation(`Cannot specify the ${parameter} when choosing to get ${select}`)
  }
  if (!paths && select === 'SPECIFIC_ATTRIBUTES') {
    throw validation('Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES')
  }
  if (select === 'ALL_PROJECTED_ATTRIBUTES' && !hasIndex) {
    throw validation('ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName')
  }
}

/**
 * Whether a read of an index must fetch items from the table, which only local indexes do.
 * @throws ValidationException when a global index lacks what is asked for.
 */
export function needsFetch(index: IndexItems, { select, paths }: Selection, filter: Condition | undefined): boolean {
  const { name, local, projected } = index.definition
  if (!projected) return false
  const missing = new Set<string>()
  for (const path of paths ?? []) if (!projected.includes(path[0] as string)) missing.add(path[0] as string)
  if (local) {
    if (select === 'ALL_ATTRIBUTES' || missing.size > 0) return true
    return filter !== undefined && [...attributesOf(filter)].some(attribute => !projected.includes(attribute))
  }
  if (select === 'ALL_ATTRIBUTES') {
    throw invalidValues(
      `Select type ALL_ATTRIBUTES is not supported for global secondary index ${name} because its projection type is not ALL`,
    )
  }
  if (missing.size > 0) throw invalidValues(`Global secondary index ${name} does not project [${[...missing].join(', ')}]`)
  return false
}
