import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { AwsError } from '../authoring/errors.js'
import type { WireResponse } from '../protocol/index.js'
import { IssuedCredentials } from './access-keys.js'
import type { CallOrigin } from './calls.js'
import { type Clock, SystemClock } from './clock.js'
import type { Config } from './config.js'
import type { Services } from './context.js'
import type { ApiRoute, HttpExchange, Registration } from './exchange.js'
import type { LoadedUnit } from './loaded-unit.js'
import { createLog, type Log } from './log.js'
import type { StateDir, UnitStore } from './persistence/index.js'
import { stateDirOf } from './state-dir-of.js'

/** What a {@link Gateway} is made from. */
export interface GatewayOptions {
  readonly config: Config
  readonly plugins: readonly Registration[]
  readonly clock?: Clock
  readonly log?: Log
  /** Freezes what crosses from one service to another, so that a test finds a plugin that changes what isn't its own. */
  readonly freeze?: boolean
}

/** How many milliseconds a reset waits for calls under way before it goes on without them. */
const DRAIN_MS = 5_000

/** The gateway's own records on disk stand beside the units'. */
const OWN_UNIT = 'gateway'

/** One MiniStack: its plugins, their state and the calls to them. Two in a process share nothing. */
export class Gateway {
  readonly config: Config
  readonly clock: Clock
  readonly log: Log
  readonly registrations: readonly Registration[]
  /** Whether what crosses from one service to another is frozen. */
  readonly freeze: boolean
  readonly #byService = new Map<string, Registration>()
  readonly #loaded = new Map<string, LoadedUnit>()
  readonly #loading = new Map<string, Promise<LoadedUnit>>()
  #credentials: IssuedCredentials
  #stateDir: StateDir | undefined
  #store: UnitStore | undefined
  #gate: Promise<void> | undefined
  #active = 0
  #drained: (() => void) | undefined
  #closed = false

  constructor({ config, plugins, clock = new SystemClock(), log = createLog(config.logLevel), freeze = false }: GatewayOptions) {
    this.config = config
    this.clock = clock
    this.log = log
    this.registrations = plugins
    this.freeze = freeze
    this.#credentials = new IssuedCredentials(clock)
    for (const registration of plugins)
      for (const service of registration.manifest.services) this.#byService.set(service.name, registration)
  }

  get credentials(): IssuedCredentials {
    return this.#credentials
  }

  /** Restores the gateway's own state and loads the plugins that must run unasked. */
  async start(): Promise<void> {
    if (this.config.persist) {
      const { openStateDir, UnitStore } = await import('./persistence/index.js')
      this.#stateDir = await openStateDir(this.config.stateDir, this.log)
      this.#store = await UnitStore.open({ dir: this.config.stateDir, unit: OWN_UNIT, stateVersion: 1, log: this.log })
      await this.#store.restore([this.#credentials.keys])
    }
    const eager = this.registrations.filter(
      r => this.config.eager || (r.manifest.eager && stateDirOf(this.config, r.manifest) !== undefined),
    )
    await Promise.all(eager.map(r => this.unit(r.manifest.id)))
  }

