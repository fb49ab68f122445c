import { s3Error } from './errors.js'

/** Bytes `start` to `end`, exclusive. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/**
 * The bytes that a `Range` header asks for; undefined when the whole object is the answer: no range, more than one, or no valid form.
 *
 * @throws InvalidRange when no byte of it is there.
 */
export function parseRange(header: string | undefined, size: number): ByteRange | undefined {
  const match = /^\s*bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*$/i.exec(header ?? '')
  if (!match) return undefined
  const [, first = '', last = ''] = match
  if (first === '' && last === '') return undefined
  const unsatisfiable = () => s3Error('InvalidRange', { fields: { RangeRequested: header, ActualObjectSize: size } })
  if (first === '') {
    const length = Number(last)
    if (length === 0 || size === 0) throw unsatisfiable()
    return { start: Math.max(0, size - length), end: size }
  }
  const start = Number(first)
  if (last !== '' && Number(last) < start) return undefined
  if (start >= size) throw unsatisfiable()
  return { start, end: last === '' ? size : Math.min(Number(last) + 1, size) }
}

export function contentRange({ start, end }: ByteRange, size: number): string {
  return `bytes ${start}-${end - 1}/${size}`
}
