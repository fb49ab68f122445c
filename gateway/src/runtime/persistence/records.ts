import { isUtf8 } from 'node:buffer'
import { decode, encode } from './codec.js'

/** A change as it waits to be written: the newest value of one key, `undefined` for a deletion. */
export interface Change {
  readonly dict: string
  readonly scope: string
  readonly key: string
  readonly value: unknown
}

/** A line is cut into parts at this many characters, so that no string grows without bound. */
const PART = 16 << 20

/** One record: `["dict","scope","key",value]`; without a value, the key's deletion. */
export function encodeRecord(dict: string, scope: string, key: string, value: unknown): string {
  const name = `[${JSON.stringify(dict)},${JSON.stringify(scope)},${JSON.stringify(key)}`
  return value === undefined ? `${name}]` : `${name},${encode(value)}]`
}

/**
 * The changes as one journal line `[record,...]` that counts as a whole or not at all. A very long one is written as several lines
 * `{"part":[record,...]}` and a last one without `part`: the parts count only together with it.
 * @param failed gets each change whose value can't be kept.
 */
export function encodeChanges(changes: Iterable<Change>, failed: (change: Change, error: unknown) => void): Buffer[] {
  const lines: Buffer[] = []
  let text = ''
  for (const change of changes) {
    if (text.length > PART) {
      lines.push(Buffer.from(`{"part":[${text}]}\n`))
      text = ''
    }
    try {
      const record = encodeRecord(change.dict, change.scope, change.key, change.value)
      text += text === '' ? record : `,${record}`
    } catch (error) {
      failed(change, error)
    }
  }
  if (text !== '' || lines.length > 0) lines.push(Buffer.from(`[${text}]\n`))
  return lines
}

/** A line that was read: a snapshot's record, or what a journal line holds, in which `whole` tells that the parts before it count too. */
export interface Line {
  readonly records: readonly Change[]
  readonly whole: boolean
}

/**
 * Reads a line of a snapshot or a journal.
 * @throws Error that says what is wrong with it.
 */
export function parseLine(kind: 'snapshot' | 'journal', bytes: Buffer): Line {
  if (!isUtf8(bytes)) throw new Error('it is not UTF-8')
  const json = JSON.parse(bytes.toString()) as unknown
  if (kind === 'snapshot') return { records: [toChange(json)], whole: true }
  const whole = Array.isArray(json)
  const records = whole ? json : (json as { part?: unknown } | null)?.part
  if (!Array.isArray(records)) throw new Error('it is no list of records')
  return { records: records.map(toChange), whole }
}

function toChange(record: unknown): Change {
  if (!Array.isArray(record) || record.length < 3 || record.length > 4) throw new Error('it is no record')
  const [dict, scope, key, value] = record as unknown[]
  if (typeof dict !== 'string' || typeof scope !== 'string' || typeof key !== 'string') throw new Error('it is no record')
  return { dict, scope, key, value: record.length === 3 ? undefined : decode(value) }
}
