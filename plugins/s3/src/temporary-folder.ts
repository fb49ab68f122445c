import { mkdtempSync, readlinkSync, writeFileSync } from 'node:fs'
import { readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { processStart } from '@ministack/gateway'

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
  void sweep(owner).catch(() => {})
  return folder
}

async function sweep(own: string): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(PREFIX)) continue
    const folder = join(tmpdir(), name)
    const owner = await readFile(join(folder, OWNER), 'utf8').catch(() => undefined)
    if (owner !== undefined && isOver(owner, own)) await rm(folder, { recursive: true, force: true })
  }
}

/** Is it a process of this start of the system, and seen from here, that has ended? What another container owns, say, can't be judged. */
function isOver(owner: string, own: string): boolean {
  const [numbers, system, pid] = owner.split(' ')
  return own.startsWith(`${numbers} ${system} `) && ownerOf(Number(pid)) !== owner
}

/** A process by the namespace of its number, the start of the system, its number and its own start; undefined where there is none, or no telling. */
function ownerOf(pid: number): string | undefined {
  const [system, start] = processStart(pid)?.split('/') ?? []
  if (start === undefined) return undefined
  try {
    return `${readlinkSync('/proc/self/ns/pid')} ${system} ${pid} ${start}`
  } catch {
    return undefined
  }
}
