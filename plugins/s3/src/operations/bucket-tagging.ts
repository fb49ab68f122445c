import { bucketOf, updateBucket } from '../buckets.js'
import { bodyOf, NO_CONTENT } from '../documents.js'
import { s3Error } from '../errors.js'
import { operation } from '../kit.js'
import { parseTagSet } from '../tags.js'
import type { Bucket } from '../types.js'

export const getBucketTagging = operation('GetBucketTagging', (ctx, input) => {
  const { name, tags } = bucketOf(ctx, input)
  if (!tags) throw s3Error('NoSuchTagSet', { fields: { BucketName: name } })
  return { TagSet: [...tags] }
})

export const putBucketTagging = operation('PutBucketTagging', (ctx, input) => {
  const bucket = bucketOf(ctx, input)
  refuseWithAbac(bucket)
  const tags = parseTagSet(bodyOf(input.Tagging).TagSet, 'bucket')
  updateBucket(ctx, bucket, it => {
    it.tags = tags
  })
  return NO_CONTENT
})

export const deleteBucketTagging = operation('DeleteBucketTagging', (ctx, input) => {
  const bucket = bucketOf(ctx, input)
  refuseWithAbac(bucket)
  updateBucket(ctx, bucket, it => {
    delete it.tags
  })
  return {}
})

/** Once a bucket's tags say who may, only TagResource and UntagResource change them. @throws MethodNotAllowed */
function refuseWithAbac({ config }: Readonly<Bucket>): void {
  if (config.abac !== 'Enabled') return
  const message = 'The bucket has attribute-based access control enabled. Use TagResource and UntagResource to change its tags.'
  throw s3Error('MethodNotAllowed', { message })
}
