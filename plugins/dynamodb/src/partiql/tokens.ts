import { malformed, type Token, tokenize } from './lexer.js'

/** Words that can't be names unless they are quoted. */
const KEYWORDS: ReadonlySet<string> = new Set(
  'SELECT FROM WHERE AND OR NOT BETWEEN IN IS MISSING NULL TRUE FALSE ORDER BY ASC DESC INSERT INTO VALUE VALUES UPDATE SET REMOVE DELETE RETURNING EXISTS'.split(
    ' ',
  ),
)

const MAX_DEPTH = 300

/** Reads a statement's tokens one after the other. */
export class Tokens {
  readonly #tokens: readonly Token[]
  #at = 0
  #depth = 0

  constructor(source: string) {
    this.#tokens = tokenize(source)
  }

  get token(): Token {
    return this.#tokens[this.#at]!
  }

  next(): Token {
    return this.#tokens[this.#at++]!
  }

  atSymbol(text: string): boolean {
    return this.token.type === 'symbol' && this.token.text === text
  }

  takeSymbol(text: string): boolean {
    if (!this.atSymbol(text)) return false
    this.#at++
    return true
  }

  expectSymbol(text: string): void {
    if (!this.takeSymbol(text)) throw this.unexpected()
  }

  atWord(word: string): boolean {
    return this.token.type === 'word' && this.token.text.toUpperCase() === word
  }

  takeWord(word: string): boolean {
    if (!this.atWord(word)) return false
    this.#at++
    return true
  }

  expectWord(word: string): void {
    if (!this.takeWord(word)) throw this.unexpected()
  }

  /** Whether the token at hand begins a function call. */
  atCall(): boolean {
    const after = this.#tokens[this.#at + 1]
    return this.token.type === 'word' && after?.type === 'symbol' && after.text === '('
  }

  /** The name of a table, an index or an attribute. */
  name(): string {
    const { type, text } = this.token
    if (type !== 'quoted' && (type !== 'word' || KEYWORDS.has(text.toUpperCase()))) throw malformed('Expected identifier for simple path')
    this.#at++
    return text
  }

  /** Whether the token at hand can begin a path. */
  atName(): boolean {
    const { type, text } = this.token
    return type === 'quoted' || (type === 'word' && !KEYWORDS.has(text.toUpperCase()))
  }

  /** Parses something inside something else, but not without end. */
  protected nested<T>(parse: () => T): T {
    if (++this.#depth > MAX_DEPTH) throw malformed('The statement is nested too deeply')
    const result = parse()
    this.#depth--
    return result
  }

  unexpected(): Error {
    return malformed(this.token.type === 'end' ? 'Unexpected end of statement' : 'Unexpected term')
  }

  /** Ends the parse; one semicolon may be left. */
  finish(): void {
    this.takeSymbol(';')
    if (this.token.type !== 'end') throw malformed('Unexpected token after expression')
  }
}
