import type { AddressInfo } from 'node:net'
import { selectPlugins } from '../routing/index.js'
import type { Clock } from '../runtime/clock.js'
import type { Config } from '../runtime/config.js'
import type { Registration } from '../runtime/exchange.js'
import { Gateway } from '../runtime/gateway.js'
import { createLog, type Log } from '../runtime/log.js'
import { App, type AppOptions } from './app.js'
import { InitScripts, type InitScriptsOptions } from './init-scripts.js'
import { gatewayVersion } from './version.js'

/** What a server is started from. */
export interface StartOptions extends Pick<AppOptions, 'limits' | 'bodyTimeouts'> {
  readonly config: Config
  /** Every plugin there is; `SERVICES` chooses among them. */
  readonly plugins: readonly Registration[]
  readonly clock?: Clock
  readonly log?: Log
  /** Where the user's scripts are; the folders of the image by default. */
  readonly initFolders?: InitScriptsOptions['folders']
  /** When the start began, for the banner, on `performance.now()`'s clock: 0 is the start of the process. By default the call. */
  readonly since?: number
}

/** A server that listens. */
export interface RunningServer {
  readonly app: App
  readonly gateway: Gateway
  readonly port: number
  /** Resolves when the ready scripts are done. */
  readonly ready: Promise<void>
  /** Lets requests under way end, then closes every connection and leaves the state whole on disk. Safe to call again. */
  close(): Promise<void>
}

/**
 * Starts MiniStack on its port: boot scripts, restore, listen, ready scripts.
 * @throws Error for what the configuration asks in vain: an unknown service, a port that is taken (and by whom), a certificate that can't be read.
 */
export async function startServer({
  config,
  plugins,
  clock,
  log = createLog(config.logLevel),
  initFolders,
  since = performance.now(),
  ...options
}: StartOptions): Promise<RunningServer> {
  const gateway = new Gateway({ config, plugins: selectPlugins(plugins, config.services), clock, log })
  if (config.sslCert !== undefined) await (await import('./certificate.js')).certificateFor(config)
  let port = config.port
  const scripts = new InitScripts({
    log,
    region: config.region,
    endpoint: () => endpointOf(config, port),
    folders: initFolders,
    env: config.env,
  })
  const app = new App(gateway, { scripts, ...options })
  let ready: Promise<void> = Promise.resolve()
  let closed: Promise<void> | undefined
  const close = () => {
    closed ??= (async () => {
      scripts.stop()
      const closing = app.close()
      // Ends long polls, which would keep their connections for as long as they wait.
      await Promise.all(gateway.loadedUnits().map(unit => unit.background.stop()))
      await closing
      await ready
      await gateway.close()
    })()
    return closed
  }
  try {
    await scripts.run('boot')
    await gateway.start()
    await app.listen({ port: config.port, host: config.bindHost })
  } catch (error) {
    await close()
    throw error
  }
  port = (app.server.address() as AddressInfo).port
  const count = gateway.registrations.length
  const ms = Math.round(performance.now() - since)
  log.info(
    `MiniStack ${gatewayVersion()} listens on ${endpointOf(config, port)} (${count} ${count === 1 ? 'plugin' : 'plugins'}, ${ms} ms)`,
  )
  ready = scripts.run('ready')
  return { app, gateway, port, ready, close }
}

/** The address under which this machine reaches the server. */
function endpointOf({ ssl, bindHost }: Config, port: number): string {
  const host = bindHost === '0.0.0.0' || bindHost === '::' ? 'localhost' : bindHost.includes(':') ? `[${bindHost}]` : bindHost
  return `${ssl ? 'https' : 'http'}://${host}:${port}`
}
