import { mkdtempSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const PREFIX = 'ministack-s3-'
/** In each folder: the process that it belongs to. */
const OWNER = 'owner'

/** Makes a folder for what doesn't outlive this process, and removes those of processes that were killed before they could. */
export function makeTemporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), PREFIX))
  const owner = ownerOf(process.pid)
  if (owner === undefined) return folder
  writeFileSync(join(folder, OWNER), owner)
  // Who can't look into a folder, or remove it, has no right to it.
  void sweep().catch(() => {})
  return folder
}

async function sweep(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(PREFIX)) continue
    const folder = join(tmpdir(), name)
    const owner = await readFile(join(folder, OWNER), 'utf8').catch(() => undefined)
    if (owner !== undefined && isOver(owner)) await rm(folder, { recursive: true, force: true })
  }
}

/** Is it a process of this system that has ended? One that another container sees, say, is none that could be told from here. */
function isOver(owner: string): boolean {
  const [system, pid] = owner.split(' ')
  return system === SYSTEM && ownerOf(Number(pid)) !== owner
}

/** A process by its system, its number and, since numbers are given again, the moment of its start; undefined where there is none, or no telling. */
function ownerOf(pid: number): string | undefined {
  if (SYSTEM === undefined) return undefined
  const status = attempt(() => readFileSync(`/proc/${pid}/stat`, 'utf8'))
  // What comes behind the program's name, which may have blanks: the 22nd field is the start.
  const start = status?.slice(status.lastIndexOf(')') + 2).split(' ')[19]
  return start && `${SYSTEM} ${pid} ${start}`
}

/** This start of the kernel and this namespace of process numbers; undefined on systems other than Linux. */
const SYSTEM = attempt(() => `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${readlinkSync('/proc/self/ns/pid')}`)

function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
