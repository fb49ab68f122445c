import { createHash } from 'node:crypto'
import { createChecksum, loadChecksum } from '@ministack/gateway/protocol'
import type { BlobStore } from './blob-store.js'
import type { ChecksumAlgorithm } from './checksums.js'
import type { Chunk } from './chunks.js'
import { consume } from './consume.js'
import { readStream } from './read-body.js'

/** Reads stored bytes for their MD5, in hexadecimal, and their checksum, in base64. */
export async function digestsOf(
  blobs: BlobStore,
  chunks: readonly Chunk[],
  algorithm: ChecksumAlgorithm,
): Promise<{ md5: string; checksum: string }> {
  await loadChecksum(algorithm)
  const md5 = createHash('md5')
  const sum = createChecksum(algorithm)
  const stream = readStream(blobs, chunks)
  await consume(stream, bytes => {
    md5.update(bytes)
    sum.update(bytes)
    stream.recycle(bytes)
  })
  return { md5: md5.digest('hex'), checksum: sum.digestBase64() }
}
