import { s3Error } from './errors.js'

/** A piece of an SQL text. */
interface Token {
  readonly kind: 'word' | 'quoted' | 'string' | 'number' | 'symbol' | 'space'
  readonly text: string
}

/** What a statement says, ready to be put to DuckDB. */
export interface SelectStatement {
  /** The statement over the view `records`, with everything after FROM's table in place. */
  sqlFor(columns: Columns): string
  /** What `FROM S3Object[*].a.b` picks out of each JSON document. */
  readonly path: readonly string[]
}

/** The columns of the data: how DuckDB names them and how the statement may. */
export interface Columns {
  /** DuckDB's name for a column that the statement names; undefined for one that isn't there. */
  find(name: string, quoted: boolean): string | undefined
  /** The select list that `*` stands for. */
  readonly all: string
  /** Are all values text? Then one that is compared with a number counts as one. */
  readonly text: boolean
}

const MAX_BYTES = 256 * 1024

/** Words of the language; what else stands where a value may is a column. */
const WORDS = new Set(
  `select from where limit as and or not in like between is null missing true false escape case when then else end cast distinct all
   int integer string float decimal numeric bool boolean timestamp year month day hour minute second timezone_hour timezone_minute
   both leading trailing for`.split(/\s+/),
)

/** The functions of S3 Select, by DuckDB's names. https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-select-sql-reference-sql-functions.html */
const FUNCTIONS: Readonly<Record<string, string>> = {
  avg: 'avg',
  char_length: 'length',
  character_length: 'length',
  coalesce: 'coalesce',
  count: 'count',
  extract: 'extract',
  lower: 'lower',
  max: 'max',
  min: 'min',
  nullif: 'nullif',
  substring: 'substring',
  sum: 'sum',
  trim: 'trim',
  upper: 'upper',
  utcnow: 'now',
}

/** Functions that S3 Select has and that aren't here. */
const NOT_YET = new Set(['date_add', 'date_diff', 'to_string', 'to_timestamp'])

/** The types of S3 Select, by DuckDB's names. */
const TYPES: Readonly<Record<string, string>> = { string: 'VARCHAR', int: 'BIGINT', integer: 'BIGINT', float: 'DOUBLE', bool: 'BOOLEAN' }

/**
 * Reads an SQL expression of S3 Select: one SELECT over `S3Object`.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-select-sql-reference-select.html
 *
 * @throws ParseSelectMissingFrom, ParseUnexpectedToken, UnsupportedFunction and others, in S3's words.
 */
export function parseSelect(text: string): SelectStatement {
  if (Buffer.byteLength(text) > MAX_BYTES) throw s3Error('ExpressionTooLong')
  const tokens = tokensOf(text)
  const first = tokens[0]
  if (first?.text.toLowerCase() !== 'select') throw s3Error('ParseExpectedKeyword')
  const fromAt = tokens.findIndex(isWord('from'))
  // EXTRACT and TRIM have a FROM of their own, inside parentheses.
  const outer = outerFrom(tokens)
  if (fromAt < 0 || outer < 0) throw s3Error('ParseSelectMissingFrom')
  const { path, alias, next } = readTable(tokens, outer + 1)
  const list = tokens.slice(1, outer)
  const rest = tokens.slice(next)
  checkClauses(rest)
  return {
    path,
    sqlFor(columns) {
      const tables = new Set(['s3object', ...(alias === undefined ? [] : [alias])])
      const isStar =
        list.length === 1 ? list[0]?.text === '*' : list.length === 3 && list[2]?.text === '*' && tables.has(list[0]!.text.toLowerCase())
      const selected = isStar
        ? columns.all
        : itemsOf(list)
            .map((item, at) => selectItem(item, at, tables, columns))
            .join(', ')
      return `SELECT ${selected} FROM records ${rewrite(rest, tables, columns)}`
    },
  }
}

