import { isDeepStrictEqual } from 'node:util'

/** A value in the form in which two are compared: bytes and dates by content, absent members gone, names in order. */
export function normalized(value: unknown): unknown {
  if (value instanceof Date) return { date: value.getTime() }
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString('base64') }
  // The SDK gives JSON strings of headers as objects of its own that carry the text.
  if (value instanceof String) return value.toString()
  if (Array.isArray(value)) return value.map(normalized)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value)
    .filter(([name, item]) => item !== undefined && name !== '$metadata')
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([name, item]) => [name, normalized(item)]))
}

/** Up to three places where two values differ, in words; empty when they are the same. */
export function differences(wanted: unknown, got: unknown): string[] {
  const found: string[] = []
  walk(normalized(wanted), normalized(got), '', found)
  return found
}

function walk(wanted: unknown, got: unknown, path: string, found: string[]): void {
  if (found.length >= 3 || isDeepStrictEqual(wanted, got)) return
  if (isObject(wanted) && isObject(got) && Array.isArray(wanted) === Array.isArray(got)) {
    const before = found.length
    for (const key of new Set([...Object.keys(wanted), ...Object.keys(got)])) walk(wanted[key], got[key], `${path}.${key}`, found)
    if (found.length > before) return
  }
  found.push(`${path || '.'}: wanted ${brief(wanted)}, got ${brief(got)}`)
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

const brief = (value: unknown): string => (JSON.stringify(value) ?? 'nothing').slice(0, 120)
