import { readUnits } from '../capacity.js'
import type { Condition, DocumentPath } from '../expression/ast.js'
import { evaluate } from '../expression/evaluate.js'
import { project } from '../expression/paths.js'
import type { IndexEntry, ItemEntry, Position } from '../storage/position.js'
import type { IndexItems } from '../storage/table-items.js'
import type { OpenTable } from '../tables/open-tables.js'
import type { Item } from '../value/attribute-value.js'
import { itemSize } from '../value/size.js'
import { lastEvaluatedKey } from './start-key.js'

/** A page ends with the item that takes it over this size. */
const MAX_PAGE_SIZE = 1024 * 1024

export interface PageRequest {
  readonly table: OpenTable
  readonly index: IndexItems | undefined
  readonly low: Position
  readonly high: Position
  readonly forward: boolean
  readonly limit: number | undefined
  readonly filter: Condition | undefined
  readonly paths: readonly DocumentPath[] | undefined
  readonly countOnly: boolean
  /** Whether items of a local index are fetched from the table. */
  readonly fetch: boolean
  readonly consistent: boolean | undefined
}

export interface PageResult {
  readonly items: Item[]
  readonly count: number
  readonly scanned: number
  readonly lastKey: Item | undefined
  /** Units for what was read in the table or index. */
  readonly units: number
  /** Units for what was fetched from the table beside the index. */
  readonly fetchUnits: number
}

/** Reads one page of a Query or Scan; its cost is the size of the page. */
export function readPage(request: PageRequest): PageResult {
  const { table, index, limit, filter, paths, countOnly, fetch } = request
  const items: Item[] = []
  let count = 0
  let scanned = 0
  let bytes = 0
  let fetchUnits = 0
  let last: Item | undefined
  const entries: Iterable<ItemEntry | IndexEntry> = index
    ? index.entries.range(request.low, request.high, request.forward)
    : table.items.entries.range(request.low, request.high, request.forward)
  for (const entry of entries) {
    const { item, size } = entry.base ?? (entry as ItemEntry)
    const view = index ? index.view(item) : item
    const seen = fetch ? item : view
    scanned++
    bytes += view === item ? size : itemSize(view)
    if (fetch) fetchUnits += readUnits(size, request.consistent)
    if (!filter || evaluate(filter, seen)) {
      count++
      if (!countOnly) items.push(paths ? project(seen, paths) : seen)
    }
    if (scanned === limit || bytes > MAX_PAGE_SIZE) {
      last = item
      break
    }
  }
  return {
    items,
    count,
    scanned,
    lastKey: last && lastEvaluatedKey(table, index, last),
    units: readUnits(bytes, request.consistent),
    fetchUnits,
  }
}
