import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import type { OperationModel } from '../protocol/index.js'

/** The input of an in-process call with its streaming member as the `Readable` that handlers get. */
export function streamInput(model: OperationModel, input: Record<string, unknown>): Record<string, unknown> {
  const member = model.streamingInput
  if (!member) return input
  return { ...input, [member]: readable(input[member]) }
}

/** The output of an in-process call with its streaming member as the SDK's callers know it: a stream that can be read to the end at once. */
export function streamOutput(model: OperationModel, output: Record<string, unknown>): Record<string, unknown> {
  const member = model.streamingOutput
  if (!member || output[member] === undefined) return output
  const stream = readable(output[member])
  const bytes = async () => new Uint8Array(await buffer(stream))
  return {
    ...output,
    [member]: Object.assign(stream, {
      transformToByteArray: bytes,
      transformToString: async (encoding: BufferEncoding = 'utf8') => Buffer.from(await bytes()).toString(encoding),
      transformToWebStream: () => Readable.toWeb(stream),
    }),
  }
}

function readable(value: unknown): Readable {
  if (value instanceof Readable) return value
  if (value === undefined || value === null) return Readable.from([])
  if (typeof value === 'string') return Readable.from([Buffer.from(value)])
  if (value instanceof Uint8Array) return Readable.from(value.byteLength ? [value] : [])
  if (value instanceof Blob) return Readable.fromWeb(value.stream() as import('node:stream/web').ReadableStream)
  return Readable.from(value as AsyncIterable<Uint8Array>)
}

/** Freezes plain objects and arrays all the way down; streams and bytes stay as they are. */
export function freezeDeep<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  const prototype = Object.getPrototypeOf(value)
  if (!Array.isArray(value) && prototype !== Object.prototype && prototype !== null) return value
  Object.freeze(value)
  for (const key of Object.keys(value)) freezeDeep((value as Record<string, unknown>)[key])
  return value
}
