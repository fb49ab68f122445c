import type { DatePart } from './ast.js'
import { selectError } from './errors.js'
import { formatByPattern } from './timestamp-patterns.js'
import { addToTimestamp, differenceOf, partOf, Timestamp } from './timestamps.js'
import { equals, isAbsent, timestampOf, type Value } from './values.js'

/** A function over values. */
export interface SelectFunction {
  /** The least and the most arguments that it takes. */
  readonly arity: readonly [number, number]
  /** Is it called with absent values too? Others answer NULL, or MISSING, where an argument is one. */
  readonly absent?: boolean
  /** @param now milliseconds since the epoch at which the query began. */
  run(args: readonly Value[], part: DatePart | undefined, now: number): Value
}

/** The scalar functions of S3 Select: https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-select-sql-reference-sql-functions.html */
export const FUNCTIONS: Readonly<Record<string, SelectFunction | undefined>> = {
  coalesce: { arity: [1, Number.POSITIVE_INFINITY], absent: true, run: args => args.find(value => !isAbsent(value)) ?? null },
  nullif: { arity: [2, 2], absent: true, run: ([value, other]) => (equals(value, other) ? null : value) },
  char_length: { arity: [1, 1], run: ([value]) => lengthOf(value) },
  character_length: { arity: [1, 1], run: ([value]) => lengthOf(value) },
  lower: { arity: [1, 1], run: ([value]) => stringOf(value).toLowerCase() },
  upper: { arity: [1, 1], run: ([value]) => stringOf(value).toUpperCase() },
  substring: { arity: [2, 3], run: ([value, start, length]) => substring(stringOf(value), integerArgument(start), length) },
  date_add: {
    arity: [2, 2],
    run: ([amount, timestamp], part = 'day') => {
      const moved = addToTimestamp(part, integerArgument(amount), timestampArgument(timestamp))
      if (!moved) throw selectError('IllegalSqlFunctionArgument')
      return moved
    },
  },
  date_diff: { arity: [2, 2], run: ([from, to], part = 'day') => differenceOf(part, timestampArgument(from), timestampArgument(to)) },
  extract: { arity: [1, 1], run: ([value], part = 'day') => partOf(part, timestampArgument(value)) },
  to_string: { arity: [2, 2], run: ([timestamp, pattern]) => formatByPattern(timestampArgument(timestamp), stringOf(pattern)) },
  to_timestamp: { arity: [1, 1], run: ([value]) => timestampOf(stringOf(value)) },
  utcnow: { arity: [0, 0], run: (_args, _part, now) => new Timestamp(now, 0, 'second', String(now % 1000).padStart(3, '0')) },
}

/** The characters of a text, not the units of its encoding. */
function charactersOf(text: string): string[] {
  return Array.from(text)
}

function lengthOf(value: Value): number {
  return charactersOf(stringOf(value)).length
}

/** Counts from 1; a start before that takes its share of the length, as in SQL-92. @throws IllegalSqlFunctionArgument */
function substring(text: string, start: number, length: Value): string {
  const characters = charactersOf(text)
  const count = length === undefined ? characters.length + Math.max(0, 1 - start) : integerArgument(length)
  if (count < 0) throw selectError('IllegalSqlFunctionArgument')
  return characters.slice(Math.max(start - 1, 0), Math.max(start - 1 + count, 0)).join('')
}

/** Takes the given characters off a text's ends; blanks where none are given. */
export function trim(side: 'both' | 'leading' | 'trailing', value: Value, chars: Value = ' '): string {
  const characters = charactersOf(stringOf(value))
  const unwanted = new Set(charactersOf(stringOf(chars)))
  let [start, end] = [0, characters.length]
  if (side !== 'trailing') while (start < end && unwanted.has(characters[start] ?? '')) start++
  if (side !== 'leading') while (end > start && unwanted.has(characters[end - 1] ?? '')) end--
  return characters.slice(start, end).join('')
}

/** @throws IncorrectSqlFunctionArgumentType */
function stringOf(value: Value): string {
  if (typeof value !== 'string') throw selectError('IncorrectSqlFunctionArgumentType')
  return value
}

function integerArgument(value: Value): number {
  if (typeof value !== 'number' || !Number.isInteger(value)) throw selectError('IncorrectSqlFunctionArgumentType')
  return value
}

function timestampArgument(value: Value): Timestamp {
  if (!(value instanceof Timestamp)) throw selectError('IncorrectSqlFunctionArgumentType')
  return value
}
