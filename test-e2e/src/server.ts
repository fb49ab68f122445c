import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** The `ministack` program. */
export const BIN = join(dirname(createRequire(import.meta.url).resolve('ministack/package.json')), 'bin', 'ministack.mjs')

const IMPATIENT = fileURLToPath(new URL('./impatient-server.js', import.meta.url))
const START_LIMIT_MS = 60_000

/**
 * Runs Node. By this variable tap would put its hooks, and a thread with a heap for them, into the server: what that takes of memory and time is to be
 * its own.
 */
const NODE = process.platform === 'win32' ? [process.execPath] : ['env', '-u', 'NODE_OPTIONS', process.execPath]

/** How a test's server differs from the usual one. */
export interface ServerOptions {
  readonly args?: readonly string[]
  /** Its whole environment, but for what finds programs. */
  readonly env?: Readonly<Record<string, string>>
  /** A server whose limits for slow clients are seconds, not minutes. */
  readonly impatient?: boolean
}

/** How a process ended. */
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A MiniStack in a process of its own. */
export interface ServerProcess {
  readonly port: number
  readonly endpoint: string
  readonly pid: number
  /** The lines that it logged so far. */
  readonly log: readonly string[]
  /** Waits for a line of the log, from the next one on. */
  line(pattern: RegExp): Promise<void>
  /** How it ended; undefined while it runs. */
  ended(): string | undefined
  /** Asks it to end and waits until it has. */
  stop(): Promise<Ended>
  /** Sends a signal, by default one that ends it without warning, and waits for the end. */
  kill(signal?: NodeJS.Signals): Promise<Ended>
}

/** The variables of the test's own process that a program needs; no setting of MiniStack or AWS among them. */
export function bareEnvironment(): NodeJS.ProcessEnv {
  const { PATH, HOME } = process.env
  return { PATH, HOME, NODE_NO_WARNINGS: '1' }
}

/**
 * Starts the real server in a child process, on any free port unless the arguments name one, and waits for the line that says it listens.
 * @throws Error with its output when it doesn't.
 */
export async function startServerProcess({ args = [], env = {}, impatient = false }: ServerOptions = {}): Promise<ServerProcess> {
  const [command = '', ...before] = NODE
  const child = spawn(command, [...before, impatient ? IMPATIENT : BIN, ...args], {
    env: { ...bareEnvironment(), GATEWAY_PORT: '0', ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const log: string[] = []
  const lines = createInterface({ input: child.stderr })
  const port = await new Promise<number>((resolve, reject) => {
    const fail = (why: string) => {
      clearTimeout(timer)
      child.kill('SIGKILL')
      reject(new Error(`the server ${why}:\n${log.join('\n')}`))
    }
    const timer = setTimeout(fail, START_LIMIT_MS, 'says nothing')
    lines.on('line', line => {
      log.push(line)
      const match = /listens on https?:\/\/[^ ]*:(\d+)/.exec(line)
      if (!match) return
      clearTimeout(timer)
      resolve(Number(match[1]))
    })
    lines.on('close', () => fail(`ended with ${endOf(child) ?? 'its output closed'}`))
  })
  const kill = (signal: NodeJS.Signals = 'SIGKILL') => end(child, signal)
  return {
    port,
    endpoint: `http://localhost:${port}`,
    pid: child.pid!,
    log,
    line: pattern =>
      new Promise(resolve => {
        lines.on('line', line => {
          if (pattern.test(line)) resolve()
        })
      }),
    ended: () => endOf(child),
    stop: () => kill('SIGTERM'),
    kill,
  }
}

/** The memory that a process holds, in MiB; undefined where the system doesn't tell. */
export function residentMiB(pid: number): number | undefined {
  return statusMiB(pid, 'VmRSS')
}

/** The most memory that a process held so far, in MiB; undefined where the system doesn't tell. */
export function peakResidentMiB(pid: number): number | undefined {
  return statusMiB(pid, 'VmHWM')
}

function statusMiB(pid: number, name: string): number | undefined {
  const file = `/proc/${pid}/status`
  if (!existsSync(file)) return undefined
  const kib = new RegExp(`^${name}:\\s*(\\d+) kB$`, 'm').exec(readFileSync(file, 'utf8'))?.[1]
  return kib === undefined ? undefined : Number(kib) / 1024
}

function endOf({ exitCode, signalCode }: ChildProcess): string | undefined {
  if (signalCode !== null) return `signal ${signalCode}`
  return exitCode === null ? undefined : `code ${exitCode}`
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<Ended> {
  if (!endOf(child)) {
    child.kill(signal)
    await once(child, 'exit')
  }
  return { code: child.exitCode, signal: child.signalCode }
}
