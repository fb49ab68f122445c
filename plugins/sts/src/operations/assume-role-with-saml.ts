import { createHash } from 'node:crypto'
import { iamResource } from '../arns.js'
import { issueRoleSession } from '../issue.js'
import { operation } from '../kit.js'
import { packedPolicySize } from '../packed-size.js'
import { readSamlResponse } from '../saml.js'
import { checkSamlResponse } from '../saml-claims.js'
import { sessionPolicies } from '../session-policies.js'
import { sessionTags } from '../session-tags.js'

const DEFAULT_SECONDS = 3600

/** @see https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithSAML.html */
export const assumeRoleWithSAML = operation('AssumeRoleWithSAML', async (ctx, input) => {
  const role = iamResource(input.RoleArn!, 'role', ctx.partition)
  const provider = iamResource(input.PrincipalArn!, 'saml-provider', ctx.partition)
  const policies = sessionPolicies(input.Policy, input.PolicyArns, role.account)
  const now = ctx.clock.now()
  const response = await readSamlResponse(input.SAMLAssertion!)
  const claims = checkSamlResponse(response, role.arn, provider.arn, now)
  const { tags, transitive } = sessionTags(claims.tags, claims.transitiveTagKeys)
  const PackedPolicySize = packedPolicySize({ ...policies, tags })
  const asked = input.DurationSeconds ?? DEFAULT_SECONDS
  const left = response.sessionNotOnOrAfter === undefined ? asked : Math.floor((response.sessionNotOnOrAfter - now) / 1000)
  const session = issueRoleSession(ctx, {
    role,
    name: claims.roleSessionName,
    seconds: Math.min(asked, left),
    minTokenSize: input.MinimumSessionTokenSize,
    tags,
    transitiveTags: transitive,
    ...policies,
    ...(claims.sourceIdentity !== undefined && { sourceIdentity: claims.sourceIdentity }),
  })
  return {
    ...session,
    PackedPolicySize,
    Subject: response.subject,
    SubjectType: response.subjectFormat.replace(/^urn:oasis:names:tc:SAML:2\.0:nameid-format:/, ''),
    Issuer: response.issuer,
    Audience: response.recipient,
    NameQualifier: createHash('sha1').update(`${response.issuer}${provider.account}/${provider.name}`).digest('base64'),
    SourceIdentity: claims.sourceIdentity,
  }
})
