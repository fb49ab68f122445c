import type { Expression, PathStep, SelectItem, Statement } from './ast.js'
import { selectError } from './errors.js'
import { RESERVED, readExpression } from './expressions.js'
import { TokenReader, tokensOf, unexpected } from './lexer.js'
import { readPath } from './paths.js'

const MAX_BYTES = 256 * 1024

/**
 * Reads an SQL expression of S3 Select: one SELECT over `S3Object`.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-select-sql-reference-select.html
 *
 * @throws ExpressionTooLong, ParseSelectMissingFrom, ParseUnexpectedToken, UnsupportedFunction and others, in S3's words.
 */
export function parseSelect(text: string): Statement {
  if (Buffer.byteLength(text) > MAX_BYTES) throw selectError('ExpressionTooLong')
  const tokens = new TokenReader(tokensOf(text))
  tokens.expectWord('select')
  const items = readList(tokens)
  if (!tokens.takeWord('from')) {
    if (tokens.peek().kind === 'end') throw selectError('ParseSelectMissingFrom')
    throw unexpected(tokens.peek())
  }
  const { path, alias } = readTable(tokens)
  const where = tokens.takeWord('where') ? readExpression(tokens) : undefined
  const limit = tokens.takeWord('limit') ? readLimit(tokens) : undefined
  if (tokens.peek().kind !== 'end') throw unexpected(tokens.peek())
  checkAggregates(items, where)
  return { items: items === '*' || isStarOf(items, alias) ? undefined : items, path, aliases: aliasesOf(path, alias), where, limit }
}

function readList(tokens: TokenReader): SelectItem[] | '*' {
  if (tokens.isWord('from') || tokens.peek().kind === 'end') throw selectError('ParseEmptySelect')
  if (tokens.isWord('distinct') || tokens.isWord('all')) throw selectError('ParseUnsupportedSelect')
  if (tokens.takeSymbol('*')) {
    if (tokens.isSymbol(',')) throw selectError('ParseAsteriskIsNotAloneInSelectList')
    return '*'
  }
  const items: SelectItem[] = []
  do items.push(readItem(tokens))
  while (tokens.takeSymbol(','))
  return items
}

function readItem(tokens: TokenReader): SelectItem {
  if (tokens.isSymbol('*')) throw selectError('ParseAsteriskIsNotAloneInSelectList')
  const value = readExpression(tokens)
  if (tokens.takeWord('as')) {
    const { kind, text, value: name } = tokens.next()
    if (kind === 'word') return { value, name: text }
    if (kind === 'quoted') return { value, name }
    throw selectError('ParseExpectedIdentForAlias')
  }
  const alias = tokens.peek()
  if (alias.kind === 'quoted' || (alias.kind === 'word' && !RESERVED.has(alias.value))) {
    tokens.next()
    return { value, name: alias.kind === 'quoted' ? alias.value : alias.text }
  }
  return { value, name: ownName(value) }
}

/** A path is named by its last name. */
function ownName(value: Expression): string | undefined {
  if (value.kind !== 'path') return undefined
  const last = value.steps.at(-1) ?? value.root
  return last.kind === 'name' ? last.name : undefined
}

/** `s.*`, which may stand alone only. */
function isStarOf(items: readonly SelectItem[], alias: string | undefined): boolean {
  const isStar = ({ value }: SelectItem) =>
    value.kind === 'path' && value.steps.some(({ kind }) => kind === 'values' || kind === 'elements')
  if (!items.some(isStar)) return false
  const [item, ...others] = items
  const value = item?.value
  if (others.length > 0 || value?.kind !== 'path' || value.steps.length !== 1 || value.steps[0]?.kind !== 'values')
    throw selectError('ParseInvalidContextForWildcardInSelectList')
  const root = value.root.name.toLowerCase()
  if (root !== alias && root !== 's3object') throw selectError('ParseInvalidContextForWildcardInSelectList')
  return true
}

