import { createLog } from '@ministack/gateway'
import { readConfig, startServer } from '@ministack/gateway/server'
import { tellParent } from './daemon.js'
import type { Environment } from './endpoint.js'
import { PACKAGE } from './package.js'
import { discoverPlugins } from './plugins.js'

/**
 * Serves until a signal ends it; a second signal doesn't wait for requests under way.
 * @throws Error for what keeps it from starting.
 */
export async function serve(env: Environment): Promise<void> {
  const config = readConfig(env)
  const log = createLog(config.logLevel)
  const starting = startServer({ config, plugins: discoverPlugins(PACKAGE, config.plugins), log, since: 0 })
  let signals = 0
  const end = async (signal: NodeJS.Signals) => {
    if (++signals > 1) process.exit(1)
    log.info(`${signal}: MiniStack stops`)
    try {
      await (await starting).close()
      process.exit(0)
    } catch (error) {
      log.error('MiniStack did not stop in good order', { error })
      process.exit(1)
    }
  }
  process.on('SIGINT', end).on('SIGTERM', end)
  const server = await starting
  tellParent({ port: server.port })
}
