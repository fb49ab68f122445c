import { readConfig, startServer } from '@ministack/gateway/server'
import { discoverPlugins } from 'ministack'

/** The real server with all its plugins, which waits seconds for slow clients where the usual one waits minutes. */
const server = await startServer({
  config: readConfig(),
  plugins: discoverPlugins(new URL('../../package.json', import.meta.resolve('ministack'))),
  limits: { firstBytes: 3000, headers: 3000, keepAlive: 2000, grace: 1000 },
  bodyTimeouts: { idle: 2000, whole: 8000 },
})
process.once('SIGTERM', () => void server.close())