/** `S3Object`, `S3Object[*]`, `S3Object[*].path`, each perhaps with an alias. */
function readTable(tokens: TokenReader): { path: PathStep[]; alias: string | undefined } {
  const table = tokens.next()
  if (table.value.toLowerCase() !== 's3object' || (table.kind !== 'word' && table.kind !== 'quoted')) throw selectError('InvalidDataSource')
  const path = readPath(tokens)
  // The first [*] goes over the object's documents.
  if (path[0]?.kind === 'elements') path.shift()
  if (tokens.isSymbol(',') || tokens.isWord('join') || tokens.isWord('cross') || tokens.isWord('inner') || tokens.isWord('left'))
    throw selectError('MultipleDataSourcesUnsupported')
  const as = tokens.takeWord('as')
  const named = tokens.peek()
  const isAlias = named.kind === 'quoted' || (named.kind === 'word' && !RESERVED.has(named.value))
  if (!isAlias) {
    if (as) throw selectError('ParseExpectedIdentForAlias')
    return { path, alias: undefined }
  }
  tokens.next()
  if (tokens.isSymbol(',')) throw selectError('MultipleDataSourcesUnsupported')
  return { path, alias: named.value.toLowerCase() }
}

/** Without an alias of its own a record is called by the last name of its path. */
function aliasesOf(path: readonly PathStep[], alias: string | undefined): Set<string> {
  const last = path.findLast(step => step.kind === 'name')
  const own = alias ?? (path.at(-1)?.kind === 'name' && last?.kind === 'name' ? last.name.toLowerCase() : undefined)
  return new Set(own === undefined ? ['s3object'] : ['s3object', own])
}

function readLimit(tokens: TokenReader): number {
  if (tokens.isSymbol('-')) throw selectError('EvaluatorNegativeLimit')
  const { kind, text } = tokens.next()
  if (kind !== 'number' || !/^\d+$/.test(text)) throw selectError('ParseExpectedNumber')
  return Number(text)
}

/** Aggregates stand in the select list alone, and nothing beside them that differs from record to record. */
function checkAggregates(items: readonly SelectItem[] | '*', where: Expression | undefined): void {
  if (where && has(where, 'aggregate')) throw selectError('UnsupportedSqlStructure')
  if (where && hasWildcard(where)) throw selectError('ParseInvalidPathComponent')
  if (items === '*' || !items.some(({ value }) => has(value, 'aggregate'))) return
  if (items.some(({ value }) => has(value, 'path', 'aggregate'))) throw selectError('UnsupportedSqlStructure')
  if (items.some(({ value }) => nests(value))) throw selectError('UnsupportedSqlStructure')
}

/** Is there such an expression in this one? @param except where not to look. */
export function has(expression: Expression, kind: Expression['kind'], except?: Expression['kind']): boolean {
  if (expression.kind === kind) return true
  if (expression.kind === except) return false
  return partsOf(expression).some(part => has(part, kind, except))
}

function nests(expression: Expression): boolean {
  if (expression.kind === 'aggregate') return partsOf(expression).some(part => has(part, 'aggregate'))
  return partsOf(expression).some(nests)
}

function hasWildcard(expression: Expression): boolean {
  if (expression.kind === 'path') return expression.steps.some(({ kind }) => kind === 'values' || kind === 'elements')
  return partsOf(expression).some(hasWildcard)
}

function partsOf(expression: Expression): Expression[] {
  return Object.values(expression)
    .flat()
    .flatMap(part => (isExpression(part) ? [part] : isWhen(part) ? [part.when, part.result] : []))
}

function isExpression(part: unknown): part is Expression {
  return typeof part === 'object' && part !== null && 'kind' in part && !STEP_KINDS.has(String(part.kind))
}

const STEP_KINDS: ReadonlySet<string> = new Set(['name', 'index', 'elements', 'values'])

function isWhen(part: unknown): part is { when: Expression; result: Expression } {
  return typeof part === 'object' && part !== null && 'when' in part
}
