import type { Column } from '../columns.js'
import { pushVarint } from './protobuf.js'

/** `Stream.Kind` of ORC. */
const KIND = { PRESENT: 0, DATA: 1, LENGTH: 2, SECONDARY: 5 } as const

/** What a stripe holds of a column. */
export interface ColumnStream {
  readonly kind: number
  readonly bytes: Uint8Array
}

/** ORC counts a timestamp's seconds from 2015 on. */
const EPOCH = Date.UTC(2015, 0)

/** The values of a column in one stripe, on their way into streams. An empty text is no value. */
export class ColumnValues {
  readonly #type: Column['type']
  readonly #present: boolean[] = []
  readonly #texts: Uint8Array[] = []
  readonly #flags: boolean[] = []
  /** Lengths of texts, whole numbers, or a timestamp's seconds. */
  readonly #numbers: number[] = []
  /** What a timestamp has below the second. */
  readonly #fractions: number[] = []
  /** How many values there are. */
  count = 0

  constructor(type: Column['type']) {
    this.#type = type
  }

  add(value: string): void {
    this.#present.push(value !== '')
    if (value === '') return
    this.count++
    if (this.#type === 'BOOLEAN') this.#flags.push(value === 'true')
    else if (this.#type === 'BIGINT') this.#numbers.push(zigzag(Number(value)))
    else if (this.#type === 'VARCHAR') {
      const bytes = Buffer.from(value)
      this.#texts.push(bytes)
      this.#numbers.push(bytes.length)
    } else {
      const time = Date.parse(value)
      this.#numbers.push(zigzag(Math.floor((time - EPOCH) / 1000)))
      this.#fractions.push(fraction(((time % 1000) + 1000) % 1000))
    }
  }

  streams(): ColumnStream[] {
    const streams: ColumnStream[] = []
    if (this.count < this.#present.length) streams.push({ kind: KIND.PRESENT, bytes: bits(this.#present) })
    if (this.#type === 'BOOLEAN') streams.push({ kind: KIND.DATA, bytes: bits(this.#flags) })
    else if (this.#type === 'VARCHAR') {
      streams.push({ kind: KIND.DATA, bytes: Buffer.concat(this.#texts) }, { kind: KIND.LENGTH, bytes: integers(this.#numbers) })
    } else streams.push({ kind: KIND.DATA, bytes: integers(this.#numbers) })
    if (this.#type === 'TIMESTAMP_MS') streams.push({ kind: KIND.SECONDARY, bytes: integers(this.#fractions) })
    return streams
  }
}

function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value
}

/** Milliseconds as nanoseconds, from which ORC takes the zeros at the end: the low three bits are their number, less one. */
function fraction(milliseconds: number): number {
  if (milliseconds === 0) return 0
  let digits = milliseconds
  let zeros = 6
  for (; digits % 10 === 0; digits /= 10) zeros++
  return digits * 8 + zeros - 1
}

/** A list takes so many values at once; repetitions are left to the compression. */
const MOST = 128

/** Whole numbers without a sign, as ORC's run length encoding of version 1. */
function integers(values: readonly number[]): Uint8Array {
  const out: number[] = []
  values.forEach((value, at) => {
    if (at % MOST === 0) out.push(256 - Math.min(MOST, values.length - at))
    pushVarint(out, value)
  })
  return Uint8Array.from(out)
}

/** Eight to the byte, the first highest, as ORC's run length encoding of bytes. */
function bits(values: readonly boolean[]): Uint8Array {
  const length = Math.ceil(values.length / 8)
  const out: number[] = []
  for (let at = 0; at < length; at++) {
    if (at % MOST === 0) out.push(256 - Math.min(MOST, length - at))
    let byte = 0
    for (let bit = 0; bit < 8; bit++) if (values[at * 8 + bit]) byte |= 128 >> bit
    out.push(byte)
  }
  return Uint8Array.from(out)
}
