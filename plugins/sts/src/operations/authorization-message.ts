import { AwsError } from '@ministack/gateway'
import { requireMayCall } from '../caller.js'
import { operation } from '../kit.js'
import { open, sealingKey } from '../sealed.js'

/** @see https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html */
export const decodeAuthorizationMessage = operation('DecodeAuthorizationMessage', (ctx, input) => {
  requireMayCall(ctx)
  const message = open(sealingKey(ctx), 'authorization-message', input.EncodedMessage!)
  if (message === undefined) {
    throw new AwsError('InvalidAuthorizationMessageException', 'The error message passed to DecodeAuthorizationMessage is invalid.')
  }
  return { DecodedMessage: JSON.stringify(message) }
})
