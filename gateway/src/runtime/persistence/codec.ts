import { types } from 'node:util'

/**
 * Values as JSON that gives them back as they were. What JSON lacks is written as an object of one member whose name begins with `$`:
 * `{"$date":"2026-01-01T00:00:00.000Z"}`, `{"$bytes":"aGk="}`, `{"$buffer":"aGk="}`, `{"$bigint":"1"}`, `{"$map":[["k","v"]]}`, `{"$set":["v"]}`,
 * `{"$number":"NaN"}`, and, where a place must be kept, `{"$undefined":true}`. An object that itself looks like that gets one more `$`.
 * Members that are undefined are left out, since they read the same. Instances of classes become plain objects.
 */

/**
 * The JSON text of a value.
 * @throws TypeError for what can't be kept: functions, symbols, promises, errors and the like. Silence would lose it at the next start.
 */
export function encode(value: unknown): string {
  return JSON.stringify(tag(value))
}

/**
 * The value that was encoded, from its parsed JSON (which it may change in place).
 * @throws Error for a tag that this version doesn't know.
 */
export function decode(json: unknown): unknown {
  if (typeof json !== 'object' || json === null) return json
  if (Array.isArray(json)) {
    for (let i = 0; i < json.length; i++) json[i] = decode(json[i])
    return json
  }
  const object = json as Record<string, unknown>
  const keys = Object.keys(object)
  const first = keys[0]
  if (keys.length === 1 && first!.charCodeAt(0) === DOLLAR) return untag(first!, object[first!])
  for (const key of keys) {
    const member = object[key]
    if (typeof member !== 'object' || member === null) continue
    const plain = decode(member)
    if (plain !== member) put(object, key, plain)
  }
  return object
}

const DOLLAR = 36

/** The value itself when JSON keeps it as it is, else a copy with tags: most values cost one look and no allocation. */
function tag(value: unknown): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0) ? value : { $number: Object.is(value, -0) ? '-0' : String(value) }
    case 'bigint':
      return { $bigint: String(value) }
    case 'undefined':
      return { $undefined: true }
    case 'object':
      if (value === null) return null
      return Array.isArray(value) ? tagArray(value) : tagObject(value as Record<string, unknown>)
    default:
      throw new TypeError(`a ${typeof value} can't be kept in the state`)
  }
}

function tagArray(array: unknown[]): unknown[] {
  let copy: unknown[] | undefined
  for (let i = 0; i < array.length; i++) {
    const item = array[i]
    const tagged = tag(item)
    if (tagged === item) continue
    copy ??= array.slice()
    copy[i] = tagged
  }
  return copy ?? array
}

function tagObject(object: Record<string, unknown>): unknown {
  const prototype = Object.getPrototypeOf(object)
  if (prototype !== Object.prototype && prototype !== null) {
    if (types.isUint8Array(object)) {
      const base64 = Buffer.from(object.buffer, object.byteOffset, object.byteLength).toString('base64')
      return Buffer.isBuffer(object) ? { $buffer: base64 } : { $bytes: base64 }
    }
    if (types.isDate(object)) return { $date: Number.isNaN(object.getTime()) ? null : object.toISOString() }
    if (types.isMap(object)) return { $map: Array.from(object, ([key, value]) => [tag(key), tag(value)]) }
    if (types.isSet(object)) return { $set: Array.from(object, tag) }
    if (typeof object.toJSON === 'function') return tag(object.toJSON())
    const kind = Object.prototype.toString.call(object)
    if (kind !== '[object Object]') throw new TypeError(`${kind} can't be kept in the state`)
  }
  let copy: Record<string, unknown> | undefined
  let members = 0
  let name = ''
  for (const key of Object.keys(object)) {
    const member = object[key]
    if (member === undefined) continue
    members++
    name = key
    const tagged = tag(member)
    if (tagged === member) continue
    copy ??= { ...object }
    put(copy, key, tagged)
  }
  copy ??= object
  return members === 1 && name.charCodeAt(0) === DOLLAR ? { [`$${name}`]: copy[name] } : copy
}

function untag(name: string, value: unknown): unknown {
  switch (name) {
    case '$date':
      return new Date(value === null ? Number.NaN : (value as string))
    case '$bytes':
      return new Uint8Array(Buffer.from(value as string, 'base64'))
    case '$buffer':
      return Buffer.from(value as string, 'base64')
    case '$bigint':
      return BigInt(value as string)
    case '$map':
      return new Map((value as [unknown, unknown][]).map(([key, item]) => [decode(key), decode(item)]))
    case '$set':
      return new Set((value as unknown[]).map(decode))
    case '$number':
      return Number(value)
    case '$undefined':
      return undefined
  }
  if (name.charCodeAt(1) !== DOLLAR) throw new Error(`unknown kind of value ${name}`)
  return { [name.slice(1)]: decode(value) }
}

/** Sets a member, also one that is called `__proto__`. */
function put(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true })
  else object[key] = value
}
