import { selectError } from './errors.js'
import { formatTimestamp, parseTimestamp, Timestamp } from './timestamps.js'

/** A whole number that isn't an integer by its type: 7 / 2.0 is 3.5 where 7 / 2 is 3. */
export class Real {
  readonly number: number

  constructor(number: number) {
    this.number = number
  }
}

/** A value of S3 Select: undefined is MISSING; an integer is a bigint where a number couldn't hold it. */
export type Value = undefined | null | boolean | number | bigint | Real | string | Timestamp | Value[] | { [name: string]: Value }

/** A value that has members. */
export function isStruct(value: Value): value is { [name: string]: Value } {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Timestamp) && !(value instanceof Real)
}

export function isAbsent(value: Value): value is undefined | null {
  return value === undefined || value === null
}

const MIN_INT = -(2n ** 63n)
const MAX_INT = 2n ** 63n - 1n

/** An integer of 64 bits in its usual form. @throws IntegerOverflow */
export function integerOf(value: bigint): number | bigint {
  if (value < MIN_INT || value > MAX_INT) throw selectError('IntegerOverflow')
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

/** A number that is a decimal or a float by its type. */
export function realOf(number: number): number | Real {
  return Number.isInteger(number) ? new Real(number) : number
}

/** Is it a number with a point, or a text that is one? */
export function isReal(value: Value): boolean {
  if (typeof value === 'number') return !Number.isInteger(value)
  return value instanceof Real || (typeof value === 'string' && /[.e]/i.test(value))
}

/** What a value counts as beside a number: itself, or the number that a text is; undefined for anything else. */
export function numberOf(value: Value): number | bigint | undefined {
  if (typeof value === 'number' || typeof value === 'bigint') return value
  if (value instanceof Real) return value.number
  return typeof value === 'string' ? parseNumber(value) : undefined
}

/** @returns undefined for a text that is no number. */
export function parseNumber(text: string): number | bigint | undefined {
  const trimmed = text.trim()
  if (/^[-+]?\d+$/.test(trimmed)) {
    if (trimmed.length < 16) return Number(trimmed)
    const integer = BigInt(trimmed.replace(/^\+/, ''))
    if (integer >= MIN_INT && integer <= MAX_INT) return integerOf(integer)
    return Number(trimmed)
  }
  return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(trimmed) ? Number(trimmed) : undefined
}

/**
 * Compares two values.
 *
 * @returns below, at or above 0; undefined where either is absent or they are of kinds that can't be compared.
 */
export function compare(left: Value, right: Value): number | undefined {
  if (isAbsent(left) || isAbsent(right)) return undefined
  if (typeof left === 'string' && typeof right === 'string') return left < right ? -1 : left > right ? 1 : 0
  if (typeof left === 'boolean' && typeof right === 'boolean') return Number(left) - Number(right)
  if (left instanceof Timestamp && right instanceof Timestamp) return left.ms - right.ms
  if (isNumber(left) || isNumber(right)) {
    const [a, b] = [numberOf(left), numberOf(right)]
    if (a === undefined || b === undefined) return undefined
    return a < b ? -1 : a > b ? 1 : 0
  }
  return undefined
}

/** Are two values the same? Those of different kinds aren't. @returns undefined where either is absent. */
export function equals(left: Value, right: Value): boolean | undefined {
  if (isAbsent(left) || isAbsent(right)) return undefined
  const order = compare(left, right)
  if (order !== undefined) return order === 0
  return typeof left === 'object' && typeof right === 'object' && toJson(left) === toJson(right)
}

export function isNumber(value: Value): value is number | bigint | Real {
  return typeof value === 'number' || typeof value === 'bigint' || value instanceof Real
}

/** A value as JSON; MISSING members are left out. */
export function toJson(value: Value): string {
  if (isAbsent(value)) return 'null'
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : 'null'
  if (typeof value !== 'object') return String(value)
  if (value instanceof Real) return String(value.number)
  if (value instanceof Timestamp) return JSON.stringify(formatTimestamp(value))
  if (Array.isArray(value)) return `[${value.map(toJson).join(',')}]`
  const members: string[] = []
  for (const name in value) if (value[name] !== undefined) members.push(`${JSON.stringify(name)}:${toJson(value[name])}`)
  return `{${members.join(',')}}`
}

/** A value as a text; an absent one is empty. */
export function toText(value: Value): string {
  if (isAbsent(value)) return ''
  if (typeof value === 'string') return value
  if (value instanceof Timestamp) return formatTimestamp(value)
  if (value instanceof Real) return String(value.number)
  return typeof value === 'object' ? toJson(value) : String(value)
}

/** @throws ValueParseFailure */
export function timestampOf(text: string): Timestamp {
  const timestamp = parseTimestamp(text)
  if (!timestamp) throw selectError('ValueParseFailure')
  return timestamp
}
