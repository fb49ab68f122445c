import { receive } from './body.js'
import { commit } from './commit.js'
import { digestsOf } from './digests.js'
import { etagFor } from './encryption.js'
import type { Context } from './kit.js'
import { propertiesOf } from './properties.js'
import type { Bucket, ObjectData } from './types.js'

/** Writes an object that S3 itself makes, such as a log: with the bucket's own defaults, as its owner's. */
export async function writeObject(ctx: Context, bucket: Readonly<Bucket>, key: string, text: string): Promise<ObjectData> {
  const bytes = Buffer.from(text)
  const properties = await propertiesOf(ctx, bucket, { ContentType: 'text/plain' })
  const received = await receive(ctx.stores.blobs, ctx.log, bytes, [], bytes.length)
  try {
    const { md5, checksum } = await digestsOf(ctx.stores.blobs, received.chunks, 'CRC64NVME')
    return commit(
      ctx,
      bucket,
      {
        key,
        ...properties,
        etag: etagFor(properties.encryption, md5),
        size: bytes.length,
        chunks: received.chunks,
        checksum: { algorithm: 'CRC64NVME', type: 'FULL_OBJECT', value: checksum },
      },
      {},
      'ObjectCreated:Put',
    )
  } catch (error) {
    await received.discard()
    throw error
  }
}
