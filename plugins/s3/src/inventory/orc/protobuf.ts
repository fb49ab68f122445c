/** Appends a number of up to 53 bits in seven bits a byte, the lowest first. */
export function pushVarint(out: number[], value: number): void {
  let left = value
  for (; left >= 128; left = Math.floor(left / 128)) out.push((left % 128) | 128)
  out.push(left)
}

const VARINT = 0
const DELIMITED = 2

/** A protocol buffers message: https://protobuf.dev/programming-guides/encoding/ */
export class Message {
  readonly #parts: Uint8Array[] = []

  number(field: number, value: number): this {
    return this.#append(field, VARINT, value)
  }

  text(field: number, value: string): this {
    return this.#delimited(field, Buffer.from(value))
  }

  message(field: number, value: Message): this {
    return this.#delimited(field, value.bytes())
  }

  /** A packed list. */
  numbers(field: number, values: readonly number[]): this {
    const packed: number[] = []
    for (const value of values) pushVarint(packed, value)
    return this.#delimited(field, Uint8Array.from(packed))
  }

  bytes(): Buffer {
    return Buffer.concat(this.#parts)
  }

  #delimited(field: number, bytes: Uint8Array): this {
    this.#append(field, DELIMITED, bytes.length)
    this.#parts.push(bytes)
    return this
  }

  #append(field: number, type: number, value: number): this {
    const bytes: number[] = []
    pushVarint(bytes, field * 8 + type)
    pushVarint(bytes, value)
    this.#parts.push(Uint8Array.from(bytes))
    return this
  }
}
