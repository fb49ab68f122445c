import type { AddressInfo } from 'node:net'
import { resolve } from 'node:path'
import { type Clock, createLog, type Log, type Plugin, SystemClock } from '@ministack/gateway'
import { App, Gateway, type Registration, readConfig, registrationOf, selectPlugins } from '@ministack/gateway/server'
import { PACKAGE } from './package.js'
import { discoverPlugins } from './plugins.js'
import { InProcessHandler } from './request-handler.js'

/** How an embedded MiniStack is started. */
export interface MiniStackOptions {
  /** The services to serve, by name or alias; all of them without it. */
  readonly services?: readonly string[]
  /** Keeps state over restarts: a folder's path, or `true` for the one that `STATE_DIR` in `env` names. Off by default. */
  readonly persist?: boolean | string
  /**
   * The port to listen on, on this machine's loopback address only; 0, the default, is any free one. `false` opens no port at all: AWS SDK clients
   * are answered in this process, through {@link MiniStack.clientConfig}.
   */
  readonly port?: number | false
  /** The region of clients that don't say; us-east-1. */
  readonly region?: string
  /** The account of callers whose access key names none; 000000000000. */
  readonly account?: string
  /** The source of time: a `FakeClock` of `@ministack/gateway/testing` lets a test move it. */
  readonly clock?: Clock
  /** Further plugins: what `definePlugin` makes, package names, or paths of package folders. */
  readonly plugins?: readonly (string | Plugin)[]
  /** Settings by the names of environment variables. Without it none are read: what is set around a test doesn't change it. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Where log lines go; by default warnings and errors go to standard error. */
  readonly log?: Log
}

/** What an AWS SDK v3 client's constructor needs to speak to this MiniStack: `new SQSClient({ ...cloud.clientConfig() })`. */
export interface ClientConfig {
  endpoint: string
  region: string
  credentials: { accessKeyId: string; secretAccessKey: string }
  /** Bucket names in the path: `bucket.localhost` doesn't resolve on every machine. Clients other than S3's ignore it. */
  forcePathStyle: true
  /** Present when there is no port. */
  requestHandler?: InProcessHandler
}

/** A MiniStack in this process. */
export interface MiniStack {
  /** Where it listens; without a port the address that URLs of its resources begin with. */
  readonly endpoint: string
  readonly clock: Clock
  readonly gateway: Gateway
  /** @param scope the account and region that the client is to have. */
  clientConfig(scope?: { readonly account?: string; readonly region?: string }): ClientConfig
  /** Wipes every service's state. */
  reset(): Promise<void>
  /** Lets requests under way finish, writes what is to be kept, and ends everything. */
  close(): Promise<void>
}

/**
 * Starts a MiniStack in this process. It shares nothing with others: not with those in the same process either.
 * @throws Error for a setting, a service or a plugin that can't be used, or a port that is taken.
 */
export async function startMiniStack(options: MiniStackOptions = {}): Promise<MiniStack> {
  const { port = 0, persist = false, clock = new SystemClock(), env = {} } = options
  const config = readConfig(env, {
    bindHost: '127.0.0.1',
    ...(port !== false && { port }),
    ...(options.services && { services: options.services }),
    ...(options.region && { region: options.region }),
    ...(options.account && { account: options.account }),
    persist: persist !== false,
    ...(typeof persist === 'string' && { stateDir: resolve(persist) }),
    ...(!env.LOG_LEVEL && { logLevel: 'warn' }),
  })
  const log = options.log ?? createLog(config.logLevel)
  const given = options.plugins ?? []
  const named = given.filter(plugin => typeof plugin === 'string')
  const registrations: Registration[] = [
    ...discoverPlugins(PACKAGE, [...config.plugins, ...named]),
    ...given.filter(plugin => typeof plugin !== 'string').map(registrationOf),
  ]
  const gateway = new Gateway({ config, plugins: selectPlugins(registrations, config.services), clock, log })
  let open = true
  const close = async () => {
    if (!open) return
    open = false
    const closed = app?.close()
    // Ends long polls, which would keep their connections for as long as they wait.
    await Promise.all(gateway.loadedUnits().map(unit => unit.background.stop()))
    await closed
    await gateway.close()
  }
  let app: App | undefined
  let endpoint = 'http://localhost:4566'
  try {
    await gateway.start()
    app = new App(gateway)
    if (port !== false) {
      await app.listen({ port, host: config.bindHost })
      endpoint = `http://${config.bindHost}:${(app.server.address() as AddressInfo).port}`
    }
  } catch (error) {
    await close()
    throw error
  }
  const requestHandler = port === false ? new InProcessHandler(app, () => open) : undefined
  return {
    endpoint,
    clock,
    gateway,
    clientConfig: ({ account = 'test', region = config.region } = {}) => ({
      endpoint,
      region,
      credentials: { accessKeyId: account, secretAccessKey: 'test' },
      forcePathStyle: true,
      ...(requestHandler && { requestHandler }),
    }),
    reset: () => gateway.reset(),
    close,
  }
}
