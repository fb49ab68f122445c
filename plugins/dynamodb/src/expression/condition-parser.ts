import type { Comparator, Condition, ExpressionKind, Operand } from './ast.js'
import { Parser } from './parser.js'

const COMPARATORS: ReadonlySet<string> = new Set<Comparator>(['=', '<>', '<', '<=', '>', '>='])
const KEYWORDS: ReadonlySet<string> = new Set(['AND', 'OR', 'NOT', 'BETWEEN', 'IN'])
const MAX_IN_OPERANDS = 100

/** The grammar of key conditions, conditions and filters. */
class ConditionParser extends Parser {
  /** Whether the node read last stood in parentheses of its own. */
  #parenthesised = false

  parse(): Condition {
    const condition = this.#condition(this.#or())
    this.finish()
    return condition
  }

  protected override isKeywordHere(): boolean {
    return this.token.type === 'name' && KEYWORDS.has(this.token.text.toUpperCase())
  }

  /** Inside parentheses an operand may stand alone, so each level may answer one; where a condition must be, this makes sure of it. */
  #condition(node: Condition | Operand): Condition {
    if (node.kind === 'path' || node.kind === 'placeholder' || node.kind === 'value' || node.kind === 'arithmetic') throw this.syntaxError()
    if (node.kind === 'call' && node.name === 'size') this.#misused(node.name)
    return node
  }

  #or(): Condition | Operand {
    let left = this.#and()
    while (this.atKeyword('OR')) {
      const condition = this.#condition(left)
      this.next()
      this.countOperator()
      left = { kind: 'or', left: condition, right: this.#condition(this.#and()) }
      this.#parenthesised = false
    }
    return left
  }

  #and(): Condition | Operand {
    let left = this.#not()
    while (this.atKeyword('AND')) {
      const condition = this.#condition(left)
      this.next()
      this.countOperator()
      left = { kind: 'and', left: condition, right: this.#condition(this.#not()) }
      this.#parenthesised = false
    }
    return left
  }

  #not(): Condition | Operand {
    if (!this.takeKeyword('NOT')) return this.#comparison()
    this.countOperator()
    const condition = this.#condition(this.#not())
    this.#parenthesised = false
    return { kind: 'not', condition }
  }

  #comparison(): Condition | Operand {
    const left = this.#primary()
    if (isCondition(left)) return left
    const { type, text } = this.token
    if (type === 'symbol' && COMPARATORS.has(text)) {
      this.next()
      this.#startComparison(left)
      return { kind: 'compare', operator: text as Comparator, left, right: this.#value() }
    }
    if (this.takeKeyword('BETWEEN')) {
      this.#startComparison(left)
      const low = this.#value()
      if (!this.takeKeyword('AND')) throw this.syntaxError()
      return { kind: 'between', operand: left, low, high: this.#value() }
    }
    if (this.takeKeyword('IN')) {
      this.#startComparison(left)
      return { kind: 'in', operand: left, list: this.#list() }
    }
    return left
  }

  #startComparison(left: Operand): void {
    this.countOperator()
    this.#checkOperand(left)
    this.#parenthesised = false
  }

  #primary(): Condition | Operand {
    if (!this.takeSymbol('(')) {
      this.#parenthesised = false
      return this.operand()
    }
    const inner = this.#or()
    if (this.#parenthesised) this.redundantParentheses = true
    this.expectSymbol(')')
    this.#parenthesised = true
    return inner
  }

  #list(): Operand[] {
    this.expectSymbol('(')
    const list: Operand[] = []
    do list.push(this.#value())
    while (this.takeSymbol(','))
    this.expectSymbol(')')
    if (list.length > MAX_IN_OPERANDS) {
      this.complain(`The IN operator is provided with too many operands; number of operands: ${list.length}`)
    }
    return list
  }

  /** An operand to compare with: a path, a value or `size(...)`. */
  #value(): Operand {
    const value = this.takeSymbol('(') ? this.#closed() : this.operand()
    this.#checkOperand(value)
    return value
  }

  #closed(): Operand {
    if (this.atSymbol('(')) this.redundantParentheses = true
    const value = this.#value()
    this.expectSymbol(')')
    return value
  }

  protected override argument(): Operand {
    const value = this.operand()
    this.#checkOperand(value)
    return value
  }

  #checkOperand(value: Operand): void {
    if (value.kind === 'call' && value.name !== 'size') this.#misused(value.name)
  }

  #misused(name: string): void {
    this.complain(`The function is not allowed to be used this way in an expression; function: ${name}`)
  }
}

function isCondition(node: Condition | Operand): node is Exclude<Condition, { kind: 'call' }> {
  return node.kind !== 'path' && node.kind !== 'placeholder' && node.kind !== 'value' && node.kind !== 'call' && node.kind !== 'arithmetic'
}

/**
 * Parses a condition; its names and values are still placeholders.
 * @throws ValidationException with AWS's text.
 */
export function parseCondition(kind: ExpressionKind, source: string): Condition {
  return new ConditionParser(kind, source).parse()
}
