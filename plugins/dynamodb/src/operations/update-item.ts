import { addWrite, Consumption, collectionMetrics, consumedCapacity } from '../capacity.js'
import { applyChange } from '../change.js'
import type { DocumentPath } from '../expression/ast.js'
import { project } from '../expression/paths.js'
import { checkCollection, writeKeyOf } from '../items.js'
import { type InputOf, operation } from '../kit.js'
import { present } from '../output.js'
import { findTable, openTable } from '../tables/find.js'
import { admitWrite, chargeWrite } from '../throughput-limits.js'
import { checkKeyUntouched, doesNothing, updatedItem, updatePlan } from '../update.js'
import type { Item } from '../value/attribute-value.js'
import { normalizeItem } from '../value/normalize.js'

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateItem.html */
export const updateItem = operation('UpdateItem', (ctx, input) => {
  const ref = findTable(ctx, input.TableName!)
  const plan = updatePlan(ctx, input)
  const attributes = normalizeItem(input.Key!)
  const table = openTable(ref)
  const key = writeKeyOf(table, attributes)
  checkKeyUntouched(table, plan)
  ctx.stores.ongoing.checkFree(table, key)
  const entry = table.items.get(key)
  const old = entry?.item
  admitWrite(ctx, table, plan.condition, old, input.ReturnValuesOnConditionCheckFailure)
  const after = doesNothing(plan, old) ? undefined : updatedItem(table, plan, old, attributes)
  if (after) checkCollection(table, key, after.size - (entry?.size ?? 0))
  chargeWrite(ctx, table, old, after?.item)
  if (after) applyChange(ref.ctx, table, key, after.item, after.size)
  const { ReturnConsumedCapacity: mode } = input
  const used = new Consumption()
  if (mode === 'TOTAL' || mode === 'INDEXES') addWrite(used, table, old, after?.item)
  return present({
    Attributes: returned(input.ReturnValues, old, after?.item, plan.paths),
    ConsumedCapacity: consumedCapacity(mode, input.TableName!, used),
    ItemCollectionMetrics: input.ReturnItemCollectionMetrics === 'SIZE' ? collectionMetrics(table, key, attributes) : undefined,
  })
})

function returned(
  mode: InputOf<'UpdateItem'>['ReturnValues'],
  old: Item | undefined,
  item: Item | undefined,
  paths: readonly DocumentPath[],
): Item | undefined {
  switch (mode) {
    case 'ALL_OLD':
      return old
    case 'ALL_NEW':
      return item
    case 'UPDATED_OLD':
      return old && unlessEmpty(project(old, paths))
    case 'UPDATED_NEW':
      return item && unlessEmpty(project(item, paths))
    default:
      return undefined
  }
}

function unlessEmpty(item: Item): Item | undefined {
  for (const _name in item) return item
  return undefined
}
