import { createHash } from 'node:crypto'
import type { BlobStore } from './blob-store.js'
import type { Chunk } from './chunks.js'
import { readStream } from './read-body.js'

/** Pieces of the torrents that S3 makes have this size. */
export const PIECE_BYTES = 256 * 1024

/** What a torrent says of its object. */
export interface Torrent {
  readonly bucket: string
  readonly key: string
  readonly size: number
  readonly chunks: readonly Chunk[]
  /** The tracker's address. */
  readonly announce: string
  /** Where a client gets the bytes by HTTP (BEP 19), if it can. */
  readonly webSeed: string | undefined
}

/**
 * A metainfo file of one object, in pieces as its bytes are read: https://www.bittorrent.org/beps/bep_0003.html.
 * The keys of a dictionary are in the order of their bytes.
 */
export async function* torrentOf(blobs: BlobStore, torrent: Torrent): AsyncGenerator<Buffer> {
  const { bucket, key, size, chunks, announce, webSeed } = torrent
  const name = key.split('/').filter(Boolean).at(-1) ?? key
  const pieces = Math.ceil(size / PIECE_BYTES)
  const announced = string(announce)
  yield bytes(`d8:announce${announced}13:announce-listll${announced}ee`)
  yield bytes(`4:infod6:lengthi${size}e4:name${string(name)}12:piece lengthi${PIECE_BYTES}e6:pieces${pieces * 20}:`)
  yield* pieceDigests(blobs, chunks)
  yield bytes(`12:x-amz-bucket${string(bucket)}9:x-amz-key${string(key)}e`)
  if (webSeed !== undefined) yield bytes(`8:url-list${string(webSeed)}`)
  yield bytes('e')
}

async function* pieceDigests(blobs: BlobStore, chunks: readonly Chunk[]): AsyncGenerator<Buffer> {
  let hash = createHash('sha1')
  let room = PIECE_BYTES
  for await (const read of readStream(blobs, chunks) as AsyncIterable<Buffer>) {
    let at = 0
    while (at < read.length) {
      const taken = Math.min(room, read.length - at)
      hash.update(read.subarray(at, at + taken))
      at += taken
      room -= taken
      if (room > 0) continue
      yield hash.digest()
      hash = createHash('sha1')
      room = PIECE_BYTES
    }
  }
  if (room < PIECE_BYTES) yield hash.digest()
}

/** A string as bencoding has it: its length in bytes, then its bytes. */
function string(text: string): string {
  return `${Buffer.byteLength(text)}:${text}`
}

function bytes(text: string): Buffer {
  return Buffer.from(text)
}
