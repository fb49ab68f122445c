import { invalidValues, validation } from '../errors.js'
import { type AttributeValue, type Item, latin1, setAttribute, type ValueType } from './attribute-value.js'
import { canonicalNumber } from './decimal.js'

/** How deep lists and maps may nest. */
export const MAX_NESTING = 32

const TYPES: ReadonlySet<string> = new Set<ValueType>(['S', 'N', 'B', 'SS', 'NS', 'BS', 'M', 'L', 'BOOL', 'NULL'])

/**
 * Copies the attributes of a request, checked, with numbers in canonical form.
 * @throws ValidationException for the first value that DynamoDB refuses.
 */
export function normalizeItem(item: Item): Record<string, AttributeValue> {
  return normalizeMap(item, 0)
}

/** The same for one value. */
export function normalizeValue(value: AttributeValue): AttributeValue {
  return normalize(value, 0)
}

function normalizeMap(map: Item, depth: number): Record<string, AttributeValue> {
  const out: Record<string, AttributeValue> = {}
  for (const name in map) {
    const value = map[name]
    if (value !== undefined) setAttribute(out, name, normalize(value, depth))
  }
  return out
}

function normalize(value: AttributeValue, depth: number): AttributeValue {
  let type: ValueType | undefined
  for (const key in value) {
    if (!TYPES.has(key) || value[key as ValueType] === undefined || value[key as ValueType] === null) continue
    if (type !== undefined) {
      throw validation('Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes')
    }
    type = key as ValueType
  }
  switch (type) {
    case 'S':
      return { S: value.S! }
    case 'N':
      return { N: canonicalNumber(value.N!) }
    case 'B':
      return { B: bytes(value.B!) }
    case 'BOOL':
      return { BOOL: value.BOOL! }
    case 'NULL':
      if (!value.NULL) throw invalidValues('Null attribute value types must have the value of true')
      return { NULL: true }
    case 'SS':
      return { SS: stringSet(value.SS!) }
    case 'NS':
      return { NS: numberSet(value.NS!) }
    case 'BS':
      return { BS: binarySet(value.BS!) }
    case 'L':
      if (depth >= MAX_NESTING) throw tooDeep()
      return { L: value.L!.map(element => normalize(element, depth + 1)) }
    case 'M':
      if (depth >= MAX_NESTING) throw tooDeep()
      return { M: normalizeMap(value.M!, depth + 1) }
    default:
      throw validation('Supplied AttributeValue is empty, must contain exactly one of the supported datatypes')
  }
}

function tooDeep() {
  return validation('Nesting Levels have exceeded supported limits')
}

/** Bytes that keep no larger buffer alive: what comes from a request may be a slice of a pool. */
function bytes(value: Uint8Array): Uint8Array {
  return value.byteLength === value.buffer.byteLength ? value : new Uint8Array(value)
}

function stringSet(members: readonly string[]): string[] {
  if (members.length === 0) throw invalidValues('An string set  may not be empty')
  if (new Set(members).size < members.length) throw invalidValues(`Input collection [${members.join(', ')}] contains duplicates.`)
  return members.slice()
}

function numberSet(members: readonly string[]): string[] {
  if (members.length === 0) throw invalidValues('An number set  may not be empty')
  const numbers = members.map(canonicalNumber)
  if (new Set(numbers).size < numbers.length) throw validation('Input collection contains duplicates')
  return numbers
}

function binarySet(members: readonly Uint8Array[]): Uint8Array[] {
  if (members.length === 0) throw invalidValues('Binary sets should not be empty')
  if (new Set(members.map(latin1)).size < members.length) {
    const shown = members.map(member => Buffer.from(member).toString('base64')).join(', ')
    throw invalidValues(`Input collection [${shown}]of type BS contains duplicates.`)
  }
  return members.map(bytes)
}

/** How deep the values of an item nest; 0 for scalars only. */
export function nesting(value: AttributeValue): number {
  let deepest = 0
  if (value.M !== undefined) for (const name in value.M) deepest = Math.max(deepest, nesting(value.M[name]!))
  else if (value.L !== undefined) for (const element of value.L) deepest = Math.max(deepest, nesting(element))
  else return 0
  return deepest + 1
}
