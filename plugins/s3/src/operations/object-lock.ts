import type { ObjectLockConfiguration } from '@aws-sdk/client-s3'
import { bucketOf, updateBucket } from '../buckets.js'
import { malformedXml, s3Error } from '../errors.js'
import { operation } from '../kit.js'
import { checkRetentionChange, isMode, noEventHolds, parseRetention, requireLock } from '../object-lock.js'
import { versionOf } from '../versions.js'

/** The longest default retention. */
const MAX_DAYS = 36_500
const MAX_YEARS = 100

export const getObjectLockConfiguration = operation('GetObjectLockConfiguration', (ctx, input) => {
  const bucket = bucketOf(ctx, input)
  if (!bucket.objectLock) throw s3Error('ObjectLockConfigurationNotFoundError', { fields: { BucketName: bucket.name } })
  return { ObjectLockConfiguration: bucket.objectLock }
})

export const putObjectLockConfiguration = operation('PutObjectLockConfiguration', (ctx, input) => {
  const bucket = bucketOf(ctx, input)
  const configuration = input.ObjectLockConfiguration
  checkConfiguration(configuration)
  if (bucket.versioning !== 'Enabled') {
    throw s3Error('InvalidBucketState', { message: "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration" })
  }
  updateBucket(ctx, bucket, it => {
    it.objectLock = configuration
  })
  return {}
})

function checkConfiguration(configuration: ObjectLockConfiguration | undefined): asserts configuration is ObjectLockConfiguration {
  if (configuration?.ObjectLockEnabled !== 'Enabled') throw malformedXml()
  if (!configuration.Rule) return
  if (configuration.Rule.DefaultRetention?.DefaultEventHold) throw noEventHolds()
  const { Mode: mode, Days: days, Years: years } = configuration.Rule.DefaultRetention ?? {}
  if (!isMode(mode) || (days === undefined) === (years === undefined)) throw malformedXml()
  const refuse = (message: string) => s3Error('InvalidArgument', { message })
  if ((days ?? years ?? 0) <= 0) throw refuse('Default retention period must be a positive integer value.')
  if ((days ?? 0) > MAX_DAYS || (years ?? 0) > MAX_YEARS) throw refuse('Default retention period too large.')
}

export const getObjectRetention = operation('GetObjectRetention', (ctx, input) => {
  const bucket = bucketOf(ctx, input)
  requireLock(bucket)
  const { retention } = versionOf(ctx, bucket, input.Key ?? '', input.VersionId)
  if (!retention) throw s3Error('NoSuchObjectLockConfiguration', { fields: { Key: input.Key } })
  return { Retention: { Mode: retention.mode, RetainUntilDate: new Date(retention.until) } }
})

export const putObjectRetention = operation('PutObjectRetention', (ctx, input) => {
  const bucket = bucketOf(ctx, input)
  requireLock(bucket)
  const retention = parseRetention(ctx, input.Retention)
  const version = versionOf(ctx, bucket, input.Key ?? '', input.VersionId)
  checkRetentionChange(ctx, version, retention, input.BypassGovernanceRetention)
  ctx.stores.objects.in(bucket.id).replace({ ...version, retention })
  return {}
})

export const getObjectLegalHold = operation('GetObjectLegalHold', (ctx, input) => {
  const bucket = bucketOf(ctx, input)
  requireLock(bucket)
  const { legalHold } = versionOf(ctx, bucket, input.Key ?? '', input.VersionId)
  if (!legalHold) throw s3Error('NoSuchObjectLockConfiguration', { fields: { Key: input.Key } })
  return { LegalHold: { Status: legalHold } }
})

export const putObjectLegalHold = operation('PutObjectLegalHold', (ctx, input) => {
  const bucket = bucketOf(ctx, input)
  requireLock(bucket)
  const status = input.LegalHold?.Status
  if (status !== 'ON' && status !== 'OFF') throw malformedXml()
  const version = versionOf(ctx, bucket, input.Key ?? '', input.VersionId)
  ctx.stores.objects.in(bucket.id).replace({ ...version, legalHold: status })
  return {}
})
