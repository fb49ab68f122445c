import { isUtf8 } from 'node:buffer'
import { fromEpoch, MAX_DEPTH, MalformedValue, setOwn } from './scalars.js'

/** A tagged value whose tag has no meaning here. */
export class Tagged {
  constructor(
    readonly tag: number | bigint,
    readonly value: unknown,
  ) {}
}

const BREAK = Symbol('break')
const MAX_ITEMS = 4_000_000

function halfFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 0x1f
  const fraction = bits & 0x3ff
  if (exponent === 0) return sign * 2 ** -14 * (fraction / 1024)
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY
  return sign * 2 ** (exponent - 15) * (1 + fraction / 1024)
}

const cut = (): MalformedValue => new MalformedValue('CBOR data is cut short')

class Decoder {
  readonly #bytes: Buffer
  #at = 0
  #items = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get done(): boolean {
    return this.#at === this.#bytes.length
  }

  value(depth: number): unknown {
    const value = this.item(depth)
    if (value === BREAK) throw new MalformedValue('CBOR break out of place')
    return value
  }

  item(depth: number): unknown {
    if (depth > MAX_DEPTH) throw new MalformedValue('Nesting is too deep')
    if (++this.#items > MAX_ITEMS) throw new MalformedValue('CBOR data has too many items')
    const first = this.#byte()
    const major = first >> 5
    const info = first & 0x1f
    if (major === 7) return this.#simple(info)
    if (info === 31) return this.#indefinite(major, depth)
    const argument = this.#argument(info)
    switch (major) {
      case 0:
        return argument
      case 1:
        return typeof argument === 'number' ? -1 - argument : -1n - argument
      case 2:
        return this.#slice(argument)
      case 3:
        return this.#text(this.#slice(argument))
      case 4:
        return this.#array(this.#count(argument, 1), depth)
      case 5:
        return this.#map(this.#count(argument, 2), depth)
      default:
        return this.#tag(argument, depth)
    }
  }

  #byte(): number {
    const byte = this.#bytes[this.#at++]
    if (byte === undefined) throw cut()
    return byte
  }

  #argument(info: number): number | bigint {
    if (info < 24) return info
    const size = 1 << (info - 24)
    if (info > 27) throw new MalformedValue('CBOR data has a reserved length')
    const at = this.#at
    if (at + size > this.#bytes.length) throw cut()
    this.#at += size
    if (size === 1) return this.#bytes[at]!
    if (size === 2) return this.#bytes.readUInt16BE(at)
    if (size === 4) return this.#bytes.readUInt32BE(at)
    const long = this.#bytes.readBigUInt64BE(at)
    return long <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(long) : long
  }

  /** A number of elements, which can't be more than the bytes that are left. */
  #count(argument: number | bigint, least: number): number {
    if (typeof argument === 'bigint' || argument * least > this.#bytes.length - this.#at) throw cut()
    return argument
  }

  #slice(length: number | bigint): Buffer {
    if (typeof length === 'bigint' || length > this.#bytes.length - this.#at) throw cut()
    const slice = this.#bytes.subarray(this.#at, this.#at + length)
    this.#at += length
    return slice
  }

  #text(bytes: Buffer): string {
    const text = bytes.toString('utf8')
    if (text.includes('\ufffd') && !isUtf8(bytes)) throw new MalformedValue('Invalid UTF-8')
    return text
  }

  #array(count: number, depth: number): unknown[] {
    const array: unknown[] = []
    for (let n = 0; n < count; n++) array.push(this.value(depth + 1))
    return array
  }

  #map(count: number, depth: number): Record<string, unknown> {
    const map: Record<string, unknown> = {}
    for (let n = 0; n < count; n++) setOwn(map, this.#key(this.value(depth + 1)), this.value(depth + 1))
    return map
  }

  #key(key: unknown): string {
    if (typeof key !== 'string') throw new MalformedValue('CBOR map key is not a string')
    return key
  }

  #indefinite(major: number, depth: number): unknown {
    if (major === 2 || major === 3) {
      const parts: Buffer[] = []
      for (;;) {
        const first = this.#byte()
        if (first === 0xff) break
        if (first >> 5 !== major || (first & 0x1f) === 31) throw new MalformedValue('CBOR string has a part of another type')
        parts.push(this.#slice(this.#argument(first & 0x1f)))
      }
      const bytes = Buffer.concat(parts)
      return major === 2 ? bytes : this.#text(bytes)
    }
    if (major === 4) {
      const array: unknown[] = []
      for (let item = this.item(depth + 1); item !== BREAK; item = this.item(depth + 1)) array.push(item)
      return array
    }
    if (major !== 5) throw new MalformedValue('CBOR data has an indefinite length out of place')
    const map: Record<string, unknown> = {}
    for (let key = this.item(depth + 1); key !== BREAK; key = this.item(depth + 1)) setOwn(map, this.#key(key), this.value(depth + 1))
    return map
  }

  #tag(tag: number | bigint, depth: number): unknown {
    const value = this.value(depth + 1)
    if (tag === 1 && typeof value === 'number') return fromEpoch(value)
    if ((tag === 2 || tag === 3) && value instanceof Uint8Array) {
      const magnitude = value.length === 0 ? 0n : BigInt(`0x${Buffer.from(value).toString('hex')}`)
      return tag === 2 ? magnitude : -1n - magnitude
    }
    return new Tagged(tag, value)
  }

  #simple(info: number): unknown {
    switch (info) {
      case 20:
        return false
      case 21:
        return true
      case 22:
      case 23:
        return null
      case 25:
        return halfFloat(this.#slice(2).readUInt16BE())
      case 26:
        return this.#slice(4).readFloatBE()
      case 27:
        return this.#slice(8).readDoubleBE()
      case 31:
        return BREAK
      default:
        throw new MalformedValue('CBOR data has an unknown simple value')
    }
  }
}

