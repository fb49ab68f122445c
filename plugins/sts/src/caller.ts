import { AwsError } from '@ministack/gateway'
import { accessDenied } from './errors.js'
import type { Session, StsContext } from './state.js'

/** The session behind the caller's credentials; undefined for long-term ones and for the keys that stand for a whole account. */
export function callingSession(ctx: StsContext): Session | undefined {
  const { accessKeyId } = ctx.caller
  return accessKeyId === undefined ? undefined : ctx.state.sessions.get(accessKeyId)
}

/** @throws MissingAuthenticationToken for a request that isn't signed. */
export function requireSigned(ctx: StsContext): void {
  if (ctx.caller.type === 'anonymous') {
    throw new AwsError('MissingAuthenticationToken', 'Request is missing Authentication Token', { status: 403 })
  }
}

/**
 * What temporary credentials may call of STS: those of a federated user nothing but GetCallerIdentity, those of GetSessionToken AssumeRole too.
 * @throws AccessDenied
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_sts-comparison.html
 */
export function requireMayCall(ctx: StsContext): Session | undefined {
  requireSigned(ctx)
  const session = callingSession(ctx)
  if (session?.kind === 'federated' || (session?.kind === 'session' && ctx.operation !== 'AssumeRole')) {
    throw accessDenied(`User: ${ctx.caller.arn} is not authorized to perform: sts:${ctx.operation}`)
  }
  return session
}

/** @throws AccessDenied for temporary credentials, where only long-term ones will do. */
export function requireLongTerm(ctx: StsContext): void {
  requireSigned(ctx)
  const { accessKeyId } = ctx.caller
  if (accessKeyId !== undefined && ctx.credentials.find(accessKeyId)?.sessionToken !== undefined) {
    throw accessDenied(`Cannot call ${ctx.operation} with session credentials`)
  }
}
