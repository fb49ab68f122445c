import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'

/** The `ministack` program. */
export const BIN = join(dirname(createRequire(import.meta.url).resolve('ministack/package.json')), 'bin', 'ministack.mjs')

/** What a program that ended said. */
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly output: string
  readonly errors: string
}

/** The variables of the test's own process that a program needs; no setting of MiniStack or AWS among them. */
function bareEnvironment(): NodeJS.ProcessEnv {
  const { PATH, HOME } = process.env
  return { PATH, HOME, NODE_NO_WARNINGS: '1' }
}

/** Runs `ministack` to its end. */
export async function ministack(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const child = spawn(process.execPath, [BIN, ...args], { env: { ...bareEnvironment(), ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  let errors = ''
  child.stdout.setEncoding('utf8').on('data', text => {
    output += text
  })
  child.stderr.setEncoding('utf8').on('data', text => {
    errors += text
  })
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  return { code, signal, output, errors }
}

/** A server that listens. */
export interface Serving {
  readonly pid: number
  readonly port: number
  readonly endpoint: string
  /** What it has logged so far. */
  readonly log: readonly string[]
  /** Waits for a line of the log, from the next one on. */
  line(pattern: RegExp): Promise<void>
  /** Sends a signal and waits for the end. */
  kill(signal: NodeJS.Signals): Promise<{ code: number | null; signal: NodeJS.Signals | null }>
}

/**
 * Starts `ministack` in the foreground, on any free port unless the arguments name one, and waits for the line that says it listens.
 * @throws Error with its output when it ends before that.
 */
export async function serve(args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Promise<Serving> {
  const child = spawn(process.execPath, [BIN, ...args], {
    env: { ...bareEnvironment(), GATEWAY_PORT: '0', ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>
  const log: string[] = []
  const lines = createInterface({ input: child.stderr })
  const port = await new Promise<number>((resolve, reject) => {
    lines.on('line', line => {
      log.push(line)
      const match = /listens on http:\/\/[^ ]*:(\d+)/.exec(line)
      if (match) resolve(Number(match[1]))
    })
    lines.on('close', () => reject(new Error(`ministack ended:\n${log.join('\n')}`)))
  })
  return {
    pid: child.pid!,
    port,
    endpoint: `http://127.0.0.1:${port}`,
    log,
    line: pattern =>
      new Promise(resolve => {
        lines.on('line', line => {
          if (pattern.test(line)) resolve()
        })
      }),
    async kill(signal) {
      child.kill(signal)
      const [code, by] = await exited
      return { code, signal: by }
    },
  }
}
