import type { AttributeDefinition, KeySchemaElement } from '@aws-sdk/client-dynamodb'
import { type AttributeValue, attribute, type Item, latin1, utf8Order } from '../value/attribute-value.js'
import { encodeNumber } from '../value/decimal.js'

export type KeyType = 'S' | 'N' | 'B'

export interface KeyAttribute {
  readonly name: string
  readonly type: KeyType
}

/** The key of a table or an index, ready for use. Tables and local indexes have one hash and at most one range attribute; global indexes up to four each. */
export interface KeySchema {
  readonly hash: readonly KeyAttribute[]
  readonly range: readonly KeyAttribute[]
  /** All of them, hash first. */
  readonly attributes: readonly KeyAttribute[]
}

/** Makes a schema from its description; every attribute must be defined. */
export function keySchema(elements: readonly KeySchemaElement[], definitions: readonly AttributeDefinition[]): KeySchema {
  const of = (keyType: string) =>
    elements
      .filter(e => e.KeyType === keyType)
      .map(e => ({ name: e.AttributeName!, type: definitions.find(d => d.AttributeName === e.AttributeName)!.AttributeType as KeyType }))
  const hash = of('HASH')
  const range = of('RANGE')
  return { hash, range, attributes: [...hash, ...range] }
}

/** Text that sorts as DynamoDB orders values of a key's type. The value must be of that type. */
export function encodeKeyValue(value: AttributeValue): string {
  return value.S !== undefined ? utf8Order(value.S) : value.N !== undefined ? encodeNumber(value.N) : latin1(value.B!)
}

/** Joins the parts of a key of several attributes, keeping their order: part by part, shorter before longer. */
export function joinParts(parts: readonly string[]): string {
  return parts.length === 1 ? parts[0]! : parts.map(part => `${part.replaceAll('\0', '\0\x01')}\0\0`).join('')
}

/** The encoded values of some key attributes; undefined when the item lacks one, or has it with another type or empty. */
export function encodeParts(attributes: readonly KeyAttribute[], item: Item): string | undefined {
  if (attributes.length === 1) return encodePart(attributes[0]!, item)
  const parts: string[] = []
  for (const part of attributes) {
    const encoded = encodePart(part, item)
    if (encoded === undefined) return undefined
    parts.push(encoded)
  }
  return parts.length === 0 ? '' : joinParts(parts)
}

function encodePart({ name, type }: KeyAttribute, item: Item): string | undefined {
  const value = attribute(item, name)
  const content = value?.[type]
  return content === undefined || content.length === 0 ? undefined : encodeKeyValue(value!)
}

/** How many partition hashes there are. */
export const HASH_RANGE = 2 ** 30

/** Where a partition key stands in the order of scans: from 0 up to {@link HASH_RANGE}. */
export function partitionHash(partition: string): number {
  let h = 0x811c9dc5
  for (let i = 0; i < partition.length; i++) h = Math.imul(h ^ partition.charCodeAt(i), 0x01000193)
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 2
}
