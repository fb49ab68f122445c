import type { TypeName } from './ast.js'
import { selectError } from './errors.js'
import { parseTimestamp, Timestamp } from './timestamps.js'
import { integerOf, isAbsent, isNumber, numberOf, Real, realOf, toText, type Value } from './values.js'

/** CAST(value AS type). @param scale how many digits a decimal has after its point. @throws CastFailed */
export function cast(value: Value, type: TypeName, scale: number | undefined): Value {
  if (isAbsent(value)) return value
  const result = castTo(value, type, scale)
  if (result !== undefined) return result
  const text = toText(value)
  const shown = text.length > 100 ? `${text.slice(0, 100)}…` : text
  throw selectError(
    'CastFailed',
    `Attempt to convert from one data type to another using CAST failed in the SQL expression: ${shown} to ${type.toUpperCase()}`,
  )
}

function castTo(value: NonNullable<Value>, type: TypeName, scale: number | undefined): Value {
  switch (type) {
    case 'bool':
      return booleanFrom(value)
    case 'int': {
      const number = numberFrom(value)
      if (number === undefined || typeof number === 'bigint') return number
      if (!Number.isFinite(number) || Math.abs(number) >= 2 ** 63) return undefined
      return integerOf(BigInt(Math.trunc(number)))
    }
    case 'float':
      return toReal(numberFrom(value))
    case 'decimal': {
      const number = numberFrom(value)
      if (typeof number !== 'number') return number
      return realOf(scale === undefined ? number : Number(number.toFixed(scale)))
    }
    case 'string':
      return typeof value === 'object' && !(value instanceof Timestamp) && !(value instanceof Real) ? undefined : toText(value)
    case 'timestamp':
      return value instanceof Timestamp ? value : typeof value === 'string' ? parseTimestamp(value) : undefined
  }
}

function booleanFrom(value: NonNullable<Value>): boolean | undefined {
  if (typeof value === 'boolean') return value
  if (isNumber(value)) return Number(numberOf(value)) !== 0
  if (typeof value !== 'string') return undefined
  const word = value.trim().toLowerCase()
  return word === 'true' ? true : word === 'false' ? false : undefined
}

function numberFrom(value: NonNullable<Value>): number | bigint | undefined {
  return typeof value === 'boolean' ? Number(value) : numberOf(value)
}

function toReal(value: number | bigint | undefined): Value {
  return value === undefined ? undefined : realOf(Number(value))
}