function tokensOf(text: string): Token[] {
  const pattern =
    /(?<space>\s+)|(?<string>'(?:[^']|'')*')|(?<quoted>"(?:[^"]|"")*")|(?<number>\d+(?:\.\d+)?(?:e[+-]?\d+)?)|(?<word>[\p{L}_][\p{L}\p{N}_$]*)|(?<symbol><=|>=|<>|!=|\|\||[-+*/%=<>(),.[\];`])/giuy
  const tokens: Token[] = []
  while (pattern.lastIndex < text.length) {
    const at = pattern.lastIndex
    const match = pattern.exec(text)
    if (!match?.groups)
      throw s3Error('LexerInvalidChar', { message: `The SQL expression contains an invalid character at ${at}: ${text[at]}` })
    const [kind] = Object.entries(match.groups).find(([, value]) => value !== undefined) as [Token['kind'], string]
    if (kind !== 'space') tokens.push({ kind, text: match[0] })
  }
  if (tokens.at(-1)?.text === ';') tokens.pop()
  if (tokens.some(token => token.text === ';')) throw unexpected(';')
  return tokens
}

function isWord(word: string): (token: Token | undefined) => boolean {
  return token => token?.kind === 'word' && token.text.toLowerCase() === word
}

function outerFrom(tokens: readonly Token[]): number {
  let depth = 0
  for (const [at, token] of tokens.entries()) {
    if (token.text === '(') depth++
    else if (token.text === ')') depth--
    else if (depth === 0 && isWord('from')(token)) return at
  }
  return -1
}

/** `S3Object`, `S3Object[*]`, `S3Object[*].path`, each perhaps with an alias. */
function readTable(tokens: readonly Token[], start: number): { path: string[]; alias: string | undefined; next: number } {
  let at = start
  if (!isWord('s3object')(tokens[at])) throw s3Error('InvalidDataSource')
  at++
  const path: string[] = []
  for (;;) {
    if (tokens[at]?.text === '[' && tokens[at + 1]?.text === '*' && tokens[at + 2]?.text === ']') {
      if (path.length > 0) path.push('*')
      at += 3
    } else if (tokens[at]?.text === '.') {
      const step = tokens[at + 1]
      if (step?.text === '*') throw s3Error('NotImplemented', { message: 'A path with .* in FROM is not implemented in MiniStack' })
      if (!step || (step.kind !== 'word' && step.kind !== 'quoted')) throw unexpected(step?.text ?? '')
      path.push(bare(step))
      at += 2
    } else break
  }
  if (isWord('as')(tokens[at])) at++
  const named = tokens[at]
  if (!named || (named.kind !== 'quoted' && (named.kind !== 'word' || WORDS.has(named.text.toLowerCase()))))
    return { path, alias: undefined, next: at }
  return { path, alias: bare(named).toLowerCase(), next: at + 1 }
}

/** After the table there may be a WHERE and a LIMIT, and nothing that S3 Select hasn't. */
function checkClauses(tokens: readonly Token[]): void {
  const [first] = tokens
  if (first && !isWord('where')(first) && !isWord('limit')(first)) throw unexpected(first.text)
  for (const token of tokens) {
    if (
      token.kind === 'word' &&
      /^(group|order|having|join|union|intersect|except|offset|window|qualify|with|select|from)$/i.test(token.text)
    )
      throw unexpected(token.text)
  }
}

/** The parts of a select list, between its commas. */
function itemsOf(list: readonly Token[]): Token[][] {
  const items: Token[][] = [[]]
  let depth = 0
  for (const token of list) {
    if (token.text === '(') depth++
    else if (token.text === ')') depth--
    if (token.text === ',' && depth === 0) items.push([])
    else items.at(-1)?.push(token)
  }
  return items
}

/** One part of a select list with its name in the answer: its alias, the column's own name, or `_1` by its place. */
function selectItem(item: readonly Token[], at: number, tables: ReadonlySet<string>, columns: Columns): string {
  const last = item.at(-1)
  const before = item.at(-2)
  if (!last) throw unexpected(',')
  const named = (name: string, value: readonly Token[]) => `${rewrite(value, tables, columns)} AS "${name.replaceAll('"', '""')}"`
  if (isWord('as')(before)) return named(bare(last), item.slice(0, -2))
  if (isName(last) && before && (isName(before) || before.text === ')' || before.kind === 'number' || before.kind === 'string'))
    return named(bare(last), item.slice(0, -1))
  const isReference = isName(item[0]) && item[1]?.text !== '(' && reference(item, 0, tables, columns).end === item.length
  return named(isReference && isName(last) ? bare(last) : `_${at + 1}`, item)
}

function isName(token: Token | undefined): boolean {
  return token?.kind === 'quoted' || (token?.kind === 'word' && !WORDS.has(token.text.toLowerCase()))
}

