import type { Background } from './background.js'
import type { Clock } from './clock.js'
import type { Config } from './config.js'
import type { Credentials } from './credentials.js'
import type { Log } from './log.js'
import type { AccountScopedDict, DictView, Scope } from './scoped-dict.js'

/** Who makes a request, as `sts:GetCallerIdentity` would tell it. */
export interface Caller {
  readonly account: string
  /** `arn:aws:iam::111122223333:root`, `...:user/name`, `arn:aws:sts::...:assumed-role/role/session`, `...:federated-user/name`; a service principal such as `s3.amazonaws.com` for a call that a service makes. */
  readonly arn: string
  /** The unique id: the account for root, `AIDA...` for a user, `AROA...:session` for an assumed role. */
  readonly userId: string
  readonly type: 'root' | 'user' | 'role' | 'federated' | 'service' | 'anonymous'
  readonly accessKeyId?: string
  /** Tags of the session, for `aws:PrincipalTag`. */
  readonly tags?: Readonly<Record<string, string>>
}

/** What a handler may know of the HTTP request behind a call; absent on in-process calls. */
export interface HttpInfo {
  readonly method: string
  /** The request target's path as it was sent, percent escapes untouched. */
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** The address that the client used, such as `localhost:4566`. */
  readonly host: string
  readonly secure: boolean
  readonly remoteAddress: string | undefined
}

/**
 * The services that a plugin calls, by plugin service name. A plugin that calls another declares it, with the SDK client as a type-only devDependency:
 *
 * ```ts
 * declare module '@ministack/gateway' {
 *   interface Services { sqs: ServiceClient<typeof import('@aws-sdk/client-sqs')> }
 * }
 * ```
 */
// biome-ignore lint/suspicious/noEmptyInterface: filled by declaration merging in each plugin that calls another.
export interface Services {}

/** A plugin's state as one request sees it: each dict bound to the request's account and region, everything else as it is. */
export type Bound<S> = { readonly [K in keyof S]: S[K] extends AccountScopedDict<infer V> ? DictView<V> : S[K] }

/** Everything that a handler may use, made anew for each request; nothing in it is ambient. */
export interface Context<S = unknown> extends Scope {
  /** `aws`, `aws-cn` or `aws-us-gov`, by region. */
  readonly partition: string
  /** The service's name in the manifest (`sqs`) and the operation's name in the model (`SendMessage`). */
  readonly service: string
  readonly operation: string
  readonly requestId: string
  readonly caller: Caller
  /** The plugin's state bound to this account and region. */
  readonly state: Bound<S>
  /** The plugin's state as a whole, for the rare read across accounts or regions: `ctx.stores.queues.in({ account, region })`. */
  readonly stores: S
  readonly clock: Clock
  readonly background: Background
  /** Other services, called in this process with this account and region: `await ctx.services.sqs.sendMessage({...})`. */
  readonly services: Services
  /** Issues and looks up temporary and long-term access keys. */
  readonly credentials: Credentials
  readonly config: Config
  readonly log: Log
  readonly http: HttpInfo | undefined
  /** Aborted when the client hangs up, and on reset and close. */
  readonly signal: AbortSignal
  /** `arn:{partition}:{service}:{region}:{account}:{resource}`; `service` defaults to the one that is called. */
  arn(resource: string, service?: string): string
  /** The same request seen from another account or region, or made by another caller (a service principal). */
  as(scope: Partial<Scope> & { readonly caller?: Caller }): Context<S>
}
