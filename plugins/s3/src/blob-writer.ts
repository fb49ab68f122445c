import type { FileHandle } from 'node:fs/promises'
import type { BlobStore } from './blob-store.js'
import type { Chunk } from './chunks.js'

/** Bodies up to this size stay in memory unless they have to outlive the process. */
export const INLINE_BYTES = 64 * 1024

/**
 * Writes go to the file in batches of this size. They are small because what is held while others are at work grows old: the garbage collector frees
 * the network's pieces soon when they live a moment only, and with its next great round, after hundreds of MiB, when they have seen two small ones.
 */
const BATCH_BYTES = 256 * 1024

/** A body that was taken in; it belongs to the caller until its chunks are retained by an index. */
export interface ReceivedBody {
  readonly size: number
  readonly chunks: readonly Chunk[]
  /** Removes the bytes again: nothing came to use them. */
  discard(): Promise<void>
}

/** A body that needs no file. */
export function inMemory(bytes: Uint8Array): ReceivedBody {
  const size = bytes.length
  return { size, chunks: size === 0 ? [] : [{ size, bytes }], discard: async () => {} }
}

/** Wraps what the file system answered, so that it isn't taken for a failure of the sender. */
export class StorageError extends Error {}

/** Writes a body to a file of the blob store, one batch under way while the next is gathered; a small body stays in memory. */
export class BlobWriter {
  readonly #blobs: BlobStore
  #held: Uint8Array[] = []
  #heldBytes = 0
  #target: { blob: string; file: FileHandle } | undefined
  /** The batch that is being written. */
  #underWay: Promise<void> = Promise.resolve()
  /** The last batch on its way to be written. */
  #flushing: Promise<void> = Promise.resolve()
  /** The bytes that came so far. */
  size = 0

  constructor(blobs: BlobStore) {
    this.#blobs = blobs
  }

  /**
   * Takes the next bytes.
   * @returns a promise when the sender has to wait; it rejects with a {@link StorageError} when the disk fails.
   */
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

  /**
   * Writes what is left, and closes the file.
   * @throws StorageError
   */
  async end(): Promise<ReceivedBody> {
    if (this.size === 0 || (!this.#target && !this.#blobs.keeps)) return inMemory(joined(this.#held, this.size))
    await this.#flush()
    await this.#underWay
    const { blob, file } = this.#target!
    await stored(() => file.close())
    return { size: this.size, chunks: [{ size: this.size, blob }], discard: () => this.#blobs.discard(blob) }
  }

  /** Lets go of everything; a file that was begun goes. */
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
