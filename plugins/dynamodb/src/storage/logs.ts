import type { ChangeSink, Durable } from '@ministack/gateway'

/** What every entry of a log has. */
export interface LogEntry {
  /** 21 digits, so that text order is the order of the numbers. */
  readonly sequence: string
  /** Milliseconds since the epoch. */
  readonly at: number
}

interface Log<E> {
  readonly scopeKey: string
  readonly entries: E[]
}

/**
 * Logs by name, each with its entries in order. On disk each entry is a record of its own, `<log>/<sequence number>`; the record `<log>/` stands for a
 * whole log and is only ever deleted.
 */
export class Logs<E extends LogEntry> implements Durable {
  readonly name: string
  readonly #logs = new Map<string, Log<E>>()
  #sink: ChangeSink | undefined

  constructor(name: string) {
    this.name = name
  }

  /** The entries of a log, oldest first. */
  of(log: string): readonly E[] {
    return this.#logs.get(log)?.entries ?? []
  }

  /** Adds an entry with the next sequence number, which tells the time and is above all before it. */
  append(log: string, scopeKey: string, at: number, content: Omit<E, 'sequence' | 'at'>): void {
    const { entries } = this.#log(log, scopeKey)
    const entry = { sequence: nextSequence(entries.at(-1)?.sequence, at), at, ...content } as unknown as E
    entries.push(entry)
    this.#sink?.record(this.name, scopeKey, `${log}/${entry.sequence}`, entry)
  }

  /** Drops the entries from before a time; answers the last one's sequence number. */
  trim(log: string, before: number): string | undefined {
    const stored = this.#logs.get(log)
    if (!stored) return undefined
    const { entries, scopeKey } = stored
    let count = 0
    while (count < entries.length && entries[count]!.at < before) count++
    const trimmed = entries.splice(0, count)
    for (const { sequence } of trimmed) this.#sink?.record(this.name, scopeKey, `${log}/${sequence}`, undefined)
    return trimmed.at(-1)?.sequence
  }

  /** Forgets a log with all its entries. */
  drop(log: string): void {
    const stored = this.#logs.get(log)
    if (!stored) return
    this.#logs.delete(log)
    this.#sink?.record(this.name, stored.scopeKey, `${log}/`, undefined)
  }

  attach(sink: ChangeSink): void {
    this.#sink = sink
  }

  *records(): Iterable<[string, string, unknown]> {
    for (const [log, { scopeKey, entries }] of this.#logs) {
      for (const entry of entries) yield [scopeKey, `${log}/${entry.sequence}`, entry]
    }
  }

  restore(scopeKey: string, key: string, value: unknown): void {
    const slash = key.lastIndexOf('/')
    const log = key.slice(0, slash)
    if (slash === key.length - 1) {
      this.#logs.delete(log)
      return
    }
    const { entries } = this.#log(log, scopeKey)
    const sequence = key.slice(slash + 1)
    const after = firstAfter(entries, sequence)
    const known = entries[after - 1]?.sequence === sequence
    // A journal may tell what its snapshot has already.
    const at = known ? after - 1 : after
    if (value === undefined) entries.splice(at, known ? 1 : 0)
    else entries.splice(at, known ? 1 : 0, value as E)
  }

  #log(name: string, scopeKey: string): Log<E> {
    let log = this.#logs.get(name)
    if (!log) {
      log = { scopeKey, entries: [] }
      this.#logs.set(name, log)
    }
    return log
  }
}

const TIME_DIGITS = 13
const COUNT_DIGITS = 8

/** The sequence number that a time begins with. */
export function sequenceAt(time: number): string {
  return String(time).padStart(TIME_DIGITS, '0') + '0'.repeat(COUNT_DIGITS)
}

function nextSequence(last: string | undefined, at: number): string {
  const first = sequenceAt(at)
  return last === undefined || last < first ? first : String(BigInt(last) + 1n).padStart(TIME_DIGITS + COUNT_DIGITS, '0')
}

/** The place of the first entry above a sequence number. */
export function firstAfter(entries: readonly LogEntry[], sequence: string): number {
  let low = 0
  let high = entries.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (entries[middle]!.sequence > sequence) high = middle
    else low = middle + 1
  }
  return low
}
