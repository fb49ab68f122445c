import { createHash } from 'node:crypto'
import type { ItemResponse } from '@aws-sdk/client-dynamodb'
import { AwsError } from '@ministack/gateway'
import { addWrite, writeUnits } from '../capacity.js'
import { validation } from '../errors.js'
import { type Context, type InputOf, operation } from '../kit.js'
import { present } from '../output.js'
import { findTable, openTable } from '../tables/find.js'
import { allOrNothing, checkOneStepAnItem, MAX_TRANSACTION_SIZE, TRANSACTION_FACTOR, TransactionConsumption } from '../transact.js'
import { itemSize } from '../value/size.js'
import { applyStep, selectOne } from './execute.js'
import { parseStatement } from './parser.js'
import type { Select, Statement } from './statement.js'
import { singleItem, tableName, type WriteStep, writeStep } from './write.js'

/** How long a ClientRequestToken is known. */
const TOKEN_LIFE = 10 * 60 * 1000

type Input = InputOf<'ExecuteTransaction'>

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ExecuteTransaction.html */
export const executeTransaction = operation('ExecuteTransaction', (ctx, input) => {
  const statements = input.TransactStatements!.map(({ Statement, Parameters }) => parseStatement(Statement!, Parameters))
  const reads = statements.filter((s): s is Select => s.kind === 'select')
  if (reads.length > 0 && reads.length < statements.length) {
    throw validation('The transaction must consist of either read statements or write statements, it can not mix both')
  }
  // A table that isn't there fails the request, not one of its statements.
  for (const statement of statements) openTable(findTable(ctx, tableName(statement)))
  return reads.length > 0 ? read(ctx, input, reads) : write(ctx, input, statements as Exclude<Statement, Select>[])
})

function read(ctx: Context, input: Input, statements: readonly Select[]) {
  const consumption = new TransactionConsumption(input.ReturnConsumedCapacity, 'ReadCapacityUnits')
  const results = allOrNothing(statements.map(statement => () => selectOne(ctx, statement, 'ExecuteTransaction', true)))
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
  if (repeats(ctx, input)) return present({ Responses: statements.map((): ItemResponse => ({})) })
  const singles = allOrNothing(statements.map(statement => () => singleItem(ctx, statement)))
  checkOneStepAnItem(singles)
  const onFailure = input.TransactStatements!.map(s => s.ReturnValuesOnConditionCheckFailure)
  const steps = allOrNothing(singles.map((single, i) => () => writeStep(single, onFailure[i])))
  if (steps.reduce((bytes, { size }) => bytes + size, 0) > MAX_TRANSACTION_SIZE) {
    throw validation('The aggregate size of the items in the transaction cannot exceed 4 MB')
  }
  const consumption = new TransactionConsumption(input.ReturnConsumedCapacity, 'WriteCapacityUnits')
  steps.forEach((step, i) => {
    consume(consumption, tableName(statements[i]!), step)
    applyStep(step)
  })
  remember(ctx, input)
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

/**
 * Whether the request's token was used in the last ten minutes, for the same request.
 * @throws IdempotentParameterMismatchException when it was for another one.
 */
function repeats(ctx: Context, input: Input): boolean {
  const key = tokenKey(input)
  const done = key === undefined ? undefined : ctx.state.transactions.get(key)
  if (!done || done.expiresAt <= ctx.clock.now()) return false
  if (done.request === digest(input)) return true
  throw new AwsError(
    'IdempotentParameterMismatchException',
    'DynamoDB rejected the request because you retried a request with a different payload but with an idempotent token that was already used.',
  )
}

function remember(ctx: Context, input: Input): void {
  const key = tokenKey(input)
  if (key === undefined) return
  // Set anew, so that the tokens stay in the order in which they are forgotten.
  ctx.state.transactions.delete(key)
  ctx.state.transactions.set(key, { request: digest(input), expiresAt: ctx.clock.now() + TOKEN_LIFE })
}

function digest({ TransactStatements }: Input): string {
  const text = JSON.stringify(TransactStatements, (_key, value: unknown) =>
    value instanceof Uint8Array ? { bytes: Buffer.from(value).toString('base64') } : value,
  )
  return createHash('sha256').update(text).digest('base64')
}
