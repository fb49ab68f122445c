import { createHash } from 'node:crypto'
import { AwsError } from '@ministack/gateway'
import type { Context } from './kit.js'

/** How long a ClientRequestToken is known. */
const TOKEN_LIFE = 10 * 60 * 1000

/**
 * Whether a client request token was used in the last ten minutes, for the same request.
 * @param token as it is kept; undefined for a request without one.
 * @param request all that the request asks for.
 * @throws IdempotentParameterMismatchException when it was for another one.
 */
export function isRepeated(ctx: Context, token: string | undefined, request: unknown): boolean {
  const done = token === undefined ? undefined : ctx.state.transactions.get(token)
  if (!done || done.expiresAt <= ctx.clock.now()) return false
  if (done.request === digest(request)) return true
  throw new AwsError(
    'IdempotentParameterMismatchException',
    'DynamoDB rejected the request because you retried a request with a different payload but with an idempotent token that was already used.',
  )
}

/** Keeps the token of a request that is done; those whose time is over are forgotten, oldest first. */
export function rememberToken(ctx: Context, token: string | undefined, request: unknown): void {
  if (token === undefined) return
  const { transactions } = ctx.state
  const now = ctx.clock.now()
  for (const [other, { expiresAt }] of transactions.entries()) {
    if (expiresAt > now) break
    transactions.delete(other)
  }
  // Set anew, so that the tokens stay in the order in which they are forgotten.
  transactions.delete(token)
  transactions.set(token, { request: digest(request), expiresAt: now + TOKEN_LIFE })
}

function digest(request: unknown): string {
  const text = JSON.stringify(request, (_key, value: unknown) =>
    value instanceof Uint8Array ? { bytes: Buffer.from(value).toString('base64') } : value,
  )
  return createHash('sha256').update(text).digest('base64')
}
