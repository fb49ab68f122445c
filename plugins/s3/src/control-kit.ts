import { forService } from '@ministack/gateway'
import { s3Error } from './errors.js'
import type { Context } from './kit.js'
import type { S3State } from './state.js'

/** `operation` and `service` for the operations of S3 Control. */
export const { operation: controlOperation, service: controlService } = forService<typeof import('@aws-sdk/client-s3-control'), S3State>()

/**
 * The account that a request is for, which must be the caller's.
 *
 * @throws AccessDenied for another.
 */
export function accountOf(ctx: Context, account: string | undefined): string {
  if (account === undefined || ctx.caller.type === 'anonymous' || account !== ctx.account) throw s3Error('AccessDenied')
  return account
}
