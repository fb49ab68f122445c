import { bucketOf, updateBucket } from '../buckets.js'
import { bodyOf } from '../documents.js'
import { s3Error } from '../errors.js'
import { operation } from '../kit.js'
import { parseTagSet } from '../tags.js'

export const getBucketTagging = operation('GetBucketTagging', (ctx, input) => {
  const { name, tags } = bucketOf(ctx, input)
  if (!tags) throw s3Error('NoSuchTagSet', { fields: { BucketName: name } })
  return { TagSet: [...tags] }
})

export const putBucketTagging = operation('PutBucketTagging', (ctx, input) => {
  const bucket = bucketOf(ctx, input)
  const tags = parseTagSet(bodyOf(input.Tagging).TagSet, 'bucket')
  updateBucket(ctx, bucket, it => {
    it.tags = tags
  })
  return {}
})

export const deleteBucketTagging = operation('DeleteBucketTagging', (ctx, input) => {
  updateBucket(ctx, bucketOf(ctx, input), it => {
    delete it.tags
  })
  return {}
})
