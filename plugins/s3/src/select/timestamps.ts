import type { DatePart } from './ast.js'

/** How exactly a timestamp was told: Ion's timestamps may end after each of these. */
export type Precision = 'year' | 'month' | 'day' | 'minute' | 'second'

const PRECISIONS: readonly Precision[] = ['year', 'month', 'day', 'minute', 'second']

/** A moment as it was told: with the offset of its place and no more digits than were given. */
export class Timestamp {
  /** Milliseconds since the epoch. */
  readonly ms: number
  /** Minutes east of UTC; undefined where it isn't known. */
  readonly offset: number | undefined
  readonly precision: Precision
  /** The digits after the second, as they were written. */
  readonly fraction: string

  constructor(ms: number, offset: number | undefined, precision: Precision, fraction = '') {
    this.ms = ms
    this.offset = offset
    this.precision = precision
    this.fraction = fraction
  }

  /** The moment's date and time at its own place, to be read by the getters for UTC. */
  get local(): Date {
    return new Date(this.ms + (this.offset ?? 0) * 60_000)
  }
}

const ION = /^(\d{4})(?:T|-(\d\d)(?:T|-(\d\d)(?:T(?:(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(Z|[-+]\d\d:\d\d))?)?))$/

/** Reads a timestamp in Ion's form, which is ISO 8601 with endings such as `2010T`. @returns undefined for anything else. */
export function parseTimestamp(text: string): Timestamp | undefined {
  const [matched, year, month, day, hour, minute, second, fraction = '', zone] = ION.exec(text.trim()) ?? []
  if (matched === undefined) return undefined
  const precision =
    second !== undefined ? 'second' : minute !== undefined ? 'minute' : day !== undefined ? 'day' : month !== undefined ? 'month' : 'year'
  const [y, m, d] = [Number(year), Number(month ?? 1), Number(day ?? 1)]
  const [h, min, s] = [Number(hour ?? 0), Number(minute ?? 0), Number(second ?? 0)]
  if (y < 1 || m < 1 || m > 12 || d < 1 || d > daysOf(y, m) || h > 23 || min > 59 || s > 59) return undefined
  const offset = zone === undefined || zone === '-00:00' ? undefined : zone === 'Z' ? 0 : offsetOf(zone)
  if (offset !== undefined && Math.abs(offset) >= 24 * 60) return undefined
  const millis = Math.floor(Number(`0.${fraction || 0}`) * 1000)
  const ms = utc(y, m, d, h, min, s) + millis - (offset ?? 0) * 60_000
  return new Timestamp(ms, offset, precision, fraction)
}

function offsetOf(zone: string): number {
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6))
  return zone.startsWith('-') ? -minutes : minutes
}

function daysOf(year: number, month: number): number {
  return new Date(utc(year, month + 1, 0, 0, 0, 0)).getUTCDate()
}

/** `Date.UTC` takes years below 100 for those of the last century. */
function utc(year: number, month: number, day: number, hour: number, minute: number, second: number): number {
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  return date.setUTCHours(hour, minute, second, 0)
}

const two = (n: number): string => String(n).padStart(2, '0')

/** `-08:00`. @param separator between hours and minutes. */
export function formatOffset(offset: number, separator: string): string {
  const minutes = Math.abs(offset)
  return `${offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}${separator}${two(minutes % 60)}`
}

/** A timestamp in Ion's form, as exactly as it is known. */
export function formatTimestamp({ local, offset, precision, fraction }: Timestamp): string {
  const year = String(local.getUTCFullYear()).padStart(4, '0')
  if (precision === 'year') return `${year}T`
  const month = `${year}-${two(local.getUTCMonth() + 1)}`
  if (precision === 'month') return `${month}T`
  const day = `${month}-${two(local.getUTCDate())}`
  if (precision === 'day') return `${day}T`
  const minute = `${day}T${two(local.getUTCHours())}:${two(local.getUTCMinutes())}`
  const zone = offset === undefined ? '-00:00' : offset === 0 ? 'Z' : formatOffset(offset, ':')
  if (precision === 'minute') return `${minute}${zone}`
  return `${minute}:${two(local.getUTCSeconds())}${fraction && `.${fraction}`}${zone}`
}

const PART_PRECISION: Readonly<Record<string, Precision>> = {
  hour: 'minute',
  minute: 'minute',
  second: 'second',
  year: 'year',
  month: 'month',
  day: 'day',
}

const PART_MS: Readonly<Record<string, number>> = { day: 86_400_000, hour: 3_600_000, minute: 60_000, second: 1000 }

/** Moves a timestamp by so many years, months and so on; a day that the month hasn't becomes its last. @returns undefined outside of the years 1 to 9999. */
export function addToTimestamp(part: DatePart, amount: number, timestamp: Timestamp): Timestamp | undefined {
  const { offset, fraction } = timestamp
  const wanted = PART_PRECISION[part] ?? 'second'
  const precision = PRECISIONS.indexOf(wanted) > PRECISIONS.indexOf(timestamp.precision) ? wanted : timestamp.precision
  const size = PART_MS[part]
  const ms =
    size === undefined ? timestamp.ms + monthsLater(timestamp.local, part === 'year' ? amount * 12 : amount) : timestamp.ms + amount * size
  const year = new Date(ms).getUTCFullYear()
  return year >= 1 && year <= 9999 ? new Timestamp(ms, offset, precision, fraction) : undefined
}

/** How many milliseconds later that is. */
function monthsLater(from: Date, months: number): number {
  const index = from.getUTCFullYear() * 12 + from.getUTCMonth() + months
  const [year, month] = [Math.floor(index / 12), index - Math.floor(index / 12) * 12]
  const to = new Date(from)
  to.setUTCFullYear(year, month, Math.min(from.getUTCDate(), daysOf(year, month + 1)))
  return to.getTime() - from.getTime()
}

/** How many whole years, months and so on lie between two timestamps; negative where the second is the earlier. */
export function differenceOf(part: DatePart, from: Timestamp, to: Timestamp): number {
  const size = PART_MS[part]
  if (size !== undefined) return Math.trunc((to.ms - from.ms) / size) || 0
  if (to.ms < from.ms) return -differenceOf(part, to, from) || 0
  // Both as seen from the place of the first.
  const start = from.local
  const end = new Date(to.ms + (from.offset ?? 0) * 60_000)
  let months = (end.getUTCFullYear() - start.getUTCFullYear()) * 12 + end.getUTCMonth() - start.getUTCMonth()
  if (start.getTime() + monthsLater(start, months) > end.getTime()) months--
  return part === 'year' ? Math.floor(months / 12) : months
}

/** A part of a timestamp's date and time at its own place. */
export function partOf(part: DatePart, { local, offset = 0, fraction }: Timestamp): number {
  switch (part) {
    case 'year':
      return local.getUTCFullYear()
    case 'month':
      return local.getUTCMonth() + 1
    case 'day':
      return local.getUTCDate()
    case 'hour':
      return local.getUTCHours()
    case 'minute':
      return local.getUTCMinutes()
    case 'second':
      return local.getUTCSeconds() + Number(`0.${fraction || 0}`)
    case 'timezone_hour':
      return Math.trunc(offset / 60) || 0
    case 'timezone_minute':
      return offset % 60 || 0
  }
}
