import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const BIN = fileURLToPath(new URL('../../../ministack/bin/ministack.mjs', import.meta.url))
const IMPATIENT = fileURLToPath(new URL('./impatient-server.js', import.meta.url))
const START_LIMIT_MS = 60_000

/** How a test's server differs from the usual one. */
export interface ServerOptions {
  /** Variables on top of the test's own environment. */
  readonly env?: Readonly<Record<string, string>>
  /** A server whose limits for slow clients are seconds, not minutes. */
  readonly impatient?: boolean
}

/** A MiniStack in a process of its own, on a free port. */
export interface ServerProcess {
  readonly port: number
  readonly endpoint: string
  readonly pid: number
  /** What it wrote so far, both streams. */
  output(): string
  /** How it ended; undefined while it runs. */
  ended(): string | undefined
  /** Asks it to end and waits until it has. */
  stop(): Promise<void>
  /** Ends it without warning. */
  kill(): Promise<void>
}

/** Starts the real server in a child process and waits until it says that it listens. @throws Error with its output when it doesn't. */
export async function startServerProcess({ env = {}, impatient = false }: ServerOptions = {}): Promise<ServerProcess> {
  const child = spawn(process.execPath, [impatient ? IMPATIENT : BIN], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, LOG_LEVEL: 'info', GATEWAY_PORT: '0', BIND_HOST: '127.0.0.1', ...env },
  })
  let output = ''
  const port = await new Promise<number>((resolve, reject) => {
    const fail = (why: string) => {
      child.kill('SIGKILL')
      reject(new Error(`the server ${why}:\n${output}`))
    }
    const timer = setTimeout(fail, START_LIMIT_MS, 'says nothing')
    const read = (chunk: string) => {
      output += chunk
      const listening = /https?:\/\/[^\s:]+:(\d+)/.exec(output)
      if (!listening) return
      clearTimeout(timer)
      resolve(Number(listening[1]))
    }
    child.stdout.setEncoding('utf8').on('data', read)
    child.stderr.setEncoding('utf8').on('data', read)
    child.once('error', error => fail(`can't be started: ${error.message}`))
    child.once('exit', code => fail(`ended with code ${code}`))
  })
  child.removeAllListeners('exit')
  return {
    port,
    endpoint: `http://localhost:${port}`,
    pid: child.pid!,
    output: () => output,
    ended: () => endOf(child),
    stop: () => end(child, 'SIGTERM'),
    kill: () => end(child, 'SIGKILL'),
  }
}

/** The memory that a process holds, in MiB; undefined where the system doesn't tell. */
export function residentMiB(pid: number): number | undefined {
  const file = `/proc/${pid}/status`
  if (!existsSync(file)) return undefined
  const kib = /^VmRSS:\s*(\d+) kB$/m.exec(readFileSync(file, 'utf8'))?.[1]
  return kib === undefined ? undefined : Number(kib) / 1024
}

function endOf({ exitCode, signalCode }: ChildProcess): string | undefined {
  if (signalCode !== null) return `signal ${signalCode}`
  return exitCode === null ? undefined : `code ${exitCode}`
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (endOf(child)) return
  child.kill(signal)
  await once(child, 'exit')
}
