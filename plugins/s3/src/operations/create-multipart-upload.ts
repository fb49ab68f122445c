import { bucketOf } from '../buckets.js'
import { encryptionMembers } from '../encryption.js'
import { preconditionFailed } from '../errors.js'
import { operation } from '../kit.js'
import { abortMembers } from '../lifecycle-rules.js'
import { propertiesOf } from '../properties.js'
import { newUploadId, uploadChecksum, uploadOf } from '../uploads.js'
import { checkKey } from '../versions.js'

export const createMultipartUpload = operation('CreateMultipartUpload', async (ctx, input) => {
  const bucket = bucketOf(ctx, input)
  const { Key: key = '' } = input
  checkKey(key)
  const checksum = uploadChecksum(input.ChecksumAlgorithm, input.ChecksumType)
  const properties = await propertiesOf(ctx, bucket, input)
  const seq = ctx.stores.objects.nextSeq()
  const uploadId = newUploadId(ctx.clock.now(), seq)
  ctx.stores.uploads.add({
    uploadId,
    bucketId: bucket.id,
    key,
    seq,
    initiated: Math.floor(ctx.clock.now() / 1000) * 1000,
    initiator: ctx.caller.arn,
    properties,
    ...checksum,
  })
  return {
    Bucket: bucket.name,
    Key: key,
    UploadId: uploadId,
    ...(checksum.checksumAlgorithm && { ChecksumAlgorithm: checksum.checksumAlgorithm, ChecksumType: checksum.checksumType }),
    ...encryptionMembers(properties.encryption),
    ...abortMembers(bucket, { key, initiated: ctx.clock.now() }),
  }
})

export const abortMultipartUpload = operation('AbortMultipartUpload', (ctx, input) => {
  const bucket = bucketOf(ctx, input)
  const upload = uploadOf(ctx, bucket, input.Key ?? '', input.UploadId ?? '')
  const { IfMatchInitiatedTime: initiated } = input
  if (initiated && initiated.getTime() !== upload.initiated) throw preconditionFailed('x-amz-if-match-initiated-time')
  ctx.stores.uploads.remove(upload)
  return {}
})
