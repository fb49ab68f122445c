import { validation } from '../errors.js'
import type { IndexItems } from '../storage/table-items.js'
import type { OpenTable } from '../tables/open-tables.js'

/**
 * The index that a read names; undefined when it names none.
 * @throws ValidationException when there is no such index, it is being filled, or it can't be read consistently.
 */
export function indexOf(table: OpenTable, name: string | undefined, consistent: boolean | undefined): IndexItems | undefined {
  if (name === undefined) return undefined
  const index = table.items.indexes.get(name)
  const record = table.record.globalIndexes.find(i => i.name === name)
  if (record?.backfilling) throw validation(`Cannot read from backfilling global secondary index: ${name}`)
  if (!index || record?.status === 'DELETING') throw validation(`The table does not have the specified index: ${name}`)
  if (consistent && !index.definition.local) throw validation('Consistent reads are not supported on global secondary indexes')
  return index
}
