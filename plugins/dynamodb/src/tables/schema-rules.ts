import type { AttributeDefinition, KeySchemaElement, Projection } from '@aws-sdk/client-dynamodb'
import { invalidValues, validation } from '../errors.js'
import { checkName } from './find.js'

/** The rules of key schemas, attribute definitions and indexes, for CreateTable and UpdateTable. */

export const MAX_LOCAL_INDEXES = 5
export const MAX_GLOBAL_INDEXES = 20
/** How many attributes the hash key of a global index may have, and its range key. */
const MAX_KEY_PARTS = 4
/** How many attributes all indexes of a table may project by INCLUDE. */
const MAX_PROJECTED = 100

const names = (elements: readonly { readonly AttributeName?: string | undefined }[]) => elements.map(e => e.AttributeName!)
const list = (items: readonly string[]) => `[${items.join(', ')}]`

/** @throws ValidationException for a definition that is there twice. */
export function checkDefinitions(definitions: readonly AttributeDefinition[]): void {
  if (new Set(names(definitions)).size < definitions.length) throw validation('Cannot have two attributes with the same name')
}

/** The key of a table or local index: a HASH, perhaps a RANGE. @throws ValidationException */
export function checkKeySchema(elements: readonly KeySchemaElement[]): void {
  if (elements.length > 2) {
    const shown = elements.map(e => `KeySchemaElement(attributeName=${e.AttributeName}, keyType=${e.KeyType})`)
    throw validation(
      `1 validation error detected: Value '${list(shown)}' at 'keySchema' failed to satisfy constraint: Member must have length less than or equal to 2`,
    )
  }
  if (elements[0]?.KeyType !== 'HASH') throw validation('Invalid KeySchema: The first KeySchemaElement is not a HASH key type')
  if (elements.length === 1) return
  if (elements[1]!.KeyType !== 'RANGE') throw validation('Invalid KeySchema: The second KeySchemaElement is not a RANGE key type')
  if (elements[0].AttributeName === elements[1]!.AttributeName) {
    throw validation('Both the Hash Key and the Range Key element in the KeySchema have the same name')
  }
}

/** The key of a global index: one to four HASH attributes, then up to four RANGE ones. @throws ValidationException */
function checkGlobalKeySchema(elements: readonly KeySchemaElement[]): void {
  const hash = elements.filter(e => e.KeyType === 'HASH').length
  if (hash < 2 && elements.length <= 2) {
    checkKeySchema(elements)
    return
  }
  if (elements.slice(0, hash).some(e => e.KeyType !== 'HASH') || hash === 0) {
    throw validation('Invalid KeySchema: The first KeySchemaElement is not a HASH key type')
  }
  if (hash > MAX_KEY_PARTS || elements.length - hash > MAX_KEY_PARTS) {
    throw invalidValues(`Index KeySchema can have at most ${MAX_KEY_PARTS} HASH and ${MAX_KEY_PARTS} RANGE key attributes`)
  }
  if (new Set(names(elements)).size < elements.length) {
    throw validation('Both the Hash Key and the Range Key element in the KeySchema have the same name')
  }
}

/** Every key attribute of the table must be defined. @throws ValidationException */
export function checkTableKeyDefined(elements: readonly KeySchemaElement[], definitions: readonly AttributeDefinition[]): void {
  const defined = names(definitions)
  if (names(elements).some(name => !defined.includes(name))) {
    throw validation('Invalid KeySchema: Some index key attribute have no definition')
  }
}

/** Every definition must be used by some key. @throws ValidationException */
export function checkAllUsed(
  table: readonly KeySchemaElement[],
  indexes: readonly (readonly KeySchemaElement[])[],
  definitions: readonly AttributeDefinition[],
): void {
  const used = [...new Set([table, ...indexes].flatMap(names))]
  if (definitions.length === used.length) return
  if (indexes.length === 0) {
    throw invalidValues('Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions')
  }
  throw invalidValues(`Some AttributeDefinitions are not used. AttributeDefinitions: ${list(names(definitions))}, keys used: ${list(used)}`)
}

/** An index as a request describes it. */
export interface IndexRequest {
  readonly IndexName?: string | undefined
  readonly KeySchema?: readonly KeySchemaElement[] | undefined
  readonly Projection?: Projection | undefined
}

/** @throws ValidationException for an index that can't be. @param where the member of the request, for messages. */
export function checkIndex(index: IndexRequest, definitions: readonly AttributeDefinition[], where: string, global: boolean): void {
  const { IndexName, KeySchema, Projection } = index
  checkName(IndexName!, `${where}.indexName`)
  const defined = names(definitions)
  const keys = names(KeySchema!)
  if (keys.some(name => !defined.includes(name))) {
    throw invalidValues(
      `Some index key attributes are not defined in AttributeDefinitions. Keys: ${list(keys)}, AttributeDefinitions: ${list(defined)}`,
    )
  }
  if (global) checkGlobalKeySchema(KeySchema!)
  else checkKeySchema(KeySchema!)
  checkProjection(Projection!)
}

function checkProjection({ ProjectionType, NonKeyAttributes }: Projection): void {
  if (ProjectionType === undefined) throw invalidValues('Unknown ProjectionType: null')
  if (ProjectionType === 'INCLUDE') {
    if (!NonKeyAttributes) throw invalidValues('ProjectionType is INCLUDE, but NonKeyAttributes is not specified')
    if (new Set(NonKeyAttributes).size < NonKeyAttributes.length) {
      throw invalidValues(`Duplicate value in NonKeyAttributes: ${list(NonKeyAttributes)}`)
    }
  } else if (NonKeyAttributes) {
    throw invalidValues(`ProjectionType is ${ProjectionType}, but NonKeyAttributes is specified`)
  }
}

/** A local index keeps the table's hash key and needs a range key of its own. @throws ValidationException */
export function checkLocalIndex(index: IndexRequest, table: readonly KeySchemaElement[]): void {
  const { IndexName, KeySchema } = index
  if (table.length < 2) {
    throw invalidValues('Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex')
  }
  if (KeySchema!.length < 2) throw invalidValues(`Index KeySchema does not have a range key for index: ${IndexName}`)
  const [indexHash, tableHash] = [KeySchema![0]!.AttributeName, table[0]!.AttributeName]
  if (indexHash !== tableHash) {
    throw invalidValues(
      `Index KeySchema must have the same leading hash key as table KeySchema for index: ${IndexName}. index hash key: ${indexHash}, table hash key: ${tableHash}`,
    )
  }
}

/** @throws ValidationException for two indexes of one name. */
export function checkDistinctIndexes(indexes: readonly IndexRequest[]): void {
  const seen = new Set<string>()
  for (const { IndexName } of indexes) {
    if (seen.has(IndexName!)) throw invalidValues(`Duplicate index name: ${IndexName}`)
    seen.add(IndexName!)
  }
}

/** @throws ValidationException when the indexes project too many attributes by INCLUDE. */
export function checkProjectedTotal(indexes: readonly IndexRequest[]): void {
  const total = indexes.reduce((n, { Projection }) => n + (Projection?.NonKeyAttributes?.length ?? 0), 0)
  if (total > MAX_PROJECTED) {
    throw invalidValues(`Number of attributes in all the projections exceeds the limit of ${MAX_PROJECTED}: ${total}`)
  }
}
