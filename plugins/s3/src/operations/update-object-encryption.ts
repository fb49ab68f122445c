import { bucketOf } from '../buckets.js'
import { withKmsKey } from '../encryption.js'
import { invalidRequest, malformedXml, s3Error } from '../errors.js'
import { type Context, operation } from '../kit.js'
import { checkRemovable } from '../object-lock.js'
import type { ObjectData } from '../types.js'
import { versionOf } from '../versions.js'

export const updateObjectEncryption = operation('UpdateObjectEncryption', async (ctx, input) => {
  const bucket = bucketOf(ctx, input)
  const choice = input.ObjectEncryption?.SSEKMS
  if (!choice?.KMSKeyArn) throw malformedXml()
  const [, owner] = /^arn:aws[-a-z0-9]*:kms:[-a-z0-9]*:(\d{12}):key\/.+$/.exec(choice.KMSKeyArn) ?? []
  if (!owner) {
    throw invalidRequest(
      "Requests that modify an object's encryption type to SSE-KMS require a valid AWS KMS key Amazon Resource Name (ARN). Confirm that you have a correctly formatted KMS key ARN in your request, and then try again.",
    )
  }
  if (owner !== bucket.account) {
    throw s3Error('AccessDenied', {
      message:
        'The AWS KMS key in the request must be owned by the same account as the bucket. Modify the request to specify a KMS key from the same account, and then try again.',
    })
  }
  const { Key: key = '', VersionId: versionId } = input
  checkUpdatable(ctx, versionOf(ctx, bucket, key, versionId))
  const encryption = await withKmsKey(ctx, bucket, { algorithm: 'aws:kms', bucketKey: choice.BucketKeyEnabled }, choice.KMSKeyArn)
  // Looked up again: another request may have changed the object while the key was checked.
  const version = versionOf(ctx, bucket, key, versionId)
  checkUpdatable(ctx, version)
  ctx.stores.objects.in(bucket.id).replace({ ...version, encryption })
  return {}
})

/** @throws InvalidRequest for an encryption that can't be changed, AccessDenied while the object is locked. */
function checkUpdatable(ctx: Context, version: ObjectData): void {
  const { algorithm } = version.encryption
  if (algorithm === 'SSE-C' || algorithm === 'aws:kms:dsse') {
    throw invalidRequest(
      "The UpdateObjectEncryption operation doesn't support source objects with the encryption type DSSE-KMS or SSE-C. Only source objects encrypted with SSE-S3 or SSE-KMS are supported.",
    )
  }
  try {
    checkRemovable(ctx, version, false)
  } catch (cause) {
    throw s3Error('AccessDenied', {
      message: 'The encryption type for the specified object can’t be updated because that object is protected by S3 Object Lock.',
      cause,
    })
  }
}
