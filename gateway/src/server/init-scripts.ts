import { spawn } from 'node:child_process'
import { access, constants, readdir, stat } from 'node:fs/promises'
import { extname, join } from 'node:path'
import type { Log } from '../runtime/log.js'

/** When a script runs: before the port opens, or after. */
export type Stage = 'boot' | 'ready'

/** How far a stage is, as health and ready tell it. */
export interface StageStatus {
  status: 'pending' | 'running' | 'completed'
  total: number
  completed: number
  failed: number
}

/** Where scripts are looked for, in this order. */
export const INIT_FOLDERS: Readonly<Record<Stage, readonly string[]>> = {
  boot: ['/docker-entrypoint-initaws.d', '/docker-entrypoint-initaws.d/boot.d', '/etc/localstack/init/boot.d'],
  ready: ['/docker-entrypoint-initaws.d/ready.d', '/etc/localstack/init/ready.d'],
}

/** What {@link InitScripts} are made from. */
export interface InitScriptsOptions {
  readonly log: Log
  readonly region: string
  /** The address of this server, once it is known. */
  readonly endpoint: () => string
  readonly folders?: Readonly<Record<Stage, readonly string[]>>
  /** What scripts inherit; the process's own by default. */
  readonly env?: Readonly<Record<string, string | undefined>>
}

/** How much of a failed script's output is told, in characters. */
const TAIL = 2000

/** The user's own scripts, run in the order of their names; one that fails is told in the log and the next runs. */
export class InitScripts {
  readonly status: Readonly<Record<Stage, StageStatus>> = {
    boot: { status: 'pending', total: 0, completed: 0, failed: 0 },
    ready: { status: 'pending', total: 0, completed: 0, failed: 0 },
  }
  readonly #options: InitScriptsOptions
  readonly #abort = new AbortController()

  constructor(options: InitScriptsOptions) {
    this.#options = options
  }

  /** Runs a stage's scripts, one after the other; never rejects. */
  async run(stage: Stage): Promise<void> {
    const { log, folders = INIT_FOLDERS } = this.#options
    const status = this.status[stage]
    const scripts = (await Promise.all(folders[stage].map(scriptsIn))).flat()
    Object.assign(status, { status: 'running', total: scripts.length, completed: 0, failed: 0 })
    for (const file of scripts) {
      if (this.#abort.signal.aborted) break
      const started = performance.now()
      try {
        await this.#runOne(file)
        status.completed++
        log.info(`${stage} script ${file} is done`, { ms: Math.round(performance.now() - started) })
      } catch (error) {
        status.failed++
        log.error(`${stage} script ${file} failed: ${(error as Error).message}`)
      }
    }
    status.status = 'completed'
  }

  /** Ends the script that runs now and starts no more. */
  stop(): void {
    this.#abort.abort()
  }

  async #runOne(file: string): Promise<void> {
    const { log, region, endpoint, env = process.env } = this.#options
    const [command, ...args] = await commandFor(file)
    await new Promise<void>((resolve, reject) => {
      const child = spawn(command!, args, {
        stdio: ['ignore', 'pipe', 'pipe'],
        signal: this.#abort.signal,
        env: {
          ...env,
          AWS_ACCESS_KEY_ID: 'test',
          AWS_SECRET_ACCESS_KEY: 'test',
          AWS_DEFAULT_REGION: region,
          AWS_ENDPOINT_URL: endpoint(),
        },
      })
      let output = ''
      const take = (chunk: Buffer) => {
        const text = chunk.toString()
        output = (output + text).slice(-TAIL)
        for (const line of text.trimEnd().split('\n')) log.debug(`${file}: ${line}`)
      }
      child.stdout.on('data', take)
      child.stderr.on('data', take)
      child.once('error', reject)
      child.once('close', (code, signal) => {
        if (code === 0) resolve()
        else reject(new Error(`${code === null ? `ended by ${signal}` : `exit code ${code}`}${output && `\n${output.trimEnd()}`}`))
      })
    })
  }
}

async function scriptsIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  const files: string[] = []
  for (const { name } of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const file = join(folder, name)
    // Mounted scripts are often symbolic links, so it is the target that counts.
    const isFile = (await stat(file).catch(() => undefined))?.isFile() ?? false
    if (isFile && (['.sh', '.py', '.js'].includes(extname(name)) || (await isExecutable(file)))) files.push(file)
  }
  return files
}

async function commandFor(file: string): Promise<string[]> {
  switch (extname(file)) {
    case '.py':
      return ['python3', file]
    case '.js':
      return [process.execPath, file]
    case '.sh':
      return (await isExecutable(file)) ? [file] : ['sh', file]
    default:
      return [file]
  }
}

async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  )
}
