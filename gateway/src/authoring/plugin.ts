import type { FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import type { PluginDefinition } from './define.js'

/** A plugin package's default export: a Fastify plugin that also carries its definition. */
// biome-ignore lint/suspicious/noExplicitAny: a registry holds plugins of every state; a plugin's own code sees its own.
export type Plugin<S = any> = FastifyPluginAsync & { readonly definition: PluginDefinition<S> }

/**
 * Makes a definition a plugin: the gateway reads its `definition`, and `fastify.register(plugin)` serves the one service alone, on any Fastify server.
 */
export function definePlugin<S>(definition: PluginDefinition<S>): Plugin<S> {
  const register: FastifyPluginAsync = async app => {
    // Only a plugin that is served alone needs a server; loading one here would load it with every plugin.
    const { serveAlone } = await import('../server/alone.js')
    await serveAlone(app, plugin)
  }
  const plugin: Plugin<S> = Object.assign(fp(register, { name: definition.manifest.pathname, fastify: '5.x' }), { definition })
  return plugin
}
