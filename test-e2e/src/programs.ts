import { spawn, spawnSync } from 'node:child_process'
import { BIN, bareEnvironment } from './server.js'

/** How a program ended. */
export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Where and with what a program runs. */
export interface RunOptions {
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Leaves out the test's own environment, but for what finds programs. */
  readonly bare?: boolean
  readonly cwd?: string
}

/** Why a program can't be used here; `false` when it can. Fits a test's `skip`. */
export function missing(program: string, ...check: readonly string[]): string | false {
  const { error, status } = spawnSync(program, check, { stdio: 'ignore' })
  return error || status !== 0 ? `there is no ${[program, ...check].join(' ')} on this machine` : false
}

/** Runs a program to its end. */
export function run(program: string, args: readonly string[], { env = {}, bare = false, cwd }: RunOptions = {}): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      env: { ...(bare ? bareEnvironment() : process.env), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', chunk => {
      stdout += chunk
    })
    child.stderr.setEncoding('utf8').on('data', chunk => {
      stderr += chunk
    })
    child.once('error', reject)
    child.once('close', code => resolve({ code, stdout, stderr }))
  })
}

/** What clients need to know of a server, as environment variables; no configuration of the machine's own is read. */
export function clientEnv(endpoint: string): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: '111122223333',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_DEFAULT_REGION: 'eu-west-1',
    AWS_REGION: 'eu-west-1',
    AWS_CONFIG_FILE: '/nonexistent',
    AWS_SHARED_CREDENTIALS_FILE: '/nonexistent',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_PAGER: '',
  }
}

/** Runs `ministack` to its end. */
export function ministack(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  return run(process.execPath, [BIN, ...args], { env, bare: true })
}
