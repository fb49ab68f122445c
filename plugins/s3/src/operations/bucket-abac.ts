import { bucketOf, updateBucket } from '../buckets.js'
import { bodyOf, oneOf } from '../documents.js'
import { operation } from '../kit.js'

export const getBucketAbac = operation('GetBucketAbac', (ctx, input) => {
  return { AbacStatus: { Status: bucketOf(ctx, input).config.abac ?? 'Disabled' } }
})

export const putBucketAbac = operation('PutBucketAbac', (ctx, input) => {
  const bucket = bucketOf(ctx, input)
  const status = oneOf(bodyOf(input.AbacStatus).Status, ['Enabled', 'Disabled'])
  updateBucket(ctx, bucket, it => {
    it.config.abac = status
  })
  return {}
})
