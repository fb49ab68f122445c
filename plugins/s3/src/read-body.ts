import type { FileHandle } from 'node:fs/promises'
import { Readable } from 'node:stream'
import type { RecyclingStream } from '@ministack/gateway'
import type { BlobStore } from './blob-store.js'
import { READ_BYTES } from './buffers.js'
import type { Chunk } from './chunks.js'

/** So many are read ahead of the client. */
const READ_AHEAD = 2 * READ_BYTES

/** The bytes of chunks: at once when they are one piece in memory, else as a stream that keeps its files from going until it ends. */
export function read(blobs: BlobStore, chunks: readonly Chunk[]): Uint8Array | Readable {
  if (chunks.length === 0) return new Uint8Array(0)
  const [first] = chunks
  return chunks.length === 1 && first?.bytes ? first.bytes : new ChunkReader(blobs, chunks)
}

/** The same, always as a stream. */
export function readStream(blobs: BlobStore, chunks: readonly Chunk[]): Readable & RecyclingStream {
  return new ChunkReader(blobs, chunks)
}

class ChunkReader extends Readable implements RecyclingStream {
  readonly #blobs: BlobStore
  readonly #chunks: readonly Chunk[]
  #chunk = 0
  #at = 0
  #file: FileHandle | undefined

  constructor(blobs: BlobStore, chunks: readonly Chunk[]) {
    super({ highWaterMark: READ_AHEAD })
    this.#blobs = blobs
    this.#chunks = chunks
    blobs.retain(chunks)
  }

  recycle(bytes: Uint8Array): void {
    this.#blobs.buffers.give(bytes.buffer as ArrayBuffer)
  }

  override _read(): void {
    this.#next().then(
      bytes => this.push(bytes),
      error => this.destroy(error),
    )
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#blobs.release(this.#chunks)
    const file = this.#file
    this.#file = undefined
    if (file) file.close().then(() => callback(error), callback)
    else callback(error)
  }

  async #next(): Promise<Uint8Array | null> {
    const chunk = this.#chunks[this.#chunk]
    if (!chunk) return null
    const size = Math.min(READ_BYTES, chunk.size - this.#at)
    const bytes = chunk.bytes
      ? chunk.bytes.subarray(this.#at, this.#at + size)
      : await this.#readFile(chunk.blob, (chunk.offset ?? 0) + this.#at, size)
    this.#at += bytes.length
    if (this.#at === chunk.size) {
      this.#chunk++
      this.#at = 0
      const file = this.#file
      this.#file = undefined
      await file?.close()
    }
    return bytes
  }

  async #readFile(blob: string, position: number, size: number): Promise<Uint8Array> {
    const file = this.#file ?? (await this.#blobs.open(blob))
    if (this.destroyed) await file.close()
    else this.#file = file
    const buffer = this.#blobs.buffers.take(size)
    const { bytesRead } = await file.read(buffer, 0, size, position)
    if (bytesRead === 0) throw new Error(`object file ${blob} is shorter than its record says`)
    return buffer.subarray(0, bytesRead)
  }
}
