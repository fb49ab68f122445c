import type { ScanRange } from '@aws-sdk/client-s3'
import type { BlobStore } from '../blob-store.js'
import { type Chunk, sliceChunks } from '../chunks.js'
import { readStream } from '../read-body.js'
import type { ByteWindow } from './parquet-input.js'

/** The bytes that a scan range means; an end alone means so many of the last. */
export function windowOf({ Start: start, End: end }: ScanRange, size: number): ByteWindow {
  if (start === undefined) return { start: Math.max(size - (end ?? 0), 0), end: size }
  return { start: Math.min(start, size), end: end === undefined ? size : Math.min(end + 1, size) }
}

/** Widens a window to the records that begin within it. @param delimiter what ends each record. */
export async function recordsWithin(
  blobs: BlobStore,
  chunks: readonly Chunk[],
  size: number,
  window: ByteWindow,
  delimiter: string,
): Promise<ByteWindow> {
  const mark = Buffer.from(delimiter)
  const start = await recordStart(blobs, chunks, size, window.start, mark)
  const end = window.end >= size ? size : await recordStart(blobs, chunks, size, window.end, mark)
  return { start, end: Math.max(start, end) }
}

/** Where the first record begins at a place or after it. */
async function recordStart(blobs: BlobStore, chunks: readonly Chunk[], size: number, at: number, mark: Buffer): Promise<number> {
  if (at === 0) return 0
  let position = Math.max(at - mark.length, 0)
  let held: Buffer = Buffer.alloc(0)
  for await (const bytes of readStream(blobs, sliceChunks(chunks, position, size)) as AsyncIterable<Buffer>) {
    held = Buffer.concat([held, bytes])
    const found = held.indexOf(mark)
    if (found >= 0) return position + found + mark.length
    const kept = Math.min(mark.length - 1, held.length)
    position += held.length - kept
    held = held.subarray(held.length - kept)
  }
  return size
}
