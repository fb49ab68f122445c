import { validation } from '../errors.js'
import { keyOfItem } from '../items.js'
import { encodeParts, type KeyAttribute, partitionHash } from '../storage/key-schema.js'
import { type Position, Probe } from '../storage/position.js'
import type { IndexItems } from '../storage/table-items.js'
import type { OpenTable } from '../tables/open-tables.js'
import { type AttributeValue, attribute, type Item } from '../value/attribute-value.js'

/** The attributes that tell where a page ended: the table's key and the index's. */
export function lastEvaluatedKey(table: OpenTable, index: IndexItems | undefined, item: Item): Item {
  const key: Record<string, AttributeValue> = {}
  for (const { name } of keyAttributes(table, index)) key[name] = item[name]!
  return key
}

function keyAttributes(table: OpenTable, index: IndexItems | undefined): readonly KeyAttribute[] {
  return index ? [...index.definition.schema.attributes, ...table.schema.attributes] : table.schema.attributes
}

/**
 * The place right after (or, backward, before) the item that an `ExclusiveStartKey` names; the item itself may be gone.
 * @throws ValidationException for what can't be the key of an item of the table or index.
 */
export function startPosition(table: OpenTable, index: IndexItems | undefined, start: Item, forward: boolean): Probe {
  const attributes = keyAttributes(table, index)
  const names = new Set(attributes.map(({ name }) => name))
  if (Object.keys(start).length !== names.size) throw validation('The provided starting key is invalid')
  for (const { name, type } of attributes) {
    const content = attribute(start, name)?.[type]
    if (content === undefined || content.length === 0) {
      throw validation('The provided starting key is invalid: The provided key element does not match the schema')
    }
  }
  const edge = forward ? 1 : -1
  const base = keyOfItem(table, start)
  if (!index) return new Probe(base.hash, base.partition, base.sort, edge)
  const { hash, range } = index.definition.schema
  const partition = encodeParts(hash, start)!
  const tie: Position = new Probe(base.hash, base.partition, base.sort, edge)
  return new Probe(partitionHash(partition), partition, encodeParts(range, start)!, 0, tie)
}
