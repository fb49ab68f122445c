import type { LoggingEnabled } from '@aws-sdk/client-s3'
import { ownershipOf } from '../acl.js'
import { checkedGrantee } from '../acl-documents.js'
import { bucketOf, updateBucket } from '../buckets.js'
import { oneOf, required } from '../documents.js'
import { malformedXml, s3Error } from '../errors.js'
import { type Context, operation } from '../kit.js'
import type { Bucket } from '../types.js'

export const getBucketLogging = operation('GetBucketLogging', (ctx, input) => bucketOf(ctx, input).config.logging ?? {})

export const putBucketLogging = operation('PutBucketLogging', (ctx, input) => {
  const bucket = bucketOf(ctx, input)
  const { LoggingEnabled: logging } = required(input.BucketLoggingStatus)
  if (logging) checkLogging(ctx, bucket, logging)
  updateBucket(ctx, bucket, it => {
    if (logging) it.config.logging = { LoggingEnabled: logging }
    else delete it.config.logging
  })
  return {}
})

function checkLogging(ctx: Context, bucket: Readonly<Bucket>, logging: LoggingEnabled): void {
  const name = required(logging.TargetBucket)
  required(logging.TargetPrefix)
  const format = logging.TargetObjectKeyFormat
  if (format) {
    if ((format.SimplePrefix === undefined) === (format.PartitionedPrefix === undefined)) throw malformedXml()
    if (format.PartitionedPrefix) oneOf(format.PartitionedPrefix.PartitionDateSource, ['EventTime', 'DeliveryTime'])
  }
  for (const { Grantee, Permission } of logging.TargetGrants ?? []) {
    checkedGrantee(required(Grantee))
    oneOf(Permission, ['FULL_CONTROL', 'READ', 'WRITE'])
  }
  const refuse = (message: string) => s3Error('InvalidTargetBucketForLogging', { message, fields: { TargetBucket: name } })
  const target = ctx.stores.buckets.in(bucket).get(name)
  if (!target) {
    throw refuse(
      ctx.stores.owners.taken(name)
        ? 'The owner for the bucket to be logged and the target bucket must be the same.'
        : 'The target bucket for logging does not exist',
    )
  }
  if (target.region !== bucket.region) {
    throw s3Error('CrossLocationLoggingProhibitted', {
      fields: { SourceBucketLocation: bucket.region, TargetBucketLocation: target.region },
    })
  }
  if (target.objectLock?.Rule) throw refuse('The target bucket must not have a default retention period.')
  if (logging.TargetGrants?.length && ownershipOf(target) === 'BucketOwnerEnforced') {
    throw refuse('The target bucket for logging has BucketOwnerEnforced object ownership, so target grants are not supported.')
  }
}
