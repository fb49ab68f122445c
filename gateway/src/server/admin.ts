import type { FastifyInstance } from 'fastify'
import type { Gateway } from '../runtime/gateway.js'
import { RUNTIME_SETTINGS } from './config.js'
import { coverageOf } from './coverage.js'
import type { InitScripts, StageStatus } from './init-scripts.js'
import { gatewayVersion } from './version.js'

/** What the admin API needs beside the gateway. */
export interface AdminOptions {
  /** The user's scripts; without them ready is at once. */
  readonly scripts?: InitScripts
}

const NO_SCRIPTS: StageStatus = { status: 'completed', total: 0, completed: 0, failed: 0 }

/** Adds the admin API (DESIGN.md section 8) to the root. */
export function addAdminRoutes(app: FastifyInstance, gateway: Gateway, { scripts }: AdminOptions): void {
  const readyScripts = () => scripts?.status.ready ?? NO_SCRIPTS
  const version = gatewayVersion()

  for (const url of ['/_ministack/health', '/_localstack/health', '/health']) {
    app.get(url, () => ({ services: servicesOf(gateway), edition: 'community', version, ready_scripts: readyScripts() }))
  }

  app.get('/_ministack/ready', (_request, reply) => {
    const status = readyScripts()
    return reply.code(status.status === 'completed' ? 200 : 503).send(status)
  })

  app.get('/_ministack/info', () => ({
    version,
    node: process.version,
    pid: process.pid,
    uptime: Math.round(process.uptime()),
    memory: process.memoryUsage(),
    persist: gateway.config.persist,
    plugins: gateway.registrations.map(r => r.manifest.id),
    loaded: gateway.loadedUnits().map(unit => unit.id),
  }))

  app.get('/_ministack/coverage', async () => ({ services: await coverageOf(gateway) }))

  app.get('/_ministack/background', () => ({
    tasks: Object.fromEntries(gateway.loadedUnits().map(unit => [unit.id, unit.background.list().map(listed)])),
  }))

  app.post('/_ministack/reset', async request => {
    await gateway.reset()
    const { init } = request.query as { init?: string }
    if (scripts && init !== undefined && init !== '0' && init !== 'false') {
      await scripts.run('boot')
      await scripts.run('ready')
    }
    return { reset: 'ok' }
  })

  app.post('/_ministack/config', (request, reply) => {
    const { body } = request
    if (typeof body !== 'object' || body === null || Array.isArray(body)) {
      return reply.code(400).send({ error: 'the body must be a JSON object of keys and values' })
    }
    const settings = Object.entries(body)
    const problems = settings.flatMap(([key, value]) => {
      if (!Object.hasOwn(RUNTIME_SETTINGS, key)) return [`${key} is not a setting (there are: ${Object.keys(RUNTIME_SETTINGS).join(', ')})`]
      const problem = RUNTIME_SETTINGS[key]!.problem(value)
      return problem ? [`${key} ${problem}`] : []
    })
    // All or nothing: a half-applied change is worse than none.
    if (problems.length > 0) return reply.code(400).send({ error: problems.join('; ') })
    const env = gateway.config.env as Record<string, string | undefined>
    for (const [key, value] of settings) env[RUNTIME_SETTINGS[key]!.variable] = typeof value === 'string' ? value : JSON.stringify(value)
    return { applied: body }
  })
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
