import { isPrivate } from '../acl.js'
import { bucketOf, updateBucket } from '../buckets.js'
import { bodyOf, oneOf } from '../documents.js'
import { malformedXml, s3Error } from '../errors.js'
import { operation } from '../kit.js'

export const getBucketOwnershipControls = operation('GetBucketOwnershipControls', (ctx, input) => {
  const { name, config } = bucketOf(ctx, input)
  if (!config.ownershipControls) throw s3Error('OwnershipControlsNotFoundError', { fields: { BucketName: name } })
  return { OwnershipControls: config.ownershipControls }
})

export const putBucketOwnershipControls = operation('PutBucketOwnershipControls', (ctx, input) => {
  const bucket = bucketOf(ctx, input)
  const rules = bodyOf(input.OwnershipControls).Rules ?? []
  if (rules.length !== 1) throw malformedXml()
  const ObjectOwnership = oneOf(rules[0]?.ObjectOwnership, ['BucketOwnerEnforced', 'BucketOwnerPreferred', 'ObjectWriter'])
  if (ObjectOwnership === 'BucketOwnerEnforced' && !isPrivate(bucket.config.acl, bucket.account)) {
    throw s3Error('InvalidBucketAclWithObjectOwnership')
  }
  updateBucket(ctx, bucket, it => {
    it.config.ownershipControls = { Rules: [{ ObjectOwnership }] }
  })
  return {}
})

export const deleteBucketOwnershipControls = operation('DeleteBucketOwnershipControls', (ctx, input) => {
  updateBucket(ctx, bucketOf(ctx, input), it => {
    delete it.config.ownershipControls
  })
  return {}
})
