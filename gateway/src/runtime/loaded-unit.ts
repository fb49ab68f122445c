import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import type { AnyHandler, PluginDefinition, ServiceDefinition } from '../authoring/define.js'
import { Model, type OperationModel, type WireResponse } from '../protocol/index.js'
import { BackgroundWork } from './background.js'
import { answerCall, type CallOrigin, callInProcess } from './calls.js'
import type { Clock } from './clock.js'
import type { Config } from './config.js'
import type { Bound, Caller, Context } from './context.js'
import type { ApiRoute, HttpExchange, Registration } from './exchange.js'
import type { Gateway } from './gateway.js'
import type { Log } from './log.js'
import type { ServiceManifest } from './manifest.js'
import { openStateDir, type StateDir, UnitStore } from './persistence/index.js'
import { RequestContext } from './request-context.js'
import { AccountScopedDict, type Durable, type Scope } from './scoped-dict.js'
import { stateDirOf, stateSettingOf } from './state-dir-of.js'
import type { Unit } from './unit.js'

/** One AWS service of a loaded unit: its model and what of it is implemented. */
export interface LoadedService {
  readonly manifest: ServiceManifest
  readonly model: Model
  handler(operation: string): AnyHandler | undefined
  operation(name: string): OperationModel | undefined
  readonly answered: ServiceDefinition['answered']
  readonly received: ServiceDefinition['received']
}

/** A plugin that is loaded: its code, models, state, background work and routes. */
export class LoadedUnit<S = unknown> implements Unit<S> {
  readonly id: string
  readonly registration: Registration
  readonly definition: PluginDefinition<S>
  readonly services: ReadonlyMap<string, LoadedService>
  readonly log: Log
  readonly #gateway: Gateway
  readonly #store: UnitStore | undefined
  /** The folder of the state, where it isn't the gateway's. */
  #ownDir: StateDir | undefined
  #state!: S
  #background!: BackgroundWork
  #bind!: (scope: Scope) => Bound<S>
  #app: Promise<FastifyInstance> | undefined

  private constructor(
    gateway: Gateway,
    registration: Registration,
    definition: PluginDefinition<S>,
    services: Map<string, LoadedService>,
    store: UnitStore | undefined,
  ) {
    this.#gateway = gateway
    this.id = registration.manifest.id
    this.registration = registration
    this.definition = definition
    this.services = services
    this.log = gateway.log
    this.#store = store
  }

