import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ServiceClient } from '../authoring/operations.js'
import type { Plugin } from '../authoring/plugin.js'
import { FakeClock } from '../runtime/clock.js'
import type { Config } from '../runtime/config.js'
import type { Caller } from '../runtime/context.js'
import { Gateway } from '../runtime/gateway.js'
import { createLog, type Log } from '../runtime/log.js'
import { registrationOf } from '../runtime/registration.js'
import type { Scope } from '../runtime/scoped-dict.js'
import { App } from '../server/app.js'
import { readConfig } from '../server/config.js'

export { FakeClock } from '../runtime/clock.js'

/** How a test's MiniStack differs from the usual one. */
export interface TestOptions {
  /** The service that `client` speaks to; the plugin's first by default. */
  readonly service?: string
  /** Further plugins that the one under test calls. */
  readonly with?: readonly Plugin[]
  /** Keeps state in a temporary folder, so that `restart` brings it back. */
  readonly persist?: boolean
  readonly clock?: FakeClock
  readonly config?: Partial<Config>
  /** Where log lines go; nowhere by default. */
  readonly log?: Log
}

/** What `http` sends. */
export interface TestRequest {
  readonly method?: string
  /** Path and query. */
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}

/** What came back. */
export interface TestResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | number | undefined>>
  readonly body: string
  readonly bytes: Uint8Array
}

/** A plugin under test: the real plugin behind the real gateway, with a clock that stands still. */
export interface TestService<M> {
  /** The service's operations as methods, typed by its SDK client: validated and run as over HTTP, less the wire. */
  readonly client: ServiceClient<M>
  readonly clock: FakeClock
  readonly gateway: Gateway
  /** The same client, as another account, region or caller. */
  as(scope: Partial<Scope> & { readonly caller?: Caller }): ServiceClient<M>
  /** A client of another service (of this plugin, or of one in `with`). */
  service<N>(name: string, scope?: Partial<Scope>): ServiceClient<N>
  /** A raw request through every tier of the gateway, for what is seen only on the wire. */
  http(request: TestRequest): Promise<TestResponse>
  reset(): Promise<void>
  /** Closes everything in good order and starts anew on the same state (needs `persist`). */
  restart(): Promise<void>
  close(): Promise<void>
}

/**
 * Starts a plugin for a test.
 *
 * ```ts
 * const sqs = await testService<typeof import('@aws-sdk/client-sqs')>(plugin)
 * t.teardown(() => sqs.close())
 * await sqs.client.createQueue({ QueueName: 'q' })
 * ```
 */
export async function testService<M>(plugin: Plugin, options: TestOptions = {}): Promise<TestService<M>> {
  const clock = options.clock ?? new FakeClock()
  const stateDir = options.persist ? await mkdtemp(join(tmpdir(), 'ministack-test-')) : undefined
  const config: Config = { ...readConfig({}), logLevel: 'silent', ...(stateDir && { persist: true, stateDir }), ...options.config }
  const plugins = [plugin, ...(options.with ?? [])].map(registrationOf)
  const log = options.log ?? createLog('silent')
  const name = options.service ?? plugins[0]!.manifest.services[0]!.name
  const home: Scope = { account: config.account, region: config.region }

  const start = async () => {
    const gateway = new Gateway({ config, plugins, clock, log, freeze: true })
    await gateway.start()
    // What the plugin calls is there beforehand: loading waits for the disk, which no fake clock moves on.
    await Promise.all(plugins.slice(1).map(({ manifest }) => gateway.unit(manifest.id)))
    return { gateway, app: new App(gateway) }
  }
  let running = await start()
  const stop = async () => {
    await running.app.close()
    await running.gateway.close()
  }
  // Looks the gateway up at each call, so that a client lives through a restart.
  const client = (service: string, scope: Partial<Scope> & { caller?: Caller } = {}) =>
    new Proxy({}, { get: (_, method) => Reflect.get(running.gateway.client(service, { ...home, ...scope }), method) })

  return {
    client: client(name) as ServiceClient<M>,
    clock,
    get gateway() {
      return running.gateway
    },
    as: scope => client(name, scope) as ServiceClient<M>,
    service: <N>(service: string, scope?: Partial<Scope>) => client(service, scope) as ServiceClient<N>,
    async http({ method = 'GET', url, headers = {}, body }) {
      const response = await running.app.inject({
        method: method as 'GET',
        url,
        headers: { host: 'localhost:4566', ...headers },
        ...(body !== undefined && { payload: typeof body === 'string' ? body : Buffer.from(body) }),
      })
      return { status: response.statusCode, headers: response.headers, body: response.body, bytes: response.rawPayload }
    },
    reset: () => running.gateway.reset(),
    async restart() {
      await stop()
      running = await start()
    },
    async close() {
      await stop()
      if (stateDir) await rm(stateDir, { recursive: true, force: true })
    },
  }
}
