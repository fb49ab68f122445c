import { validation } from '../errors.js'

/**
 * DynamoDB's numbers: exact decimals of up to 38 significant digits, from 1E-130 to 9.99...E+125 and the same below zero.
 * They live as canonical text (plain notation, no needless zeros); this module parses, compares, adds and encodes them.
 *
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
 */

const MAX_DIGITS = 38
const MAX_MAGNITUDE = 125
const MIN_MAGNITUDE = -130
/** Numbers of at most this many characters are exact as doubles. */
const EXACT_LENGTH = 15

/** A number taken apart: `sign * d.ddd * 10^magnitude`; `digits` without zeros at either end, empty for zero. */
export interface Decimal {
  readonly sign: -1 | 0 | 1
  readonly digits: string
  readonly magnitude: number
}

const ZERO: Decimal = { sign: 0, digits: '', magnitude: 0 }
const SYNTAX = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/
const PLAIN_INTEGER = /^(?:0|-?[1-9]\d{0,37})$/

/**
 * Takes a number's text apart, of any size.
 * @throws ValidationException when it isn't a number.
 */
export function parseDecimal(text: string): Decimal {
  const match = SYNTAX.exec(text)
  if (!match || (!match[2] && !match[3])) throw validation(`The parameter cannot be converted to a numeric value${text ? `: ${text}` : ''}`)
  const whole = match[2] ?? ''
  return fromParts(match[1] === '-' ? -1 : 1, whole + (match[3] ?? ''), whole.length - 1 + Number(match[4] ?? 0))
}

function fromParts(sign: -1 | 1, all: string, magnitude: number): Decimal {
  let start = 0
  while (start < all.length && all.charCodeAt(start) === 48) start++
  if (start === all.length) return ZERO
  let end = all.length
  while (all.charCodeAt(end - 1) === 48) end--
  return { sign, digits: all.slice(start, end), magnitude: magnitude - start }
}

/**
 * The canonical text of a number.
 * @throws ValidationException when it isn't a number that DynamoDB can hold.
 */
export function canonicalNumber(text: string): string {
  return PLAIN_INTEGER.test(text) ? text : formatDecimal(checked(parseDecimal(text)))
}

/** @throws ValidationException for too many digits, or a magnitude out of range. */
function checked(value: Decimal): Decimal {
  if (value.digits.length > MAX_DIGITS) throw validation('Attempting to store more than 38 significant digits in a Number')
  if (value.magnitude > MAX_MAGNITUDE) {
    throw validation('Number overflow. Attempting to store a number with magnitude larger than supported range')
  }
  if (value.magnitude < MIN_MAGNITUDE) {
    throw validation('Number underflow. Attempting to store a number with magnitude smaller than supported range')
  }
  return value
}

function formatDecimal({ sign, digits, magnitude }: Decimal): string {
  if (sign === 0) return '0'
  const minus = sign < 0 ? '-' : ''
  if (magnitude < 0) return `${minus}0.${'0'.repeat(-magnitude - 1)}${digits}`
  if (magnitude >= digits.length - 1) return minus + digits.padEnd(magnitude + 1, '0')
  return `${minus}${digits.slice(0, magnitude + 1)}.${digits.slice(magnitude + 1)}`
}

/** Orders two canonical numbers. */
export function compareNumbers(a: string, b: string): number {
  if (a === b) return 0
  if (a.length <= EXACT_LENGTH && b.length <= EXACT_LENGTH) return Number(a) - Number(b)
  const left = encodeNumber(a)
  const right = encodeNumber(b)
  return left < right ? -1 : left > right ? 1 : 0
}

/** Text that sorts, code unit by code unit, as the canonical numbers do; one byte a character. */
export function encodeNumber(canonical: string): string {
  const { sign, digits, magnitude } = parseDecimal(canonical)
  if (sign === 0) return '1'
  const level = magnitude - MIN_MAGNITUDE
  if (sign > 0) return `2${String.fromCharCode(level)}${digits}`
  let inverted = ''
  for (let i = 0; i < digits.length; i++) inverted += String.fromCharCode(105 - digits.charCodeAt(i))
  return `0${String.fromCharCode(255 - level)}${inverted}~`
}

/**
 * The sum of two canonical numbers, or the difference.
 * @throws ValidationException when DynamoDB can't hold the result.
 */
export function addNumbers(a: string, b: string, subtract = false): string {
  if (a.length <= EXACT_LENGTH && b.length <= EXACT_LENGTH && !a.includes('.') && !b.includes('.')) {
    return String(subtract ? Number(a) - Number(b) : Number(a) + Number(b))
  }
  const left = parseDecimal(a)
  const right = parseDecimal(b)
  const scale = Math.min(lowest(left), lowest(right))
  const addend = scaled(right, scale)
  const sum = scaled(left, scale) + (subtract ? -addend : addend)
  if (sum === 0n) return '0'
  const digits = (sum < 0n ? -sum : sum).toString()
  return formatDecimal(checked(fromParts(sum < 0n ? -1 : 1, digits, digits.length - 1 + scale)))
}

/** The exponent of the last significant digit. */
function lowest(value: Decimal): number {
  return value.sign === 0 ? 0 : value.magnitude - value.digits.length + 1
}

function scaled(value: Decimal, scale: number): bigint {
  if (value.sign === 0) return 0n
  const whole = BigInt(value.digits) * 10n ** BigInt(lowest(value) - scale)
  return value.sign < 0 ? -whole : whole
}

/** What a canonical number takes in an item: one byte for every two significant digits, one for the exponent, one for a minus sign. */
export function numberSize(canonical: string): number {
  const { sign, digits } = parseDecimal(canonical)
  return 1 + Math.ceil(digits.length / 2) + (sign < 0 ? 1 : 0)
}