/** A piece of the statement in DuckDB's words: columns by DuckDB's names, types and functions by DuckDB's. */
function rewrite(tokens: readonly Token[], tables: ReadonlySet<string>, columns: Columns): string {
  const out: string[] = []
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at]!
    const lower = token.text.toLowerCase()
    const before = tokens[at - 1]
    const after = tokens[at + 1]
    if (token.text === '`') throw unexpected('`')
    if (token.kind !== 'word' && token.kind !== 'quoted') out.push(token.text)
    else if (
      token.kind === 'word' &&
      after?.text === '(' &&
      lower !== 'in' &&
      lower !== 'and' &&
      lower !== 'or' &&
      lower !== 'not' &&
      lower !== 'cast'
    )
      out.push(functionOf(lower))
    else if (lower === 'missing' && isWord('is')(before)) out.push('NULL')
    else if (lower === 'missing' && isWord('not')(before)) out.push('NULL')
    else if (token.kind === 'word' && insideCast(tokens, at) && isWord('as')(before)) out.push(TYPES[lower] ?? token.text)
    else if (token.kind === 'word' && WORDS.has(lower) && !isTable(lower, after, tables)) out.push(token.text)
    else {
      const { sql, end } = reference(tokens, at, tables, columns)
      out.push(columns.text && isComparedWithNumber(tokens, at, end) ? `TRY_CAST(${sql} AS DOUBLE)` : sql)
      at = end - 1
    }
  }
  return out.join(' ')
}

const COMPARISON = /^(=|<>|!=|<=?|>=?|between)$/i

function isComparedWithNumber(tokens: readonly Token[], start: number, end: number): boolean {
  const isNumber = (at: number) => tokens[at]?.kind === 'number' || (tokens[at]?.text === '-' && tokens[at + 1]?.kind === 'number')
  if (COMPARISON.test(tokens[end]?.text ?? '')) return isNumber(end + 1)
  return COMPARISON.test(tokens[start - 1]?.text ?? '') && tokens[start - 2]?.kind === 'number'
}

function isTable(word: string, after: Token | undefined, tables: ReadonlySet<string>): boolean {
  return tables.has(word) && after?.text === '.'
}

function functionOf(name: string): string {
  const known = FUNCTIONS[name]
  if (known !== undefined) return known
  if (NOT_YET.has(name)) throw s3Error('NotImplemented', { message: `The function ${name} of S3 Select is not implemented in MiniStack` })
  throw s3Error('UnsupportedFunction', { message: `Encountered an unsupported SQL function: ${name}` })
}

/** Is this token between the parentheses of a CAST? */
function insideCast(tokens: readonly Token[], at: number): boolean {
  let depth = 0
  for (let i = at - 1; i >= 0; i--) {
    if (tokens[i]?.text === ')') depth++
    else if (tokens[i]?.text === '(') {
      if (depth === 0) return isWord('cast')(tokens[i - 1])
      depth--
    }
  }
  return false
}

/** A column, with the path that leads into it: `s.address.lines[0]`. */
function reference(tokens: readonly Token[], start: number, tables: ReadonlySet<string>, columns: Columns): { sql: string; end: number } {
  let at = start
  if (tables.has(tokens[at]!.text.toLowerCase()) && tokens[at + 1]?.text === '.') at += 2
  const first = tokens[at]
  if (!first || (first.kind !== 'word' && first.kind !== 'quoted')) throw unexpected(first?.text ?? '')
  let sql = columns.find(bare(first), first.kind === 'quoted') ?? 'NULL'
  at++
  for (;;) {
    const index = tokens[at + 1]
    if (tokens[at]?.text === '.' && (index?.kind === 'word' || index?.kind === 'quoted')) {
      if (sql !== 'NULL') sql += `."${bare(index).replaceAll('"', '""')}"`
      at += 2
    } else if (tokens[at]?.text === '[' && index?.kind === 'number' && tokens[at + 2]?.text === ']') {
      // DuckDB counts from one.
      if (sql !== 'NULL') sql += `[${Number(index.text) + 1}]`
      at += 3
    } else return { sql, end: at }
  }
}

function bare({ kind, text }: Token): string {
  return kind === 'quoted' ? text.slice(1, -1).replaceAll('""', '"') : text
}

function unexpected(text: string): Error {
  return s3Error('ParseUnexpectedToken', { message: `The SQL expression contains an unexpected token: ${text}` })
}
