/**
 * The inner loop of CRC-64/NVME in WebAssembly, whose 64-bit integers make it several times as fast as JavaScript's halves: clients that send no
 * checksum of their own make S3 compute this one over every byte.
 */

/** Where the eight tables of 256 entries stand in the module's memory, and the bytes behind them. */
const TABLE_BYTES = 8 * 256 * 8
const PAGES = 2
/** The most bytes that {@link Crc64Loop.run} takes at once. */
export const LOOP_BYTES = 64 * 1024

/** What of WebAssembly is used here; Node's types leave it to the DOM's. */
interface Wasm {
  Module: new (bytes: Uint8Array) => object
  Instance: new (module: object) => { exports: { m: { buffer: ArrayBuffer }; f(state: bigint, start: number, end: number): bigint } }
}

const I32 = 0x7f
const I64 = 0x7e

/** A module's section: its id, its length, its content. All lengths here are below 128, or written as two LEB128 bytes. */
function section(id: number, content: readonly number[]): number[] {
  return [id, ...leb(content.length), ...content]
}

function leb(n: number): number[] {
  return n < 128 ? [n] : [(n & 0x7f) | 0x80, n >> 7]
}

/** Pushes the entry of table `7 - byte` for that byte of the state. */
function lookup(byte: number): number[] {
  return [
    ...[0x20, 0], // local.get state
    ...(byte > 0 ? [0x42, 8 * byte, 0x88] : []), // i64.const, i64.shr_u
    ...[0xa7, 0x41, 0xff, 0x01, 0x71], // i32.wrap_i64, i32.const 255, i32.and
    ...[0x41, 3, 0x74], // i32.const 3, i32.shl
    ...[0x29, 3, ...leb((7 - byte) * 2048)], // i64.load
    ...(byte > 0 ? [0x85] : []), // i64.xor
  ]
}

/** `f(state, start, end)`: takes eight bytes at a time from memory. */
function moduleBytes(): Uint8Array {
  const body = [
    ...[0], // no locals
    ...[0x02, 0x40, 0x03, 0x40], // block, loop
    ...[0x20, 1, 0x20, 2, 0x4f, 0x0d, 1], // start >= end: leave the block
    ...[0x20, 0, 0x20, 1, 0x29, 3, 0, 0x85, 0x21, 0], // state ^= the next eight bytes
    ...[0, 1, 2, 3, 4, 5, 6, 7].flatMap(lookup),
    ...[0x21, 0], // local.set state
    ...[0x20, 1, 0x41, 8, 0x6a, 0x21, 1], // start += 8
    ...[0x0c, 0, 0x0b, 0x0b], // again; end of loop and block
    ...[0x20, 0, 0x0b], // the state
  ]
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 3, I64, I32, I32, 1, I64]),
    ...section(3, [1, 0]),
    ...section(5, [1, 0, PAGES]),
    ...section(7, [2, 1, 0x6d, 2, 0, 1, 0x66, 0, 0]), // the memory as `m`, the function as `f`
    ...section(10, [1, ...leb(body.length), ...body]),
  ])
}

/** One instance of the loop; it keeps no state between calls, so that any number of sums may use it. */
export class Crc64Loop {
  readonly #run: (state: bigint, start: number, end: number) => bigint
  readonly #data: Uint8Array

  /** @param low and high halves of the entries of eight tables, `n` steps ahead in the `n`th. */
  constructor(tables: { readonly low: Int32Array; readonly high: Int32Array }) {
    const { Module, Instance } = (globalThis as unknown as { WebAssembly: Wasm }).WebAssembly
    const { m, f } = new Instance(new Module(moduleBytes())).exports
    const entries = new Int32Array(m.buffer, 0, TABLE_BYTES / 4)
    for (let i = 0; i < tables.low.length; i++) {
      entries[2 * i] = tables.low[i]!
      entries[2 * i + 1] = tables.high[i]!
    }
    this.#data = new Uint8Array(m.buffer, TABLE_BYTES, LOOP_BYTES)
    this.#run = f
  }

  /** @param bytes at most {@link LOOP_BYTES}, a multiple of eight. */
  run(state: bigint, bytes: Uint8Array): bigint {
    this.#data.set(bytes)
    return this.#run(state, TABLE_BYTES, TABLE_BYTES + bytes.length)
  }
}
