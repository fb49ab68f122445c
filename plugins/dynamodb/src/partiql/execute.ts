import type { BatchStatementErrorCodeEnum, BatchStatementResponse, ConsumedCapacity } from '@aws-sdk/client-dynamodb'
import { AwsError } from '@ministack/gateway'
import { addWrite, Consumption, consumedCapacity, readUnits } from '../capacity.js'
import { applyChange } from '../change.js'
import { validation } from '../errors.js'
import { keyOf } from '../items.js'
import { type Context, type InputOf, operation } from '../kit.js'
import type { TransactedItem } from '../ongoing.js'
import { present } from '../output.js'
import { findTable, openTable } from '../tables/find.js'
import { admitWrite, chargeCheck, chargeWrite } from '../throughput-limits.js'
import type { Item } from '../value/attribute-value.js'
import { fixedKey } from './keys.js'
import { parseStatement } from './parser.js'
import { runSelect } from './select.js'
import type { Select, Statement } from './statement.js'
import { type SingleItem, singleItem, tableName, type WriteStep, writeStep } from './write.js'

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ExecuteStatement.html */
export const executeStatement = operation('ExecuteStatement', (ctx, input) => {
  const statement = parseStatement(input.Statement!, input.Parameters)
  const { ReturnConsumedCapacity: mode } = input
  if (statement.kind === 'select') {
    const { items, nextToken, lastKey, used } = runSelect(ctx, statement, {
      consistent: input.ConsistentRead,
      limit: input.Limit,
      nextToken: input.NextToken,
      request: requestText(input),
    })
    return present({
      Items: items,
      NextToken: nextToken,
      LastEvaluatedKey: lastKey,
      ConsumedCapacity: consumedCapacity(mode, statement.table, used),
    })
  }
  if (statement.kind === 'exists') throw existsOutside()
  const { item, used } = write(ctx, statement, input.ReturnValuesOnConditionCheckFailure)
  return present({ Items: item ? [item] : [], ConsumedCapacity: consumedCapacity(mode, statement.table, used) })
})

function existsOutside(): AwsError {
  return validation('EXISTS is only supported in ExecuteTransaction')
}

