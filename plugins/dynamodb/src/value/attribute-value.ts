import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import { compareNumbers } from './decimal.js'

export type { AttributeValue }

/** An item, or a part of one: attributes by name. Stored values are never changed in place. */
export type Item = Readonly<Record<string, AttributeValue>>

/** A type as AttributeValue names it. */
export type ValueType = 'S' | 'N' | 'B' | 'SS' | 'NS' | 'BS' | 'M' | 'L' | 'BOOL' | 'NULL'

/** The type of a well-formed value. */
export function typeOf(value: AttributeValue): ValueType {
  for (const type in value) if (value[type as ValueType] !== undefined) return type as ValueType
  throw new TypeError('an AttributeValue without a value')
}

/** An attribute by name; safe for names such as `constructor` and `__proto__`. */
export function attribute(map: Item, name: string): AttributeValue | undefined {
  return Object.hasOwn(map, name) ? map[name] : undefined
}

/** Adds an attribute to a map that is being built; safe for `__proto__`. */
export function setAttribute(map: Record<string, AttributeValue>, name: string, value: AttributeValue): void {
  if (name === '__proto__') Object.defineProperty(map, name, { value, enumerable: true, configurable: true, writable: true })
  else map[name] = value
}

export function bytesEqual(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}

/** Whether two values are equal: same type, numbers and sets by value. */
export function valuesEqual(a: AttributeValue, b: AttributeValue): boolean {
  if (a === b) return true
  if (a.S !== undefined) return a.S === b.S
  if (a.N !== undefined) return a.N === b.N
  if (a.BOOL !== undefined) return a.BOOL === b.BOOL
  if (a.NULL !== undefined) return b.NULL !== undefined
  if (a.B !== undefined) return b.B !== undefined && bytesEqual(a.B, b.B)
  if (a.SS !== undefined) return b.SS !== undefined && sameMembers(a.SS, b.SS)
  if (a.NS !== undefined) return b.NS !== undefined && sameMembers(a.NS, b.NS)
  if (a.BS !== undefined) return b.BS !== undefined && sameMembers(a.BS.map(latin1), b.BS.map(latin1))
  if (a.L !== undefined) return b.L !== undefined && a.L.length === b.L.length && a.L.every((v, i) => valuesEqual(v, b.L![i]!))
  return a.M !== undefined && b.M !== undefined && itemsEqual(a.M, b.M)
}

/** Whether two items have the same attributes with equal values. */
export function itemsEqual(a: Item, b: Item): boolean {
  if (a === b) return true
  const names = Object.keys(a)
  return (
    names.length === Object.keys(b).length &&
    names.every(name => {
      const other = attribute(b, name)
      return other !== undefined && valuesEqual(a[name]!, other)
    })
  )
}

function sameMembers(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false
  const members = new Set(a)
  return b.every(member => members.has(member))
}

/** Bytes as text of one character a byte, which sorts and compares as the bytes do. */
export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}

/** Orders text by its UTF-8 bytes; JavaScript's own order differs where surrogate pairs meet U+E000 and above. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0
  const left = utf8Order(a)
  const right = utf8Order(b)
  return left < right ? -1 : left > right ? 1 : 0
}

/** Text whose code units sort as the UTF-8 bytes of `text`; the same string unless it has code units from U+D800 up. */
export function utf8Order(text: string): string {
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) >= 0xd800) return shiftSurrogates(text)
  }
  return text
}

function shiftSurrogates(text: string): string {
  let out = ''
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    out += String.fromCharCode(unit < 0xd800 ? unit : unit < 0xe000 ? unit + 0x2000 : unit - 0x800)
  }
  return out
}

/** Orders two values of the same ordered type (S, N, B); undefined when they can't be ordered. */
export function compareValues(a: AttributeValue, b: AttributeValue): number | undefined {
  if (a.S !== undefined) return b.S === undefined ? undefined : compareText(a.S, b.S)
  if (a.N !== undefined) return b.N === undefined ? undefined : compareNumbers(a.N, b.N)
  if (a.B !== undefined) return b.B === undefined ? undefined : Buffer.compare(a.B, b.B)
  return undefined
}

/** A value as AWS prints it inside messages: `{S:text}`. */
export function printValue(value: AttributeValue): string {
  const type = typeOf(value)
  return `{${type}:${printContent(value)}}`
}

function printContent(value: AttributeValue): string {
  if (value.B !== undefined) return Buffer.from(value.B).toString('base64')
  if (value.SS !== undefined) return `[${value.SS.join(', ')}]`
  if (value.NS !== undefined) return `[${value.NS.join(', ')}]`
  if (value.BS !== undefined) return `[${value.BS.map(b => Buffer.from(b).toString('base64')).join(', ')}]`
  if (value.L !== undefined) return `[${value.L.map(printValue).join(', ')}]`
  if (value.M !== undefined)
    return `{${Object.entries(value.M)
      .map(([k, v]) => `${k}=${printValue(v)}`)
      .join(', ')}}`
  return String(value.S ?? value.N ?? value.BOOL ?? value.NULL)
}
