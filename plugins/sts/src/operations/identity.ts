import { accountOfAccessKeyId } from '@ministack/gateway'
import { requireSigned } from '../caller.js'
import { validationError } from '../errors.js'
import { operation } from '../kit.js'

/** @see https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html */
export const getCallerIdentity = operation('GetCallerIdentity', ctx => {
  requireSigned(ctx)
  const { userId, account, arn } = ctx.caller
  return { UserId: userId, Account: account, Arn: arn }
})

/** AWS's own ids carry their account; a 12-digit id is MiniStack's way to name an account outright. */
function accountNamedBy(accessKeyId: string): string | undefined {
  return /^\d{12}$/.test(accessKeyId) ? accessKeyId : accountOfAccessKeyId(accessKeyId)
}

/** @see https://docs.aws.amazon.com/STS/latest/APIReference/API_GetAccessKeyInfo.html */
export const getAccessKeyInfo = operation('GetAccessKeyInfo', (ctx, input) => {
  requireSigned(ctx)
  const id = input.AccessKeyId!
  const account = ctx.credentials.find(id)?.caller.account ?? accountNamedBy(id)
  if (account === undefined) throw validationError(`The access key ID ${id} does not exist`)
  return { Account: account }
})
