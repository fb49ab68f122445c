import { noteRead } from '../analytics/observations.js'
import { bucketOf } from '../buckets.js'
import { sliceChunks } from '../chunks.js'
import { checkReadConditions } from '../conditions.js'
import { checkCustomerKey, checkNoEncryptionHeader } from '../encryption.js'
import { operation } from '../kit.js'
import { checkOverrides, checkPart, checkReadable, objectMembers, selectBytes } from '../object-members.js'
import { read } from '../read-body.js'
import { noteAccess } from '../tiering.js'
import { checkKey, versionOf } from '../versions.js'

/** Status 206, for a range or a part. */
export const PARTIAL = { $metadata: { httpStatusCode: 206 } }

export const getObject = operation('GetObject', (ctx, input) => {
  const bucket = bucketOf(ctx, input)
  const { Key: key = '' } = input
  checkKey(key)
  checkPart(input)
  checkOverrides(ctx, input)
  checkNoEncryptionHeader(ctx)
  const version = versionOf(ctx, bucket, key, input.VersionId)
  checkCustomerKey(version.encryption, input)
  checkReadConditions(input, version)
  checkReadable(ctx, version)
  noteAccess(ctx, bucket, version)
  const bytes = selectBytes(input, version)
  noteRead(ctx, bucket, version, bytes.end - bytes.start)
  const chunks = bytes.partial ? sliceChunks(version.chunks, bytes.start, bytes.end) : version.chunks
  return Object.assign(
    objectMembers(ctx, bucket, version, input, bytes),
    { Body: read(ctx.stores.blobs, chunks) },
    bytes.partial ? PARTIAL : {},
  )
})
