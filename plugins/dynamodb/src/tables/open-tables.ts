import type { AttributeDefinition } from '@aws-sdk/client-dynamodb'
import type { Scope } from '@ministack/gateway'
import type { ItemStore } from '../storage/item-store.js'
import { type KeySchema, keySchema } from '../storage/key-schema.js'
import type { IndexDefinition, TableItems } from '../storage/table-items.js'
import type { IndexRecord, TableRecord } from './record.js'

/** A table ready for use: its record, its key and its items. */
export interface OpenTable {
  readonly record: Readonly<TableRecord>
  readonly scope: Scope
  readonly schema: KeySchema
  readonly items: TableItems
}

/** The tables that are ready for use, by id. */
export class OpenTables {
  readonly #store: ItemStore
  readonly #open = new Map<string, OpenTable>()

  constructor(store: ItemStore) {
    this.#store = store
  }

  /** The table of a record; on first use its indexes are built. */
  get(record: Readonly<TableRecord>, scope: Scope): OpenTable {
    const open = this.#open.get(record.id)
    if (open) return open
    const items = this.#store.table(record.id, scope)
    const table: OpenTable = {
      record,
      scope: { account: scope.account, region: scope.region },
      schema: keySchema(record.keySchema, record.attributeDefinitions),
      items,
    }
    this.#open.set(record.id, table)
    if (record.localIndexes.length > 0) items.trackCollections()
    for (const index of record.localIndexes) items.addIndex(indexDefinition(record, index, true))
    for (const index of record.globalIndexes) {
      if (!index.backfilling && index.status !== 'DELETING') items.addIndex(indexDefinition(record, index, false))
    }
    return table
  }

  close(id: string): void {
    this.#open.delete(id)
  }
}

/** An index as the storage needs it. */
export function indexDefinition(
  table: { readonly keySchema: TableRecord['keySchema']; readonly attributeDefinitions: readonly AttributeDefinition[] },
  index: IndexRecord,
  local: boolean,
): IndexDefinition {
  const schema = keySchema(index.keySchema, table.attributeDefinitions)
  const keys = [...table.keySchema, ...index.keySchema].map(e => e.AttributeName!)
  const { ProjectionType, NonKeyAttributes = [] } = index.projection
  return {
    name: index.name,
    schema,
    local,
    projected: ProjectionType === 'ALL' ? undefined : [...new Set([...keys, ...(ProjectionType === 'INCLUDE' ? NonKeyAttributes : [])])],
  }
}
