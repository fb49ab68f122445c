import type { AttributeValue, Item } from './attribute-value.js'
import { numberSize } from './decimal.js'

/** The most that an item may take: 400 KB. */
export const MAX_ITEM_SIZE = 400 * 1024

const SHORT = 64

/** How many bytes text takes as UTF-8. */
export function utf8Length(text: string): number {
  const { length } = text
  if (length > SHORT) return Buffer.byteLength(text)
  for (let i = 0; i < length; i++) if (text.charCodeAt(i) > 0x7f) return Buffer.byteLength(text)
  return length
}

/**
 * The size of an item as DynamoDB counts it: names and values.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 */
export function itemSize(item: Item): number {
  let size = 0
  for (const name in item) size += utf8Length(name) + valueSize(item[name]!)
  return size
}

/** The size of one value: a list or map takes 3 bytes, and 1 for each element, beside its contents. */
export function valueSize(value: AttributeValue): number {
  if (value.S !== undefined) return utf8Length(value.S)
  if (value.N !== undefined) return numberSize(value.N)
  if (value.B !== undefined) return value.B.byteLength
  if (value.BOOL !== undefined || value.NULL !== undefined) return 1
  let size = 0
  if (value.M !== undefined) {
    for (const name in value.M) size += 1 + utf8Length(name) + valueSize(value.M[name]!)
    return 3 + size
  }
  if (value.L !== undefined) {
    for (const element of value.L) size += 1 + valueSize(element)
    return 3 + size
  }
  for (const member of value.SS ?? []) size += utf8Length(member)
  for (const member of value.NS ?? []) size += numberSize(member)
  for (const member of value.BS ?? []) size += member.byteLength
  return size
}
