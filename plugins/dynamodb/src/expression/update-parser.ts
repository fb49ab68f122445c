import type { DocumentPath, Operand, Update } from './ast.js'
import { Parser } from './parser.js'

const SECTIONS = ['SET', 'REMOVE', 'ADD', 'DELETE'] as const

/** The grammar of update expressions. */
class UpdateParser extends Parser {
  readonly #set: { path: DocumentPath; value: Operand }[] = []
  readonly #remove: DocumentPath[] = []
  readonly #add: { path: DocumentPath; value: Operand }[] = []
  readonly #delete: { path: DocumentPath; value: Operand }[] = []

  parse(): Update {
    const seen = new Set<string>()
    do {
      const section = SECTIONS.find(word => this.takeKeyword(word))
      if (!section) throw this.syntaxError()
      if (seen.has(section)) this.complain(`The "${section}" section can only be used once in an update expression;`)
      seen.add(section)
      do this.#action(section)
      while (this.takeSymbol(','))
    } while (this.token.type !== 'end')
    this.finish()
    return { set: this.#set, remove: this.#remove, add: this.#add, delete: this.#delete }
  }

  protected override isKeywordHere(): boolean {
    return SECTIONS.some(word => this.atKeyword(word))
  }

  #action(section: (typeof SECTIONS)[number]): void {
    const path = this.path()
    this.countOperator()
    if (section === 'REMOVE') {
      this.#remove.push(path)
    } else if (section === 'SET') {
      this.expectSymbol('=')
      this.#set.push({ path, value: this.#value() })
    } else {
      if (this.token.type !== ':value') throw this.syntaxError()
      const value: Operand = { kind: 'placeholder', name: this.next().text }
      ;(section === 'ADD' ? this.#add : this.#delete).push({ path, value })
    }
  }

  /** What is set: an operand, a sum or a difference. */
  #value(): Operand {
    const left = this.argument()
    const { type, text } = this.token
    if (type !== 'symbol' || (text !== '+' && text !== '-')) return left
    this.next()
    this.countOperator()
    return { kind: 'arithmetic', operator: text, left, right: this.argument() }
  }

  protected override argument(): Operand {
    if (!this.takeSymbol('(')) return this.operand()
    if (this.atSymbol('(')) this.redundantParentheses = true
    const value = this.#value()
    this.expectSymbol(')')
    return value
  }
}

/**
 * Parses an update; its names and values are still placeholders.
 * @throws ValidationException with AWS's text.
 */
export function parseUpdate(source: string): Update {
  return new UpdateParser('UpdateExpression', source).parse()
}
