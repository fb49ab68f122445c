import type { Aggregate, BinaryOperator, DatePart, Expression, TypeName } from './ast.js'
import { selectError } from './errors.js'
import { FUNCTIONS } from './functions.js'
import { type TokenReader, unexpected } from './lexer.js'
import { readPath } from './paths.js'
import { parseTimestamp } from './timestamps.js'
import { integerOf, realOf } from './values.js'

/** Words that aren't names unless they are quoted: https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-select-sql-reference-keyword-list.html */
export const RESERVED: ReadonlySet<string> = new Set(
  `select from where limit as and or not in like between is null missing true false escape case when then else end cast distinct all
   group order having union intersect except offset join cross inner left right on by`.split(/\s+/),
)

const AGGREGATES: ReadonlySet<string> = new Set<Aggregate>(['avg', 'count', 'max', 'min', 'sum'])

const TYPES: Readonly<Record<string, TypeName>> = {
  bool: 'bool',
  boolean: 'bool',
  int: 'int',
  integer: 'int',
  string: 'string',
  float: 'float',
  decimal: 'decimal',
  numeric: 'decimal',
  timestamp: 'timestamp',
}

const DATE_PARTS: ReadonlySet<string> = new Set<DatePart>([
  'year',
  'month',
  'day',
  'hour',
  'minute',
  'second',
  'timezone_hour',
  'timezone_minute',
])

/** Reads an expression: OR binds least, then AND, NOT, comparisons, sums, products and signs. */
export function readExpression(tokens: TokenReader): Expression {
  let left = readAnd(tokens)
  while (tokens.takeWord('or')) left = { kind: 'or', left, right: readAnd(tokens) }
  return left
}

function readAnd(tokens: TokenReader): Expression {
  let left = readNot(tokens)
  while (tokens.takeWord('and')) left = { kind: 'and', left, right: readNot(tokens) }
  return left
}

function readNot(tokens: TokenReader): Expression {
  return tokens.takeWord('not') ? { kind: 'not', value: readNot(tokens) } : readComparison(tokens)
}

const COMPARISONS: Readonly<Record<string, BinaryOperator>> = {
  '=': '=',
  '<>': '<>',
  '!=': '<>',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
}

function readComparison(tokens: TokenReader): Expression {
  let value = readSum(tokens)
  for (;;) {
    const symbol = tokens.peek().kind === 'symbol' ? COMPARISONS[tokens.peek().text] : undefined
    if (symbol) {
      tokens.next()
      value = { kind: 'binary', operator: symbol, left: value, right: readSum(tokens) }
      continue
    }
    if (tokens.takeWord('is')) {
      const not = tokens.takeWord('not')
      const what = tokens.next()
      if (what.kind !== 'word' || (what.value !== 'null' && what.value !== 'missing')) throw unexpected(what)
      value = negated(not, { kind: 'is', value, what: what.value })
      continue
    }
    const not = tokens.isWord('not') && ['between', 'in', 'like'].some(word => tokens.isWord(word, 1))
    if (not) tokens.next()
    const found = readPredicate(tokens, value)
    if (!found) return value
    value = negated(not, found)
  }
}

function negated(not: boolean, value: Expression): Expression {
  return not ? { kind: 'not', value } : value
}

function readPredicate(tokens: TokenReader, value: Expression): Expression | undefined {
  if (tokens.takeWord('between')) {
    const low = readSum(tokens)
    tokens.expectWord('and')
    return { kind: 'between', value, low, high: readSum(tokens) }
  }
  if (tokens.takeWord('in')) {
    const close = tokens.takeSymbol('(') ? ')' : tokens.takeSymbol('[') ? ']' : undefined
    if (!close) throw unexpected(tokens.peek())
    return { kind: 'in', value, list: readArguments(tokens, close) }
  }
  if (tokens.takeWord('like')) {
    const pattern = readSum(tokens)
    return { kind: 'like', value, pattern, escape: tokens.takeWord('escape') ? readSum(tokens) : undefined }
  }
  return undefined
}

