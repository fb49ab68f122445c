import { validation } from '../errors.js'
import type { DocumentPath } from '../expression/ast.js'
import { type AttributeValue, setAttribute, typeOf } from '../value/attribute-value.js'
import { normalizeValue } from '../value/normalize.js'
import { malformed } from './lexer.js'
import type { Parameters } from './statement.js'
import { Tokens } from './tokens.js'

/** The parts of the grammar that all statements share: paths and literal values. */
export class ValueParser extends Tokens {
  readonly #parameters: Parameters
  #used = 0

  constructor(source: string, parameters: Parameters) {
    super(source)
    this.#parameters = parameters
  }

  override finish(): void {
    super.finish()
    if (this.#used !== this.#parameters.length) throw validation("Number of parameters in request and statement don't match.")
  }

  /** `a.b[0]."c"` */
  path(): DocumentPath {
    const path: (string | number)[] = [this.name()]
    for (;;) {
      if (this.takeSymbol('.')) path.push(this.name())
      else if (this.takeSymbol('[')) {
        const { type, text } = this.next()
        if (type === 'string') path.push(text)
        else if (type === 'number' && /^\d+$/.test(text)) path.push(Number(text))
        else throw malformed('Unexpected path component')
        this.expectSymbol(']')
      } else return path
    }
  }

  /** Whether the token at hand begins a value. */
  atValue(): boolean {
    const { type, text } = this.token
    if (type === 'string' || type === 'number') return true
    if (type === 'word') return ['TRUE', 'FALSE', 'NULL'].includes(text.toUpperCase())
    return type === 'symbol' && ['?', '[', '{', '<<', '-', '+'].includes(text)
  }

  /** A literal or a parameter, in canonical form. @throws ValidationException for one that DynamoDB can't hold. */
  value(): AttributeValue {
    return normalizeValue(this.#literal())
  }

  #literal(): AttributeValue {
    const { type, text } = this.next()
    if (type === 'string') return { S: text }
    if (type === 'number') return { N: text }
    const word = type === 'word' ? text.toUpperCase() : undefined
    if (word === 'TRUE' || word === 'FALSE') return { BOOL: word === 'TRUE' }
    if (word === 'NULL') return { NULL: true }
    if (type !== 'symbol') throw malformed('Unexpected term')
    switch (text) {
      case '?':
        // Too few parameters are told at the end, when the statement is known to be well-formed.
        return this.#parameters[this.#used++] ?? { NULL: true }
      case '-':
      case '+': {
        const number = this.next()
        if (number.type !== 'number') throw malformed('Unexpected term')
        return { N: text === '-' ? `-${number.text}` : number.text }
      }
      case '[':
        return { L: this.#elements(']') }
      case '<<':
        return setOf(this.#elements('>>'))
      case '{':
        return { M: this.#struct() }
      default:
        throw malformed('Unexpected term')
    }
  }

  #elements(close: string): AttributeValue[] {
    const elements: AttributeValue[] = []
    if (this.takeSymbol(close)) return elements
    do elements.push(this.nested(() => this.#literal()))
    while (this.takeSymbol(','))
    this.expectSymbol(close)
    return elements
  }

  #struct(): Record<string, AttributeValue> {
    const struct: Record<string, AttributeValue> = {}
    if (this.takeSymbol('}')) return struct
    do {
      const { type, text } = this.next()
      if (type !== 'string' && type !== 'quoted') throw malformed('Unexpected term')
      this.expectSymbol(':')
      if (Object.hasOwn(struct, text)) throw validation(`Item has multiple attributes with the same name: ${text}`)
      setAttribute(
        struct,
        text,
        this.nested(() => this.#literal()),
      )
    } while (this.takeSymbol(','))
    this.expectSymbol('}')
    return struct
  }
}

/** `<<...>>`: members of one type. */
function setOf(members: readonly AttributeValue[]): AttributeValue {
  const types = new Set(members.map(typeOf))
  if (types.size === 0) throw validation('One or more parameter values were invalid: An string set  may not be empty')
  if (types.size === 1) {
    if (types.has('S')) return { SS: members.map(m => m.S!) }
    if (types.has('N')) return { NS: members.map(m => m.N!) }
    if (types.has('B')) return { BS: members.map(m => m.B!) }
  }
  throw validation('Unsupported data type in a set: only strings, numbers and binary values of one type are supported')
}