function requestText({ Statement, Parameters }: InputOf<'ExecuteStatement'>): string {
  return JSON.stringify([Statement, Parameters], (_name, value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value,
  )
}

function write(
  ctx: Context,
  statement: Exclude<Statement, Select>,
  onFailure: InputOf<'ExecuteStatement'>['ReturnValuesOnConditionCheckFailure'],
): { item: Item | undefined; used: Consumption } {
  const single = singleItem(ctx, statement)
  ctx.stores.ongoing.checkFree(single.table, single.key)
  const step = admittedStep(ctx, single, onFailure)
  const used = new Consumption()
  addWrite(used, step.table, step.old, step.item)
  chargeWrite(ctx, step.table, step.old, step.item)
  applyStep(step)
  return { item: step.returned, used }
}

/** Works out what a statement does, as `writeStep`; one that is refused has used what is there. */
export function admittedStep(ctx: Context, single: SingleItem, onFailure: Parameters<typeof writeStep>[1], factor = 1): WriteStep {
  admitWrite(ctx, single.table, undefined, undefined)
  try {
    return writeStep(single, onFailure)
  } catch (error) {
    chargeCheck(ctx, single.table, single.table.items.get(single.key)?.item, factor)
    throw error
  }
}

/** Does what a step was worked out to do. */
export function applyStep({ ctx, table, key, item, size, check }: WriteStep): void {
  if (!check) applyChange(ctx, table, key, item, size)
}

/** The one item that a SELECT names by its whole key. @throws ValidationException when it doesn't. */
export function selectedItem(ctx: Context, select: Select, where: string): TransactedItem {
  const table = openTable(findTable(ctx, select.table))
  const attributes = select.index === undefined ? fixedKey(table, select.where) : undefined
  if (!attributes) throw validation(`Select statements within ${where} must specify the primary key in the where clause.`)
  return { table, key: keyOf(table, attributes) }
}

/** Reads it. @throws ValidationException */
export function selectOne(
  ctx: Context,
  select: Select,
  where: string,
  consistent?: boolean,
  factor = 1,
): { item: Item | undefined; used: Consumption } {
  const table = openTable(findTable(ctx, select.table))
  if (select.index !== undefined || !fixedKey(table, select.where)) {
    throw validation(`Select statements within ${where} must specify the primary key in the where clause.`)
  }
  const { items, used } = runSelect(ctx, select, { consistent, factor, request: '' })
  if (used.table === 0) used.table = readUnits(0, consistent)
  return { item: items[0], used }
}

const CODES: Readonly<Record<string, BatchStatementErrorCodeEnum>> = {
  ConditionalCheckFailedException: 'ConditionalCheckFailed',
  ItemCollectionSizeLimitExceededException: 'ItemCollectionSizeLimitExceeded',
  ValidationException: 'ValidationError',
  DuplicateItemException: 'DuplicateItem',
  TransactionConflictException: 'TransactionConflict',
  ProvisionedThroughputExceededException: 'ProvisionedThroughputExceeded',
  ThrottlingException: 'ThrottlingError',
  ResourceNotFoundException: 'ResourceNotFound',
  AccessDeniedException: 'AccessDenied',
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchExecuteStatement.html */
export const batchExecuteStatement = operation('BatchExecuteStatement', (ctx, input) => {
  const parsed = input.Statements!.map(({ Statement, Parameters }) => attempt(() => parseStatement(Statement!, Parameters)))
  const kinds = new Set(parsed.map(({ value }) => value && (value.kind === 'select' ? 'read' : 'write')))
  if (kinds.has('read') && kinds.has('write')) {
    throw validation('The batch must consist of either read statements or write statements, it can not mix both')
  }
  const used = new Map<string, Consumption>()
  const Responses = input.Statements!.map((request, i): BatchStatementResponse => {
    const { value: statement, error } = parsed[i]!
    if (!statement) return { Error: error }
    const done = attempt(() => {
      if (statement.kind === 'exists') throw existsOutside()
      return statement.kind === 'select'
        ? selectOne(ctx, statement, 'BatchExecuteStatement', request.ConsistentRead)
        : write(ctx, statement, request.ReturnValuesOnConditionCheckFailure)
    })
    const TableName = tableName(statement)
    if (done.error) return { Error: done.error, TableName }
    addUp(used, TableName, done.value!.used)
    return present({ TableName, Item: done.value!.item })
  })
  return present({ Responses, ConsumedCapacity: report(input.ReturnConsumedCapacity, used) })
})

/** One statement's failure is that statement's own affair. */
function attempt<T>(work: () => T): { value?: T; error?: NonNullable<BatchStatementResponse['Error']> } {
  try {
    return { value: work() }
  } catch (error) {
    const Code = error instanceof AwsError ? CODES[error.code] : undefined
    if (!Code) throw error
    const { message, fields } = error as AwsError
    return { error: { Code, Message: message, ...(fields?.Item !== undefined && { Item: fields.Item as Item }) } }
  }
}

function addUp(all: Map<string, Consumption>, name: string, used: Consumption): void {
  const sum = all.get(name)
  if (!sum) {
    all.set(name, used)
    return
  }
  sum.table += used.table
  for (const [index, units] of used.indexes) sum.addIndex(index, units)
}

function report(mode: InputOf<'BatchExecuteStatement'>['ReturnConsumedCapacity'], used: ReadonlyMap<string, Consumption>) {
  const all: ConsumedCapacity[] = []
  for (const [name, consumption] of used) {
    const capacity = consumedCapacity(mode, name, consumption)
    if (capacity) all.push(capacity)
  }
  return all.length > 0 ? all : undefined
}
