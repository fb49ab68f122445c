import { crc32 as nativeCrc32 } from 'node:zlib'
import { Crc64Loop, LOOP_BYTES } from './crc64-wasm.js'

const CRC32C_POLYNOMIAL = 0x82f63b78
const CRC64NVME_LOW = 0xac4bc9b5
const CRC64NVME_HIGH = 0x9a6c9329

/** Eight tables of 256 entries, so that eight bytes are taken at a time. */
function tables32(polynomial: number): Int32Array {
  const table = new Int32Array(8 * 256)
  for (let n = 0; n < 256; n++) {
    let c = n
    for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ polynomial : c >>> 1
    table[n] = c
  }
  for (let n = 256; n < table.length; n++) {
    const previous = table[n - 256]!
    table[n] = (previous >>> 8) ^ table[previous & 0xff]!
  }
  return table
}

function run32(table: Int32Array, state: number, bytes: Uint8Array): number {
  let c = state
  let i = 0
  for (const end = bytes.length - 7; i < end; i += 8) {
    const low = c ^ (bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24))
    c =
      table[1792 + (low & 0xff)]! ^
      table[1536 + ((low >>> 8) & 0xff)]! ^
      table[1280 + ((low >>> 16) & 0xff)]! ^
      table[1024 + (low >>> 24)]! ^
      table[768 + bytes[i + 4]!]! ^
      table[512 + bytes[i + 5]!]! ^
      table[256 + bytes[i + 6]!]! ^
      table[bytes[i + 7]!]!
  }
  for (; i < bytes.length; i++) c = (c >>> 8) ^ table[(c ^ bytes[i]!) & 0xff]!
  return c
}

let crc32cTable: Int32Array | undefined
let crc64Tables: Tables64 | undefined

/** The halves of the tables' entries, and the loop that has them. */
interface Tables64 {
  readonly low: Int32Array
  readonly high: Int32Array
  readonly loop: Crc64Loop
}

/** A cyclic redundancy check that takes its bytes part by part. */
export interface Crc {
  update(bytes: Uint8Array): void
  /** The sum so far, most significant byte first. */
  digest(): Buffer
}

class Crc32 implements Crc {
  #state = 0

  update(bytes: Uint8Array): void {
    this.#state = nativeCrc32(bytes, this.#state)
  }

  digest(): Buffer {
    const sum = Buffer.allocUnsafe(4)
    sum.writeUInt32BE(this.#state)
    return sum
  }
}

/** CRC-32 (ISO-HDLC). */
export function crc32(): Crc {
  return new Crc32()
}

/** The CRC-32 of some bytes, as an unsigned number. */
export function crc32Of(bytes: Uint8Array): number {
  return nativeCrc32(bytes)
}

class Crc32c implements Crc {
  #state = -1
  readonly #table: Int32Array

  constructor(table: Int32Array) {
    this.#table = table
  }

  update(bytes: Uint8Array): void {
    this.#state = run32(this.#table, this.#state, bytes)
  }

  digest(): Buffer {
    const sum = Buffer.allocUnsafe(4)
    sum.writeInt32BE(~this.#state)
    return sum
  }
}

/** CRC-32C (Castagnoli). */
export function crc32c(): Crc {
  crc32cTable ??= tables32(CRC32C_POLYNOMIAL)
  return new Crc32c(crc32cTable)
}

function makeTables64(): Tables64 {
  const low = new Int32Array(8 * 256)
  const high = new Int32Array(8 * 256)
  for (let n = 0; n < 256; n++) {
    let l = n
    let h = 0
    for (let k = 0; k < 8; k++) {
      const odd = l & 1
      l = (l >>> 1) | (h << 31)
      h >>>= 1
      if (odd) {
        l ^= CRC64NVME_LOW
        h ^= CRC64NVME_HIGH
      }
    }
    low[n] = l
    high[n] = h
  }
  for (let n = 256; n < low.length; n++) {
    const l = low[n - 256]!
    const h = high[n - 256]!
    low[n] = ((l >>> 8) | (h << 24)) ^ low[l & 0xff]!
    high[n] = (h >>> 8) ^ high[l & 0xff]!
  }
  return { low, high, loop: new Crc64Loop({ low, high }) }
}

/** Shorter bytes are taken by JavaScript: the way into WebAssembly costs more than it saves. */
const WORTH_THE_LOOP = 512

class Crc64 implements Crc {
  #low = -1
  #high = -1
  readonly #tables: Tables64

  constructor(tables: Tables64) {
    this.#tables = tables
  }

  update(bytes: Uint8Array): void {
    const looped = bytes.length < WORTH_THE_LOOP ? 0 : this.#loop(bytes)
    const { low, high } = this.#tables
    let l = this.#low
    let h = this.#high
    for (let i = looped; i < bytes.length; i++) {
      const n = (l ^ bytes[i]!) & 0xff
      l = ((l >>> 8) | (h << 24)) ^ low[n]!
      h = (h >>> 8) ^ high[n]!
    }
    this.#low = l
    this.#high = h
  }

  /** Takes all but the last few bytes. @returns how many. */
  #loop(bytes: Uint8Array): number {
    const end = bytes.length & ~7
    let state = (BigInt(this.#high >>> 0) << 32n) | BigInt(this.#low >>> 0)
    for (let at = 0; at < end; at += LOOP_BYTES) state = this.#tables.loop.run(state, bytes.subarray(at, Math.min(at + LOOP_BYTES, end)))
    this.#low = Number(BigInt.asIntN(32, state))
    this.#high = Number(BigInt.asIntN(32, state >> 32n))
    return end
  }

  digest(): Buffer {
    const sum = Buffer.allocUnsafe(8)
    sum.writeInt32BE(~this.#high, 0)
    sum.writeInt32BE(~this.#low, 4)
    return sum
  }
}

/** CRC-64/NVME, S3's default. */
export function crc64nvme(): Crc {
  crc64Tables ??= makeTables64()
  return new Crc64(crc64Tables)
}

const POLYNOMIALS = {
  CRC32: { width: 32n, polynomial: 0xedb88320n },
  CRC32C: { width: 32n, polynomial: 0x82f63b78n },
  CRC64NVME: { width: 64n, polynomial: 0x9a6c9329_ac4bc9b5n },
} as const

/**
 * The sum of `first` followed by `second`, from their sums and the length of `second`: what S3 does for the `FULL_OBJECT` checksum of a
 * multipart upload.
 */
export function combineCrc(algorithm: keyof typeof POLYNOMIALS, first: Buffer, second: Buffer, secondLength: number): Buffer {
  const { width, polynomial } = POLYNOMIALS[algorithm]
  const top = 1n << (width - 1n)
  const multiply = (left: bigint, right: bigint): bigint => {
    let product = 0n
    let b = right
    for (let bit = top; bit > 0n; bit >>= 1n) {
      if (left & bit) product ^= b
      b = b & 1n ? (b >> 1n) ^ polynomial : b >> 1n
    }
    return product
  }
  // x to the power of eight times the length, by repeated squaring.
  let power = top
  let square = top >> 8n
  for (let n = secondLength; n > 0; n = Math.floor(n / 2)) {
    if (n % 2 === 1) power = multiply(square, power)
    square = multiply(square, square)
  }
  const sum = multiply(power, BigInt(`0x${first.toString('hex')}`)) ^ BigInt(`0x${second.toString('hex')}`)
  return Buffer.from(sum.toString(16).padStart(Number(width) / 4, '0'), 'hex')
}