/**
 * Reads one CBOR item (RFC 8949): maps as objects, byte strings as Buffers, tag 1 as Date, numbers past 2^53 as bigint.
 * @throws MalformedValue for data that is cut short, nests too deep, isn't UTF-8 where it should be, or goes on after its end.
 */
export function decodeCbor(bytes: Buffer): unknown {
  const decoder = new Decoder(bytes)
  const value = decoder.value(0)
  if (!decoder.done) throw new MalformedValue('CBOR data goes on after its end')
  return value
}

class Encoder {
  #bytes = Buffer.allocUnsafe(1024)
  #length = 0

  finish(): Buffer {
    return this.#bytes.subarray(0, this.#length)
  }

  value(value: unknown): void {
    if (typeof value === 'string') this.#text(value)
    else if (typeof value === 'number') this.#number(value)
    else if (typeof value === 'boolean') this.#raw(value ? 0xf5 : 0xf4)
    else if (typeof value === 'bigint') this.#bigint(value)
    else if (typeof value === 'object' && value !== null) this.#object(value)
    else this.#raw(0xf6)
  }

  #object(value: object): void {
    if (value instanceof Uint8Array) {
      this.#head(2, value.length)
      this.#room(value.length)
      this.#bytes.set(value, this.#length)
      this.#length += value.length
    } else if (Array.isArray(value)) {
      this.#head(4, value.length)
      for (const item of value) this.value(item)
    } else if (value instanceof Date) {
      this.#raw(0xc1)
      this.#number(value.getTime() / 1000)
    } else if (value instanceof Tagged) {
      this.#head(6, Number(value.tag))
      this.value(value.value)
    } else {
      const entries = Object.entries(value).filter(entry => entry[1] !== undefined)
      this.#head(5, entries.length)
      for (const [key, item] of entries) {
        this.#text(key)
        this.value(item)
      }
    }
  }

  #room(size: number): void {
    if (this.#length + size <= this.#bytes.length) return
    const bytes = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#length + size))
    this.#bytes.copy(bytes, 0, 0, this.#length)
    this.#bytes = bytes
  }

  #raw(byte: number): void {
    this.#room(1)
    this.#bytes[this.#length++] = byte
  }

  #head(major: number, argument: number): void {
    this.#room(9)
    const type = major << 5
    if (argument < 24) this.#bytes[this.#length++] = type | argument
    else if (argument < 0x100) {
      this.#bytes[this.#length++] = type | 24
      this.#bytes[this.#length++] = argument
    } else if (argument < 0x10000) {
      this.#bytes[this.#length++] = type | 25
      this.#length = this.#bytes.writeUInt16BE(argument, this.#length)
    } else if (argument < 0x100000000) {
      this.#bytes[this.#length++] = type | 26
      this.#length = this.#bytes.writeUInt32BE(argument, this.#length)
    } else {
      this.#bytes[this.#length++] = type | 27
      this.#length = this.#bytes.writeBigUInt64BE(BigInt(argument), this.#length)
    }
  }

  #text(text: string): void {
    const size = Buffer.byteLength(text)
    this.#head(3, size)
    this.#room(size)
    this.#length += this.#bytes.write(text, this.#length, size, 'utf8')
  }

  #number(value: number): void {
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) {
      if (value >= 0) this.#head(0, value)
      else this.#head(1, -1 - value)
      return
    }
    this.#room(9)
    this.#bytes[this.#length++] = 0xfb
    this.#length = this.#bytes.writeDoubleBE(value, this.#length)
  }

  #bigint(value: bigint): void {
    const magnitude = value >= 0n ? value : -1n - value
    if (magnitude <= 0xffff_ffff_ffff_ffffn) {
      this.#room(9)
      this.#bytes[this.#length++] = value >= 0n ? 0x1b : 0x3b
      this.#length = this.#bytes.writeBigUInt64BE(magnitude, this.#length)
      return
    }
    this.#raw(value >= 0n ? 0xc2 : 0xc3)
    const hex = magnitude.toString(16)
    this.#object(Buffer.from(hex.length % 2 ? `0${hex}` : hex, 'hex'))
  }
}

/** Writes a value as CBOR: Dates as tag 1, bytes as byte strings; members that are undefined are left out. */
export function encodeCbor(value: unknown): Buffer {
  const encoder = new Encoder()
  encoder.value(value)
  return encoder.finish()
}
