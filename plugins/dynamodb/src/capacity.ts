import type { Capacity, ConsumedCapacity, ItemCollectionMetrics, ReturnConsumedCapacity } from '@aws-sdk/client-dynamodb'
import type { ItemKey } from './storage/position.js'
import type { IndexItems } from './storage/table-items.js'
import type { OpenTable } from './tables/open-tables.js'
import { attribute, type Item, itemsEqual } from './value/attribute-value.js'
import { itemSize } from './value/size.js'

/**
 * What operations consume.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
 */

const READ_UNIT = 4096
const WRITE_UNIT = 1024
const GIGABYTE = 1024 ** 3

/** Read units of so many bytes: one (eventually consistent: half of one) for every 4 KB begun, at least one. */
export function readUnits(bytes: number, consistent: boolean | undefined): number {
  return Math.max(1, Math.ceil(bytes / READ_UNIT)) * (consistent ? 1 : 0.5)
}

/** Write units of so many bytes: one for every 1 KB begun, at least one. */
export function writeUnits(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / WRITE_UNIT))
}

/** The units that an operation used, by table and index. */
export class Consumption {
  table = 0
  readonly indexes = new Map<IndexItems, number>()

  addIndex(index: IndexItems, units: number): void {
    if (units > 0) this.indexes.set(index, (this.indexes.get(index) ?? 0) + units)
  }

  get total(): number {
    let total = this.table
    for (const units of this.indexes.values()) total += units
    return total
  }
}

/** Adds what a change of one item consumes in its table and in its indexes. */
export function addWrite(
  consumption: Consumption,
  table: OpenTable,
  oldItem: Item | undefined,
  newItem: Item | undefined,
  factor = 1,
): void {
  const oldSize = oldItem ? itemSize(oldItem) : 0
  const newSize = newItem ? itemSize(newItem) : 0
  consumption.table += writeUnits(Math.max(oldSize, newSize)) * factor
  for (const index of table.items.indexes.values()) consumption.addIndex(index, indexUnits(index, oldItem, newItem) * factor)
}

function indexUnits(index: IndexItems, oldItem: Item | undefined, newItem: Item | undefined): number {
  const before = oldItem && isIndexed(index, oldItem) ? index.view(oldItem) : undefined
  const after = newItem && isIndexed(index, newItem) ? index.view(newItem) : undefined
  if (!before && !after) return 0
  if (!before || !after) return writeUnits(itemSize((before ?? after)!))
  if (itemsEqual(before, after)) return 0
  const sameKey = index.definition.schema.attributes.every(({ name, type }) => {
    const [a, b] = [attribute(before, name)![type], attribute(after, name)![type]]
    return typeof a === 'string' || typeof b === 'string' ? a === b : Buffer.compare(a!, b!) === 0
  })
  const [old, current] = [itemSize(before), itemSize(after)]
  return sameKey ? writeUnits(Math.max(old, current)) : writeUnits(old) + writeUnits(current)
}

function isIndexed(index: IndexItems, item: Item): boolean {
  return index.definition.schema.attributes.every(({ name }) => attribute(item, name) !== undefined)
}

/** How `ConsumedCapacity` names the kind of units in transactions. */
export type UnitKind = 'ReadCapacityUnits' | 'WriteCapacityUnits'

/**
 * `ConsumedCapacity` as asked for by `ReturnConsumedCapacity`.
 * @param tableName as the request names the table.
 * @param kind given in transactions, which also tell read and write units apart.
 */
export function consumedCapacity(
  mode: ReturnConsumedCapacity | undefined,
  tableName: string,
  consumption: Consumption,
  kind?: UnitKind,
): ConsumedCapacity | undefined {
  if (mode !== 'TOTAL' && mode !== 'INDEXES') return undefined
  const capacity = (units: number): Capacity => (kind ? { [kind]: units, CapacityUnits: units } : { CapacityUnits: units })
  const out: ConsumedCapacity = { TableName: tableName, ...capacity(consumption.total) }
  if (mode === 'TOTAL') return out
  out.Table = capacity(consumption.table)
  for (const [{ definition }, units] of consumption.indexes) {
    const kind = definition.local ? 'LocalSecondaryIndexes' : 'GlobalSecondaryIndexes'
    out[kind] = { ...out[kind], [definition.name]: capacity(units) }
  }
  return out
}

/** `ItemCollectionMetrics`; undefined for tables without local indexes. The estimate is a range of one gigabyte. */
export function collectionMetrics(table: OpenTable, key: ItemKey, attributes: Item): ItemCollectionMetrics | undefined {
  if (!table.items.collections) return undefined
  const gigabytes = Math.floor((table.items.collections.get(key.partition) ?? 0) / GIGABYTE)
  const { name } = table.schema.hash[0]!
  return { ItemCollectionKey: { [name]: attributes[name]! }, SizeEstimateRangeGB: [gigabytes, gigabytes + 1] }
}
