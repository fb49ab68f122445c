import { AwsError } from '@ministack/gateway'
import { invalidValues, validation } from './errors.js'
import { encodeKeyValue, type KeyAttribute, partitionHash } from './storage/key-schema.js'
import { type ItemKey, Probe } from './storage/position.js'
import type { OpenTable } from './tables/open-tables.js'
import { type AttributeValue, attribute, type Item, typeOf } from './value/attribute-value.js'
import { normalizeItem } from './value/normalize.js'
import { itemSize, MAX_ITEM_SIZE, utf8Length } from './value/size.js'

/** The rules that items and keys of a table keep. */

const MAX_HASH_SIZE = 2048
const MAX_RANGE_SIZE = 1024
const TOO_LARGE = 'Item size has exceeded the maximum allowed size'
const TOO_LARGE_UPDATED = 'Item size to update has exceeded the maximum allowed size'
const MAX_COLLECTION_SIZE = 10 * 1024 ** 3

/**
 * Takes the `Key` of a request.
 * @throws ValidationException when it isn't a key of the table.
 */
export function keyOf(table: OpenTable, attributes: Item): ItemKey {
  return encodeKey(table, attributes, Object.keys(attributes).length)
}

function encodeKey({ schema }: OpenTable, attributes: Item, count: number): ItemKey {
  for (const { name, type } of schema.attributes) {
    const value = attribute(attributes, name)
    if (value?.[type] === undefined) throw validation('The provided key element does not match the schema')
  }
  if (count !== schema.attributes.length) throw validation('The number of conditions on the keys is invalid')
  return encodedKey(schema.hash[0]!, schema.range[0], attributes)
}

/** The same for operations that tell a key with too many attributes in other words. */
export function writeKeyOf(table: OpenTable, attributes: Item): ItemKey {
  const { attributes: keys } = table.schema
  if (Object.keys(attributes).length !== keys.length) throw validation('The provided key element does not match the schema')
  return encodeKey(table, attributes, keys.length)
}

/** The key of an item that is known to have it: one that came from the table. */
export function keyOfItem({ schema }: OpenTable, item: Item): ItemKey {
  const partition = encodeKeyValue(item[schema.hash[0]!.name]!)
  const range = schema.range[0]
  return { hash: partitionHash(partition), partition, sort: range ? encodeKeyValue(item[range.name]!) : '' }
}

function encodedKey(hash: KeyAttribute, range: KeyAttribute | undefined, attributes: Item): ItemKey {
  const hashValue = attributes[hash.name]!
  checkKeyValue(hash, hashValue)
  if (keySize(hashValue) > MAX_HASH_SIZE) {
    throw invalidValues(`Size of hashkey has exceeded the maximum size limit of${MAX_HASH_SIZE} bytes`)
  }
  const partition = encodeKeyValue(hashValue)
  if (!range) return new Probe(partitionHash(partition), partition, '')
  const rangeValue = attributes[range.name]!
  checkKeyValue(range, rangeValue)
  if (keySize(rangeValue) > MAX_RANGE_SIZE) {
    throw invalidValues(`Aggregated size of all range keys has exceeded the size limit of ${MAX_RANGE_SIZE} bytes`)
  }
  return new Probe(partitionHash(partition), partition, encodeKeyValue(rangeValue))
}

function checkKeyValue({ name }: KeyAttribute, value: AttributeValue): void {
  const empty = emptyKind(value)
  if (!empty) return
  throw validation(
    `One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty ${empty} value. Key: ${name}`,
  )
}

function emptyKind(value: AttributeValue): 'string' | 'binary' | undefined {
  if (value.S === '') return 'string'
  return value.B !== undefined && value.B.length === 0 ? 'binary' : undefined
}

function keySize(value: AttributeValue): number {
  return value.S !== undefined ? utf8Length(value.S) : (value.B?.byteLength ?? 0)
}

/**
 * The key of an item that is to be put, after all that the table asks of it (its indexes too).
 * @throws ValidationException for a key that is missing, of another type, empty or too long, and for an item that is too large with its entries in local indexes.
 */
export function putKeyOf(table: OpenTable, item: Item): ItemKey {
  const { schema } = table
  for (const { name, type } of schema.attributes) {
    const value = attribute(item, name)
    if (value === undefined) throw invalidValues(`Missing the key ${name} in the item`)
    if (value[type] === undefined) throw invalidValues(`Type mismatch for key ${name} expected: ${type} actual: ${typeOf(value)}`)
  }
  const key = encodedKey(schema.hash[0]!, schema.range[0], item)
  if (table.items.indexes.size > 0) {
    checkIndexKeys(table, item, undefined, PUT)
    if (table.items.collections) checkWithEntries(table, item, itemSize(item), TOO_LARGE)
  }
  return key
}

