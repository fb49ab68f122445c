import { bucketOf, updateBucket } from '../buckets.js'
import { bodyOf, oneOf } from '../documents.js'
import { operation } from '../kit.js'

export const getBucketRequestPayment = operation('GetBucketRequestPayment', (ctx, input) => {
  return { Payer: bucketOf(ctx, input).config.requestPayment ?? 'BucketOwner' }
})

export const putBucketRequestPayment = operation('PutBucketRequestPayment', (ctx, input) => {
  const bucket = bucketOf(ctx, input)
  const payer = oneOf(bodyOf(input.RequestPaymentConfiguration).Payer, ['Requester', 'BucketOwner'])
  updateBucket(ctx, bucket, it => {
    it.config.requestPayment = payer
  })
  return {}
})
