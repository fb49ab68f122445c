import { crc32Of } from './crc.js'
import { MalformedValue } from './scalars.js'

/** A header's value in a frame of `application/vnd.amazon.eventstream`. */
export type FrameHeader = string | number | bigint | boolean | Date | Uint8Array

/** A frame of `application/vnd.amazon.eventstream`. */
export interface Frame {
  readonly headers: Readonly<Record<string, FrameHeader>>
  readonly payload: Uint8Array
}

const PRELUDE = 12
const OVERHEAD = 16
const MAX_HEADERS = 128 * 1024
const MAX_FRAME = 24 * 1024 * 1024

const INT_MIN = -(2 ** 31)
const INT_MAX = 2 ** 31 - 1

function encodeHeader(name: string, value: FrameHeader): Buffer {
  const key = Buffer.from(name)
  const head = Buffer.from([key.length, ...key])
  if (typeof value === 'boolean') return Buffer.concat([head, Buffer.from([value ? 0 : 1])])
  if (typeof value === 'string' || value instanceof Uint8Array) {
    const bytes = typeof value === 'string' ? Buffer.from(value) : value
    if (bytes.length > 0x7fff) throw new RangeError(`The event header ${name} is longer than 32,767 bytes`)
    const length = Buffer.from([typeof value === 'string' ? 7 : 6, bytes.length >> 8, bytes.length & 0xff])
    return Buffer.concat([head, length, bytes])
  }
  if (typeof value === 'number' && Number.isInteger(value) && value >= INT_MIN && value <= INT_MAX) {
    const bytes = Buffer.alloc(5)
    bytes[0] = 4
    bytes.writeInt32BE(value, 1)
    return Buffer.concat([head, bytes])
  }
  const bytes = Buffer.alloc(9)
  bytes[0] = value instanceof Date ? 8 : 5
  bytes.writeBigInt64BE(BigInt(value instanceof Date ? value.getTime() : value), 1)
  return Buffer.concat([head, bytes])
}

/** Writes a frame. */
export function encodeFrame(frame: Frame): Buffer {
  const headers = Buffer.concat(Object.entries(frame.headers).map(([name, value]) => encodeHeader(name, value)))
  const total = OVERHEAD + headers.length + frame.payload.length
  const out = Buffer.allocUnsafe(total)
  out.writeUInt32BE(total, 0)
  out.writeUInt32BE(headers.length, 4)
  out.writeUInt32BE(crc32Of(out.subarray(0, 8)), 8)
  out.set(headers, PRELUDE)
  out.set(frame.payload, PRELUDE + headers.length)
  out.writeUInt32BE(crc32Of(out.subarray(0, total - 4)), total - 4)
  return out
}

const FIXED: readonly number[] = [0, 0, 1, 2, 4, 8, -1, -1, 8, 16]

function decodeHeaders(bytes: Buffer): Record<string, FrameHeader> {
  const headers: Record<string, FrameHeader> = Object.create(null)
  let at = 0
  const take = (length: number): Buffer => {
    if (at + length > bytes.length) throw new MalformedValue('An event header is cut short')
    at += length
    return bytes.subarray(at - length, at)
  }
  while (at < bytes.length) {
    const name = take(take(1)[0]!).toString('utf8')
    const type = take(1)[0]!
    const fixed = FIXED[type]
    if (fixed === undefined) throw new MalformedValue(`An event header has the unknown type ${type}`)
    const value = take(fixed >= 0 ? fixed : take(2).readUInt16BE())
    headers[name] = headerValue(type, value)
  }
  return headers
}

function headerValue(type: number, value: Buffer): FrameHeader {
  switch (type) {
    case 0:
    case 1:
      return type === 0
    case 2:
      return value.readInt8()
    case 3:
      return value.readInt16BE()
    case 4:
      return value.readInt32BE()
    case 5: {
      const long = value.readBigInt64BE()
      return Number.isSafeInteger(Number(long)) ? Number(long) : long
    }
    case 6:
      return value
    case 7:
      return value.toString('utf8')
    case 8:
      return new Date(Number(value.readBigInt64BE()))
    default:
      return value.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
  }
}

/** Reads a whole frame. @throws MalformedValue for wrong lengths or checksums. */
export function decodeFrame(bytes: Buffer): Frame {
  if (bytes.length < OVERHEAD || bytes.readUInt32BE(0) !== bytes.length) throw new MalformedValue('An event is cut short')
  checkPrelude(bytes)
  if (bytes.readUInt32BE(bytes.length - 4) !== crc32Of(bytes.subarray(0, bytes.length - 4)))
    throw new MalformedValue('The message checksum of an event does not match')
  const end = PRELUDE + bytes.readUInt32BE(4)
  return { headers: decodeHeaders(bytes.subarray(PRELUDE, end)), payload: bytes.subarray(end, bytes.length - 4) }
}

/** Checks a frame's first twelve bytes and gives its length. @throws MalformedValue */
function checkPrelude(bytes: Buffer): number {
  const total = bytes.readUInt32BE(0)
  const headers = bytes.readUInt32BE(4)
  if (bytes.readUInt32BE(8) !== crc32Of(bytes.subarray(0, 8))) throw new MalformedValue('The prelude checksum of an event does not match')
  if (headers > MAX_HEADERS || total > MAX_FRAME || total < OVERHEAD + headers)
    throw new MalformedValue('The lengths of an event are impossible')
  return total
}

/** Cuts a byte stream into frames. @throws MalformedValue for broken frames or a stream that ends within one. */
export async function* decodeFrames(source: AsyncIterable<Uint8Array>): AsyncGenerator<Frame, void, void> {
  let parts: Buffer[] = []
  let held = 0
  let wanted = PRELUDE
  for await (const chunk of source) {
    parts.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength))
    held += chunk.length
    while (held >= wanted) {
      const all: Buffer = parts.length === 1 ? parts[0]! : Buffer.concat(parts)
      parts = [all]
      const total = checkPrelude(all)
      if (held < total) {
        wanted = total
        break
      }
      yield decodeFrame(all.subarray(0, total))
      parts = [all.subarray(total)]
      held -= total
      wanted = PRELUDE
    }
  }
  if (held > 0) throw new MalformedValue('The event stream ended within an event')
}
