import { createHash } from 'node:crypto'
import { AwsError } from '@ministack/gateway'
import type { Context } from './kit.js'

/** How long a ClientRequestToken is known. */
const TOKEN_LIFE = 10 * 60 * 1000

/** A client request token with the digest of what it stands for. */
export interface RequestToken {
  /** As it is kept: it differs for the two kinds of transactions. */
  readonly name: string
  readonly request: string
}

/**
 * @param name as the token is kept; undefined for a request without one.
 * @param request all that the request asks for.
 */
export function requestToken(name: string | undefined, request: unknown): RequestToken | undefined {
  return name === undefined ? undefined : { name, request: digest(request) }
}

/**
 * Whether a client request token was used in the last ten minutes, for the same request.
 * @throws IdempotentParameterMismatchException when it was for another one, TransactionInProgressException while the same is being done.
 */
export function isRepeated(ctx: Context, token: RequestToken | undefined): boolean {
  if (!token) return false
  const ongoing = ctx.stores.ongoing.requestOf(ctx, token.name)
  if (ongoing === token.request) {
    throw new AwsError('TransactionInProgressException', 'The transaction with the given request token is already in progress.')
  }
  if (ongoing !== undefined) throw otherRequest()
  const done = ctx.state.transactions.get(token.name)
  if (!done || done.expiresAt <= ctx.clock.now()) return false
  if (done.request === token.request) return true
  throw otherRequest()
}

function otherRequest(): AwsError {
  return new AwsError(
    'IdempotentParameterMismatchException',
    'DynamoDB rejected the request because you retried a request with a different payload but with an idempotent token that was already used.',
  )
}

/** Keeps the token of a request that is done; those whose time is over are forgotten, oldest first. */
export function rememberToken(ctx: Context, token: RequestToken | undefined): void {
  if (!token) return
  const { transactions } = ctx.state
  const now = ctx.clock.now()
  for (const [other, { expiresAt }] of transactions.entries()) {
    if (expiresAt > now) break
    transactions.delete(other)
  }
  // Set anew, so that the tokens stay in the order in which they are forgotten.
  transactions.delete(token.name)
  transactions.set(token.name, { request: token.request, expiresAt: now + TOKEN_LIFE })
}

function digest(request: unknown): string {
  const text = JSON.stringify(request, (_key, value: unknown) =>
    value instanceof Uint8Array ? { bytes: Buffer.from(value).toString('base64') } : value,
  )
  return createHash('sha256').update(text).digest('base64')
}
