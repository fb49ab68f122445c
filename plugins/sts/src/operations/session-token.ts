import { requireLongTerm } from '../caller.js'
import { accessDenied } from '../errors.js'
import { issue } from '../issue.js'
import { operation } from '../kit.js'
import { mfaAuthenticated } from '../mfa.js'
import { packedPolicySize } from '../packed-size.js'
import { sessionPolicies } from '../session-policies.js'
import { sessionTags } from '../session-tags.js'
import type { StsContext } from '../state.js'

const DEFAULT_SECONDS = 43_200
const MAX_ROOT_SECONDS = 3600

/** The root user's sessions last an hour at most, whatever is asked for. */
function sessionSeconds(ctx: StsContext, asked = DEFAULT_SECONDS): number {
  return ctx.caller.type === 'root' ? Math.min(asked, MAX_ROOT_SECONDS) : asked
}

/** Both operations are for users and root users. */
function requireUser(ctx: StsContext): void {
  requireLongTerm(ctx)
  const { arn, type } = ctx.caller
  if (type !== 'user' && type !== 'root') throw accessDenied(`User: ${arn} is not authorized to perform: sts:${ctx.operation}`)
}

/** @see https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html */
export const getSessionToken = operation('GetSessionToken', (ctx, input) => {
  requireUser(ctx)
  const mfa = mfaAuthenticated(input.SerialNumber, input.TokenCode)
  const { accessKeyId: _longTerm, ...caller } = ctx.caller
  const seconds = sessionSeconds(ctx, input.DurationSeconds)
  return issue(ctx, {
    caller,
    seconds,
    minTokenSize: input.MinimumSessionTokenSize,
    session: { kind: 'session', ...(mfa && { mfaAuthenticated: true }) },
  })
})

/** @see https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html */
export const getFederationToken = operation('GetFederationToken', (ctx, input) => {
  requireUser(ctx)
  const policies = sessionPolicies(input.Policy, input.PolicyArns, ctx.account)
  const { tags } = sessionTags(input.Tags, undefined)
  const PackedPolicySize = packedPolicySize({ ...policies, tags })
  const FederatedUser = {
    FederatedUserId: `${ctx.account}:${input.Name}`,
    Arn: `arn:${ctx.partition}:sts::${ctx.account}:federated-user/${input.Name}`,
  }
  const granted = issue(ctx, {
    caller: {
      account: ctx.account,
      arn: FederatedUser.Arn,
      userId: FederatedUser.FederatedUserId,
      type: 'federated',
      ...(Object.keys(tags).length > 0 && { tags }),
    },
    seconds: sessionSeconds(ctx, input.DurationSeconds),
    minTokenSize: input.MinimumSessionTokenSize,
    session: { kind: 'federated', ...policies },
  })
  return { ...granted, FederatedUser, PackedPolicySize }
})
