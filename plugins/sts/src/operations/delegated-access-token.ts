import { AwsError } from '@ministack/gateway'
import { iamResource } from '../arns.js'
import { requireMayCall } from '../caller.js'
import { invalidParameter } from '../errors.js'
import { issue } from '../issue.js'
import { operation } from '../kit.js'
import { packedPolicySize } from '../packed-size.js'
import { open, sealingKey } from '../sealed.js'

/** What a trade-in token stands for: the approval of a delegation request, made for one principal. */
export interface TradeIn {
  /** The IAM user or role whose permissions were delegated. */
  readonly principalArn: string
  readonly principalId: string
  /** The permissions that were approved. */
  readonly policy: string
  /** Until when it can be traded in, in milliseconds since the epoch. */
  readonly expiresAt: number
  readonly sessionSeconds: number
}

/** @see https://docs.aws.amazon.com/STS/latest/APIReference/API_GetDelegatedAccessToken.html */
export const getDelegatedAccessToken = operation('GetDelegatedAccessToken', (ctx, input) => {
  requireMayCall(ctx)
  const token = open(sealingKey(ctx), 'trade-in-token', input.TradeInToken!) as TradeIn | undefined
  if (!token) throw invalidParameter('The trade-in token is invalid.')
  if (token.expiresAt <= ctx.clock.now()) throw new AwsError('ExpiredTradeInTokenException', 'The trade-in token has expired.')
  const PackedPolicySize = packedPolicySize({ policy: token.policy })
  const type = token.principalArn.includes(':role/') ? 'role' : 'user'
  const { account } = iamResource(token.principalArn, type, ctx.partition)
  const { Credentials } = issue(ctx, {
    caller: { account, arn: token.principalArn, userId: token.principalId, type },
    seconds: token.sessionSeconds,
    minTokenSize: undefined,
    session: { kind: 'session', policy: token.policy, ...(type === 'role' && { roleArn: token.principalArn }) },
  })
  return { Credentials, PackedPolicySize, AssumedPrincipal: token.principalArn }
})
