import { AwsError } from '@ministack/gateway'
import { iamResource } from '../arns.js'
import { validationError } from '../errors.js'
import { issueRoleSession } from '../issue.js'
import { operation } from '../kit.js'
import { packedPolicySize } from '../packed-size.js'
import { sessionPolicies } from '../session-policies.js'
import { sessionTags } from '../session-tags.js'
import { checkSignature, readIdentityToken } from '../web-identity.js'

const DEFAULT_SECONDS = 3600
/** The providers of OAuth 2.0 access tokens, which only they themselves can check. */
const OAUTH_PROVIDERS = new Set(['www.amazon.com', 'graph.facebook.com'])

/** @see https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html */
export const assumeRoleWithWebIdentity = operation('AssumeRoleWithWebIdentity', async (ctx, input) => {
  const role = iamResource(input.RoleArn!, 'role', ctx.partition)
  const policies = sessionPolicies(input.Policy, input.PolicyArns, role.account)
  if (input.ProviderId !== undefined) {
    if (!OAUTH_PROVIDERS.has(input.ProviderId)) throw validationError(`${input.ProviderId} is not a supported provider`)
    throw new AwsError(
      'IDPCommunicationErrorException',
      `Error communicating with ${input.ProviderId}: MiniStack makes no calls to the internet`,
    )
  }
  const token = readIdentityToken(input.WebIdentityToken!, ctx.clock.now())
  await checkSignature(ctx, token)
  const { tags, transitive } = sessionTags(token.tags, token.transitiveTagKeys)
  const PackedPolicySize = packedPolicySize({ ...policies, tags })
  const session = issueRoleSession(ctx, {
    role,
    name: input.RoleSessionName!,
    seconds: input.DurationSeconds ?? DEFAULT_SECONDS,
    minTokenSize: input.MinimumSessionTokenSize,
    tags,
    transitiveTags: transitive,
    ...policies,
    ...(token.sourceIdentity !== undefined && { sourceIdentity: token.sourceIdentity }),
  })
  return {
    ...session,
    PackedPolicySize,
    SubjectFromWebIdentityToken: token.subject,
    Provider: token.issuer,
    Audience: token.audience,
    SourceIdentity: token.sourceIdentity,
  }
})
