import { validation } from '../errors.js'
import { type AttributeValue, type Item, setAttribute } from '../value/attribute-value.js'

/** Items as DynamoDB JSON, as exports write and imports read it: attribute values with bytes as base64. */

/** An item as plain JSON values. */
export function jsonItem(item: Item): Record<string, unknown> {
  const out: Record<string, AttributeValue> = {}
  for (const name in item) setAttribute(out, name, jsonValue(item[name]!) as AttributeValue)
  return out
}

function jsonValue(value: AttributeValue): unknown {
  if (value.B !== undefined) return { B: Buffer.from(value.B).toString('base64') }
  if (value.BS !== undefined) return { BS: value.BS.map(member => Buffer.from(member).toString('base64')) }
  if (value.L !== undefined) return { L: value.L.map(jsonValue) }
  return value.M === undefined ? value : { M: jsonItem(value.M) }
}

/**
 * Reads an item; its values are still to be normalised.
 * @throws ValidationException for what isn't a map of attribute values.
 */
export function itemOfJson(json: unknown): Item {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw validation('An item must be a JSON object')
  const item: Record<string, AttributeValue> = {}
  for (const [name, value] of Object.entries(json)) setAttribute(item, name, valueOfJson(value))
  return item
}

function valueOfJson(json: unknown): AttributeValue {
  const entries = typeof json === 'object' && json !== null ? Object.entries(json) : []
  const [type, content] = (entries.length === 1 ? entries[0]! : []) as [string?, unknown?]
  if (type === 'M') return { M: itemOfJson(content) as Record<string, AttributeValue> }
  if (type === 'L' && Array.isArray(content)) return { L: content.map(valueOfJson) }
  if (type === 'B' && typeof content === 'string') return { B: new Uint8Array(Buffer.from(content, 'base64')) }
  if (type === 'BS' && isTexts(content)) return { BS: content.map(member => new Uint8Array(Buffer.from(member, 'base64'))) }
  const good =
    ((type === 'S' || type === 'N') && typeof content === 'string') ||
    ((type === 'SS' || type === 'NS') && isTexts(content)) ||
    ((type === 'BOOL' || type === 'NULL') && typeof content === 'boolean')
  if (!good) throw validation('Supplied AttributeValue is empty, must contain exactly one of the supported datatypes')
  return json as AttributeValue
}

function isTexts(content: unknown): content is string[] {
  return Array.isArray(content) && content.every(member => typeof member === 'string')
}
