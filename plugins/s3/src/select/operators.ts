import type { BinaryOperator } from './ast.js'
import { selectError } from './errors.js'
import { integerOf, isAbsent, isReal, numberOf, realOf, type Value } from './values.js'

/** A sum, difference, product and so on; NULL or MISSING where a side is. @throws InvalidDataType, IntegerOverflow */
export function calculate(operator: BinaryOperator, left: Value, right: Value): Value {
  if (isAbsent(left) || isAbsent(right)) return left === undefined || right === undefined ? undefined : null
  if (operator === '||') {
    if (typeof left !== 'string' || typeof right !== 'string') throw selectError('InvalidDataType')
    return left + right
  }
  const [a, b] = [numberOf(left), numberOf(right)]
  if (a === undefined || b === undefined) throw selectError('InvalidDataType')
  if (isInteger(a) && isInteger(b) && !isReal(left) && !isReal(right)) return integers(operator, a, b)
  return decimals(operator, Number(a), Number(b))
}

function isInteger(value: number | bigint): boolean {
  return typeof value === 'bigint' || Number.isSafeInteger(value)
}

function integers(operator: BinaryOperator, a: number | bigint, b: number | bigint): Value {
  if ((operator === '/' || operator === '%') && Number(b) === 0) throw divisionByZero()
  if (typeof a === 'number' && typeof b === 'number') {
    const quick = operator === '/' ? Math.trunc(a / b) : raw(operator, a, b)
    if (Number.isSafeInteger(quick)) return quick || 0
  }
  const [x, y] = [BigInt(a), BigInt(b)]
  const exact = operator === '+' ? x + y : operator === '-' ? x - y : operator === '*' ? x * y : operator === '/' ? x / y : x % y
  return integerOf(exact)
}

/** Digits after the fifteenth are what binary fractions leave over. */
function decimals(operator: BinaryOperator, a: number, b: number): Value {
  if ((operator === '/' || operator === '%') && b === 0) throw divisionByZero()
  const result = raw(operator, a, b)
  return realOf(operator === '/' ? result : Number(result.toPrecision(15)))
}

function raw(operator: BinaryOperator, a: number, b: number): number {
  if (operator === '+') return a + b
  if (operator === '-') return a - b
  if (operator === '*') return a * b
  return operator === '/' ? a / b : a % b
}

function divisionByZero(): Error {
  return selectError('UnsupportedSqlOperation', 'Encountered an unsupported SQL operation: division by zero')
}
