import { AwsError } from '@ministack/gateway'
import { iamResource } from '../arns.js'
import { requireMayCall } from '../caller.js'
import { validationError } from '../errors.js'
import { issueRoleSession } from '../issue.js'
import { operation } from '../kit.js'
import { mfaAuthenticated } from '../mfa.js'
import { packedPolicySize } from '../packed-size.js'
import { sessionPolicies } from '../session-policies.js'
import { sessionTags } from '../session-tags.js'
import { sourceIdentity } from '../source-identity.js'

const DEFAULT_SECONDS = 3600
/** A role that is assumed by another role's session lasts an hour at most. */
const MAX_CHAINED_SECONDS = 3600

/** @see https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
export const assumeRole = operation('AssumeRole', (ctx, input) => {
  const from = requireMayCall(ctx)
  if (input.ProvidedContexts?.length) {
    throw new AwsError('NotImplemented', 'sts.AssumeRole with ProvidedContexts is not implemented in MiniStack', {
      status: 501,
      fault: 'server',
    })
  }
  const role = iamResource(input.RoleArn!, 'role', ctx.partition)
  const mfa = mfaAuthenticated(input.SerialNumber, input.TokenCode)
  const seconds = input.DurationSeconds ?? DEFAULT_SECONDS
  if (from?.kind === 'role' && seconds > MAX_CHAINED_SECONDS) {
    throw validationError('The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining')
  }
  const policies = sessionPolicies(input.Policy, input.PolicyArns, role.account)
  const { tags, transitive } = sessionTags(input.Tags, input.TransitiveTagKeys, from?.transitiveTags)
  const identity = sourceIdentity(input.SourceIdentity, from?.sourceIdentity)
  const PackedPolicySize = packedPolicySize({ ...policies, tags })
  const session = issueRoleSession(ctx, {
    role,
    name: input.RoleSessionName!,
    seconds,
    minTokenSize: input.MinimumSessionTokenSize,
    tags,
    transitiveTags: transitive,
    ...policies,
    ...(identity !== undefined && { sourceIdentity: identity }),
    ...(mfa && { mfaAuthenticated: true }),
  })
  return { ...session, PackedPolicySize, SourceIdentity: identity }
})
