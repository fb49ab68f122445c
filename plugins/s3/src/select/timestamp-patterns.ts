import { selectError } from './errors.js'
import { formatOffset, type Timestamp } from './timestamps.js'

const MONTHS = 'January February March April May June July August September October November December'.split(' ')

type Write = (timestamp: Timestamp, local: Date) => string

const padded =
  (length: number, read: (local: Date) => number): Write =>
  (_, local) =>
    String(read(local)).padStart(length, '0')
const hour12 = (local: Date): number => local.getUTCHours() % 12 || 12
const monthName = (local: Date): string => MONTHS[local.getUTCMonth()] ?? ''
const zone = (zero: string | undefined, separator: string, short = false): Write => {
  return ({ offset = 0 }) => {
    if (offset === 0 && zero !== undefined) return zero
    const text = formatOffset(offset, separator)
    return short && text.endsWith('00') ? text.slice(0, 3) : text
  }
}

/** The symbols of a pattern: https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-select-sql-reference-date.html */
const SYMBOLS: Readonly<Record<string, Write>> = {
  yy: (_, local) => String(local.getUTCFullYear() % 100).padStart(2, '0'),
  y: padded(1, local => local.getUTCFullYear()),
  yyyy: padded(4, local => local.getUTCFullYear()),
  M: padded(1, local => local.getUTCMonth() + 1),
  MM: padded(2, local => local.getUTCMonth() + 1),
  MMM: (_, local) => monthName(local).slice(0, 3),
  MMMM: (_, local) => monthName(local),
  MMMMM: (_, local) => monthName(local).slice(0, 1),
  d: padded(1, local => local.getUTCDate()),
  dd: padded(2, local => local.getUTCDate()),
  a: (_, local) => (local.getUTCHours() < 12 ? 'AM' : 'PM'),
  h: padded(1, hour12),
  hh: padded(2, hour12),
  H: padded(1, local => local.getUTCHours()),
  HH: padded(2, local => local.getUTCHours()),
  m: padded(1, local => local.getUTCMinutes()),
  mm: padded(2, local => local.getUTCMinutes()),
  s: padded(1, local => local.getUTCSeconds()),
  ss: padded(2, local => local.getUTCSeconds()),
  n: ({ fraction }) => String(Number(fraction.padEnd(9, '0').slice(0, 9))),
  X: zone('Z', '', true),
  XX: zone('Z', ''),
  XXXX: zone('Z', ''),
  XXX: zone('Z', ':'),
  XXXXX: zone('Z', ':'),
  x: zone(undefined, '', true),
  xx: zone(undefined, ''),
  xxxx: zone(undefined, ''),
  xxx: zone(undefined, ':'),
  xxxxx: zone(undefined, ':'),
}

/**
 * A timestamp in the form of a pattern such as `MMMM d, y h:m a`; what stands in single quotes is text.
 *
 * @throws EvaluatorInvalidTimestampFormatPatternSymbol, EvaluatorUnterminatedTimestampFormatPatternToken
 */
export function formatByPattern(timestamp: Timestamp, pattern: string): string {
  const { local } = timestamp
  let text = ''
  for (const [piece, quoted, letters] of pattern.matchAll(/'((?:[^']|'')*)'|([A-Za-z])\2*|[\s\S]/g)) {
    if (piece === "'") throw selectError('EvaluatorUnterminatedTimestampFormatPatternToken')
    if (quoted !== undefined) text += quoted === '' ? "'" : quoted.replaceAll("''", "'")
    else if (letters === 'S') text += timestamp.fraction.padEnd(piece.length, '0').slice(0, piece.length)
    else if (letters !== undefined) {
      const write = SYMBOLS[piece]
      if (!write) {
        const message = `The timestamp format pattern contains an invalid symbol in the SQL expression: ${piece}`
        throw selectError('EvaluatorInvalidTimestampFormatPatternSymbol', message)
      }
      text += write(timestamp, local)
    } else text += piece
  }
  return text
}