function readSum(tokens: TokenReader): Expression {
  let left = readProduct(tokens)
  for (;;) {
    const operator = (['+', '-', '||'] as const).find(symbol => tokens.takeSymbol(symbol))
    if (!operator) return left
    left = { kind: 'binary', operator, left, right: readProduct(tokens) }
  }
}

function readProduct(tokens: TokenReader): Expression {
  let left = readSigned(tokens)
  for (;;) {
    const operator = (['*', '/', '%'] as const).find(symbol => tokens.takeSymbol(symbol))
    if (!operator) return left
    left = { kind: 'binary', operator, left, right: readSigned(tokens) }
  }
}

function readSigned(tokens: TokenReader): Expression {
  if (tokens.takeSymbol('-')) return { kind: 'negate', value: readSigned(tokens) }
  return tokens.takeSymbol('+') ? readSigned(tokens) : readPrimary(tokens)
}

function readPrimary(tokens: TokenReader): Expression {
  const token = tokens.next()
  switch (token.kind) {
    case 'number':
      return literal(/^\d+$/.test(token.text) ? integerOf(BigInt(token.text)) : realOf(Number(token.text)))
    case 'string':
      return literal(token.value)
    case 'ion':
      return literal(ionValue(token.value))
    case 'quoted':
      return { kind: 'path', root: { kind: 'name', name: token.value, quoted: true }, steps: readPath(tokens) }
    case 'symbol': {
      if (token.text !== '(') throw unexpected(token)
      const value = readExpression(tokens)
      tokens.expectSymbol(')')
      return value
    }
    case 'end':
      throw selectError('ParseExpectedExpression')
    default:
      return readWord(tokens, token.value, token.text)
  }
}

function literal(value: unknown): Expression {
  return { kind: 'literal', value }
}

/** What stands between backticks is Ion: here a timestamp, a number, a string, true, false or null. */
function ionValue(text: string): unknown {
  if (/^[-+]?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text)) return Number(text)
  if (/^".*"$/s.test(text)) return text.slice(1, -1)
  if (text === 'true' || text === 'false') return text === 'true'
  if (text === 'null') return null
  const timestamp = parseTimestamp(text)
  if (!timestamp) throw selectError('LexerInvalidIONLiteral')
  return timestamp
}

function readWord(tokens: TokenReader, word: string, text: string): Expression {
  if (word === 'null') return literal(null)
  if (word === 'missing') return literal(undefined)
  if (word === 'true' || word === 'false') return literal(word === 'true')
  if (word === 'case') return readCase(tokens)
  if (word === 'cast') return readCast(tokens)
  if (word === 'select') throw selectError('ParseUnsupportedSelect')
  if (RESERVED.has(word)) throw unexpected({ kind: 'word', text, value: word })
  if (!tokens.isSymbol('(')) return { kind: 'path', root: { kind: 'name', name: text, quoted: false }, steps: readPath(tokens) }
  tokens.next()
  if (AGGREGATES.has(word)) return readAggregate(tokens, word as Aggregate)
  if (word === 'trim') return readTrim(tokens)
  if (word === 'substring') return readSubstring(tokens)
  const arity = FUNCTIONS[word]?.arity
  if (!arity) throw selectError('UnsupportedFunction', `Encountered an unsupported SQL function: ${text}`)
  if (word === 'extract') {
    const part = readDatePart(tokens)
    tokens.expectWord('from')
    const value = readExpression(tokens)
    closeCall(tokens)
    return { kind: 'call', name: word, args: [value], part }
  }
  let part: DatePart | undefined
  if (word === 'date_add' || word === 'date_diff') {
    part = readDatePart(tokens)
    if (part.startsWith('timezone')) throw selectError('ParseExpectedDatePart')
    tokens.expectSymbol(',')
  }
  const args = readArguments(tokens, ')')
  if (args.length < arity[0] || args.length > arity[1]) throw selectError('EvaluatorInvalidArguments')
  return { kind: 'call', name: word, args, part }
}

