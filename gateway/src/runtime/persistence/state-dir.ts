import { createHash, randomUUID } from 'node:crypto'
import { access, constants, link, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { processStart } from '../../authoring/process-start.js'
import type { Log } from '../log.js'
import { FILE_MODE } from './files.js'

/** A state directory that is ours until it is closed. */
export interface StateDir {
  readonly path: string
  /** Lets others have it. */
  close(): Promise<void>
}

/** Who holds a directory. */
interface Holder {
  readonly id: string
  readonly pid: number
  /** When the process started, as the system tells it: a pid alone may have been given to another process. */
  readonly started: string | undefined
  readonly host: string
}

const LOCK = 'ministack.lock'

/** Between two looks at a lock that somebody else is removing, in milliseconds. */
const WAIT_MS = 5

/**
 * Makes the state directory if need be, checks that it can be written, and locks it, so that no two MiniStacks write to it. A lock that a dead
 * process left behind is taken over.
 * @param setting the variable that names the directory, for messages.
 * @throws Error that says what is wrong: it can't be made or written, or who has it.
 */
export async function openStateDir(dir: string, log: Log, setting = 'STATE_DIR'): Promise<StateDir> {
  const path = resolve(dir)
  try {
    await mkdir(path, { recursive: true, mode: 0o700 })
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK)
    return await lock(path, log, setting)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === undefined) throw error
    throw new Error(`${setting} ${path} can't be used: ${(error as Error).message}`, { cause: error })
  }
}

async function lock(path: string, log: Log, setting: string): Promise<StateDir> {
  const file = join(path, LOCK)
  const own: Holder = { id: randomUUID(), pid: process.pid, started: processStart(process.pid), host: hostname() }
  const draft = `${file}.${own.id}`
  await writeFile(draft, `${JSON.stringify(own)}\n`, { mode: FILE_MODE })
  try {
    const holder = await acquire(file, draft, log)
    if (holder) {
      throw new Error(
        holder.pid === own.pid
          ? `${setting} ${path} is in use by another MiniStack of this process; give each its own`
          : `${setting} ${path} is in use by process ${holder.pid}; stop it or set another ${setting}`,
      )
    }
  } finally {
    await rm(draft, { force: true })
  }
  return {
    path,
    close: async () => {
      if ((await readHolder(file))?.id === own.id) await rm(file, { force: true })
    },
  }
}

/**
 * Makes the lock ours, in place of one whose holder is dead. Only who holds a second lock, named after the stale one, may remove that: else of two
 * who saw it the slower one would remove the new lock of the faster.
 * @param draft our lock's content in a file of its own.
 * @returns who lives and has it; undefined when it is ours.
 */
async function acquire(file: string, draft: string, log: Log): Promise<Holder | undefined> {
  while (!(await linked(draft, file))) {
    const holder = await readHolder(file)
    if (!holder) continue
    if (await isAlive(holder)) return holder
    const right = `${file}.${createHash('sha256').update(holder.id).digest('hex').slice(0, 16)}`
    if (await acquire(right, draft, log)) {
      await sleep(WAIT_MS)
      continue
    }
    try {
      if ((await readHolder(file))?.id !== holder.id) continue
      if (holder.host !== hostname())
        log.warn(`the state directory was last used on ${holder.host}, which is taken to have ended`, { file })
      await rm(file, { force: true })
    } finally {
      await rm(right, { force: true })
    }
  }
  return undefined
}

/** Gives a file a second name; false when that name is taken. A link comes into being with its content, where a new file is empty first. */
async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** Undefined when there is no lock; a lock that can't be read was left by nobody who lives. */
async function readHolder(file: string): Promise<Holder | undefined> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  try {
    return JSON.parse(text) as Holder
  } catch {
    return { id: text, pid: 0, started: undefined, host: hostname() }
  }
}

async function isAlive(holder: Holder): Promise<boolean> {
  if (holder.host !== hostname() || !Number.isInteger(holder.pid) || holder.pid <= 0) return false
  try {
    process.kill(holder.pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
  }
  const started = processStart(holder.pid)
  return started === undefined || holder.started === undefined || started === holder.started
}
