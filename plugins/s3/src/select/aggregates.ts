import type { Aggregate } from './ast.js'
import { selectError } from './errors.js'
import { calculate } from './operators.js'
import { compare, isAbsent, isNumber, numberOf, realOf, type Value } from './values.js'

/** What an aggregate has seen so far. */
export class Accumulator {
  readonly #name: Aggregate
  #count = 0
  #value: Value = null

  constructor(name: Aggregate) {
    this.#name = name
  }

  /** Takes a record's value; absent ones don't count. @throws IncorrectSqlFunctionArgumentType */
  add(given: Value): void {
    if (isAbsent(given)) return
    this.#count++
    if (this.#name === 'count') return
    const value = numberOf(given)
    if (value === undefined) throw selectError('IncorrectSqlFunctionArgumentType')
    if (this.#value === null) this.#value = value
    else if (this.#name === 'sum' || this.#name === 'avg') this.#value = calculate('+', this.#value, value)
    else {
      const order = compare(value, this.#value) ?? 0
      if (this.#name === 'max' ? order > 0 : order < 0) this.#value = value
    }
  }

  /** Over no records a count is 0 and everything else NULL. */
  result(): Value {
    if (this.#name === 'count') return this.#count
    if (this.#name === 'avg' && isNumber(this.#value)) return realOf(Number(numberOf(this.#value)) / this.#count)
    return this.#value
  }
}
