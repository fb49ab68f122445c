import { addWrite, Consumption, collectionMetrics, consumedCapacity } from '../capacity.js'
import { applyChange } from '../change.js'
import { validation } from '../errors.js'
import { writeKeyOf } from '../items.js'
import { operation } from '../kit.js'
import { present } from '../output.js'
import { writeCondition } from '../requests.js'
import { findTable, openTable } from '../tables/find.js'
import { admitWrite, chargeWrite } from '../throughput-limits.js'
import { normalizeItem } from '../value/normalize.js'

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DeleteItem.html */
export const deleteItem = operation('DeleteItem', (ctx, input) => {
  const ref = findTable(ctx, input.TableName!)
  if (input.ReturnValues !== undefined && input.ReturnValues !== 'NONE' && input.ReturnValues !== 'ALL_OLD') {
    throw validation('ReturnValues can only be ALL_OLD or NONE')
  }
  const condition = writeCondition(ctx, input)
  const attributes = normalizeItem(input.Key!)
  const table = openTable(ref)
  const key = writeKeyOf(table, attributes)
  ctx.stores.ongoing.checkFree(table, key)
  const old = table.items.get(key)?.item
  admitWrite(ctx, table, condition, old, input.ReturnValuesOnConditionCheckFailure)
  chargeWrite(ctx, table, old, undefined)
  applyChange(ref.ctx, table, key, undefined, 0)
  const { ReturnConsumedCapacity: mode } = input
  const used = new Consumption()
  if (mode === 'TOTAL' || mode === 'INDEXES') addWrite(used, table, old, undefined)
  return present({
    Attributes: input.ReturnValues === 'ALL_OLD' ? old : undefined,
    ConsumedCapacity: consumedCapacity(mode, input.TableName!, used),
    ItemCollectionMetrics: input.ReturnItemCollectionMetrics === 'SIZE' ? collectionMetrics(table, key, attributes) : undefined,
  })
})
