import { accountOf, controlOperation } from '../control-kit.js'
import { NO_CONTENT, required } from '../documents.js'
import { s3Error } from '../errors.js'
import { wholeBlock } from '../public-access.js'

/** There is one block for each account. */
const KEY = 'block'

export const getAccountPublicAccessBlock = controlOperation('GetPublicAccessBlock', (ctx, input) => {
  const account = accountOf(ctx, input.AccountId)
  const block = ctx.state.accountBlocks.get(KEY)
  if (!block) {
    const message = 'The public access block configuration was not found'
    throw s3Error('NoSuchPublicAccessBlockConfiguration', { message, fields: { AccountId: account } })
  }
  return { PublicAccessBlockConfiguration: block }
})

export const putAccountPublicAccessBlock = controlOperation('PutPublicAccessBlock', (ctx, input) => {
  accountOf(ctx, input.AccountId)
  ctx.state.accountBlocks.set(KEY, wholeBlock(required(input.PublicAccessBlockConfiguration)))
  return {}
})

export const deleteAccountPublicAccessBlock = controlOperation('DeletePublicAccessBlock', (ctx, input) => {
  accountOf(ctx, input.AccountId)
  ctx.state.accountBlocks.delete(KEY)
  return NO_CONTENT
})
