import type { ItemResponse } from '@aws-sdk/client-dynamodb'
import { addWrite, writeUnits } from '../capacity.js'
import { validation } from '../errors.js'
import { type Context, type InputOf, operation } from '../kit.js'
import { undisturbed, withItems } from '../ongoing.js'
import { present } from '../output.js'
import { checkTransactable } from '../replicas/strong.js'
import { isRepeated, type RequestToken, rememberToken, requestToken } from '../request-tokens.js'
import { findTable, openTable } from '../tables/find.js'
import { chargeCheck, chargeWrite } from '../throughput-limits.js'
import { allOrNothing, checkOneStepAnItem, MAX_TRANSACTION_SIZE, TRANSACTION_FACTOR, TransactionConsumption } from '../transact.js'
import { itemSize } from '../value/size.js'
import { admittedStep, applyStep, selectedItem, selectOne } from './execute.js'
import { parseStatement } from './parser.js'
import type { Select, Statement } from './statement.js'
import { type SingleItem, singleItem, tableName, type WriteStep, writeStep } from './write.js'

type Input = InputOf<'ExecuteTransaction'>

interface Work extends SingleItem {
  readonly onFailure: Parameters<typeof writeStep>[1]
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ExecuteTransaction.html */
export const executeTransaction = operation('ExecuteTransaction', (ctx, input) => {
  const statements = input.TransactStatements!.map(({ Statement, Parameters }) => parseStatement(Statement!, Parameters))
  const reads = statements.filter((s): s is Select => s.kind === 'select')
  if (reads.length > 0 && reads.length < statements.length) {
    throw validation('The transaction must consist of either read statements or write statements, it can not mix both')
  }
  // A table that isn't there fails the request, not one of its statements.
  for (const statement of statements) checkTransactable(openTable(findTable(ctx, tableName(statement))))
  return reads.length > 0 ? read(ctx, input, reads) : write(ctx, input, statements as Exclude<Statement, Select>[])
})

async function read(ctx: Context, input: Input, statements: readonly Select[]) {
  const items = allOrNothing(statements.map(statement => () => selectedItem(ctx, statement, 'ExecuteTransaction')))
  checkOneStepAnItem(items)
  await undisturbed(ctx, items)
  const consumption = new TransactionConsumption(input.ReturnConsumedCapacity, 'ReadCapacityUnits')
  const results = allOrNothing(statements.map(statement => () => selectOne(ctx, statement, 'ExecuteTransaction', true, TRANSACTION_FACTOR)))
  results.forEach(({ used }, i) => {
    const sum = consumption.of(statements[i]!.table)
    if (sum) sum.table += used.table * TRANSACTION_FACTOR
  })
  return present({
    Responses: results.map(({ item }): ItemResponse => (item ? { Item: item } : {})),
    ConsumedCapacity: consumption.report(),
  })
}

function write(ctx: Context, input: Input, statements: readonly Exclude<Statement, Select>[]) {
  const token = requestToken(tokenKey(input), input.TransactStatements)
  if (isRepeated(ctx, token)) return present({ Responses: statements.map((): ItemResponse => ({})) })
  const singles = allOrNothing(statements.map(statement => () => singleItem(ctx, statement)))
  checkOneStepAnItem(singles)
  const work = singles.map(
    (single, i): Work => ({ ...single, onFailure: input.TransactStatements![i]!.ReturnValuesOnConditionCheckFailure }),
  )
  return withItems(
    ctx,
    work,
    token,
    single => writeStep(single, single.onFailure),
    () => commit(ctx, input, statements.map(tableName), allOrNothing(work.map(single => () => chargedStep(ctx, single))), token),
  )
}

function chargedStep(ctx: Context, single: Work): WriteStep {
  const step = admittedStep(ctx, single, single.onFailure, TRANSACTION_FACTOR)
  if (step.check) chargeCheck(ctx, step.table, step.old, TRANSACTION_FACTOR)
  else chargeWrite(ctx, step.table, step.old, step.item, TRANSACTION_FACTOR)
  return step
}

function commit(ctx: Context, input: Input, names: readonly string[], steps: readonly WriteStep[], token: RequestToken | undefined) {
  if (steps.reduce((bytes, { size }) => bytes + size, 0) > MAX_TRANSACTION_SIZE) {
    throw validation('The aggregate size of the items in the transaction cannot exceed 4 MB')
  }
  const consumption = new TransactionConsumption(input.ReturnConsumedCapacity, 'WriteCapacityUnits')
  steps.forEach((step, i) => {
    consume(consumption, names[i]!, step)
    applyStep(step)
  })
  rememberToken(ctx, token)
  return present({
    Responses: steps.map(({ returned }): ItemResponse => (returned ? { Item: returned } : {})),
    ConsumedCapacity: consumption.report(),
  })
}

function consume(consumption: TransactionConsumption, name: string, { table, old, item, check }: WriteStep): void {
  const used = consumption.of(name)
  if (!used) return
  if (check) used.table += writeUnits(old ? itemSize(old) : 0) * TRANSACTION_FACTOR
  else addWrite(used, table, old, item, TRANSACTION_FACTOR)
}

/** Tokens of statements are kept apart from those of TransactWriteItems. */
function tokenKey({ ClientRequestToken }: Input): string | undefined {
  return ClientRequestToken === undefined ? undefined : `partiql/${ClientRequestToken}`
}
