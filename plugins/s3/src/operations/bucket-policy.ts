import { evaluatePolicy } from '@ministack/gateway'
import { type BucketInput, bucketArn, bucketOf, updateBucket } from '../buckets.js'
import { NO_CONTENT } from '../documents.js'
import { s3Error } from '../errors.js'
import { type Context, operation } from '../kit.js'
import { isPublicPolicy, parseResourcePolicy, storedPolicy } from '../policy-statements.js'
import { blockedAs, isBlocked } from '../public-access.js'
import type { Bucket } from '../types.js'

/** A bucket whose policy only its own account may see or change, whatever others are allowed. @throws MethodNotAllowed */
function ownBucketOf(ctx: Context, input: BucketInput): Readonly<Bucket> {
  const bucket = bucketOf(ctx, input)
  if (ctx.config.authorize && ctx.caller.account !== bucket.account) {
    const Method = { GetBucketPolicy: 'GET', PutBucketPolicy: 'PUT', DeleteBucketPolicy: 'DELETE' }[ctx.operation] ?? ''
    throw s3Error('MethodNotAllowed', { fields: { Method, ResourceType: 'BUCKETPOLICY' } })
  }
  return bucket
}

export const getBucketPolicy = operation('GetBucketPolicy', (ctx, input) => {
  const { name, config } = ownBucketOf(ctx, input)
  if (config.policy === undefined) throw s3Error('NoSuchBucketPolicy', { fields: { BucketName: name } })
  return { Policy: config.policy }
})

export const putBucketPolicy = operation('PutBucketPolicy', (ctx, input) => {
  const bucket = ownBucketOf(ctx, input)
  const arn = bucketArn(ctx, bucket)
  const policy = parseResourcePolicy(input.Policy, arn)
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
  updateBucket(ctx, ownBucketOf(ctx, input), it => {
    delete it.config.policy
  })
  return {}
})

export const getBucketPolicyStatus = operation('GetBucketPolicyStatus', (ctx, input) => {
  const { name, config } = bucketOf(ctx, input)
  if (config.policy === undefined) throw s3Error('NoSuchBucketPolicy', { fields: { BucketName: name } })
  return { PolicyStatus: { IsPublic: isPublicPolicy(storedPolicy(config.policy)) } }
})
