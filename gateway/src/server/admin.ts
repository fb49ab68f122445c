import type { WireResponse } from '../protocol/wire.js'
import type { Gateway } from '../runtime/gateway.js'
import { RUNTIME_SETTINGS } from './config.js'
import { coverageOf } from './coverage.js'
import type { Exchange } from './exchange.js'
import type { InitScripts, StageStatus } from './init-scripts.js'
import { refusalOf } from './refusal.js'
import { gatewayVersion } from './version.js'

const NO_SCRIPTS: StageStatus = { status: 'completed', total: 0, completed: 0, failed: 0 }

type Answer = Record<string, unknown> | Promise<Record<string, unknown>>

/** A wrong request, with the status that it is answered. */
class Refused extends Error {
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** The admin API: plain JSON, served without Fastify, so that a server that only answers AWS calls never loads it. */
export class AdminApi {
  readonly #gateway: Gateway
  readonly #scripts: InitScripts | undefined
  readonly #routes: Readonly<Record<string, (exchange: Exchange) => Answer>>

  /** @param scripts the user's scripts; without them ready is at once. */
  constructor(gateway: Gateway, scripts?: InitScripts) {
    this.#gateway = gateway
    this.#scripts = scripts
    const health = () => this.#health()
    this.#routes = {
      'GET /health': health,
      'GET /_localstack/health': health,
      'GET /_ministack/health': health,
      'GET /_ministack/ready': () => this.#ready,
      'GET /_ministack/info': () => this.#info(),
      'GET /_ministack/coverage': async () => ({ services: await coverageOf(gateway) }),
      'GET /_ministack/background': () => this.#background(),
      'POST /_ministack/reset': exchange => this.#reset(exchange),
      'POST /_ministack/config': exchange => this.#configure(exchange),
    }
  }

  /** Answers a request; what is wrong with one is an answer too. */
  async answer(exchange: Exchange): Promise<WireResponse> {
    const { method, path } = exchange
    try {
      const route = this.#routes[`${method === 'HEAD' ? 'GET' : method} ${path}`]
      if (!route) throw new Refused(404, `there is no ${method} ${path} in the admin API`)
      const content = await route(exchange)
      return json(path === '/_ministack/ready' && content.status !== 'completed' ? 503 : 200, content)
    } catch (error) {
      if (error instanceof Refused) return json(error.status, { error: error.message })
      const { status, message } = refusalOf(error, 'json')
      if (status >= 500) this.#gateway.log.error(`${method} ${path} failed`, { error })
      return json(status, { error: message })
    }
  }

  get #ready(): StageStatus & Record<string, unknown> {
    return { ...(this.#scripts?.status.ready ?? NO_SCRIPTS) }
  }

  #health() {
    return { services: servicesOf(this.#gateway), edition: 'community', version: gatewayVersion(), ready_scripts: this.#ready }
  }

  #info() {
    const { config, registrations } = this.#gateway
    return {
      version: gatewayVersion(),
      node: process.version,
      pid: process.pid,
      uptime: Math.round(process.uptime()),
      memory: process.memoryUsage(),
      persist: config.persist,
      plugins: registrations.map(r => r.manifest.id),
      loaded: this.#gateway.loadedUnits().map(unit => unit.id),
    }
  }

  #background() {
    return { tasks: Object.fromEntries(this.#gateway.loadedUnits().map(unit => [unit.id, unit.background.list().map(listed)])) }
  }

  async #reset(exchange: Exchange) {
    await this.#gateway.reset()
    const init = new URLSearchParams(exchange.rawQuery).get('init')
    if (this.#scripts && init !== null && init !== '0' && init !== 'false') {
      await this.#scripts.run('boot')
      await this.#scripts.run('ready')
    }
    return { reset: 'ok' }
  }

  async #configure(exchange: Exchange) {
    const settings = Object.entries(await bodyOf(exchange, this.#gateway.config.maxBodyBytes))
    const problems = settings.flatMap(([key, value]) => {
      if (!Object.hasOwn(RUNTIME_SETTINGS, key)) return [`${key} is not a setting (there are: ${Object.keys(RUNTIME_SETTINGS).join(', ')})`]
      const problem = RUNTIME_SETTINGS[key]!.problem(value)
      return problem ? [`${key} ${problem}`] : []
    })
    // All or nothing: a half-applied change is worse than none.
    if (problems.length > 0) throw new Refused(400, problems.join('; '))
    const env = this.#gateway.config.env as Record<string, string | undefined>
    for (const [key, value] of settings) env[RUNTIME_SETTINGS[key]!.variable] = typeof value === 'string' ? value : JSON.stringify(value)
    return { applied: Object.fromEntries(settings) }
  }
}

async function bodyOf(exchange: Exchange, limit: number): Promise<object> {
  const text = (await exchange.readBody(limit)).toString()
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    throw new Refused(400, 'the body is not JSON')
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new Refused(400, 'the body must be a JSON object of keys and values')
  }
  return body
}

function json(status: number, content: Record<string, unknown>): WireResponse {
  return { status, headers: { 'content-type': 'application/json; charset=utf-8' }, body: JSON.stringify(content) }
}

function listed({ name, due }: { name: string; due: number | undefined }) {
  return { name, due: due === undefined ? null : new Date(due).toISOString() }
}

function servicesOf(gateway: Gateway): Record<string, 'available' | 'running'> {
  const running = new Set(gateway.loadedUnits().map(unit => unit.id))
  const names: [string, 'available' | 'running'][] = gateway.registrations.flatMap(({ manifest }) =>
    manifest.services.map(({ name }): [string, 'available' | 'running'] => [name, running.has(manifest.id) ? 'running' : 'available']),
  )
  return Object.fromEntries(names.sort(([a], [b]) => (a < b ? -1 : 1)))
}
