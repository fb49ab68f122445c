import { addWrite, Consumption, collectionMetrics, consumedCapacity } from '../capacity.js'
import { applyChange } from '../change.js'
import { validation } from '../errors.js'
import { checkCollection, putKeyOf, requestItem } from '../items.js'
import { operation } from '../kit.js'
import { present } from '../output.js'
import { writeCondition } from '../requests.js'
import { findTable, openTable } from '../tables/find.js'
import { admitWrite, chargeWrite } from '../throughput-limits.js'

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutItem.html */
export const putItem = operation('PutItem', (ctx, input) => {
  const ref = findTable(ctx, input.TableName!)
  if (input.ReturnValues !== undefined && input.ReturnValues !== 'NONE' && input.ReturnValues !== 'ALL_OLD') {
    throw validation('ReturnValues can only be ALL_OLD or NONE')
  }
  const condition = writeCondition(ctx, input)
  const { item, size } = requestItem(input.Item!)
  const table = openTable(ref)
  const key = putKeyOf(table, item)
  ctx.stores.ongoing.checkFree(table, key)
  const entry = table.items.get(key)
  const old = entry?.item
  admitWrite(ctx, table, condition, old, input.ReturnValuesOnConditionCheckFailure)
  checkCollection(table, key, size - (entry?.size ?? 0))
  chargeWrite(ctx, table, old, item)
  applyChange(ref.ctx, table, key, item, size)
  const { ReturnConsumedCapacity: mode } = input
  const used = new Consumption()
  if (mode === 'TOTAL' || mode === 'INDEXES') addWrite(used, table, old, item)
  return present({
    Attributes: input.ReturnValues === 'ALL_OLD' ? old : undefined,
    ConsumedCapacity: consumedCapacity(mode, input.TableName!, used),
    ItemCollectionMetrics: input.ReturnItemCollectionMetrics === 'SIZE' ? collectionMetrics(table, key, item) : undefined,
  })
})
