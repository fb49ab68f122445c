import type { AttributeValueUpdate, ConditionalOperator, ExpectedAttributeValue } from '@aws-sdk/client-dynamodb'
import { invalidValues, validation } from './errors.js'
import { applyUpdate } from './expression/apply-update.js'
import type { Condition, DocumentPath, Update } from './expression/ast.js'
import { updatedPaths } from './expression/bind.js'
import { checkUpdated } from './items.js'
import type { Context } from './kit.js'
import { type AttributeUpdate, applyAttributeUpdates, attributeUpdates } from './legacy/attribute-updates.js'
import { expectedCondition } from './legacy/expected.js'
import { checkMixing, placeholders } from './requests.js'
import type { OpenTable } from './tables/open-tables.js'
import { type AttributeValue, attribute, type Item } from './value/attribute-value.js'
import { MAX_NESTING, nesting } from './value/normalize.js'

/** What an UpdateItem, or the Update of a transaction, is to do: by expression or by the legacy parameters. */
export interface UpdatePlan {
  readonly condition: Condition | undefined
  readonly update: Update | undefined
  readonly legacy: readonly AttributeUpdate[] | undefined
  /** What it changes. */
  readonly paths: readonly DocumentPath[]
}

interface UpdateInput {
  readonly UpdateExpression?: string | undefined
  readonly ConditionExpression?: string | undefined
  readonly ExpressionAttributeNames?: Record<string, string> | undefined
  readonly ExpressionAttributeValues?: Record<string, AttributeValue> | undefined
  readonly AttributeUpdates?: Record<string, AttributeValueUpdate> | undefined
  readonly Expected?: Record<string, ExpectedAttributeValue> | undefined
  readonly ConditionalOperator?: ConditionalOperator | undefined
}

/** Reads the request. @throws ValidationException */
export function updatePlan(ctx: Context, input: UpdateInput): UpdatePlan {
  const { UpdateExpression, ConditionExpression, AttributeUpdates, Expected, ConditionalOperator } = input
  checkMixing({ AttributeUpdates, Expected, ConditionalOperator }, { UpdateExpression, ConditionExpression })
  const bound = placeholders(input, { UpdateExpression, ConditionExpression })
  const { expressions } = ctx.stores
  const update = UpdateExpression === undefined ? undefined : expressions.update(UpdateExpression, bound)
  const legacy = AttributeUpdates && attributeUpdates(AttributeUpdates)
  const condition =
    ConditionExpression === undefined
      ? expectedCondition(Expected, ConditionalOperator)
      : expressions.condition('ConditionExpression', ConditionExpression, bound)
  bound.checkUsed()
  return { condition, update, legacy, paths: update ? updatedPaths(update) : (legacy?.map(({ name }) => [name]) ?? []) }
}

/** @throws ValidationException when a plan changes a key attribute. */
export function checkKeyUntouched({ schema }: OpenTable, { paths }: UpdatePlan): void {
  for (const path of paths) {
    for (const { name } of schema.attributes) {
      if (path[0] === name) throw invalidValues(`Cannot update attribute ${name}. This attribute is part of the key`)
    }
  }
}

/** Whether there is nothing to do: the legacy deletes of attributes make no item where there is none. */
export function doesNothing({ legacy }: UpdatePlan, old: Item | undefined): boolean {
  return !old && legacy !== undefined && legacy.length > 0 && legacy.every(({ action }) => action === 'DELETE')
}

/**
 * The item after the update; an item that wasn't there begins with its key alone.
 * @throws ValidationException when the item doesn't allow it.
 */
export function updatedItem(table: OpenTable, plan: UpdatePlan, old: Item | undefined, key: Item): { item: Item; size: number } {
  const start = old ?? key
  const item = plan.update ? applyUpdate(start, plan.update) : plan.legacy ? applyAttributeUpdates(start, plan.legacy) : start
  for (const path of plan.paths) {
    const value = path.length > 1 ? attribute(item, path[0] as string) : undefined
    if (value && nesting(value) > MAX_NESTING) throw validation('Nesting Levels have exceeded supported limits')
  }
  return { item, size: checkUpdated(table, item, old) }
}
