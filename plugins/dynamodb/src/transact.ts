import type { CancellationReason, ConsumedCapacity, ItemCollectionMetrics } from '@aws-sdk/client-dynamodb'
import { AwsError } from '@ministack/gateway'
import { Consumption, consumedCapacity, type UnitKind } from './capacity.js'
import { validation } from './errors.js'
import type { InputOf } from './kit.js'
import type { ItemKey } from './storage/position.js'
import type { OpenTable } from './tables/open-tables.js'

/** What TransactGetItems, TransactWriteItems and ExecuteTransaction have in common. */

/** Transactions read and write everything twice. */
export const TRANSACTION_FACTOR = 2
/** The most that the items of a transaction may take together. */
export const MAX_TRANSACTION_SIZE = 4 * 1024 * 1024

const NONE: CancellationReason = { Code: 'None' }
const CODES: Readonly<Record<string, string>> = {
  ConditionalCheckFailedException: 'ConditionalCheckFailed',
  ItemCollectionSizeLimitExceededException: 'ItemCollectionSizeLimitExceeded',
  ValidationException: 'ValidationError',
  DuplicateItemException: 'DuplicateItem',
  TransactionConflictException: 'TransactionConflict',
  ProvisionedThroughputExceededException: 'ProvisionedThroughputExceeded',
  ThrottlingException: 'ThrottlingError',
}

/**
 * Does each step of a transaction, of which any may fail, before anything is changed.
 * @throws TransactionCanceledException when one does, with the reasons in the order of the steps.
 */
export function allOrNothing<T>(steps: readonly (() => T)[]): T[] {
  const results: T[] = []
  let reasons: CancellationReason[] | undefined
  steps.forEach((step, i) => {
    try {
      results.push(step())
    } catch (error) {
      const reason = error instanceof AwsError ? reasonOf(error) : undefined
      if (!reason) throw error
      reasons ??= steps.map(() => NONE)
      reasons[i] = reason
    }
  })
  if (!reasons) return results
  const codes = reasons.map(({ Code }) => Code).join(', ')
  throw new AwsError(
    'TransactionCanceledException',
    `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`,
    { fields: { CancellationReasons: reasons } },
  )
}

function reasonOf(error: AwsError): CancellationReason | undefined {
  const Code = CODES[error.code]
  if (!Code) return undefined
  const Item = error.fields?.Item as CancellationReason['Item']
  return { Code, Message: error.message, ...(Item && { Item }) }
}

/** Tells an item from all others, of all tables. */
export function itemId({ record }: OpenTable, { partition, sort }: ItemKey): string {
  return `${record.id}/${partition.length}:${partition}${sort}`
}

/** @throws ValidationException when two steps are about one item. */
export function checkOneStepAnItem(steps: readonly { readonly table: OpenTable; readonly key: ItemKey }[]): void {
  const seen = new Set<string>()
  for (const { table, key } of steps) {
    const id = itemId(table, key)
    if (seen.has(id)) throw validation('Transaction request cannot include multiple operations on one item')
    seen.add(id)
  }
}

/** Adds up what the steps of a transaction consumed, by table in the order in which they come up. */
export class TransactionConsumption {
  readonly #mode: InputOf<'TransactGetItems'>['ReturnConsumedCapacity']
  readonly #kind: UnitKind
  readonly #tables = new Map<string, Consumption>()

  constructor(mode: InputOf<'TransactGetItems'>['ReturnConsumedCapacity'], kind: UnitKind) {
    this.#mode = mode
    this.#kind = kind
  }

  /** The consumption of a table, named as the request names it; undefined when nobody asked. */
  of(tableName: string): Consumption | undefined {
    if (this.#mode !== 'TOTAL' && this.#mode !== 'INDEXES') return undefined
    let consumption = this.#tables.get(tableName)
    if (!consumption) {
      consumption = new Consumption()
      this.#tables.set(tableName, consumption)
    }
    return consumption
  }

  report(): ConsumedCapacity[] | undefined {
    if (this.#tables.size === 0) return undefined
    return [...this.#tables].map(([name, used]) => consumedCapacity(this.#mode, name, used, this.#kind)!)
  }
}

/** `ItemCollectionMetrics` by table; undefined when there are none. */
export function metricsByTable(
  metrics: readonly (readonly [tableName: string, metrics: ItemCollectionMetrics | undefined])[],
): Record<string, ItemCollectionMetrics[]> | undefined {
  const out: Record<string, ItemCollectionMetrics[]> = {}
  for (const [name, value] of metrics) {
    if (!value) continue
    const all = out[name]
    if (all) all.push(value)
    else out[name] = [value]
  }
  return Object.keys(out).length > 0 ? out : undefined
}
