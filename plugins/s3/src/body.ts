import { Readable } from 'node:stream'
import { type Log, wholeBody } from '@ministack/gateway'
import type { BlobStore } from './blob-store.js'
import { BlobWriter, INLINE_BYTES, inMemory, type ReceivedBody, StorageError } from './blob-writer.js'
import { consume } from './consume.js'
import { s3Error } from './errors.js'

/** Something that wants to see all bytes of a body, in order. */
export interface Sink {
  update(bytes: Uint8Array): unknown
}

/**
 * Takes in a body without holding more than two batches of it in memory.
 *
 * @param body a stream from the wire; bytes or text, or nothing, from a call in this process.
 * @throws EntityTooLarge when there is more than `limit`; InternalError when the bytes can't be stored (disk full). Nothing is left behind then.
 */
export async function receive(blobs: BlobStore, log: Log, body: unknown, sinks: readonly Sink[], limit: number): Promise<ReceivedBody> {
  const whole = body instanceof Readable ? wholeBody(body, INLINE_BYTES) : undefined
  if (whole && !blobs.keeps) return takeWhole(await whole, sinks, limit)
  const writer = new BlobWriter(blobs)
  const take = (bytes: Uint8Array): Promise<void> | undefined => {
    checkSize(writer.size + bytes.length, limit)
    const written = writer.write(bytes)
    for (const sink of sinks) sink.update(bytes)
    return written
  }
  try {
    if (whole) await take(await whole)
    else if (body instanceof Readable) await consume(body, take)
    else if (body !== undefined) await take(typeof body === 'string' ? Buffer.from(body) : (body as Uint8Array))
    return await writer.end()
  } catch (error) {
    await writer.abandon()
    if (!(error instanceof StorageError)) throw error
    log.error('object bytes could not be stored', { error: error.cause })
    throw s3Error('InternalError', { cause: error.cause })
  }
}

function takeWhole(whole: Uint8Array, sinks: readonly Sink[], limit: number): ReceivedBody {
  checkSize(whole.length, limit)
  for (const sink of sinks) sink.update(whole)
  // An array of its own: a piece of a larger buffer would keep all of that alive, and without a network these are the caller's.
  return inMemory(new Uint8Array(whole))
}

/** @throws EntityTooLarge */
function checkSize(size: number, limit: number): void {
  if (size > limit) throw s3Error('EntityTooLarge', { fields: { ProposedSize: size, MaxSizeAllowed: limit } })
}
