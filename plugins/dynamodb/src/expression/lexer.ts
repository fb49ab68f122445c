/** The kinds of tokens in DynamoDB's expressions. */
export type TokenType = 'name' | '#name' | ':value' | 'number' | 'symbol' | 'end' | 'illegal'

/** A token and where in the expression it stands. */
export interface Token {
  readonly type: TokenType
  readonly text: string
  readonly start: number
  readonly end: number
}

const TOKEN = /[ \t\r\n]*(?:([A-Za-z_][A-Za-z0-9_]*)|(#[A-Za-z0-9_]+)|(:[A-Za-z0-9_]+)|([0-9]+)|(<>|<=|>=|[=<>()[\],.+-])|(\S))/y
const TYPES: readonly TokenType[] = ['name', '#name', ':value', 'number', 'symbol', 'illegal']

/** Cuts an expression into tokens; the last one is the end. What isn't a token becomes an illegal one, for the parser to refuse in its turn. */
export function tokenize(source: string): Token[] {
  const tokens: Token[] = []
  TOKEN.lastIndex = 0
  for (let match = TOKEN.exec(source); match; match = TOKEN.exec(source)) {
    const group = match.findIndex((text, i) => i > 0 && text !== undefined)
    const text = match[group]!
    const end = match.index + match[0].length
    tokens.push({ type: TYPES[group - 1]!, text, start: end - text.length, end })
  }
  const end = tokens.at(-1)?.end ?? 0
  tokens.push({ type: 'end', text: '<EOF>', start: end, end })
  return tokens
}
