import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants } from 'node:os'
import { clientEnvironment } from './endpoint.js'

/**
 * Runs the AWS CLI against MiniStack: `awslocal s3 ls`. Endpoint, credentials and region are filled in unless the arguments or the environment
 * give them; real credentials are never read from the default profile. Everything else is passed through.
 * @returns the exit code: the CLI's own, or 127 when there is no `aws`.
 */
export async function awslocal(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const defaults = clientEnvironment(env)
  const endpoint = env.AWS_ENDPOINT_URL || defaults.AWS_ENDPOINT_URL!
  const childEnv: NodeJS.ProcessEnv = { ...env, AWS_ENDPOINT_URL: endpoint }
  const given = (option: string) => args.some(arg => arg === option || arg.startsWith(`${option}=`))
  if (!env.AWS_PROFILE && !given('--profile')) {
    if (!env.AWS_ACCESS_KEY_ID) {
      childEnv.AWS_ACCESS_KEY_ID = defaults.AWS_ACCESS_KEY_ID
      childEnv.AWS_SECRET_ACCESS_KEY = defaults.AWS_SECRET_ACCESS_KEY
    }
    if (!env.AWS_DEFAULT_REGION && !env.AWS_REGION) childEnv.AWS_DEFAULT_REGION = defaults.AWS_DEFAULT_REGION
  }
  // AWS CLI versions before 2.13 and 1.29 don't know the variable.
  const endpointArgs = given('--endpoint-url') ? [] : [`--endpoint-url=${endpoint}`]
  const child = spawn('aws', [...endpointArgs, ...args], { stdio: 'inherit', env: childEnv })
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  const relay = (signal: NodeJS.Signals) => child.kill(signal)
  for (const signal of signals) process.on(signal, relay)
  let ended: [code: number | null, signal: NodeJS.Signals | null]
  try {
    ended = (await once(child, 'close')) as typeof ended
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    process.stderr.write(
      'awslocal runs the AWS CLI, and there is no `aws` on the PATH. Install it: https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html\n',
    )
    return 127
  } finally {
    for (const signal of signals) process.off(signal, relay)
  }
  const [code, signal] = ended
  if (!signal) return code ?? 1
  // A shell tells by the signal that a loop around it was interrupted too.
  process.kill(process.pid, signal)
  return 128 + constants.signals[signal]
}
