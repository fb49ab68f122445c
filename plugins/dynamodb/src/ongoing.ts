import { setImmediate as nextTurn } from 'node:timers/promises'
import { AwsError, type Scope } from '@ministack/gateway'
import type { Context } from './kit.js'
import type { ItemKey } from './storage/position.js'
import type { OpenTable } from './tables/open-tables.js'
import { allOrNothing, itemId } from './transact.js'

/**
 * Transactions under way. One takes a turn of the event loop, in which it has its items to itself.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html#transaction-conflict-handling
 */

/** An item of a transaction. */
export interface TransactedItem {
  readonly table: OpenTable
  readonly key: ItemKey
}

/** What transactions under way hold. None of it outlives a turn, so none of it is kept over a restart. */
export class Ongoing {
  readonly #items = new Set<string>()
  readonly #tokens = new Map<string, string>()

  /** Whether a transaction has the item. */
  has(table: OpenTable, key: ItemKey): boolean {
    return this.#items.size > 0 && this.#items.has(itemId(table, key))
  }

  /** @throws TransactionConflictException when a transaction has the item. */
  checkFree(table: OpenTable, key: ItemKey): void {
    if (this.has(table, key)) throw conflict()
  }

  /** The digest of the request that is under way with a client token; undefined for none. */
  requestOf(scope: Scope, token: string): string | undefined {
    return this.#tokens.get(tokenId(scope, token))
  }

  /** Takes items, and a client token with the digest of its request. @returns what lets them go. */
  take(items: readonly TransactedItem[], scope: Scope, token?: { readonly name: string; readonly request: string }): () => void {
    const ids = items.map(({ table, key }) => itemId(table, key))
    for (const id of ids) this.#items.add(id)
    if (token) this.#tokens.set(tokenId(scope, token.name), token.request)
    return () => {
      for (const id of ids) this.#items.delete(id)
      if (token) this.#tokens.delete(tokenId(scope, token.name))
    }
  }
}

function tokenId({ account, region }: Scope, token: string): string {
  return `${account}/${region}/${token}`
}

function conflict(): AwsError {
  return new AwsError('TransactionConflictException', 'Transaction is ongoing for the item')
}

/**
 * Does a transaction that writes: takes its items, waits a turn, and commits in one synchronous stretch, which the journal keeps as a whole.
 * @param check what else may be wrong with an item, told together with conflicts.
 * @param commit checks all conditions and writes.
 * @throws TransactionCanceledException when another transaction has one of the items.
 */
export async function withItems<S extends TransactedItem, T>(
  ctx: Context,
  steps: readonly S[],
  token: { readonly name: string; readonly request: string } | undefined,
  check: (step: S) => unknown,
  commit: () => T,
): Promise<T> {
  const { ongoing } = ctx.stores
  if (steps.some(({ table, key }) => ongoing.has(table, key))) {
    allOrNothing(
      steps.map(step => () => {
        ongoing.checkFree(step.table, step.key)
        check(step)
      }),
    )
  }
  const { signal } = ctx.background
  const release = ongoing.take(steps, ctx, token)
  try {
    await nextTurn()
    signal.throwIfAborted()
    checkPresent(ctx, steps)
    return commit()
  } finally {
    release()
  }
}

/**
 * Waits a turn for a transaction that reads. It holds nothing: a write that comes between its two looks at the items is done, and cancels it.
 * @throws TransactionCanceledException when a transaction has one of the items, or one changes meanwhile.
 */
export async function undisturbed(ctx: Context, steps: readonly TransactedItem[]): Promise<void> {
  const { ongoing } = ctx.stores
  const look = ({ table, key }: TransactedItem) => {
    ongoing.checkFree(table, key)
    return table.items.get(key)?.item
  }
  const seen = allOrNothing(steps.map(step => () => look(step)))
  const { signal } = ctx.background
  await nextTurn()
  signal.throwIfAborted()
  checkPresent(ctx, steps)
  allOrNothing(
    steps.map((step, i) => () => {
      if (look(step) !== seen[i]) throw conflict()
    }),
  )
}

/** @throws ResourceNotFoundException for a table that went meanwhile. */
function checkPresent(ctx: Context, steps: readonly TransactedItem[]): void {
  for (const { table } of steps) {
    if (ctx.stores.tables.in(table.scope).get(table.record.name)?.id !== table.record.id) {
      throw new AwsError('ResourceNotFoundException', 'Requested resource not found')
    }
  }
}
