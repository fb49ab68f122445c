import { privateAcl } from '../acl.js'
import { requestedAcl } from '../acl-documents.js'
import { bucketOf, updateBucket } from '../buckets.js'
import { operation } from '../kit.js'

export const getBucketAcl = operation('GetBucketAcl', (ctx, input) => {
  const bucket = bucketOf(ctx, input)
  return bucket.config.acl ?? privateAcl(bucket.account)
})

export const putBucketAcl = operation('PutBucketAcl', (ctx, input) => {
  const bucket = bucketOf(ctx, input)
  const acl = requestedAcl(ctx, bucket, bucket.account, input)
  updateBucket(ctx, bucket, it => {
    it.config.acl = acl
  })
  return {}
})
