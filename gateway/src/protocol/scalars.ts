import { isUtf8 } from 'node:buffer'
import type { TimestampFormat } from './shapes.js'

/** Thrown by readers for a value that isn't what the model wants; the protocol makes AWS's error of it. */
export class MalformedValue extends Error {
  override readonly name = 'MalformedValue'
  /** Where on HTTP the value stood, what it was and what it should have been; known for labels, queries and headers. */
  binding: { readonly place: string; readonly text: string; readonly type: string } | undefined
}

/** How deep a value may nest before it is refused. */
export const MAX_DEPTH = 256

/** Counts a level of nesting. @throws MalformedValue past {@link MAX_DEPTH}. */
export function deeper(depth: number): number {
  if (depth >= MAX_DEPTH) throw new MalformedValue('Nesting is too deep')
  return depth + 1
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

const two = (n: number): string => (n < 10 ? `0${n}` : String(n))

function httpDate(date: Date): string {
  const day = `${DAYS[date.getUTCDay()]}, ${two(date.getUTCDate())} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`
  return `${day} ${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())} GMT`
}

/** What `toISOString` gives, in half its time: lists of a thousand objects have a thousand of them. */
export function isoTimestamp(date: Date): string {
  const year = date.getUTCFullYear()
  if (year < 1000 || year > 9999) return date.toISOString()
  const millis = date.getUTCMilliseconds()
  const day = `${year}-${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())}`
  const time = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`
  return `${day}T${time}.${millis < 10 ? '00' : millis < 100 ? '0' : ''}${millis}Z`
}

/** Writes a timestamp; milliseconds show only where there are any. */
export function formatTimestamp(date: Date, format: TimestampFormat): string {
  if (format === 'epoch-seconds') return String(date.getTime() / 1000)
  if (format === 'http-date') return httpDate(date)
  const text = isoTimestamp(date)
  return text.endsWith('.000Z') ? `${text.slice(0, -5)}Z` : text
}

/** Seconds since 1970 as a Date. @throws MalformedValue when no date has that many. */
export function fromEpoch(seconds: number): Date {
  const date = new Date(Math.round(seconds * 1000))
  if (Number.isNaN(date.getTime())) throw new MalformedValue('Timestamp is out of range')
  return date
}

const EPOCH = /^[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/
const ISO = /^\d{4}-\d\d-\d\d(?:[Tt ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:[Zz]|[+-]\d\d:?\d\d)?)?$/
const HTTP = /^(?:[A-Za-z]{3,9}, ?)?\d{1,2}[ -][A-Za-z]{3}[ -]\d{2,4} \d\d:\d\d:\d\d(?:\.\d+)? (?:GMT|UTC|[+-]\d{4})$/

/** Reads a timestamp of any of the three formats. @throws MalformedValue */
export function parseTimestamp(text: string): Date {
  const value = text.trim()
  if (EPOCH.test(value)) return fromEpoch(Number(value))
  if (ISO.test(value)) {
    // A date and time without an offset is UTC for AWS and local time for Date.
    const date = new Date(/[Tt ]\d\d:/.test(value) && !/(?:[Zz]|[+-]\d\d:?\d\d)$/.test(value) ? `${value}Z` : value)
    if (!Number.isNaN(date.getTime())) return date
  }
  if (HTTP.test(value)) {
    const date = new Date(value)
    if (!Number.isNaN(date.getTime())) return date
  }
  throw new MalformedValue(`${text} is not a valid timestamp`)
}

/** Reads base64. @throws MalformedValue for anything that isn't. */
export function parseBase64(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64')
  let length = text.length
  while (length > 0 && text.charCodeAt(length - 1) === 61) length--
  if (bytes.length === Math.floor((length * 3) / 4) && length % 4 !== 1) return bytes
  const compact = text.replace(/[\r\n\t ]+/g, '')
  if (compact.length !== text.length) return parseBase64(compact)
  throw new MalformedValue('Invalid Base64 value')
}

/** Writes bytes, or text as its UTF-8, as base64. */
export function toBase64(value: unknown): string {
  if (typeof value === 'string') return Buffer.from(value).toString('base64')
  const bytes = value as Uint8Array
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/

/** Reads a number from text. @throws MalformedValue */
export function parseNumber(text: string): number {
  const value = text.trim()
  if (NUMBER.test(value)) {
    const number = Number(value)
    if (Number.isFinite(number)) return number
  }
  if (value === 'NaN' || value === 'Infinity' || value === '-Infinity') return Number(value)
  throw new MalformedValue(`${text} is not a valid number`)
}

/** Reads a boolean from text. @throws MalformedValue */
export function parseBoolean(text: string): boolean {
  const value = text.trim().toLowerCase()
  if (value === 'true') return true
  if (value === 'false') return false
  throw new MalformedValue(`${text} is not a valid boolean`)
}

/** A decimal number of any precision: the form that the SDK gives as `NumericValue`. */
export interface BigDecimal {
  readonly string: string
  readonly type: 'bigDecimal'
}

/** Reads an integer of any size. @throws MalformedValue */
export function parseBigInteger(text: string): bigint {
  if (!/^[+-]?\d{1,4096}$/.test(text)) throw new MalformedValue(`${text.slice(0, 100)} is not a valid integer`)
  return BigInt(text)
}

/** Reads a decimal of any precision. @throws MalformedValue */
export function parseBigDecimal(text: string): BigDecimal {
  if (text.length > 4096 || !NUMBER.test(text)) throw new MalformedValue(`${text.slice(0, 100)} is not a valid decimal`)
  return { string: text, type: 'bigDecimal' }
}

/** Writes a `bigDecimal`, given as the SDK's `NumericValue`, text or number. */
export function formatBigDecimal(value: unknown): string {
  return typeof value === 'object' && value !== null && 'string' in value ? String(value.string) : String(value)
}

/** Decodes UTF-8. @throws MalformedValue for bytes that aren't. */
export function utf8(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw new MalformedValue('Invalid UTF-8')
  return bytes.toString('utf8')
}

/** Sets a property as plain data, whatever its name. */
export function setOwn(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true })
  else target[key] = value
}

/** A Date, for a member that the model calls a timestamp. @throws TypeError naming the member: a handler's mistake. */
export function dateOf(value: unknown, member: string): Date {
  if (value instanceof Date && !Number.isNaN(value.getTime())) return value
  throw new TypeError(`${member} must be a valid Date`)
}