/**
 * An item and its entries in all local indexes share the limit of an item.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html#limits-items
 */
function checkWithEntries(table: OpenTable, item: Item, size: number, message: string): void {
  let total = size
  for (const index of table.items.indexes.values()) {
    const { local, schema } = index.definition
    if (local && schema.attributes.every(({ name }) => attribute(item, name) !== undefined)) total += index.sizeOf(item, size)
  }
  if (total > MAX_ITEM_SIZE) throw validation(message)
}

interface IndexKeyMessages {
  type(index: string, attribute: KeyAttribute, actual: string): AwsError
  empty(index: string, attribute: KeyAttribute, kind: string): AwsError
}

const PUT: IndexKeyMessages = {
  type: (index, { name, type }, actual) =>
    invalidValues(`Type mismatch for Index Key ${name} Expected: ${type} Actual: ${actual} IndexName: ${index}`),
  empty: (index, { name }, kind) =>
    validation(
      `One or more parameter values are not valid. A value specified for a secondary index key is not supported. The AttributeValue for a key attribute cannot contain an empty ${kind} value. IndexName: ${index}, IndexKey: ${name}`,
    ),
}

const UPDATE: IndexKeyMessages = {
  type: () => validation('The update expression attempted to update the secondary index key to unsupported type'),
  empty: (_index, _attribute, kind) =>
    validation(
      `One or more parameter values are not valid. The update expression attempted to update a secondary index key to a value that is not supported. The AttributeValue for a key attribute cannot contain an empty ${kind} value.`,
    ),
}

function checkIndexKeys(table: OpenTable, item: Item, old: Item | undefined, messages: IndexKeyMessages): void {
  for (const { definition } of table.items.indexes.values()) {
    const { hash, range } = definition.schema
    for (const key of definition.schema.attributes) {
      const value = attribute(item, key.name)
      // What the item had before the index came may stay; the item is just not in the index.
      if (value === undefined || value === old?.[key.name]) continue
      if (value[key.type] === undefined) throw messages.type(definition.name, key, typeOf(value))
      const empty = emptyKind(value)
      if (empty) throw messages.empty(definition.name, key, empty)
    }
    if (totalSize(hash, item) > MAX_HASH_SIZE) {
      throw invalidValues(`Size of hashkey has exceeded the maximum size limit of${MAX_HASH_SIZE} bytes`)
    }
    if (totalSize(range, item) > MAX_RANGE_SIZE) {
      throw invalidValues(`Aggregated size of all range keys has exceeded the size limit of ${MAX_RANGE_SIZE} bytes`)
    }
  }
}

function totalSize(attributes: readonly KeyAttribute[], item: Item): number {
  let size = 0
  for (const { name } of attributes) {
    const value = attribute(item, name)
    if (value) size += keySize(value)
  }
  return size
}

/** Takes the `Item` of a put: checked, copied, with numbers in canonical form. @throws ValidationException */
export function requestItem(item: Item): { item: Item; size: number } {
  if (Object.hasOwn(item, '')) throw invalidValues('Empty attribute name')
  const normalized = normalizeItem(item)
  const size = itemSize(normalized)
  if (size > MAX_ITEM_SIZE) throw validation(TOO_LARGE)
  return { item: normalized, size }
}

/**
 * Checks the outcome of an update.
 * @throws ValidationException for an item that is too large, or whose index keys can't be.
 */
export function checkUpdated(table: OpenTable, item: Item, old: Item | undefined): number {
  const size = itemSize(item)
  if (size > MAX_ITEM_SIZE) throw validation(TOO_LARGE_UPDATED)
  if (table.items.indexes.size > 0) {
    checkIndexKeys(table, item, old, UPDATE)
    if (table.items.collections) checkWithEntries(table, item, size, TOO_LARGE_UPDATED)
  }
  return size
}

/** @throws ItemCollectionSizeLimitExceededException when a table with local indexes would get more than 10 GB under one partition key. */
export function checkCollection(table: OpenTable, key: ItemKey, growth: number): void {
  if (growth <= 0 || !table.items.collections) return
  if ((table.items.collections.get(key.partition) ?? 0) + growth > MAX_COLLECTION_SIZE) {
    throw new AwsError('ItemCollectionSizeLimitExceededException', 'Collection size exceeded.')
  }
}
