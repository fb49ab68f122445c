import { randomUUID } from 'node:crypto'
import type { SigningKey, StsContext, StsState } from './state.js'

/** The path under which an account's issuer answers OpenID Connect discovery. */
export const ISSUER_PATH = '/_ministack/sts'

/** The algorithms that GetWebIdentityToken signs with. */
export type SigningAlgorithm = 'RS256' | 'ES384'

/** The issuer of an account's web identity tokens: an address at which this MiniStack publishes the keys. */
export function issuerOf(ctx: StsContext): string {
  const host = ctx.config.host ?? ctx.http?.host ?? `localhost:${ctx.config.port}`
  return `${ctx.http?.secure ? 'https' : 'http'}://${host}${ISSUER_PATH}/${ctx.account}`
}

/** The account whose issuer this is; undefined for an issuer that isn't ours. */
export function accountOfIssuer(issuer: string): string | undefined {
  return /^https?:\/\/[^/]+\/_ministack\/sts\/(\d{12})$/.exec(issuer)?.[1]
}

/** The account's key for an algorithm, made when it is first needed. */
export async function signingKey(ctx: StsContext, algorithm: SigningAlgorithm): Promise<SigningKey> {
  const keys = ctx.state.signingKeys
  const known = keys.get(algorithm)
  if (known) return known
  // Loaded with the first key: most servers never sign a token.
  const { exportJWK, generateKeyPair } = await import('jose')
  const pair = await generateKeyPair(algorithm, { extractable: true })
  const kid = randomUUID()
  const made: SigningKey = {
    kid,
    privateJwk: { ...(await exportJWK(pair.privateKey)), alg: algorithm, kid },
    publicJwk: { ...(await exportJWK(pair.publicKey)), alg: algorithm, kid, use: 'sig' },
  }
  // Another request may have made one while this one was busy: the first stays, since tokens are signed with it.
  const first = keys.get(algorithm)
  if (first) return first
  keys.set(algorithm, made)
  return made
}

/** All public keys of an account, as its JWKS document lists them. */
export function publicKeys(state: StsState, account: string): SigningKey['publicJwk'][] {
  return [...state.signingKeys.in({ account, region: '' }).values()].map(key => key.publicJwk)
}

export function findSigningKey(state: StsState, account: string, kid: string): SigningKey | undefined {
  for (const key of state.signingKeys.in({ account, region: '' }).values()) if (key.kid === kid) return key
  return undefined
}
