import type { Config } from '../runtime/config.js'
import type { Credentials } from '../runtime/credentials.js'
import type { ApiRoute, Registration } from '../runtime/exchange.js'
import type { RequestHead } from './head.js'
import { RouteIndex } from './index-of-routes.js'
import type { ApiMatch, Route } from './route.js'
import { nobodys, type RoutingStep, routingSteps, signedBy } from './steps.js'

/** What a {@link Router} is made from. */
export interface RouterOptions {
  readonly registrations: readonly Registration[]
  readonly config: Pick<Config, 'host' | 'account' | 'region'>
  /** Looked at for each request, since a reset makes new ones. */
  readonly credentials: () => Pick<Credentials, 'find'>
}

const TWELVE_DIGITS = /^\d{12}$/

/** Tells where a request goes, and in which account and region it works. */
export class Router {
  readonly index: RouteIndex
  readonly steps: readonly RoutingStep[] = routingSteps
  readonly #config: RouterOptions['config']
  readonly #credentials: RouterOptions['credentials']

  /** @throws Error that names every two plugins that claim the same thing. */
  constructor({ registrations, config, credentials }: RouterOptions) {
    this.index = new RouteIndex(registrations, config.host)
    this.#config = config
    this.#credentials = credentials
  }

  /** Runs the steps in order; the first that knows the request decides. */
  route(head: RequestHead): Route {
    for (const step of this.steps) {
      const route = step(head, this.index)
      if (route) return route
    }
    return nobodys(head, this.index)
  }

  /** Adds to an API call whose account it works in (a 12-digit access key id, the owner of an issued key, else the default) and which region. */
  apiRoute({ registration, service, path }: ApiMatch, head: RequestHead): ApiRoute {
    const credential = signedBy(head)
    const accessKeyId = credential?.accessKeyId
    const account = accessKeyId === undefined ? this.#config.account : this.#accountOf(accessKeyId)
    const region = credential?.region || this.index.view(head.host).host.region || this.#config.region
    return path === undefined
      ? { registration, service, account, region, accessKeyId }
      : { registration, service, account, region, accessKeyId, path }
  }

  #accountOf(accessKeyId: string): string {
    if (accessKeyId.length === 12 && TWELVE_DIGITS.test(accessKeyId)) return accessKeyId
    return this.#credentials().find(accessKeyId)?.caller.account ?? this.#config.account
  }
}
