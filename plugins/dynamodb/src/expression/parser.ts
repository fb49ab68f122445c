import type { AwsError } from '@ministack/gateway'
import { validation } from '../errors.js'
import type { DocumentPath, ExpressionKind, FunctionName, Operand } from './ast.js'
import { type Token, tokenize } from './lexer.js'
import { isReservedWord } from './reserved-words.js'

/** The longest expression, in bytes. */
const MAX_BYTES = 4096
/** The most operators and functions in one expression. */
const MAX_OPERATORS = 300
const MAX_PATH_DEPTH = 32

const ARITY: ReadonlyMap<string, number> = new Map<FunctionName, number>([
  ['attribute_exists', 1],
  ['attribute_not_exists', 1],
  ['attribute_type', 2],
  ['begins_with', 2],
  ['contains', 2],
  ['size', 1],
  ['if_not_exists', 2],
  ['list_append', 2],
])
const UPDATE_FUNCTIONS: ReadonlySet<string> = new Set<FunctionName>(['if_not_exists', 'list_append'])
const PATH_FIRST: ReadonlySet<string> = new Set<FunctionName>([
  'attribute_exists',
  'attribute_not_exists',
  'attribute_type',
  'if_not_exists',
])

/** What the grammars of all expressions have in common: tokens, errors, document paths, function calls. */
export class Parser {
  readonly kind: ExpressionKind
  readonly #source: string
  readonly #tokens: readonly Token[]
  #at = 0
  #operators = 0
  /** Set by a grammar that found parentheses right inside parentheses; told once the rest is known to be well-formed. */
  protected redundantParentheses = false
  /** Reserved words, misused functions and the like wait until the whole expression is known to be well-formed. */
  #complaint: string | undefined

  constructor(kind: ExpressionKind, source: string) {
    this.kind = kind
    this.#source = source
    if (source.trim() === '') throw this.error('The expression can not be empty;')
    const bytes = Buffer.byteLength(source)
    if (bytes > MAX_BYTES) {
      throw this.error(`Expression size has exceeded the maximum allowed size; expression size: ${bytes}`)
    }
    this.#tokens = tokenize(source)
  }

  protected get token(): Token {
    return this.#tokens[this.#at]!
  }

  protected error(message: string): AwsError {
    return validation(`Invalid ${this.kind}: ${message}`)
  }

  /** The error for the token at hand, with its neighbours. */
  protected syntaxError(): AwsError {
    const from = this.#tokens[this.#at - 1] ?? this.token
    const to = this.#tokens[this.#at + 1] ?? this.token
    return this.error(`Syntax error; token: "${this.token.text}", near: "${this.#source.slice(from.start, to.end)}"`)
  }

  /** Keeps the first complaint about a well-formed expression. */
  protected complain(message: string): void {
    this.#complaint ??= message
  }

  protected countOperator(): void {
    this.#operators++
  }

  protected next(): Token {
    return this.#tokens[this.#at++]!
  }

  protected atSymbol(text: string): boolean {
    return this.token.type === 'symbol' && this.token.text === text
  }

  protected atKeyword(word: string): boolean {
    return this.token.type === 'name' && this.token.text.length === word.length && this.token.text.toUpperCase() === word
  }

  protected takeSymbol(text: string): boolean {
    if (!this.atSymbol(text)) return false
    this.#at++
    return true
  }

  protected takeKeyword(word: string): boolean {
    if (!this.atKeyword(word)) return false
    this.#at++
    return true
  }

  protected expectSymbol(text: string): void {
    if (!this.takeSymbol(text)) throw this.syntaxError()
  }

  /** Ends the parse: nothing may be left, and nothing may be wrong beyond the syntax. */
  protected finish(): void {
    if (this.token.type !== 'end') throw this.syntaxError()
    if (this.redundantParentheses) throw this.error('The expression has redundant parentheses;')
    if (this.#complaint !== undefined) throw this.error(this.#complaint)
    if (this.#operators > MAX_OPERATORS) {
      throw this.error(`The expression contains too many operators; operator count: ${this.#operators}`)
    }
  }

  /** `a.b[1].#c` */
  protected path(): DocumentPath {
    const path: (string | number)[] = [this.#pathName()]
    for (;;) {
      if (this.takeSymbol('.')) path.push(this.#pathName())
      else if (this.takeSymbol('[')) {
        if (this.token.type !== 'number') throw this.syntaxError()
        path.push(this.#index(this.next().text))
        this.expectSymbol(']')
      } else break
    }
    if (path.length > MAX_PATH_DEPTH) this.complain(`The document path has too many nesting elements; nesting levels: ${path.length}`)
    return path
  }

  #pathName(): string {
    if (this.token.type !== 'name' && this.token.type !== '#name') throw this.syntaxError()
    if (this.isKeywordHere()) throw this.syntaxError()
    const { text, type } = this.next()
    if (type === 'name' && isReservedWord(text)) this.complain(`Attribute name is a reserved keyword; reserved keyword: ${text}`)
    return text
  }

  #index(text: string): number {
    const index = Number(text)
    if (index > 0x7fffffff) this.complain(`List index is not within the allowable range; index: [${text}]`)
    return index
  }

  /** Whether the token at hand is a word of the grammar itself, which can't be a name. */
  protected isKeywordHere(): boolean {
    return false
  }

  /** `name(operand, ...)`, the token at hand being the name. @param operand parses one argument. */
  protected call(operand: () => Operand): Operand {
    const name = this.next().text
    this.next()
    const args: Operand[] = []
    do args.push(operand())
    while (this.takeSymbol(','))
    this.expectSymbol(')')
    this.countOperator()
    this.#checkCall(name, args)
    return { kind: 'call', name: name as FunctionName, args }
  }

  #checkCall(name: string, args: readonly Operand[]): void {
    const arity = ARITY.get(name)
    if (arity === undefined) {
      this.complain(`Invalid function name; function: ${name}`)
    } else if (UPDATE_FUNCTIONS.has(name) !== (this.kind === 'UpdateExpression')) {
      const where = this.kind === 'UpdateExpression' ? 'an update' : 'a condition'
      this.complain(`The function is not allowed in ${where} expression; function: ${name}`)
    } else if (args.length !== arity) {
      this.complain(
        `Incorrect number of operands for operator or function; operator or function: ${name}, number of operands: ${args.length}`,
      )
    } else if (PATH_FIRST.has(name) && args[0]!.kind !== 'path') {
      this.complain(`Operator or function requires a document path; operator or function: ${name}`)
    }
  }

  /** Whether the token at hand begins a function call. */
  protected atCall(): boolean {
    const after = this.#tokens[this.#at + 1]
    return this.token.type === 'name' && after?.type === 'symbol' && after.text === '('
  }

  /** A path, a value, or what `call` makes of a function. */
  protected operand(): Operand {
    if (this.token.type === ':value') return { kind: 'placeholder', name: this.next().text }
    if (this.atCall() && !this.isKeywordHere()) return this.call(() => this.argument())
    return { kind: 'path', path: this.path() }
  }

  protected argument(): Operand {
    return this.operand()
  }
}
