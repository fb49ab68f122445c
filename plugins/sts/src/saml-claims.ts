import type { Tag } from '@aws-sdk/client-sts'
import { AwsError } from '@ministack/gateway'
import { accessDenied } from './errors.js'
import type { SamlResponse } from './saml.js'

const ATTRIBUTES = 'https://aws.amazon.com/SAML/Attributes/'
const SESSION_NAME = /^[a-zA-Z_0-9+=,.@-]{2,64}$/
/** AWS takes a response within this time of its issue. */
const REDEEM_WITHIN_MS = 5 * 60_000

/** What a SAML response asks of the session. */
export interface SamlClaims {
  readonly roleSessionName: string
  readonly sourceIdentity: string | undefined
  readonly tags: readonly Tag[]
  readonly transitiveTagKeys: readonly string[]
}

/**
 * Judges a SAML response: in time, meant for AWS, and for this role and provider.
 * @throws ExpiredTokenException, InvalidIdentityToken, AccessDenied
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml_assertions.html
 */
export function checkSamlResponse(response: SamlResponse, roleArn: string, providerArn: string, now: number): SamlClaims {
  const { issuedAt, notBefore, notOnOrAfter, sessionNotOnOrAfter } = response
  const over = (at: number | undefined) => at !== undefined && at <= now
  if (now - issuedAt > REDEEM_WITHIN_MS || over(notOnOrAfter) || over(sessionNotOnOrAfter)) {
    throw new AwsError('ExpiredTokenException', 'Token must be redeemed within 5 minutes of issuance')
  }
  if (notBefore !== undefined && notBefore - now > REDEEM_WITHIN_MS) throw invalidToken('The SAML response is not valid yet.')
  if (![response.recipient, ...response.audiences].every(isAws)) throw invalidToken('Response does not contain the required audience.')

  const roles = response.attributes.get(`${ATTRIBUTES}Role`) ?? []
  const offered = roles.map(pair => pair.split(',').map(arn => arn.trim()))
  if (!offered.some(pair => pair.length === 2 && pair.includes(roleArn) && pair.includes(providerArn))) {
    throw accessDenied('Not authorized to perform sts:AssumeRoleWithSAML')
  }
  return {
    roleSessionName: roleSessionName(response),
    sourceIdentity: sourceIdentity(response),
    tags: principalTags(response),
    transitiveTagKeys: response.attributes.get(`${ATTRIBUTES}TransitiveTagKeys`) ?? [],
  }
}

function invalidToken(message: string): AwsError {
  return new AwsError('InvalidIdentityTokenException', message)
}

/** AWS's sign-in endpoints, global and regional, and its name. */
function isAws(audience: string): boolean {
  return (
    audience === 'urn:amazon:webservices' ||
    /^https:\/\/([a-z0-9-]+\.)?signin\.(aws\.amazon\.com|amazonaws\.cn|amazonaws-us-gov\.com)\/saml(\/.*)?$/.test(audience)
  )
}

function roleSessionName(response: SamlResponse): string {
  const [name] = response.attributes.get(`${ATTRIBUTES}RoleSessionName`) ?? []
  if (!name) throw invalidToken('RoleSessionName is required in AuthnResponse')
  if (!SESSION_NAME.test(name)) throw invalidToken('RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}')
  return name
}

function sourceIdentity(response: SamlResponse): string | undefined {
  const [value] = response.attributes.get(`${ATTRIBUTES}SourceIdentity`) ?? []
  if (value !== undefined && (!SESSION_NAME.test(value) || value.toLowerCase().startsWith('aws:'))) {
    throw invalidToken('Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with "aws:"')
  }
  return value
}

function principalTags(response: SamlResponse): readonly Tag[] {
  const prefix = `${ATTRIBUTES}PrincipalTag:`
  const tags: Tag[] = []
  for (const [name, [value = '']] of response.attributes)
    if (name.startsWith(prefix)) tags.push({ Key: name.slice(prefix.length), Value: value })
  return tags
}
