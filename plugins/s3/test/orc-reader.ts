import { inflateRawSync } from 'node:zlib'

type Fields = Map<number, (number | Buffer)[]>

/** What {@link readOrc} reads. */
export interface Orc {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly (string | number | boolean | Date | null)[])[]
}

function varintAt(bytes: Buffer, start: number): { value: number; next: number } {
  let value = 0
  for (let at = start, weight = 1; ; at++, weight *= 128) {
    const byte = bytes[at]!
    value += (byte & 127) * weight
    if (byte < 128) return { value, next: at + 1 }
  }
}

function fieldsOf(bytes: Buffer): Fields {
  const fields: Fields = new Map()
  for (let at = 0; at < bytes.length; ) {
    const tag = varintAt(bytes, at)
    const { value, next } = varintAt(bytes, tag.next)
    const delimited = (tag.value & 7) === 2
    const field = delimited ? bytes.subarray(next, next + value) : value
    at = delimited ? next + value : next
    const number = Math.floor(tag.value / 8)
    fields.set(number, [...(fields.get(number) ?? []), field])
  }
  return fields
}

const numberIn = (fields: Fields, field: number) => Number(fields.get(field)?.[0] ?? 0)
const messagesIn = (fields: Fields, field: number) => (fields.get(field) ?? []).map(bytes => fieldsOf(bytes as Buffer))

function inflated(bytes: Buffer): Buffer {
  const blocks: Buffer[] = []
  for (let at = 0; at < bytes.length; ) {
    const header = bytes.readUIntLE(at, 3)
    const block = bytes.subarray(at + 3, at + 3 + (header >> 1))
    blocks.push(header & 1 ? block : inflateRawSync(block))
    at += 3 + (header >> 1)
  }
  return Buffer.concat(blocks)
}

/** Run length encoding, of whole numbers or of bytes. */
function runs(bytes: Buffer, one: (at: number) => { value: number; next: number }): number[] {
  const out: number[] = []
  for (let at = 0; at < bytes.length; ) {
    const control = bytes.readInt8(at++)
    if (control >= 0) throw new Error('this reader knows lists only')
    for (let left = -control; left > 0; left--) {
      const { value, next } = one(at)
      out.push(value)
      at = next
    }
  }
  return out
}

const integers = (bytes: Buffer) => runs(bytes, at => varintAt(bytes, at))
const flags = (bytes: Buffer) =>
  runs(bytes, at => ({ value: bytes[at]!, next: at + 1 })).flatMap(byte => [7, 6, 5, 4, 3, 2, 1, 0].map(bit => (byte >> bit) % 2 === 1))
const signed = (value: number) => (value % 2 === 0 ? value / 2 : -(value + 1) / 2)
const milliseconds = (value: number) => (Math.floor(value / 8) * 10 ** (value % 8 === 0 ? 0 : (value % 8) + 1)) / 1e6

/** Reads an ORC file by the letter of https://orc.apache.org/specification/ORCv1/, as far as inventories go. */
export function readOrc(file: Buffer): Orc {
  const postscript = fieldsOf(file.subarray(-1 - file.at(-1)!, -1))
  const footerEnd = file.length - 1 - file.at(-1)!
  const footer = fieldsOf(inflated(file.subarray(footerEnd - numberIn(postscript, 1), footerEnd)))
  const [root, ...types] = messagesIn(footer, 4)
  const rows = messagesIn(footer, 3).flatMap(stripe => {
    const [offset, length, footerLength, count] = [1, 3, 4, 5].map(field => numberIn(stripe, field)) as [number, number, number, number]
    const streams = new Map<string, Buffer>()
    let at = offset
    for (const stream of messagesIn(fieldsOf(inflated(file.subarray(offset + length, offset + length + footerLength))), 1)) {
      const end = at + numberIn(stream, 3)
      streams.set(`${numberIn(stream, 2)} ${numberIn(stream, 1)}`, inflated(file.subarray(at, end)))
      at = end
    }
    const columns = types.map((type, i) => {
      const stream = (kind: number) => streams.get(`${i + 1} ${kind}`) ?? Buffer.alloc(0)
      const present = streams.has(`${i + 1} 0`) ? flags(stream(0)) : Array.from({ length: count }, () => true)
      const values = valuesOf(numberIn(type, 1), stream)
      return present.slice(0, count).map(there => (there ? values.next().value! : null))
    })
    return Array.from({ length: count }, (_, row) => columns.map(column => column[row]!))
  })
  return { columns: (root?.get(3) ?? []).map(String), rows }
}

function* valuesOf(kind: number, stream: (kind: number) => Buffer): Generator<string | number | boolean | Date> {
  if (kind === 0) yield* flags(stream(1))
  else if (kind === 4) yield* integers(stream(1)).map(signed)
  else if (kind === 9) {
    const fractions = integers(stream(5)).map(milliseconds)
    for (const [i, seconds] of integers(stream(1)).entries()) yield new Date(Date.UTC(2015, 0) + signed(seconds) * 1000 + fractions[i]!)
  } else {
    let at = 0
    for (const length of integers(stream(2))) {
      yield stream(1).toString('utf8', at, at + length)
      at += length
    }
  }
}
