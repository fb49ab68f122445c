import { bucketOf, updateBucket } from '../buckets.js'
import { bodyOf } from '../documents.js'
import { s3Error } from '../errors.js'
import { operation } from '../kit.js'
import { wholeBlock } from '../public-access.js'

export const getPublicAccessBlock = operation('GetPublicAccessBlock', (ctx, input) => {
  const { name, config } = bucketOf(ctx, input)
  if (!config.publicAccessBlock) throw s3Error('NoSuchPublicAccessBlockConfiguration', { fields: { BucketName: name } })
  return { PublicAccessBlockConfiguration: config.publicAccessBlock }
})

export const putPublicAccessBlock = operation('PutPublicAccessBlock', (ctx, input) => {
  const bucket = bucketOf(ctx, input)
  const block = wholeBlock(bodyOf(input.PublicAccessBlockConfiguration))
  updateBucket(ctx, bucket, it => {
    it.config.publicAccessBlock = block
  })
  return {}
})

export const deletePublicAccessBlock = operation('DeletePublicAccessBlock', (ctx, input) => {
  updateBucket(ctx, bucketOf(ctx, input), it => {
    delete it.config.publicAccessBlock
  })
  return {}
})
