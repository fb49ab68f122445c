import { arnOf, partitionOf } from './arn.js'
import type { Background } from './background.js'
import type { Clock } from './clock.js'
import type { Config } from './config.js'
import type { Bound, Caller, Context, HttpInfo, Services } from './context.js'
import type { Credentials } from './credentials.js'
import type { Gateway } from './gateway.js'
import type { LoadedUnit } from './loaded-unit.js'
import type { Log } from './log.js'
import type { Scope } from './scoped-dict.js'

/** The caller that a context has when nothing tells another: the account's root. */
export function rootOf(account: string, region: string, accessKeyId?: string): Caller {
  return {
    account,
    arn: arnOf('iam', '', account, 'root', partitionOf(region)),
    userId: account,
    type: 'root',
    ...(accessKeyId && { accessKeyId }),
  }
}

/** What a context is made from; everything else in it is derived when it is asked for. */
export interface ContextParts {
  readonly service: string
  readonly operation: string
  readonly account: string
  readonly region: string
  readonly requestId: string
  readonly caller: Caller | undefined
  readonly http: HttpInfo | undefined
  /** Whatever has the caller's signal; asked for it only when a handler is, since making one costs. */
  readonly origin: { readonly signal?: AbortSignal } | undefined
}

/** A class with lazy getters, because an object with everything in it costs many times more on each request. */
export class RequestContext<S> implements Context<S> {
  readonly #gateway: Gateway
  readonly #unit: LoadedUnit<S>
  readonly #parts: ContextParts
  readonly account: string
  readonly region: string
  readonly operation: string
  #caller: Caller | undefined
  #state: Bound<S> | undefined
  #signal: AbortSignal | undefined
  #services: Services | undefined

  constructor(gateway: Gateway, unit: LoadedUnit<S>, parts: ContextParts) {
    this.#gateway = gateway
    this.#unit = unit
    this.#parts = parts
    this.account = parts.account
    this.region = parts.region
    this.operation = parts.operation
    this.#caller = parts.caller
  }

  get service(): string {
    return this.#parts.service
  }

  get partition(): string {
    return partitionOf(this.region)
  }

  get requestId(): string {
    return this.#parts.requestId
  }

  get caller(): Caller {
    this.#caller ??= rootOf(this.account, this.region)
    return this.#caller
  }

  get state(): Bound<S> {
    this.#state ??= this.#unit.bind(this)
    return this.#state
  }

  get stores(): S {
    return this.#unit.state
  }

  get clock(): Clock {
    return this.#gateway.clock
  }

  get background(): Background {
    return this.#unit.background
  }

  get services(): Services {
    this.#services ??= this.#gateway.services({ account: this.account, region: this.region, caller: this.caller })
    return this.#services
  }

  get credentials(): Credentials {
    return this.#gateway.credentials
  }

  get config(): Config {
    return this.#gateway.config
  }

  get log(): Log {
    return this.#unit.log
  }

  get http(): HttpInfo | undefined {
    return this.#parts.http
  }

  get signal(): AbortSignal {
    if (!this.#signal) {
      const unit = this.#unit.background.signal
      const caller = this.#parts.origin?.signal
      this.#signal = caller ? AbortSignal.any([caller, unit]) : unit
    }
    return this.#signal
  }

  arn(resource: string, service: string = this.service): string {
    return arnOf(service, this.region, this.account, resource)
  }

  as({ account = this.account, region = this.region, caller }: Partial<Scope> & { caller?: Caller }): Context<S> {
    return new RequestContext(this.#gateway, this.#unit, { ...this.#parts, account, region, caller: caller ?? this.caller })
  }
}
