import { promisify } from 'node:util'
import { deflateRaw } from 'node:zlib'
import type { Column } from '../columns.js'
import { ColumnValues } from './columns.js'
import { Message } from './protobuf.js'

const deflate = promisify(deflateRaw)

const MAGIC = 'ORC'
/** Rows are written in stripes of so many. */
const STRIPE_ROWS = 10_000
/** What is compressed at once. */
const BLOCK_BYTES = 256 * 1024
const ZLIB = 1
/** Of the format, which readers have known since Hive 0.12. */
const VERSION = [0, 12]
/** `Type.Kind` of ORC. */
const STRUCT = 12
const KINDS: Readonly<Record<Column['type'], number>> = { BOOLEAN: 0, BIGINT: 4, VARCHAR: 7, TIMESTAMP_MS: 9 }

/**
 * Writes rows as an ORC file, a stripe at a time: https://orc.apache.org/specification/ORCv1/
 *
 * Without indexes and dictionaries: every reader takes such a file, and it isn't much larger for that.
 *
 * @param rows a text for each column; an empty one is null.
 */
export async function* orcFile(columns: readonly Pick<Column, 'column' | 'type'>[], rows: AsyncIterable<string[]>): AsyncGenerator<Buffer> {
  yield Buffer.from(MAGIC)
  const file = new Footer(columns)
  let stripe = new Stripe(columns)
  for await (const row of rows) {
    stripe.add(row)
    if (stripe.rows < STRIPE_ROWS) continue
    yield file.place(await stripe.written(), stripe)
    stripe = new Stripe(columns)
  }
  if (stripe.rows > 0) yield file.place(await stripe.written(), stripe)
  yield await file.written()
}

interface WrittenStripe {
  readonly data: Buffer
  readonly footer: Buffer
}

class Stripe {
  readonly columns: readonly ColumnValues[]
  rows = 0

  constructor(columns: readonly Pick<Column, 'type'>[]) {
    this.columns = columns.map(({ type }) => new ColumnValues(type))
  }

  add(row: readonly string[]): void {
    this.rows++
    this.columns.forEach((values, at) => {
      values.add(row[at] ?? '')
    })
  }

  async written(): Promise<WrittenStripe> {
    const footer = new Message()
    const data: Buffer[] = []
    for (const [at, values] of this.columns.entries()) {
      for (const { kind, bytes } of values.streams()) {
        const written = await compressed(bytes)
        data.push(written)
        footer.message(
          1,
          new Message()
            .number(1, kind)
            .number(2, at + 1)
            .number(3, written.length),
        )
      }
    }
    // The struct of all columns, and each of them, is encoded directly.
    for (let at = 0; at <= this.columns.length; at++) footer.message(2, new Message().number(1, 0))
    footer.text(3, 'UTC')
    return { data: Buffer.concat(data), footer: await compressed(footer.bytes()) }
  }
}

/** What stands at the end of a file of its stripes and types. */
class Footer {
  readonly #columns: readonly Pick<Column, 'column' | 'type'>[]
  readonly #stripes: Message[] = []
  readonly #counts: number[]
  #rows = 0
  #size = MAGIC.length

  constructor(columns: readonly Pick<Column, 'column' | 'type'>[]) {
    this.#columns = columns
    this.#counts = columns.map(() => 0)
  }

  /** Notes where a stripe is. @returns its bytes. */
  place({ data, footer }: WrittenStripe, { rows, columns }: Stripe): Buffer {
    const place = new Message().number(1, this.#size).number(2, 0).number(3, data.length).number(4, footer.length).number(5, rows)
    this.#stripes.push(place)
    for (const [at, { count }] of columns.entries()) this.#counts[at]! += count
    this.#rows += rows
    this.#size += data.length + footer.length
    return Buffer.concat([data, footer])
  }

  async written(): Promise<Buffer> {
    const footer = new Message().number(1, MAGIC.length).number(2, this.#size)
    for (const stripe of this.#stripes) footer.message(3, stripe)
    const all = new Message().number(1, STRUCT).numbers(
      2,
      this.#columns.map((_, at) => at + 1),
    )
    for (const { column } of this.#columns) all.text(3, column)
    footer.message(4, all)
    for (const { type } of this.#columns) footer.message(4, new Message().number(1, KINDS[type]))
    footer.number(6, this.#rows)
    for (const count of [this.#rows, ...this.#counts]) {
      footer.message(7, new Message().number(1, count).number(10, Number(count < this.#rows)))
    }
    const bytes = await compressed(footer.number(8, 0).bytes())
    const postscript = new Message().number(1, bytes.length).number(2, ZLIB).number(3, BLOCK_BYTES).numbers(4, VERSION).number(5, 0)
    const end = postscript.text(8000, MAGIC).bytes()
    return Buffer.concat([bytes, end, Uint8Array.of(end.length)])
  }
}

/** Blocks behind headers of three bytes, each compressed where that makes it smaller. */
async function compressed(bytes: Uint8Array): Promise<Buffer> {
  const blocks: Uint8Array[] = []
  for (let at = 0; at < bytes.length; at += BLOCK_BYTES) {
    const original = bytes.subarray(at, at + BLOCK_BYTES)
    const small = await deflate(original)
    const isOriginal = small.length >= original.length
    const block = isOriginal ? original : small
    const header = Buffer.alloc(3)
    header.writeUIntLE(block.length * 2 + Number(isOriginal), 0, 3)
    blocks.push(header, block)
  }
  return Buffer.concat(blocks)
}
