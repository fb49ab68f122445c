import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { Connection } from './connection.js'
import type { Cores } from './cores.js'

const START_LIMIT_MS = 30_000

/** A server in a process of its own. */
export interface ServerProcess {
  readonly port: number
  readonly pid: number
  /** Milliseconds from the start of the process to its first answer. */
  readonly firstAnswer: number
  stop(): Promise<void>
}

function spawnNode(args: readonly string[], cores: Cores | undefined, env: NodeJS.ProcessEnv): ChildProcess {
  const [command, ...rest] = cores ? ['taskset', '-c', `${cores.server}`, process.execPath, ...args] : [process.execPath, ...args]
  return spawn(command!, rest, { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, ...env } })
}

/** Starts a server and sends it `probe` until it is answered. @param args Node's arguments, with the port where it says `{port}`. */
export async function startServer(args: readonly string[], probe: Buffer, cores: Cores | undefined): Promise<ServerProcess> {
  const port = await freePort()
  const started = performance.now()
  const env = { GATEWAY_PORT: `${port}`, LOG_LEVEL: 'warn' }
  const child = spawnNode(
    args.map(arg => arg.replace('{port}', `${port}`)),
    cores,
    env,
  )
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`the server ended with ${child.exitCode ?? child.signalCode}: node ${args.join(' ')}`)
    }
    if (performance.now() - started > START_LIMIT_MS) throw new Error(`the server doesn't answer: node ${args.join(' ')}`)
    if (await answers(port, probe)) break
    await sleep(1)
  }
  const firstAnswer = performance.now() - started
  return {
    port,
    pid: child.pid!,
    firstAnswer,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGTERM')
      await once(child, 'exit')
    },
  }
}

/** Milliseconds that a Node process with nothing to do takes from its start to its end. */
export async function nodeAlone(cores: Cores | undefined): Promise<number> {
  const started = performance.now()
  await once(spawnNode(['-e', '0'], cores, {}), 'exit')
  return performance.now() - started
}

/** The memory that a process holds, in MiB. */
export function residentMiB(pid: number): number {
  const kib = /^VmRSS:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kib) / 1024
}

/** Milliseconds of processor time that a process has used; undefined where the system doesn't tell. */
export function cpuMs(pid: number): number | undefined {
  const file = `/proc/${pid}/stat`
  if (!existsSync(file)) return undefined
  // The name in parentheses may hold anything; user and system time are the 12th and 13th fields after it, in hundredths of a second.
  const fields = readFileSync(file, 'utf8').split(') ').at(-1)!.split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10
}

async function answers(port: number, probe: Buffer): Promise<boolean> {
  let connection: Connection
  try {
    connection = await Connection.open(port)
  } catch {
    return false
  }
  try {
    return await new Promise<boolean>(resolve =>
      connection.send(
        probe,
        ({ status }) => resolve(status < 300),
        () => resolve(false),
      ),
    )
  } finally {
    connection.close()
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
