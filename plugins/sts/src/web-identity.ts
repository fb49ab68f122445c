import type { Tag } from '@aws-sdk/client-sts'
import { AwsError } from '@ministack/gateway'
import { accountOfIssuer, findSigningKey } from './signing-keys.js'
import type { StsContext } from './state.js'

/** An OpenID Connect ID token, in time and whole. */
export interface IdentityToken {
  readonly jwt: string
  readonly keyId: string | undefined
  readonly issuer: string
  readonly subject: string
  readonly audience: string
  readonly tags: readonly Tag[]
  readonly transitiveTagKeys: readonly string[]
  readonly sourceIdentity: string | undefined
}

type Json = Readonly<Record<string, unknown>>

const ALGORITHMS = new Set(['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512'])
/** How far an issuer's clock may be ahead. */
const SKEW_SECONDS = 300

function invalidToken(message: string): AwsError {
  return new AwsError('InvalidIdentityTokenException', message)
}

/**
 * Reads a token and checks what can be checked without its issuer's keys.
 * @throws InvalidIdentityToken, ExpiredTokenException
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_adding-assume-role-idp for tags and source identity
 */
export function readIdentityToken(jwt: string, nowMs: number): IdentityToken {
  const parts = jwt.split('.')
  const header = parts.length === 3 ? decode(parts[0]!) : undefined
  const claims = parts.length === 3 ? decode(parts[1]!) : undefined
  if (!header || !claims || !/^[\w-]+$/.test(parts[2]!)) {
    throw invalidToken('The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)')
  }
  if (typeof header.alg !== 'string' || !ALGORITHMS.has(header.alg)) {
    throw invalidToken('The ID Token provided must be signed with RS256, RS384, RS512, ES256, ES384 or ES512')
  }
  const audience = [claims.azp ?? claims.aud].flat()[0]
  const { iss, sub, exp, iat, nbf } = claims
  for (const [name, value] of Object.entries({ iss, sub, aud: audience })) {
    if (typeof value !== 'string' || value === '') throw invalidToken(`Missing a required claim: ${name}`)
  }
  for (const [name, value] of Object.entries({ exp, iat })) {
    if (typeof value !== 'number' || !Number.isInteger(value)) throw invalidToken(`Missing a required claim: ${name}`)
  }
  const now = Math.floor(nowMs / 1000)
  if ((exp as number) <= now) {
    throw new AwsError('ExpiredTokenException', `Token expired: current date/time ${now} must be before the expiration date/time${exp}`)
  }
  if ((iat as number) > now + SKEW_SECONDS || (typeof nbf === 'number' && nbf > now + SKEW_SECONDS))
    throw invalidToken('The ID Token is not valid yet')
  return {
    jwt,
    keyId: typeof header.kid === 'string' ? header.kid : undefined,
    issuer: iss as string,
    subject: sub as string,
    audience: audience as string,
    ...tagsOf(claims['https://aws.amazon.com/tags']),
    sourceIdentity: sourceIdentityOf(claims['https://aws.amazon.com/source_identity']),
  }
}

/**
 * Checks the signature of a token that this MiniStack issued. Those of other issuers are taken by their structure: the keys of an OpenID Connect
 * provider would have to be fetched from it, and MiniStack makes no calls to the internet.
 * @throws InvalidIdentityToken
 */
export async function checkSignature(ctx: StsContext, token: IdentityToken): Promise<void> {
  const account = accountOfIssuer(token.issuer)
  if (account === undefined) return
  const key = token.keyId === undefined ? undefined : findSigningKey(ctx.stores, account, token.keyId)
  if (!key) {
    throw invalidToken(
      "Couldn't retrieve verification key from your identity provider, please reference AssumeRoleWithWebIdentity documentation for requirements",
    )
  }
  const { compactVerify, importJWK } = await import('jose')
  try {
    await compactVerify(token.jwt, await importJWK(key.publicJwk))
  } catch {
    throw invalidToken('The ID Token provided has a signature that could not be verified')
  }
}

function decode(part: string): Json | undefined {
  if (!/^[\w-]+$/.test(part)) return undefined
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString())
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** Session tags travel as `{"principal_tags": {"Project": ["Automation"]}, "transitive_tag_keys": ["Project"]}`. */
function tagsOf(claim: unknown): Pick<IdentityToken, 'tags' | 'transitiveTagKeys'> {
  if (claim === undefined) return { tags: [], transitiveTagKeys: [] }
  const { principal_tags: tags = {}, transitive_tag_keys: keys = [] } = isObject(claim) ? claim : {}
  if (!isObject(claim) || !isObject(tags) || !Array.isArray(keys) || !keys.every(key => typeof key === 'string')) {
    throw invalidToken('The session tags in the ID Token are malformed')
  }
  return {
    tags: Object.entries(tags).map(([Key, values]) => {
      const [Value] = Array.isArray(values) ? values : []
      if (typeof Value !== 'string') throw invalidToken('The session tags in the ID Token are malformed')
      return { Key, Value }
    }),
    transitiveTagKeys: keys,
  }
}

function sourceIdentityOf(claim: unknown): string | undefined {
  if (claim === undefined) return undefined
  if (typeof claim !== 'string' || !/^[\w+=,.@-]{2,64}$/.test(claim) || claim.toLowerCase().startsWith('aws:')) {
    throw invalidToken('Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with "aws:"')
  }
  return claim
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
