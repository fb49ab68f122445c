import type { Readable } from 'node:stream'
import { receive } from './body.js'
import { commit } from './commit.js'
import { digestsOf } from './digests.js'
import { etagFor } from './encryption.js'
import type { Context } from './kit.js'
import { type PropertiesInput, propertiesOf } from './properties.js'
import type { Bucket, ObjectData } from './types.js'
import { MAX_OBJECT_BYTES } from './uploads.js'

/** What S3 itself writes: bytes or text, or a stream of bytes, and what goes with them. */
export interface ObjectSource extends Omit<PropertiesInput, 'Body'> {
  readonly body: string | Uint8Array | Readable
}

/** Writes an object that S3 itself makes, such as a log: with the bucket's own defaults, as its owner's. */
export async function writeObject(
  ctx: Context,
  bucket: Readonly<Bucket>,
  key: string,
  { body, ...input }: ObjectSource,
): Promise<ObjectData> {
  const properties = await propertiesOf(ctx, bucket, { ContentType: 'text/plain', ...input })
  const { blobs } = ctx.stores
  const received = await receive(blobs, ctx.log, body, [], MAX_OBJECT_BYTES)
  // The reader of the digests lets go of the bytes at its end; until the object holds them, something has to.
  blobs.retain(received.chunks)
  try {
    const { md5, checksum } = await digestsOf(blobs, received.chunks, 'CRC64NVME')
    return commit(
      ctx,
      bucket,
      {
        key,
        ...properties,
        etag: etagFor(properties.encryption, md5),
        size: received.size,
        chunks: received.chunks,
        checksum: { algorithm: 'CRC64NVME', type: 'FULL_OBJECT', value: checksum },
      },
      {},
      'ObjectCreated:Put',
    )
  } finally {
    blobs.release(received.chunks)
  }
}
