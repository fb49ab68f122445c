import type { ReturnValuesOnConditionCheckFailure, TransactWriteItem } from '@aws-sdk/client-dynamodb'
import { addWrite, collectionMetrics, writeUnits } from '../capacity.js'
import { applyChange } from '../change.js'
import { validation } from '../errors.js'
import type { Condition } from '../expression/ast.js'
import { checkCollection, putKeyOf, requestItem, writeKeyOf } from '../items.js'
import { type Context, type InputOf, operation } from '../kit.js'
import { withItems } from '../ongoing.js'
import { present } from '../output.js'
import { checkTransactable } from '../replicas/strong.js'
import { isRepeated, type RequestToken, rememberToken, requestToken } from '../request-tokens.js'
import { checkCondition, writeCondition } from '../requests.js'
import type { ItemKey } from '../storage/position.js'
import { findTable, openTable, type TableRef } from '../tables/find.js'
import type { OpenTable } from '../tables/open-tables.js'
import { admitWrite, chargeCheck, chargeWrite } from '../throughput-limits.js'
import {
  allOrNothing,
  checkOneStepAnItem,
  MAX_TRANSACTION_SIZE,
  metricsByTable,
  TRANSACTION_FACTOR,
  TransactionConsumption,
} from '../transact.js'
import { checkKeyUntouched, type UpdatePlan, updatedItem, updatePlan } from '../update.js'
import type { Item } from '../value/attribute-value.js'
import { normalizeItem } from '../value/normalize.js'

/** One action as the request has it, checked for itself. */
interface Action {
  readonly name: string
  readonly ref: TableRef
  readonly condition: Condition | undefined
  readonly onFailure: ReturnValuesOnConditionCheckFailure | undefined
  /** The item of a put, else the key. */
  readonly attributes: Item
  readonly put?: { readonly item: Item; readonly size: number }
  readonly plan?: UpdatePlan
  readonly check?: true
}

/** What an action is going to do to which item. */
interface Step {
  readonly action: Action
  readonly table: OpenTable
  readonly key: ItemKey
}

interface Outcome extends Step {
  readonly item: Item | undefined
  readonly size: number
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html */
export const transactWriteItems = operation('TransactWriteItems', (ctx, input) => {
  const actions = input.TransactItems!.map(item => actionOf(ctx, item))
  const token = requestToken(input.ClientRequestToken, input.TransactItems)
  const repeated = isRepeated(ctx, token)
  const opened = actions.map(action => ({ action, table: openTable(action.ref) }))
  for (const { table } of opened) checkTransactable(table)
  const consumption = new TransactionConsumption(input.ReturnConsumedCapacity, repeated ? 'ReadCapacityUnits' : 'WriteCapacityUnits')
  const steps = allOrNothing(
    opened.map(
      ({ action, table }) =>
        (): Step => ({ action, table, key: keyOfAction(action, table) }),
    ),
  )
  if (repeated) {
    // The transaction was done before: nothing is written, and what is consumed is the reading of its items.
    for (const { action, table, key } of steps) {
      const used = consumption.of(action.name)
      if (used) used.table += Math.max(1, Math.ceil((table.items.get(key)?.size ?? 0) / 4096)) * TRANSACTION_FACTOR
    }
    return present({ ConsumedCapacity: consumption.report() })
  }
  checkOneStepAnItem(steps)
  return withItems(ctx, steps, token, outcomeOf, () => commit(ctx, input, steps, consumption, token))
})

function commit(
  ctx: Context,
  input: InputOf<'TransactWriteItems'>,
  steps: readonly Step[],
  consumption: TransactionConsumption,
  token: RequestToken | undefined,
) {
  const outcomes = allOrNothing(steps.map(step => () => chargedOutcome(ctx, step)))
  if (outcomes.reduce((bytes, { size }) => bytes + size, 0) > MAX_TRANSACTION_SIZE) {
    throw validation('The aggregate size of the items in the transaction cannot exceed 4 MB')
  }
  const metrics = outcomes.map(outcome => {
    const { action, table, key, item, size } = outcome
    const used = consumption.of(action.name)
    const old = table.items.get(key)?.item
    if (action.check) {
      if (used) used.table += writeUnits(table.items.get(key)?.size ?? 0) * TRANSACTION_FACTOR
      return [action.name, undefined] as const
    }
    if (used) addWrite(used, table, old, item, TRANSACTION_FACTOR)
    applyChange(action.ref.ctx, table, key, item, size)
    return [
      action.name,
      input.ReturnItemCollectionMetrics === 'SIZE' ? collectionMetrics(table, key, action.attributes) : undefined,
    ] as const
  })
  rememberToken(ctx, token)
  return present({ ConsumedCapacity: consumption.report(), ItemCollectionMetrics: metricsByTable(metrics) })
}

function actionOf(ctx: Context, { ConditionCheck, Put, Delete, Update }: TransactWriteItem): Action {
  if ([ConditionCheck, Put, Delete, Update].filter(Boolean).length !== 1) {
    throw validation('TransactItems can only contain one of Check, Put, Update or Delete')
  }
  const action = (ConditionCheck ?? Put ?? Delete ?? Update)!
  const name = action.TableName!
  const base = { name, ref: findTable(ctx, name), onFailure: action.ReturnValuesOnConditionCheckFailure }
  if (Update) {
    const plan = updatePlan(ctx, Update)
    return { ...base, condition: plan.condition, attributes: normalizeItem(Update.Key!), plan }
  }
  const condition = writeCondition(ctx, action)
  if (Put) {
    const put = requestItem(Put.Item!)
    return { ...base, condition, attributes: put.item, put }
  }
  const attributes = normalizeItem((ConditionCheck ?? Delete)!.Key!)
  return ConditionCheck ? { ...base, condition, attributes, check: true } : { ...base, condition, attributes }
}

function keyOfAction({ put, plan, attributes }: Action, table: OpenTable): ItemKey {
  if (put) return putKeyOf(table, put.item)
  const key = writeKeyOf(table, attributes)
  if (plan) checkKeyUntouched(table, plan)
  return key
}

function chargedOutcome(ctx: Context, step: Step): Outcome {
  const { action, table, key } = step
  const old = table.items.get(key)?.item
  admitWrite(ctx, table, action.condition, old, action.onFailure, TRANSACTION_FACTOR)
  const outcome = outcomeOf(step)
  if (action.check) chargeCheck(ctx, table, old, TRANSACTION_FACTOR)
  else chargeWrite(ctx, table, old, outcome.item, TRANSACTION_FACTOR)
  return outcome
}

function outcomeOf(step: Step): Outcome {
  const { action, table, key } = step
  const entry = table.items.get(key)
  checkCondition(action.condition, entry?.item, action.onFailure)
  if (action.check) return { ...step, item: entry?.item, size: entry?.size ?? 0 }
  const after = action.plan ? updatedItem(table, action.plan, entry?.item, action.attributes) : action.put
  if (after) checkCollection(table, key, after.size - (entry?.size ?? 0))
  return { ...step, item: after?.item, size: after?.size ?? 0 }
}
