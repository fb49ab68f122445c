/** Environment variables, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>

/**
 * The port that a server with this environment listens on, unchecked. The server's own configuration reader says the same and checks it, but
 * takes far longer to load than what asks here has to do.
 */
export function portOf(env: Environment): string {
  return env.GATEWAY_PORT?.trim() || env.EDGE_PORT?.trim() || '4566'
}

/** Where a MiniStack with this environment is reached from the same machine, and with what; what clients and shells are told. */
export function clientEnvironment(env: Environment): Record<string, string> {
  const host = env.MINISTACK_HOST || env.LOCALSTACK_HOST || 'localhost'
  return {
    AWS_ENDPOINT_URL: `http://${/:\d+$/.test(host) ? host : `${host}:${portOf(env)}`}`,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_DEFAULT_REGION: env.MINISTACK_REGION || 'us-east-1',
  }
}
