import { bucketOf } from '../buckets.js'
import { withKmsKey } from '../encryption.js'
import { invalidRequest, malformedXml } from '../errors.js'
import { operation } from '../kit.js'
import { versionOf } from '../versions.js'

export const updateObjectEncryption = operation('UpdateObjectEncryption', async (ctx, input) => {
  const bucket = bucketOf(ctx, input)
  const choice = input.ObjectEncryption?.SSEKMS
  if (!choice?.KMSKeyArn) throw malformedXml()
  if (!/^arn:[^:]+:kms:[^:]+:\d{12}:key\/.+$/.test(choice.KMSKeyArn)) throw invalidRequest('KMSKeyArn must be the ARN of a KMS key')
  const { Key: key = '', VersionId: versionId } = input
  if (versionOf(ctx, bucket, key, versionId).encryption.algorithm === 'SSE-C') {
    throw invalidRequest('The encryption of an object that was stored with a customer-provided key cannot be updated.')
  }
  const encryption = await withKmsKey(ctx, bucket, { algorithm: 'aws:kms', bucketKey: choice.BucketKeyEnabled }, choice.KMSKeyArn)
  // Looked up again: another request may have changed the object while the key was checked.
  const version = versionOf(ctx, bucket, key, versionId)
  ctx.stores.objects.in(bucket.id).replace({ ...version, encryption })
  return {}
})
