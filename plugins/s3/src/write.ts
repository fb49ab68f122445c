import type { Readable } from 'node:stream'
import { receive } from './body.js'
import { bodyDigests, NO_DEMAND } from './checksums.js'
import { commit } from './commit.js'
import { etagFor } from './encryption.js'
import type { Context } from './kit.js'
import { type PropertiesInput, propertiesOf } from './properties.js'
import type { Bucket, ObjectData, ObjectProperties } from './types.js'
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
  return storeObject(ctx, bucket, key, await propertiesOf(ctx, bucket, { ContentType: 'text/plain', ...input }), body)
}

/** Writes an object whose properties are settled. */
export async function storeObject(
  ctx: Context,
  bucket: Readonly<Bucket>,
  key: string,
  properties: ObjectProperties,
  body: ObjectSource['body'],
): Promise<ObjectData> {
  const digests = await bodyDigests(NO_DEMAND)
  const received = await receive(ctx.stores.blobs, ctx.log, body, digests.sinks, MAX_OBJECT_BYTES)
  try {
    const { size, chunks } = received
    const { md5, checksum: value } = digests.finish(body)
    const checksum = { algorithm: NO_DEMAND.algorithm, type: 'FULL_OBJECT', value } as const
    const etag = etagFor(properties.encryption, md5)
    return commit(ctx, bucket, { key, ...properties, etag, size, chunks, checksum }, {}, 'ObjectCreated:Put')
  } catch (error) {
    await received.discard()
    throw error
  }
}
