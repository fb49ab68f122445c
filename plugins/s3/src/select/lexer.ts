import { selectError } from './errors.js'

/** A piece of an SQL text. */
export interface Token {
  readonly kind: 'word' | 'quoted' | 'string' | 'number' | 'ion' | 'symbol' | 'end'
  /** As it was written. */
  readonly text: string
  /** What it says: a word in lower case, the inside of quotes. */
  readonly value: string
}

const PATTERN =
  /(?<space>(?:\s|--[^\n]*|\/\*[\s\S]*?\*\/)+)|(?<string>'(?:[^']|'')*')|(?<quoted>"(?:[^"]|"")*")|(?<ion>`[^`]*`)|(?<number>(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?)|(?<word>[\p{L}_][\p{L}\p{N}_$]*)|(?<symbol><=|>=|<>|!=|\|\||[-+*/%=<>(),.[\];])/giuy

const END: Token = { kind: 'end', text: '', value: '' }

/** The pieces of an SQL text, without blanks and comments; the last one is of kind `end`. @throws LexerInvalidChar */
export function tokensOf(text: string): Token[] {
  const pattern = new RegExp(PATTERN)
  const tokens: Token[] = []
  while (pattern.lastIndex < text.length) {
    const at = pattern.lastIndex
    const groups = pattern.exec(text)?.groups
    if (!groups) throw selectError('LexerInvalidChar', `The SQL expression contains an invalid character at ${at + 1}: ${text[at]}`)
    const [kind, piece] = Object.entries(groups).find(([, value]) => value !== undefined) as [Token['kind'] | 'space', string]
    if (kind !== 'space') tokens.push({ kind, text: piece, value: valueIn(kind, piece) })
  }
  if (tokens.at(-1)?.text === ';') tokens.pop()
  return [...tokens, END]
}

function valueIn(kind: Token['kind'], text: string): string {
  if (kind === 'word') return text.toLowerCase()
  if (kind === 'string') return text.slice(1, -1).replaceAll("''", "'")
  if (kind === 'quoted') return text.slice(1, -1).replaceAll('""', '"')
  return kind === 'ion' ? text.slice(1, -1).trim() : text
}

/** Reads tokens one after the other. */
export class TokenReader {
  readonly #tokens: readonly Token[]
  #at = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  /** The token that comes next, or one further on. */
  peek(ahead = 0): Token {
    return this.#tokens[this.#at + ahead] ?? END
  }

  next(): Token {
    const token = this.peek()
    this.#at++
    return token
  }

  isWord(word: string, ahead = 0): boolean {
    const token = this.peek(ahead)
    return token.kind === 'word' && token.value === word
  }

  isSymbol(symbol: string, ahead = 0): boolean {
    const token = this.peek(ahead)
    return token.kind === 'symbol' && token.text === symbol
  }

  /** Takes the word if it comes next. */
  takeWord(word: string): boolean {
    const found = this.isWord(word)
    if (found) this.#at++
    return found
  }

  takeSymbol(symbol: string): boolean {
    const found = this.isSymbol(symbol)
    if (found) this.#at++
    return found
  }

  /** @throws ParseExpectedKeyword */
  expectWord(word: string): void {
    if (!this.takeWord(word))
      throw selectError('ParseExpectedKeyword', `Did not find the expected keyword in the SQL expression: ${word.toUpperCase()}`)
  }

  /** @throws ParseUnexpectedToken */
  expectSymbol(symbol: string): void {
    if (!this.takeSymbol(symbol)) throw unexpected(this.peek())
  }
}

export function unexpected({ text }: Token): Error {
  return selectError('ParseUnexpectedToken', `The SQL expression contains an unexpected token: ${text}`)
}
