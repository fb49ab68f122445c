import { validation } from '../errors.js'

export type TokenType = 'word' | 'quoted' | 'string' | 'number' | 'symbol' | 'end'

/** A token of a statement; `text` is its content, without quotes. */
export interface Token {
  readonly type: TokenType
  readonly text: string
}

/** What AWS answers for anything that isn't PartiQL. */
export function malformed(why: string) {
  return validation(`Statement wasn't well formed, can't be processed: ${why}`)
}

const TOKEN =
  /\s*(?:--[^\n]*(?:\n\s*|$))*(?:([A-Za-z_$][A-Za-z0-9_$]*)|"((?:[^"]|"")*)"|'((?:[^']|'')*)'|(\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)|(<<|>>|<>|!=|<=|>=|[=<>()[\]{}.,*+\-?:;])|(\S))/y

/**
 * Cuts a statement into tokens; the last one is the end.
 * @throws ValidationException for what isn't a token.
 */
export function tokenize(source: string): Token[] {
  const tokens: Token[] = []
  TOKEN.lastIndex = 0
  for (let match = TOKEN.exec(source); match; match = TOKEN.exec(source)) {
    const [, word, quoted, string, number, symbol, other] = match
    if (word !== undefined) tokens.push({ type: 'word', text: word })
    else if (quoted !== undefined) tokens.push({ type: 'quoted', text: quoted.replaceAll('""', '"') })
    else if (string !== undefined) tokens.push({ type: 'string', text: string.replaceAll("''", "'") })
    else if (number !== undefined) tokens.push({ type: 'number', text: number })
    else if (symbol !== undefined) tokens.push({ type: 'symbol', text: symbol })
    else if (other !== undefined) throw malformed(`Invalid character at column ${match.index + match[0].length}`)
  }
  tokens.push({ type: 'end', text: '' })
  return tokens
}
