import { appendFile } from 'node:fs/promises'
import type { Durable } from '../scoped-dict.js'
import { FILE_MODE, parseHeader, type StateFile, type UnitFiles } from './files.js'
import { readLines } from './lines.js'
import { type Change, encodeRecord, parseLine } from './records.js'
import type { UnitStoreOptions } from './unit-store.js'

/**
 * Reads one file into the durables. What can't be read is copied to the unit's bad file, with a warning, and takes nothing else down.
 * @returns how much of the file counts, and whether something in it was set aside or converted.
 */
export async function readStateFile(
  file: StateFile,
  files: UnitFiles,
  durables: ReadonlyMap<string, Durable>,
  { log, stateVersion, migrate }: UnitStoreOptions,
): Promise<{ size: number; odd: boolean }> {
  const bad: string[] = []
  let version = stateVersion
  let number = 0
  let size = 0
  let parts: Change[] = []

  const setAside = (line: string, error: unknown) => {
    bad.push(line, '\n')
    const reason = error instanceof Error ? error.message : String(error)
    log.warn(`a record of ${files.unit} can't be read and was set aside`, { file: file.path, line: number, copy: files.bad, reason })
  }
  const apply = (changes: readonly Change[]) => {
    for (const { dict, scope, key, value } of changes) {
      try {
        const durable = durables.get(dict)
        if (!durable) throw new Error(`there is no ${dict}`)
        durable.restore(scope, key, value === undefined || version === stateVersion ? value : migrate!({ dict, key, value }, version))
      } catch (error) {
        setAside(text(Buffer.from(encodeRecord(dict, scope, key, value))), error)
      }
    }
  }

  const tail = await readLines(file.path, (line, end) => {
    number++
    if (number === 1) {
      const header = parseHeader(line)
      if (header) version = header.stateVersion
      else setAside(text(line), 'it is no header')
      size = end
      return
    }
    let whole = true
    try {
      const read = parseLine(file.kind, line)
      whole = read.whole
      if (whole && parts.length === 0) apply(read.records)
      else for (const record of read.records) parts.push(record)
    } catch (error) {
      setAside(text(line), error)
    }
    if (!whole) return
    if (parts.length > 0) apply(parts)
    parts = []
    size = end
  })
  if (tail.length > 0 && file.kind === 'snapshot') setAside(text(tail), 'its end is missing')
  else if (tail.length > 0 || parts.length > 0) log.warn('the journal ends in a torn line, which is dropped', { file: file.path })
  if (bad.length > 0) await appendFile(files.bad, bad.join(''), { mode: FILE_MODE, encoding: 'latin1' })
  return { size, odd: bad.length > 0 || version < stateVersion }
}

/** A line's bytes, each as one character, so that what isn't UTF-8 is copied as it is. */
function text(line: Buffer): string {
  return line.toString('latin1')
}
