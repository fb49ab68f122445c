import { AccountScopedDict, type Context } from '@ministack/gateway'
import type { JWK } from 'jose'

/** What STS remembers of temporary credentials beyond whom they stand for. */
export interface Session {
  readonly kind: 'role' | 'federated' | 'session' | 'root'
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
  /** The role behind an assumed-role session. */
  readonly roleArn?: string
  readonly sourceIdentity?: string
  /** Tags that pass on to the roles that this session assumes, by key. */
  readonly transitiveTags?: Readonly<Record<string, string>>
  /** The inline session policy and the ARNs of the managed ones, which narrow what the session may do. */
  readonly policy?: string
  readonly policyArns?: readonly string[]
  readonly mfaAuthenticated?: true
}

/** A key pair that signs the web identity tokens of one account. */
export interface SigningKey {
  readonly kid: string
  readonly privateJwk: JWK
  readonly publicJwk: JWK
}

export interface StsState {
  /** By access key id. */
  readonly sessions: AccountScopedDict<Session>
  /** By algorithm: `RS256`, `ES384`. */
  readonly signingKeys: AccountScopedDict<SigningKey>
  /** The one key that seals authorization messages and trade-in tokens. */
  readonly sealingKeys: AccountScopedDict<Uint8Array>
}

export type StsContext = Context<StsState>

export function createState(): StsState {
  return {
    sessions: new AccountScopedDict('sessions', 'global'),
    signingKeys: new AccountScopedDict('signingKeys', 'account'),
    sealingKeys: new AccountScopedDict('sealingKeys', 'global'),
  }
}
