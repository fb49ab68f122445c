import { validation } from '../errors.js'
import type { Call, Comparator, Condition, FunctionName, Operand } from '../expression/ast.js'
import { malformed } from './lexer.js'
import { ValueParser } from './values.js'

const COMPARATORS: ReadonlyMap<string, Comparator> = new Map([
  ['=', '='],
  ['<>', '<>'],
  ['!=', '<>'],
  ['<', '<'],
  ['<=', '<='],
  ['>', '>'],
  ['>=', '>='],
])
/** The functions that are conditions of themselves. */
const TESTS: ReadonlyMap<string, FunctionName> = new Map([
  ['begins_with', 'begins_with'],
  ['contains', 'contains'],
  ['attribute_type', 'attribute_type'],
])
const NULL_TYPE: Operand = { kind: 'value', value: { S: 'NULL' } }
const MAX_IN_OPERANDS = 100

/** The grammar of WHERE. */
export class ConditionParser extends ValueParser {
  condition(): Condition {
    let left = this.#and()
    while (this.takeWord('OR')) left = { kind: 'or', left, right: this.#and() }
    return left
  }

  #and(): Condition {
    let left = this.#not()
    while (this.takeWord('AND')) left = { kind: 'and', left, right: this.#not() }
    return left
  }

  #not(): Condition {
    return this.takeWord('NOT') ? { kind: 'not', condition: this.nested(() => this.#not()) } : this.#comparison()
  }

  #comparison(): Condition {
    if (this.takeSymbol('(')) {
      const inner = this.nested(() => this.condition())
      this.expectSymbol(')')
      return inner
    }
    const test = this.atCall() ? TESTS.get(this.token.text.toLowerCase()) : undefined
    if (test) return this.#call(test)
    const left = this.#comparable()
    const comparator = this.token.type === 'symbol' ? COMPARATORS.get(this.token.text) : undefined
    if (comparator) {
      this.next()
      return { kind: 'compare', operator: comparator, left, right: this.#comparable() }
    }
    if (this.takeWord('IS')) return this.#is(left)
    const negated = this.takeWord('NOT')
    const condition = this.takeWord('BETWEEN') ? this.#between(left) : this.takeWord('IN') ? this.#in(left) : undefined
    if (!condition) throw this.unexpected()
    return negated ? { kind: 'not', condition } : condition
  }

  #between(operand: Operand): Condition {
    const low = this.#comparable()
    this.expectWord('AND')
    return { kind: 'between', operand, low, high: this.#comparable() }
  }

  #in(operand: Operand): Condition {
    const list = this.#list()
    if (list.length > MAX_IN_OPERANDS) {
      throw validation(`The IN operator is provided with too many operands; number of operands: ${list.length}`)
    }
    return { kind: 'in', operand, list }
  }

  #list(): Operand[] {
    if (!this.takeSymbol('(')) {
      const value = this.value()
      if (!value.L) throw validation('The IN operator must be followed by a list')
      return value.L.map(element => ({ kind: 'value', value: element }))
    }
    const list: Operand[] = []
    do list.push(this.#comparable())
    while (this.takeSymbol(','))
    this.expectSymbol(')')
    return list
  }

  #is(operand: Operand): Condition {
    if (operand.kind !== 'path') throw malformed('Unexpected term')
    const negated = this.takeWord('NOT')
    let condition: Condition
    if (this.takeWord('MISSING')) condition = { kind: 'call', name: 'attribute_not_exists', args: [operand] }
    else if (this.takeWord('NULL')) condition = { kind: 'call', name: 'attribute_type', args: [operand, NULL_TYPE] }
    else throw validation('Unsupported operator: IS can only be followed by MISSING or NULL')
    return negated ? { kind: 'not', condition } : condition
  }

  /** A path or a value. */
  protected operand(): Operand {
    if (this.atCall() && this.atName()) throw validation(`Unsupported function: ${this.token.text}`)
    if (this.atValue()) return { kind: 'value', value: this.value() }
    return { kind: 'path', path: this.path() }
  }

  /** A path, a value or `size(...)`. */
  #comparable(): Operand {
    return this.atCall() && this.token.text.toLowerCase() === 'size' ? this.#call('size') : this.operand()
  }

  #call(name: FunctionName): Call {
    const args = this.callArguments(name === 'size' ? () => this.operand() : () => this.#comparable())
    const arity = name === 'size' ? 1 : 2
    if (args.length !== arity) throw malformed(`${name} takes ${arity} argument${arity === 1 ? '' : 's'}, received: ${args.length}`)
    return { kind: 'call', name, args }
  }

  /** `name(operand, ...)`, the token at hand being the name. */
  protected callArguments(argument: () => Operand): Operand[] {
    this.next()
    this.next()
    const args: Operand[] = []
    do args.push(argument())
    while (this.takeSymbol(','))
    this.expectSymbol(')')
    return args
  }
}
