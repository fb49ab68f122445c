import { evaluatePolicy } from '@ministack/gateway'
import { bucketArn, bucketOf, updateBucket } from '../buckets.js'
import { NO_CONTENT } from '../documents.js'
import { s3Error } from '../errors.js'
import { operation } from '../kit.js'
import { isPublicPolicy, parseBucketPolicy, storedPolicy } from '../policy-statements.js'
import { blockedAs, isBlocked } from '../public-access.js'

export const getBucketPolicy = operation('GetBucketPolicy', (ctx, input) => {
  const { name, config } = bucketOf(ctx, input)
  if (config.policy === undefined) throw s3Error('NoSuchBucketPolicy', { fields: { BucketName: name } })
  return { Policy: config.policy }
})

export const putBucketPolicy = operation('PutBucketPolicy', (ctx, input) => {
  const bucket = bucketOf(ctx, input)
  const arn = bucketArn(ctx, bucket)
  const policy = parseBucketPolicy(input.Policy, arn)
  if (isPublicPolicy(policy) && isBlocked(ctx, bucket, 'BlockPublicPolicy'))
    throw blockedAs(ctx, 's3:PutBucketPolicy', arn, 'BlockPublicPolicy')
  const locksOut = evaluatePolicy(policy, { caller: ctx.caller, action: 's3:PutBucketPolicy', resource: arn }) === 'deny'
  if (locksOut && ctx.caller.type !== 'root' && !input.ConfirmRemoveSelfBucketAccess) throw s3Error('AccessDenied')
  updateBucket(ctx, bucket, it => {
    it.config.policy = input.Policy
  })
  return NO_CONTENT
})

export const deleteBucketPolicy = operation('DeleteBucketPolicy', (ctx, input) => {
  updateBucket(ctx, bucketOf(ctx, input), it => {
    delete it.config.policy
  })
  return {}
})

export const getBucketPolicyStatus = operation('GetBucketPolicyStatus', (ctx, input) => {
  const { name, config } = bucketOf(ctx, input)
  if (config.policy === undefined) throw s3Error('NoSuchBucketPolicy', { fields: { BucketName: name } })
  return { PolicyStatus: { IsPublic: isPublicPolicy(storedPolicy(config.policy)) } }
})
