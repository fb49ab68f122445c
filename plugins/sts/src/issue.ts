import type { Caller } from '@ministack/gateway'
import { type IamResource, roleId } from './arns.js'
import type { Session, StsContext } from './state.js'

/** The longest session token, in bytes. */
const MAX_TOKEN_SIZE = 4096

/** What temporary credentials are made from. */
export interface Grant {
  readonly caller: Omit<Caller, 'accessKeyId'>
  readonly seconds: number
  /** The session token is at least so long, in bytes. */
  readonly minTokenSize: number | undefined
  readonly session: Omit<Session, 'expiresAt'>
}

/** Makes temporary credentials for a principal and remembers the session behind them. */
export function issue(ctx: StsContext, { caller, seconds, minTokenSize, session }: Grant) {
  const key = ctx.credentials.issueTemporary(caller, seconds, minTokenSize)
  const expiresAt = key.expiresAt!
  ctx.state.sessions.set(key.accessKeyId, { ...session, expiresAt })
  const SessionToken = key.sessionToken!
  const Credentials = { AccessKeyId: key.accessKeyId, SecretAccessKey: key.secretAccessKey, SessionToken, Expiration: new Date(expiresAt) }
  return {
    Credentials,
    SessionTokenSize: SessionToken.length,
    SessionTokenUtilization: Math.ceil((SessionToken.length / MAX_TOKEN_SIZE) * 100),
  }
}

/** A session of a role: what all the AssumeRole operations make. */
export interface RoleSession extends Omit<Session, 'expiresAt' | 'kind' | 'roleArn'> {
  readonly role: IamResource
  readonly name: string
  readonly seconds: number
  readonly minTokenSize: number | undefined
  readonly tags: Readonly<Record<string, string>>
}

/** Starts a session of a role. */
export function issueRoleSession(ctx: StsContext, { role, name, seconds, minTokenSize, tags, ...session }: RoleSession) {
  const AssumedRoleUser = {
    AssumedRoleId: `${roleId(role)}:${name}`,
    Arn: `arn:${role.partition}:sts::${role.account}:assumed-role/${role.name}/${name}`,
  }
  const caller: Caller = {
    account: role.account,
    arn: AssumedRoleUser.Arn,
    userId: AssumedRoleUser.AssumedRoleId,
    type: 'role',
    ...(Object.keys(tags).length > 0 && { tags }),
  }
  return { AssumedRoleUser, ...issue(ctx, { caller, seconds, minTokenSize, session: { kind: 'role', roleArn: role.arn, ...session } }) }
}
