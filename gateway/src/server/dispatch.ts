import { IncomingMessage, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { AwsError } from '../authoring/errors.js'
import { type ApiMatch, type DataPlaneMatch, isCredential, type Route, Router, styleOf } from '../routing/index.js'
import type { Gateway } from '../runtime/gateway.js'
import type { AdminApi } from './admin.js'
import { type BodyTimeouts, BodyWatch } from './body.js'
import { allowOrigin, isPreflight, preflightHeaders } from './cors.js'
import { Exchange } from './exchange.js'
import type { RawRequest, RawResponse } from './raw.js'
import { type RefusalParts, refusalOf, writeRefusal } from './refusal.js'
import { respond } from './respond.js'

export const DEFAULT_BODY_TIMEOUTS: BodyTimeouts = { idle: 60_000, whole: 300_000 }

/** What a dispatcher is made with beside its gateway. */
export interface DispatcherOptions {
  readonly timeouts?: Partial<BodyTimeouts> | undefined
  /** Without it the admin API's requests aren't taken. */
  readonly admin?: AdminApi
}

/** Takes every request through the tiers, or to the admin API, and its answer back to the client. */
export class Dispatcher {
  readonly router: Router
  readonly #gateway: Gateway
  readonly #watch: BodyWatch

  readonly #admin: AdminApi | undefined

  /** @throws Error that names every two plugins that claim the same thing. */
  constructor(gateway: Gateway, { timeouts, admin }: DispatcherOptions = {}) {
    const { config, registrations } = gateway
    this.#admin = admin
    this.router = new Router({ registrations, config, credentials: () => gateway.credentials })
    this.#gateway = gateway
    this.#watch = new BodyWatch({ ...DEFAULT_BODY_TIMEOUTS, ...timeouts })
  }

  /**
   * Takes a request, unless it is the admin API's and there is none.
   * @returns whether it was taken.
   */
  take(request: RawRequest, response: RawResponse, owesContinue = false): boolean {
    const exchange = new Exchange(request, response, this.#watch, owesContinue)
    const route = this.router.route(exchange)
    const isPlane = route.kind === 'data-plane'
    const forAdmin = isAdmin(exchange) && !(isPlane && route.plane.tier === 1) && !isPreflight(exchange)
    if (forAdmin && !this.#admin) {
      exchange.sendContinue()
      return false
    }
    // A client that breaks off is seen where its body is read or its answer written. Node's own HTTP/1.1 requests keep an error that nobody hears.
    if (!(request instanceof IncomingMessage)) request.on('error', ignore)
    response.on('error', ignore)
    if (forAdmin) this.#administer(exchange, this.#admin!)
    else if (!isPlane && isPreflight(exchange)) this.#allow(exchange)
    else this.#follow(route, exchange)
    return true
  }

  /** Hands a WebSocket upgrade to the plugin whose data plane takes it. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', ignore)
    const exchange = new Exchange(request, undefined as never, this.#watch, false, true)
    const route = this.router.route(exchange)
    if (route.kind !== 'data-plane') {
      refuseUpgrade(socket, '404 Not Found', 'No service takes WebSockets here')
      return
    }
    this.#upgradeTo(route, request, socket, head).catch(error => {
      this.#gateway.log.error('a WebSocket upgrade failed', { requestId: exchange.requestId, error })
      refuseUpgrade(socket, '500 Internal Server Error', String(error instanceof Error ? error.message : error))
    })
  }

  close(): void {
    this.#watch.close()
  }

  #follow(route: Route, exchange: Exchange): void {
    switch (route.kind) {
      case 'api':
        this.#callApi(route, exchange)
        return
      case 'data-plane':
        this.#passOn(route, exchange).catch(error => this.#fail(error, exchange))
        return
      case 'needs-form':
        exchange.readBody(this.#gateway.config.maxBodyBytes).then(
          body => {
            exchange.form = new URLSearchParams(body.toString('utf8'))
            this.#follow(this.router.route(exchange), exchange)
          },
          error => this.#refuse(refusalOf(error, 'query'), exchange),
        )
        return
      case 'refusal':
        this.#refuse(route, exchange)
    }
  }

  #allow(exchange: Exchange): void {
    respond(exchange, { status: 204, headers: preflightHeaders(exchange), body: undefined }, this.#gateway.log)
  }

  #administer(exchange: Exchange, admin: AdminApi): void {
    admin.answer(exchange).then(
      answer => {
        if (exchange.headers.origin !== undefined) allowOrigin(exchange, answer.headers)
        respond(exchange, answer, this.#gateway.log)
      },
      error => this.#fail(error, exchange),
    )
  }

  #callApi(match: ApiMatch, exchange: Exchange): void {
    this.#gateway.handleApi(this.router.apiRoute(match, exchange), exchange).then(
      answer => {
        if (exchange.headers.origin !== undefined) allowOrigin(exchange, answer.headers)
        respond(exchange, answer, this.#gateway.log)
      },
      error => this.#fail(error, exchange),
    )
  }

  async #passOn(match: DataPlaneMatch, exchange: Exchange): Promise<void> {
    const { registration, plane } = match
    const gate = this.#gateway.gate()
    if (gate) await gate
    const { request, response } = exchange
    const app = await this.#appOf(match)
    const { log } = this.#gateway
    if (log.level === 'debug') {
      const started = performance.now()
      response.once('close', () => {
        const ms = Math.round((performance.now() - started) * 10) / 10
        const what = `${registration.manifest.id} ${plane.name} ${exchange.method} ${exchange.path}`
        log.debug(what, { status: response.statusCode, ms, requestId: exchange.requestId })
      })
    }
    response.setHeader('x-amzn-requestid', exchange.requestId)
    exchange.sendContinue()
    app.routing(request as IncomingMessage, response as ServerResponse)
  }

  async #upgradeTo(match: DataPlaneMatch, request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const gate = this.#gateway.gate()
    if (gate) await gate
    const app = await this.#appOf(match)
    if (!app.server.emit('upgrade', request, socket, head)) {
      throw new Error(`plugin '${match.registration.manifest.id}' has no WebSocket server`)
    }
  }

  async #appOf({ registration, plane }: DataPlaneMatch) {
    const { id } = registration.manifest
    const app = await (await this.#gateway.unit(id)).app()
    if (!app)
      throw new AwsError('NotImplemented', `The data plane '${plane.name}' of ${id} is not implemented in MiniStack`, { status: 501 })
    return app
  }

  #fail(error: unknown, exchange: Exchange): void {
    if (exchange.response.headersSent) {
      exchange.response.destroy()
      return
    }
    this.#refuse(refusalOf(error, styleOf(exchange, this.router.index)), exchange)
  }

  #refuse(refusal: RefusalParts, exchange: Exchange): void {
    const { log } = this.#gateway
    if (log.level === 'debug') {
      const { requestId, method, path } = exchange
      log.debug(`refused ${method} ${path}`, { status: refusal.status, code: refusal.code, message: refusal.message, requestId })
    }
    const answer = writeRefusal(refusal, exchange.requestId)
    if (exchange.headers.origin !== undefined) allowOrigin(exchange, answer.headers)
    respond(exchange, answer, log)
  }
}

/** The admin API's paths. `/health` is S3's too, where a signature says so. */
function isAdmin(exchange: Exchange): boolean {
  const { path } = exchange
  if (path.startsWith('/_ministack/') || path.startsWith('/_localstack/')) return true
  return path === '/health' && !isCredential(exchange.credential)
}

function refuseUpgrade(socket: Duplex, status: string, reason: string): void {
  socket.end(
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(reason)}\r\n\r\n${reason}`,
  )
}

function ignore(): void {}