  /** The plugin, loaded if it isn't yet. A failed load rejects with its reason and is tried again at the next call. */
  unit(id: string): Promise<LoadedUnit> {
    const loading = this.#loading.get(id)
    if (loading) return loading
    const registration = this.registrations.find(r => r.manifest.id === id)
    if (!registration) return Promise.reject(new Error(`there is no plugin '${id}'`))
    if (this.#closed) return Promise.reject(new Error('MiniStack is closed'))
    const unit = loadUnit(this, registration).then(
      loaded => {
        this.#loaded.set(id, loaded)
        return loaded
      },
      error => {
        this.#loading.delete(id)
        this.log.error(`plugin '${id}' failed to load`, { error })
        throw error
      },
    )
    this.#loading.set(id, unit)
    return unit
  }

  /** The plugins that are loaded now. */
  loadedUnits(): LoadedUnit[] {
    return [...this.#loaded.values()]
  }

  /** Undefined while requests may pass; during a reset a promise of its end. */
  gate(): Promise<void> | undefined {
    return this.#gate
  }

  /** Answers an API call that came over HTTP; a service's refusal is an answer too. @throws Error when the plugin can't be loaded. */
  handleApi(route: ApiRoute, exchange: HttpExchange): Promise<WireResponse> {
    const unit = this.#gate ? undefined : this.#loaded.get(route.registration.manifest.id)
    return unit ? unit.answer(route, exchange) : this.#handleLater(route, exchange)
  }

  async #handleLater(route: ApiRoute, exchange: HttpExchange): Promise<WireResponse> {
    const unit = await this.unit(route.registration.manifest.id)
    while (this.#gate) await this.#gate
    return unit.answer(route, exchange)
  }

  /** A call has begun; a reset and a close wait for its end. */
  enter(): void {
    this.#active++
  }

  /** A call that was entered has ended. */
  leave(): void {
    if (--this.#active === 0) this.#drained?.()
  }

  /** Calls an operation from within this process. @throws AwsError as the service does. */
  async call(serviceName: string, operation: string, input: object, from: CallOrigin): Promise<unknown> {
    const registration = this.#byService.get(serviceName)
    if (!registration)
      throw new AwsError('ServiceNotAvailable', `The service '${serviceName}' is not part of this MiniStack`, { status: 501 })
    const unit = this.#loaded.get(registration.manifest.id) ?? (await this.unit(registration.manifest.id))
    return unit.call(serviceName, operation, input, from)
  }

  /** Every service as an object of methods, for one account, region and caller. */
  services(from: CallOrigin): Services {
    return new Proxy({} as Services, { get: (_, name) => (typeof name === 'string' ? this.client(name, from) : undefined) })
  }

  /** One service as an object of methods: `client('sqs', scope).sendMessage({...})`. */
  client(serviceName: string, from: CallOrigin): Record<string, (input?: object) => Promise<unknown>> {
    return new Proxy({} as Record<string, (input?: object) => Promise<unknown>>, {
      get: (_, method) => {
        // A proxy that answered to `then` would be taken for a promise by `await`.
        if (typeof method !== 'string' || method === 'then') return undefined
        const operation = method[0]!.toUpperCase() + method.slice(1)
        return (input: object = {}) => this.call(serviceName, operation, input, from)
      },
    })
  }

  /** Waits until all changes behind a call are kept; undefined when there is nothing to wait for. */
  committed(unit: LoadedUnit): Promise<void> | undefined {
    const unitDone = unit.committed()
    const ownDone = this.#store?.committed()
    return unitDone && ownDone ? Promise.all([unitDone, ownDone]).then(() => {}) : (unitDone ?? ownDone)
  }

  /** Wipes every service's state, on disk too, while other requests wait. */
  async reset(): Promise<void> {
    while (this.#gate) await this.#gate
    let open = () => {}
    this.#gate = new Promise(resolve => {
      open = resolve
    })
    try {
      const units = await this.#settledUnits()
      for (const unit of units) await unit.background.stop()
      await this.#drain()
      for (const unit of units) await unit.wipe()
      this.#credentials = new IssuedCredentials(this.clock)
      await this.#store?.clear()
      await this.#store?.restore([this.#credentials.keys])
      await this.#wipeUnloaded()
      for (const unit of units) await unit.restart()
    } finally {
      this.#gate = undefined
      open()
    }
  }

  /** Ends all work and leaves every service's state whole on disk. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    const units = await this.#settledUnits()
    for (const unit of units) await unit.background.stop()
    await this.#drain()
    try {
      await Promise.all([...units.map(unit => unit.close()), this.#store?.close()])
    } finally {
      await this.#stateDir?.close()
    }
  }

  async #settledUnits(): Promise<LoadedUnit[]> {
    await Promise.allSettled(this.#loading.values())
    return this.loadedUnits()
  }

  /** Waits for the calls under way, on the machine's own clock: a test's fake one stands still. */
  async #drain(): Promise<void> {
    if (this.#active === 0) return
    let timer: NodeJS.Timeout | undefined
    await new Promise<void>(resolve => {
      this.#drained = resolve
      timer = setTimeout(resolve, DRAIN_MS)
    })
    clearTimeout(timer)
    this.#drained = undefined
  }

  async #wipeUnloaded(): Promise<void> {
    const unloaded = this.registrations.filter(r => !this.#loaded.has(r.manifest.id))
    await Promise.all(
      unloaded.map(async ({ manifest }) => {
        const dir = stateDirOf(this.config, manifest)
        if (dir !== undefined) await rm(join(dir, manifest.id), { recursive: true, force: true })
      }),
    )
  }
}

/** A unit brings the protocols and the steps of a call with it: a server that has had no request yet hasn't loaded them. */
async function loadUnit(gateway: Gateway, registration: Registration): Promise<LoadedUnit> {
  const { LoadedUnit } = await import('./loaded-unit.js')
  return LoadedUnit.load(gateway, registration)
}
