import { bucketOf, updateBucket } from '../buckets.js'
import { bodyOf, oneOf } from '../documents.js'
import { invalidRequest } from '../errors.js'
import { operation } from '../kit.js'

export const getBucketAccelerateConfiguration = operation('GetBucketAccelerateConfiguration', (ctx, input) => {
  return { Status: bucketOf(ctx, input).config.accelerate?.Status }
})

export const putBucketAccelerateConfiguration = operation('PutBucketAccelerateConfiguration', (ctx, input) => {
  const bucket = bucketOf(ctx, input)
  const Status = oneOf(bodyOf(input.AccelerateConfiguration).Status, ['Enabled', 'Suspended'])
  if (bucket.name.includes('.'))
    throw invalidRequest('S3 Transfer Acceleration is not supported for buckets with periods (.) in their names')
  // A bucket that never was accelerated stays without a status.
  if (Status === 'Suspended' && !bucket.config.accelerate) return {}
  updateBucket(ctx, bucket, it => {
    it.config.accelerate = { Status }
  })
  return {}
})
