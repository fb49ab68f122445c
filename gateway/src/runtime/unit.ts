import type { Background } from './background.js'
import type { Clock } from './clock.js'
import type { Config } from './config.js'
import type { Caller, Context } from './context.js'
import type { Log } from './log.js'
import type { Scope } from './scoped-dict.js'

/** A loaded plugin, as its own `start`, `routes` and `stop` see it. */
export interface Unit<S = unknown> {
  readonly id: string
  readonly state: S
  readonly clock: Clock
  readonly background: Background
  readonly config: Config
  readonly log: Log
  /** A context for work that no request asked for: a timer, a delivery, a data-plane call. `service` defaults to the plugin's first. */
  context(scope: Scope & { readonly caller?: Caller; readonly service?: string }): Context<S>
}