  /** Imports the plugin, reads its models, restores its state, starts its work and readies its routes. */
  static async load(gateway: Gateway, registration: Registration): Promise<LoadedUnit> {
    const [plugin, models] = await Promise.all([
      registration.load(),
      Promise.all(registration.manifest.services.map(s => readModel(registration.dir, s))),
    ])
    const { definition } = plugin
    const services = new Map<string, LoadedService>()
    registration.manifest.services.forEach((manifest, i) => {
      const { operations = {}, answered, received } = definition.services[manifest.name] ?? {}
      const handlers = new Map<string, AnyHandler>(Object.entries(operations))
      const model = models[i]!
      services.set(manifest.name, {
        manifest,
        model,
        handler: name => handlers.get(name),
        operation: name => model.operation(name),
        answered,
        received,
      })
    })
    const { id, stateVersion } = registration.manifest
    const { migrate } = definition
    const dir = stateDirOf(gateway.config, registration.manifest)
    // The gateway holds the lock of its own folder.
    const isOwn = dir !== undefined && dir !== gateway.config.stateDir
    const ownDir = isOwn ? await openStateDir(dir, gateway.log, stateSettingOf(registration.manifest)) : undefined
    let store: UnitStore | undefined
    try {
      if (dir !== undefined) store = await UnitStore.open({ dir, unit: id, stateVersion, log: gateway.log, ...(migrate && { migrate }) })
    } catch (error) {
      await ownDir?.close()
      throw error
    }
    const unit = new LoadedUnit(gateway, registration, definition, services, store)
    unit.#ownDir = ownDir
    unit.#newState()
    try {
      await store?.restore(unit.#durables())
      await definition.start?.(unit)
    } catch (error) {
      // The next try opens the same files anew.
      await unit.#background.stop()
      await unit.#closeStore()
      throw error
    }
    return unit
  }

  /** The unit's own Fastify instance with the data plane's routes, made for its first request; undefined for a plugin without any. */
  async app(): Promise<FastifyInstance | undefined> {
    const { routes } = this.definition
    if (!routes) return undefined
    this.#app ??= this.#makeApp(routes).catch(error => {
      this.#app = undefined
      throw error
    })
    return this.#app
  }

  async #makeApp(routes: NonNullable<PluginDefinition<S>['routes']>): Promise<FastifyInstance> {
    // Loaded only here: it takes longer than all the rest of a start, and most plugins have no data plane.
    const { default: fastify } = await import('fastify')
    const app = fastify({ logger: false, bodyLimit: this.config.maxBodyBytes, routerOptions: { ignoreTrailingSlash: true } })
    await routes(app, this)
    await app.ready()
    return app
  }

  get state(): S {
    return this.#state
  }

  get background(): BackgroundWork {
    return this.#background
  }

  get clock(): Clock {
    return this.#gateway.clock
  }

  get config(): Config {
    return this.#gateway.config
  }

  bind(scope: Scope): Bound<S> {
    return this.#bind(scope)
  }

  context({ account, region, caller, service }: Scope & { caller?: Caller; service?: string }): Context<S> {
    return new RequestContext(this.#gateway, this, {
      account,
      region,
      caller,
      service: service ?? this.registration.manifest.services[0]!.name,
      operation: '',
      requestId: randomUUID(),
      http: undefined,
      origin: undefined,
    })
  }

  /** Answers an API call of one of the plugin's services. */
  answer(route: ApiRoute, exchange: HttpExchange): Promise<WireResponse> {
    return answerCall(this.#gateway, this, route, exchange)
  }

  /** Calls an operation from within this process. @throws AwsError as the service does. */
  call(serviceName: string, operation: string, input: object, from: CallOrigin): Promise<unknown> {
    return callInProcess(this.#gateway, this, serviceName, operation, input, from)
  }

  /** Undefined when every change is on disk (or nothing is kept); else resolves when they are. */
  committed(): Promise<void> | undefined {
    return this.#store?.committed()
  }

  /** Ends the unit's work and throws its state away, on disk too; `restart` begins the next life. */
  async wipe(): Promise<void> {
    await this.#background.stop()
    await this.definition.stop?.(this)
    this.#newState()
    await this.#store?.clear()
    await this.#store?.restore(this.#durables())
  }

  async restart(): Promise<void> {
    await this.definition.start?.(this)
  }

  /** Ends the unit's work and leaves its state whole on disk. */
  async close(): Promise<void> {
    await this.#background.stop()
    await (await this.#app)?.close()
    await this.definition.stop?.(this)
    await this.#closeStore()
  }

  async #closeStore(): Promise<void> {
    try {
      await this.#store?.close()
    } finally {
      await this.#ownDir?.close()
    }
  }

  #newState(): void {
    this.#background = new BackgroundWork(this.clock, this.log)
    this.#state = this.definition.state?.() as S
    this.#bind = binder(this.#state)
  }

  #durables(): Durable[] {
    return Object.values((this.#state ?? {}) as object).filter(isDurable)
  }
}

async function readModel(dir: string, service: ServiceManifest): Promise<Model> {
  const read = async (file: string) => JSON.parse(await readFile(join(dir, file), 'utf8'))
  const [model, patch] = await Promise.all([read(service.model), service.patch ? read(service.patch) : undefined])
  return Model.from(model, patch)
}

function isDurable(value: unknown): value is Durable {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as Durable).attach === 'function' &&
    typeof (value as Durable).restore === 'function'
  )
}

/** Makes the class of a state's bound views once, so that binding it to a request is one small allocation. */
function binder<S>(state: S): (scope: Scope) => Bound<S> {
  class BoundState {
    readonly scope: Scope
    constructor(scope: Scope) {
      this.scope = scope
    }
  }
  for (const key of Object.keys(state ?? {})) {
    const value = (state as Record<string, unknown>)[key]
    Object.defineProperty(BoundState.prototype, key, {
      enumerable: true,
      get:
        value instanceof AccountScopedDict
          ? function (this: BoundState) {
              return value.in(this.scope)
            }
          : () => (state as Record<string, unknown>)[key],
    })
  }
  return scope => new BoundState(scope) as unknown as Bound<S>
}