function readArguments(tokens: TokenReader, close: string): Expression[] {
  const args: Expression[] = []
  if (tokens.takeSymbol(close)) return args
  do args.push(readExpression(tokens))
  while (tokens.takeSymbol(','))
  if (!tokens.takeSymbol(close)) throw selectError('ParseExpectedRightParenBuiltinFunctionCall')
  return args
}

function closeCall(tokens: TokenReader): void {
  if (!tokens.takeSymbol(')')) throw selectError('ParseExpectedRightParenBuiltinFunctionCall')
}

function readDatePart(tokens: TokenReader): DatePart {
  const { kind, value } = tokens.next()
  if (kind !== 'word' || !DATE_PARTS.has(value)) throw selectError('ParseExpectedDatePart')
  return value as DatePart
}

function readAggregate(tokens: TokenReader, name: Aggregate): Expression {
  if (tokens.takeSymbol('*')) {
    if (name !== 'count') throw selectError('ParseUnsupportedCallWithStar')
    closeCall(tokens)
    return { kind: 'aggregate', name, value: undefined }
  }
  if (tokens.isWord('distinct')) throw selectError('UnsupportedSqlStructure')
  const args = readArguments(tokens, ')')
  if (args.length !== 1) throw selectError('ParseNonUnaryAgregateFunctionCall')
  return { kind: 'aggregate', name, value: args[0] }
}

/** `TRIM([[LEADING | TRAILING | BOTH] [characters] FROM] text)` */
function readTrim(tokens: TokenReader): Expression {
  const side = (['both', 'leading', 'trailing'] as const).find(word => tokens.takeWord(word))
  if (tokens.isSymbol(')')) throw selectError('EvaluatorInvalidArguments')
  const first = side && tokens.isWord('from') ? undefined : readExpression(tokens)
  const from = tokens.takeWord('from')
  if (side && !from) throw unexpected(tokens.peek())
  const value = from ? readExpression(tokens) : first
  closeCall(tokens)
  return { kind: 'trim', side: side ?? 'both', chars: from ? first : undefined, value: value ?? literal(null) }
}

/** `SUBSTRING(text FROM start [FOR length])`, or with commas. */
function readSubstring(tokens: TokenReader): Expression {
  const args = [readExpression(tokens)]
  if (tokens.takeWord('from')) {
    args.push(readExpression(tokens))
    if (tokens.takeWord('for')) args.push(readExpression(tokens))
  } else while (tokens.takeSymbol(',')) args.push(readExpression(tokens))
  closeCall(tokens)
  if (args.length < 2 || args.length > 3) throw selectError('EvaluatorInvalidArguments')
  return { kind: 'call', name: 'substring', args, part: undefined }
}

function readCase(tokens: TokenReader): Expression {
  const subject = tokens.isWord('when') ? undefined : readExpression(tokens)
  const whens: { when: Expression; result: Expression }[] = []
  while (tokens.takeWord('when')) {
    const when = readExpression(tokens)
    tokens.expectWord('then')
    whens.push({ when, result: readExpression(tokens) })
  }
  if (whens.length === 0) throw selectError('ParseExpectedWhenClause')
  const otherwise = tokens.takeWord('else') ? readExpression(tokens) : undefined
  tokens.expectWord('end')
  return { kind: 'case', subject, whens, otherwise }
}

function readCast(tokens: TokenReader): Expression {
  if (!tokens.takeSymbol('(')) throw selectError('ParseExpectedLeftParenAfterCast')
  const value = readExpression(tokens)
  if (!tokens.takeWord('as')) throw selectError('ParseCastArity')
  const named = tokens.next()
  const type = named.kind === 'word' ? TYPES[named.value] : undefined
  if (!type) throw selectError('ParseExpectedTypeName')
  let scale: number | undefined
  if (type === 'decimal' && tokens.takeSymbol('(')) {
    const size = readArguments(tokens, ')').map(argument => (argument.kind === 'literal' ? argument.value : undefined))
    const [precision, digits = 0] = size
    if (size.length > 2 || !isCount(precision) || !isCount(digits) || precision > 38 || digits > precision)
      throw selectError('ParseInvalidTypeParam')
    scale = digits
  }
  closeCall(tokens)
  return { kind: 'cast', value, type, scale }
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0
}
