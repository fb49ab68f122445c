import { spawn } from 'node:child_process'
import { mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type Environment, portOf } from './endpoint.js'

/** What a server in the background tells the one who started it: where it listens, or why it doesn't. */
export type FirstWord = { readonly port: number } | { readonly error: string }

/** Tells the process that started this one in the background, if one did. */
export function tellParent(word: FirstWord): void {
  process.send?.(word, () => process.disconnect())
}

/** How long a server gets to finish its requests and write its state, in milliseconds. */
const STOP_MS = 30_000

/** Where the files of a server in the background are: a folder of this user's alone. */
function filesOf(port: string): { readonly pid: string; readonly log: string } {
  const dir = join(tmpdir(), `ministack-${userInfo().username}`)
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  return { pid: join(dir, `${port}.pid`), log: join(dir, `${port}.log`) }
}

/**
 * Starts a server in the background and waits until it listens.
 * @returns what to tell the user.
 * @throws Error with the server's own reason when it doesn't start.
 */
export async function detach(env: Environment): Promise<string> {
  const port = portOf(env)
  let files = filesOf(port)
  const log = openSync(files.log, 'w', 0o600)
  const bin = fileURLToPath(new URL('../../bin/ministack.mjs', import.meta.url))
  const child = spawn(process.execPath, [bin], { env, detached: true, stdio: ['ignore', log, log, 'ipc'] })
  const word = await new Promise<FirstWord>(resolve => {
    child.once('message', message => resolve(message as FirstWord))
    child.once('error', error => resolve({ error: error.message }))
    child.once('exit', (code, signal) => resolve({ error: `it ended with ${signal ?? `code ${code}`}; see ${files.log}` }))
  })
  if ('error' in word) throw new Error(word.error)
  if (String(word.port) !== port) {
    const named = filesOf(String(word.port))
    renameSync(files.log, named.log)
    files = named
  }
  writeFileSync(files.pid, `${child.pid}\n`, { mode: 0o600 })
  child.unref()
  return `MiniStack listens on port ${word.port} (process ${child.pid}, log ${files.log})`
}

/**
 * Ends the server that runs in the background on a port, and waits until it is gone.
 * @returns what to tell the user.
 * @throws Error when there is none, or when it doesn't end.
 */
export async function stop(env: Environment): Promise<string> {
  const port = portOf(env)
  const files = filesOf(port)
  const pid = readPid(files.pid)
  if (pid === undefined || !(await isServer(pid, addressOf(env.BIND_HOST?.trim() || '0.0.0.0'), port))) {
    rmSync(files.pid, { force: true })
    throw new Error(`no MiniStack runs in the background on port ${port}`)
  }
  process.kill(pid, 'SIGTERM')
  for (const end = Date.now() + STOP_MS; isAlive(pid); await sleep(20)) {
    if (Date.now() > end) throw new Error(`process ${pid} still works ${STOP_MS / 1000} s after it was told to stop; see ${files.log}`)
  }
  rmSync(files.pid, { force: true })
  return `MiniStack on port ${port} is stopped`
}

function readPid(file: string): number | undefined {
  try {
    return Number.parseInt(readFileSync(file, 'utf8'), 10) || undefined
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Whether the process is the server that listens there: a pid may have been given to another process since. */
async function isServer(pid: number, host: string, port: string): Promise<boolean> {
  if (!isAlive(pid)) return false
  try {
    const answer = await fetch(`http://${host}:${port}/_ministack/info`, { signal: AbortSignal.timeout(STOP_MS) })
    return ((await answer.json()) as { pid?: number }).pid === pid
  } catch {
    return false
  }
}

function addressOf(bindHost: string): string {
  if (bindHost === '0.0.0.0') return '127.0.0.1'
  if (bindHost === '::') return '[::1]'
  return bindHost.includes(':') ? `[${bindHost}]` : bindHost
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  try {
    // A zombie has ended, and only waits for its parent to hear of it.
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return true
  }
}
