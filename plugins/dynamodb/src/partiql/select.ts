import { createHash } from 'node:crypto'
import { Consumption } from '../capacity.js'
import { validation } from '../errors.js'
import type { DocumentPath } from '../expression/ast.js'
import { valueAt } from '../expression/paths.js'
import type { Context } from '../kit.js'
import { queryBounds } from '../read/bounds.js'
import { indexOf } from '../read/index-of.js'
import { readPage } from '../read/page.js'
import { needsFetch } from '../read/selection.js'
import { startPosition } from '../read/start-key.js'
import { HASH_RANGE } from '../storage/key-schema.js'
import { type Position, Probe } from '../storage/position.js'
import type { IndexItems } from '../storage/table-items.js'
import { findTable, openTable } from '../tables/find.js'
import type { OpenTable } from '../tables/open-tables.js'
import { admitRead, chargeRead } from '../throughput-limits.js'
import { type AttributeValue, compareValues, type Item, setAttribute } from '../value/attribute-value.js'
import { columnName, partitionTests } from './keys.js'
import type { OrderKey, Select } from './statement.js'

/** What one consumed unit of a consistent read holds; of other reads it holds twice as much. */
const READ_UNIT = 4096
/** A page over several partitions ends with the one that takes it to this size. */
const MAX_PAGE_SIZE = 1024 * 1024

/** What goes with a SELECT. */
export interface SelectOptions {
  readonly consistent?: boolean | undefined
  readonly limit?: number | undefined
  readonly nextToken?: string | undefined
  /** How many times everything is read. */
  readonly factor?: number
  /** Tells the request apart from others, so that a token of one isn't taken in another. */
  readonly request: string
}

export interface SelectResult {
  readonly items: Item[]
  readonly nextToken: string | undefined
  readonly lastKey: Item | undefined
  readonly used: Consumption
}

interface Range {
  readonly low: Position
  readonly high: Position
}

/** A place in the ranges of a statement: which range, and after which key in it. */
interface Place {
  readonly range: number
  readonly after: Item | undefined
}

/**
 * Runs a SELECT: a query for each partition key that its condition names, else a scan.
 * @throws ValidationException, ResourceNotFoundException
 */
export function runSelect(ctx: Context, select: Select, options: SelectOptions): SelectResult {
  const table = openTable(findTable(ctx, select.table))
  const index = indexOf(table, select.index, options.consistent)
  const forward = isForward(table, index, select)
  const ranges = rangesOf(table, index, select)
  const start = options.nextToken === undefined ? undefined : readToken(options.nextToken, options.request)
  if (start && start.range >= ranges.length) throw invalidToken()
  const selection = { select: undefined, parameter: 'ProjectionExpression', paths: select.columns } as const
  const fetch = index ? needsFetch(index, selection, select.where) : false
  admitRead(ctx, table, index)
  const items: Item[] = []
  const used = new Consumption()
  const unitSize = options.consistent ? READ_UNIT : READ_UNIT * 2
  let scanned = 0
  for (let range = start?.range ?? 0; range < ranges.length; range++) {
    let { low, high } = ranges[range]!
    if (start?.after && range === start.range) {
      const after = startPosition(table, index, start.after, forward)
      if (forward) low = after
      else high = after
    }
    const page = readPage({
      table,
      index,
      low,
      high,
      forward,
      limit: options.limit === undefined ? undefined : options.limit - scanned,
      filter: select.where,
      paths: undefined,
      countOnly: false,
      fetch,
      consistent: options.consistent,
    })
    scanned += page.scanned
    const { factor = 1 } = options
    chargeRead(ctx, table, page.units * factor, index, page.fetchUnits * factor)
    for (const item of page.items) items.push(select.columns ? columnsOf(item, select.columns) : item)
    if (index) used.addIndex(index, page.units)
    else used.table += page.units
    used.table += page.fetchUnits
    const full = (options.limit !== undefined && scanned >= options.limit) || used.total * unitSize >= MAX_PAGE_SIZE
    const next: Place | undefined = page.lastKey
      ? { range, after: page.lastKey }
      : full && range + 1 < ranges.length
        ? { range: range + 1, after: undefined }
        : undefined
    if (next) return { items, nextToken: token(next, options.request), lastKey: page.lastKey, used }
  }
  return { items, nextToken: undefined, lastKey: undefined, used }
}

function rangesOf(table: OpenTable, index: IndexItems | undefined, { where, order }: Select): Range[] {
  const schema = index?.definition.schema ?? table.schema
  const tests = partitionTests(schema, where)
  if (!tests) {
    if (order.length > 0) {
      throw validation(
        where
          ? 'Must have at least one non-optional hash key condition in WHERE clause when using ORDER BY clause.'
          : 'Must have WHERE clause in the statement when using ORDER BY clause.',
      )
    }
    return [{ low: new Probe(0, '', '', -1), high: new Probe(HASH_RANGE, '', '', 1) }]
  }
  const hash = schema.hash[0]!.name
  const byHash = order.find(({ name }) => name === hash)
  const first = (map: (typeof tests)[number]) => map.get(hash)!.value
  if (byHash) tests.sort((a, b) => (compareValues(first(a), first(b)) ?? 0) * (byHash.descending ? -1 : 1))
  return tests.map(test => queryBounds(schema, test))
}

/** Whether a SELECT reads in ascending order of the sort key. */
function isForward(table: OpenTable, index: IndexItems | undefined, { order }: Select): boolean {
  const schema = index?.definition.schema ?? table.schema
  let direction: OrderKey | undefined
  for (const key of order) {
    if (!schema.attributes.some(({ name }) => name === key.name)) {
      throw validation(`Variable reference ${key.name} in ORDER BY clause must be part of the primary key`)
    }
    if (!direction || schema.range.some(({ name }) => name === key.name)) direction = key
  }
  return !direction?.descending
}

function columnsOf(item: Item, columns: readonly DocumentPath[]): Item {
  const out: Record<string, AttributeValue> = {}
  for (const path of columns) {
    const value = valueAt(item, path)
    if (value !== undefined) setAttribute(out, columnName(path), value)
  }
  return out
}

function token({ range, after }: Place, request: string): string {
  const content = JSON.stringify([digest(request), range, after], (_name, value: unknown) =>
    value instanceof Uint8Array ? { base64: Buffer.from(value).toString('base64') } : value,
  )
  return Buffer.from(content).toString('base64')
}

function readToken(text: string, request: string): Place {
  try {
    const content: unknown = JSON.parse(Buffer.from(text, 'base64').toString(), (_name, value: { base64?: unknown } | null) =>
      typeof value?.base64 === 'string' ? new Uint8Array(Buffer.from(value.base64, 'base64')) : value,
    )
    if (Array.isArray(content) && content[0] === digest(request) && typeof content[1] === 'number') {
      return { range: content[1], after: content[2] ?? undefined }
    }
  } catch {
    // Told below, as any other token that isn't ours.
  }
  throw invalidToken()
}

function invalidToken() {
  return validation('The provided NextToken is invalid')
}

function digest(request: string): string {
  return createHash('sha256').update(request).digest('base64')
}
