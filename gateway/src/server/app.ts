import Fastify, { type FastifyInstance } from 'fastify'
import type { Gateway } from '../runtime/gateway.js'
import { addAdminRoutes } from './admin.js'
import type { BodyTimeouts } from './body.js'
import { type Certificate, certificateFor } from './certificate.js'
import { Dispatcher } from './dispatch.js'
import type { InitScripts } from './init-scripts.js'
import type { RawRequest, RawResponse } from './raw.js'
import { type ConnectionLimits, OnePortServer } from './sniff.js'

/** How an app may differ from the usual one. */
export interface AppOptions {
  readonly scripts?: InitScripts
  readonly limits?: Partial<ConnectionLimits>
  readonly bodyTimeouts?: Partial<BodyTimeouts>
}

/**
 * Makes the root: one port for everything, the tiers, and the admin API as Fastify routes.
 *
 * Only the admin API goes through Fastify. Everything else is taken before Fastify's router sees it on a real connection, and in the `onRequest` hook
 * under `inject`: Fastify's body path answers 415 to legal S3 uploads, ignores GET bodies and refuses `/%zz`.
 * @throws Error that names every two plugins that claim the same thing.
 */
export async function buildApp(gateway: Gateway, { scripts, limits, bodyTimeouts }: AppOptions = {}): Promise<FastifyInstance> {
  const { log, config } = gateway
  const dispatcher = new Dispatcher(gateway, bodyTimeouts)
  let certificate: Promise<Certificate> | undefined
  const app = Fastify({
    logger: false,
    bodyLimit: config.maxBodyBytes,
    forceCloseConnections: 'idle',
    routerOptions: {
      onBadUrl: (_path: string, request: RawRequest, response: RawResponse) => {
        if (!dispatcher.take(request, response)) response.writeHead(400).end()
      },
    },
    serverFactory: fastify => {
      const fallback = fastify as (request: RawRequest, response: RawResponse) => void
      const server = new OnePortServer({
        handler: (request, response) => {
          if (!dispatcher.take(request, response)) fallback(request, response)
        },
        expectContinue: (request, response) => {
          if (!dispatcher.take(request, response, true)) fallback(request, response)
        },
        upgrade: (request, socket, head) => dispatcher.upgrade(request, socket, head),
        certificate: () => {
          certificate ??= certificateFor(config)
          return certificate
        },
        limits,
      })
      server.on('certificateError', error => {
        certificate = undefined
        log.error('TLS is not available', { error })
      })
      return server as never
    },
  })
  app.addHook('onRequest', (request, reply, done) => {
    if (dispatcher.take(request.raw, reply.raw)) reply.hijack()
    else done()
  })
  app.addHook('onSend', (request, reply, _payload, done) => {
    const { origin } = request.headers
    if (origin) reply.header('access-control-allow-origin', origin).header('vary', 'origin')
    done()
  })
  app.addHook('onClose', () => dispatcher.close())
  app.setNotFoundHandler((request, reply) =>
    reply.code(404).send({ error: `there is no ${request.method} ${request.url} in the admin API` }),
  )
  addAdminRoutes(app, gateway, { scripts })
  return app
}
