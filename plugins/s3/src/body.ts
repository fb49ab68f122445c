import type { FileHandle } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { type Log, wholeBody } from '@ministack/gateway'
import type { BlobStore } from './blob-store.js'
import type { Chunk } from './chunks.js'
import { s3Error } from './errors.js'

/** Bodies up to this size stay in memory unless they have to outlive the process. */
export const INLINE_BYTES = 64 * 1024

/** Writes go to the file in batches of this size, one under way while the next is gathered. */
const BATCH_BYTES = 1024 * 1024

/** Something that wants to see all bytes of a body, in order. */
export interface Sink {
  update(bytes: Uint8Array): unknown
}

/** A body that was taken in; it belongs to the caller until its chunks are retained by an index. */
export interface ReceivedBody {
  readonly size: number
  readonly chunks: readonly Chunk[]
  /** Removes the bytes again: nothing came to use them. */
  discard(): Promise<void>
}

/**
 * Takes in a body without holding more than a batch of it in memory.
 *
 * @param body a stream from the wire; bytes or text, or nothing, from a call in this process.
 * @throws EntityTooLarge when there is more than `limit`; InternalError when the bytes can't be stored (disk full). Nothing is left behind then.
 */
export async function receive(blobs: BlobStore, log: Log, body: unknown, sinks: readonly Sink[], limit: number): Promise<ReceivedBody> {
  const whole = body instanceof Readable ? wholeBody(body, INLINE_BYTES) : undefined
  if (whole && !blobs.keeps) return inMemory(await whole, sinks, limit)
  const writer = new Writer(blobs)
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

function inMemory(whole: Uint8Array, sinks: readonly Sink[], limit: number): ReceivedBody {
  const size = whole.length
  checkSize(size, limit)
  for (const sink of sinks) sink.update(whole)
  if (size === 0) return { size, chunks: [], discard }
  // An array of its own: a piece of a larger buffer would keep all of that alive. What Node's parser hands out is one.
  const bytes = whole.byteLength === whole.buffer.byteLength ? whole : new Uint8Array(whole)
  return { size, chunks: [{ size, bytes }], discard }
}

async function discard(): Promise<void> {}

/** @throws EntityTooLarge */
function checkSize(size: number, limit: number): void {
  if (size > limit) throw s3Error('EntityTooLarge', { fields: { ProposedSize: size, MaxSizeAllowed: limit } })
}

/** Hands a stream's bytes on, waiting where `take` asks for it: what `for await` does, at a third of its cost for a small body. */
function consume(stream: Readable, take: (bytes: Uint8Array) => Promise<void> | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    let taking: Promise<void> | undefined
    const stop = (error: unknown) => {
      stream.off('data', onData).off('end', onEnd).off('close', onClose).pause()
      reject(error)
    }
    const onData = (bytes: Uint8Array | string) => {
      try {
        taking = take(typeof bytes === 'string' ? Buffer.from(bytes) : bytes)
        if (!taking) return
        stream.pause()
        taking.then(() => stream.resume(), stop)
      } catch (error) {
        stop(error)
      }
    }
    // A stream ends with its last piece, even while it is paused because of that piece.
    const onEnd = () => {
      stream.off('close', onClose)
      if (taking) taking.then(resolve, reject)
      else resolve()
    }
    const onClose = () => stop(stream.errored ?? new Error('the body ended before its end'))
    if (stream.destroyed) onClose()
    // The listener for errors stays: one that comes after the rest has nobody else to hear it.
    else stream.on('data', onData).on('end', onEnd).on('error', stop).on('close', onClose)
  })
}

/** Wraps what the file system answered, so that it isn't taken for a failure of the sender. */
class StorageError extends Error {}

class Writer {
  readonly #blobs: BlobStore
  #held: Uint8Array[] = []
  #heldBytes = 0
  #target: { blob: string; file: FileHandle } | undefined
  /** The batch that is being written. */
  #underWay: Promise<void> = Promise.resolve()
  /** The last batch on its way to be written. */
  #flushing: Promise<void> = Promise.resolve()
  size = 0

  constructor(blobs: BlobStore) {
    this.#blobs = blobs
  }

  /** @returns a promise when the sender has to wait. */
  write(bytes: Uint8Array): Promise<void> | undefined {
    this.#held.push(bytes)
    this.#heldBytes += bytes.length
    this.size += bytes.length
    return this.#heldBytes >= (this.#target ? BATCH_BYTES : INLINE_BYTES + 1) ? this.#flush() : undefined
  }

  #flush(): Promise<void> {
    this.#flushing = this.#send()
    return this.#flushing
  }

  async end(): Promise<ReceivedBody> {
    if (this.size === 0) return { size: 0, chunks: [], discard }
    if (!this.#target && !this.#blobs.keeps) {
      const bytes = joined(this.#held, this.size)
      return { size: this.size, chunks: [{ size: this.size, bytes }], discard }
    }
    await this.#flush()
    await this.#underWay
    const { blob, file } = this.#target!
    await stored(() => file.close())
    return { size: this.size, chunks: [{ size: this.size, blob }], discard: () => this.#blobs.discard(blob) }
  }

  async abandon(): Promise<void> {
    await this.#flushing.catch(() => {})
    await this.#underWay.catch(() => {})
    if (!this.#target) return
    await this.#target.file.close().catch(() => {})
    await this.#blobs.discard(this.#target.blob).catch(() => {})
  }

  /** Waits for the batch before, then sends this one off. */
  async #send(): Promise<void> {
    const batch = this.#held
    this.#held = []
    this.#heldBytes = 0
    await this.#underWay
    this.#target ??= await stored(() => this.#blobs.create())
    const { file } = this.#target
    if (batch.length === 0) return
    this.#underWay = stored(() => writeAll(file, batch))
    // Awaited with the next batch or at the end; this keeps a failure from counting as unhandled until then.
    this.#underWay.catch(() => {})
  }
}

async function stored<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    throw new StorageError('object bytes could not be stored', { cause })
  }
}

async function writeAll(file: FileHandle, batch: Uint8Array[]): Promise<void> {
  let left = batch
  while (left.length > 0) {
    let { bytesWritten } = await file.writev(left)
    const rest: Uint8Array[] = []
    for (const bytes of left) {
      if (bytesWritten >= bytes.length) bytesWritten -= bytes.length
      else {
        rest.push(bytes.subarray(bytesWritten))
        bytesWritten = 0
      }
    }
    left = rest
  }
}

/** One array of its own: a piece of a network buffer would keep the whole buffer alive. */
function joined(pieces: readonly Uint8Array[], size: number): Uint8Array {
  const bytes = new Uint8Array(size)
  let at = 0
  for (const piece of pieces) {
    bytes.set(piece, at)
    at += piece.length
  }
  return bytes
}
