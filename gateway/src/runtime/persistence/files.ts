import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { readFirstLine } from './lines.js'

/** The version of the files' form. A newer one is refused. */
export const FORMAT = 1

/** Readable only by their owner: the state holds secrets. */
export const FILE_MODE = 0o600

/** The first line of every file. */
export interface Header {
  readonly ministack: 'snapshot' | 'journal'
  readonly format: number
  readonly unit: string
  readonly stateVersion: number
}

/** One file of a unit's state. A snapshot of generation n together with the journals from n on is the whole state. */
export interface StateFile {
  readonly kind: 'snapshot' | 'journal'
  readonly generation: number
  readonly path: string
}

/** The files of one unit: the folder of its name in the state directory. */
export class UnitFiles {
  readonly dir: string
  readonly unit: string
  readonly stateVersion: number

  constructor(stateDir: string, unit: string, stateVersion: number) {
    this.dir = join(stateDir, unit)
    this.unit = unit
    this.stateVersion = stateVersion
  }

  path(kind: StateFile['kind'], generation: number): string {
    return join(this.dir, `${kind}.${generation}.jsonl`)
  }

  /** Where a snapshot is written until it is whole. */
  get draft(): string {
    return join(this.dir, 'snapshot.tmp')
  }

  /** Where lines go that can't be read. */
  get bad(): string {
    return join(this.dir, 'records.bad')
  }

  /** The header line of a new file. */
  header(kind: StateFile['kind']): string {
    const header: Header = { ministack: kind, format: FORMAT, unit: this.unit, stateVersion: this.stateVersion }
    return `${JSON.stringify(header)}\n`
  }

  /** What there is, oldest generation first. */
  async list(): Promise<StateFile[]> {
    const files: StateFile[] = []
    for (const name of await readdir(this.dir)) {
      const match = /^(snapshot|journal)\.(\d+)\.jsonl$/.exec(name)
      if (match) files.push({ kind: match[1] as StateFile['kind'], generation: Number(match[2]), path: join(this.dir, name) })
    }
    return files.sort((a, b) => a.generation - b.generation)
  }

  /**
   * Deletes files, the newest journal first and snapshots last: when it is cut short, what is left is a whole older state.
   */
  async remove(files: readonly StateFile[]): Promise<void> {
    const journals = files.filter(file => file.kind === 'journal').reverse()
    for (const file of [...journals, ...files.filter(file => file.kind === 'snapshot')]) await rm(file.path, { force: true })
  }
}

/** A file's header; undefined when there is none that can be read. */
export function parseHeader(line: Buffer): Header | undefined {
  try {
    const header = JSON.parse(line.toString()) as Partial<Header> | null
    if (Number.isInteger(header?.format) && Number.isInteger(header?.stateVersion)) return header as Header
  } catch {
    // Not JSON: no header.
  }
  return undefined
}

/**
 * Checks that a file can be read by this version.
 * @throws Error that names the file and says what to do.
 */
export async function checkHeader(file: StateFile, stateVersion: number, canMigrate: boolean): Promise<void> {
  const line = await readFirstLine(file.path)
  const header = line && parseHeader(line)
  if (!header) return
  const wayOut = 'use the version that wrote it, set another STATE_DIR, or delete the file to start afresh'
  if (header.format > FORMAT) {
    throw new Error(`${file.path} has format ${header.format}, written by a newer MiniStack; this one reads up to ${FORMAT}: ${wayOut}`)
  }
  if (header.stateVersion > stateVersion) {
    throw new Error(
      `${file.path} has state version ${header.stateVersion}, written by a newer MiniStack; this one reads up to ${stateVersion}: ${wayOut}`,
    )
  }
  if (header.stateVersion < stateVersion && !canMigrate) {
    throw new Error(
      `${file.path} has state version ${header.stateVersion}; this MiniStack needs ${stateVersion} and can't convert it: ${wayOut}`,
    )
  }
}
