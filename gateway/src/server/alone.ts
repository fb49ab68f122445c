import type { FastifyInstance } from 'fastify'
import type { Plugin } from '../authoring/plugin.js'
import { Gateway } from '../runtime/gateway.js'
import { registrationOf } from '../runtime/registration.js'
import { readConfig } from './config.js'
import { Dispatcher } from './dispatch.js'

const PLUGINS = Symbol('ministack.plugins')

/**
 * Serves a plugin on any Fastify server: requests that the server has no route of its own for go through the tiers. All plugins that are registered on one
 * server share one gateway, so that they can call each other.
 */
export async function serveAlone(app: FastifyInstance, plugin: Plugin): Promise<void> {
  if (app.hasDecorator(PLUGINS)) {
    app.getDecorator<Plugin[]>(PLUGINS).push(plugin)
    return
  }
  const plugins = [plugin]
  app.decorate(PLUGINS, plugins)
  let gateway: Gateway
  let dispatcher: Dispatcher
  app.addHook('onReady', async () => {
    gateway = new Gateway({ config: readConfig(), plugins: plugins.map(registrationOf) })
    dispatcher = new Dispatcher(gateway)
    await gateway.start()
  })
  app.addHook('onRequest', (request, reply, done) => {
    if (request.is404 && dispatcher.take(request.raw, reply.raw)) reply.hijack()
    else done()
  })
  app.addHook('onClose', async () => {
    dispatcher?.close()
    await gateway?.close()
  })
}
