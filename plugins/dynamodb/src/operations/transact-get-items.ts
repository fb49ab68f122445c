import { readUnits } from '../capacity.js'
import { validation } from '../errors.js'
import { project } from '../expression/paths.js'
import { keyOf } from '../items.js'
import { type Context, operation } from '../kit.js'
import { type TransactedItem, undisturbed } from '../ongoing.js'
import { present } from '../output.js'
import { checkTransactable } from '../replicas/strong.js'
import { projection } from '../requests.js'
import type { ItemEntry } from '../storage/position.js'
import { findTable, openTable } from '../tables/find.js'
import { admitRead, chargeRead } from '../throughput-limits.js'
import { allOrNothing, checkOneStepAnItem, MAX_TRANSACTION_SIZE, TRANSACTION_FACTOR, TransactionConsumption } from '../transact.js'
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
  const entries = allOrNothing(steps.map(step => () => read(ctx, step)))
  const consumption = new TransactionConsumption(input.ReturnConsumedCapacity, 'ReadCapacityUnits')
  let bytes = 0
  const Responses = steps.map(({ name, paths }, i) => {
    const entry = entries[i]
    bytes += entry?.size ?? 0
    const used = consumption.of(name)
    if (used) used.table += readUnits(entry?.size ?? 0, true) * 2
    return entry ? { Item: paths ? project(entry.item, paths) : entry.item } : {}
  })
  if (bytes > MAX_TRANSACTION_SIZE) throw validation('The aggregate size of the items in the transaction cannot exceed 4 MB')
  return present({ Responses, ConsumedCapacity: consumption.report() })
})

function read(ctx: Context, { table, key }: TransactedItem): ItemEntry | undefined {
  admitRead(ctx, table)
  const entry = table.items.get(key)
  chargeRead(ctx, table, readUnits(entry?.size ?? 0, true) * TRANSACTION_FACTOR)
  return entry
}
