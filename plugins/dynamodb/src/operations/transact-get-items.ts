import { readUnits } from '../capacity.js'
import { validation } from '../errors.js'
import { project } from '../expression/paths.js'
import { keyOf } from '../items.js'
import { operation } from '../kit.js'
import { undisturbed } from '../ongoing.js'
import { present } from '../output.js'
import { checkTransactable } from '../replicas/strong.js'
import { projection } from '../requests.js'
import { findTable, openTable } from '../tables/find.js'
import { allOrNothing, checkOneStepAnItem, MAX_TRANSACTION_SIZE, TransactionConsumption } from '../transact.js'
import { normalizeItem } from '../value/normalize.js'

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactGetItems.html */
export const transactGetItems = operation('TransactGetItems', async (ctx, input) => {
  const requests = input.TransactItems!.map(({ Get }) => {
    const name = Get!.TableName!
    return { name, ref: findTable(ctx, name), paths: projection(ctx, Get!), key: normalizeItem(Get!.Key!) }
  })
  const opened = requests.map(request => ({ ...request, table: openTable(request.ref) }))
  for (const { table } of opened) checkTransactable(table)
  const steps = allOrNothing(
    opened.map(({ name, table, paths, key }) => () => ({ name, table, paths, key: keyOf(table, key) })),
  )
  checkOneStepAnItem(steps)
  await undisturbed(ctx, steps)
  const consumption = new TransactionConsumption(input.ReturnConsumedCapacity, 'ReadCapacityUnits')
  let bytes = 0
  const Responses = steps.map(({ name, table, paths, key }) => {
    const entry = table.items.get(key)
    bytes += entry?.size ?? 0
    const used = consumption.of(name)
    if (used) used.table += readUnits(entry?.size ?? 0, true) * 2
    return entry ? { Item: paths ? project(entry.item, paths) : entry.item } : {}
  })
  if (bytes > MAX_TRANSACTION_SIZE) throw validation('The aggregate size of the items in the transaction cannot exceed 4 MB')
  return present({ Responses, ConsumedCapacity: consumption.report() })
})
