import type { AnalyticsConfiguration } from '@aws-sdk/client-s3'
import { forgetAnalysis } from '../analytics/observations.js'
import { bucketOf } from '../buckets.js'
import { NO_CONTENT, oneOf, required } from '../documents.js'
import { invalidArgument } from '../errors.js'
import { checkFilter, isSameFilter } from '../filters.js'
import { operation } from '../kit.js'
import { checkId, deleteConfiguration, getConfiguration, listConfigurations, putConfiguration } from '../named-configurations.js'

export const getBucketAnalyticsConfiguration = operation('GetBucketAnalyticsConfiguration', (ctx, input) => {
  return { AnalyticsConfiguration: getConfiguration(bucketOf(ctx, input), 'analytics', input.Id) }
})

export const putBucketAnalyticsConfiguration = operation('PutBucketAnalyticsConfiguration', (ctx, input) => {
  const bucket = bucketOf(ctx, input)
  const configuration = required(input.AnalyticsConfiguration)
  checkConfiguration(configuration)
  const before = bucket.config.analytics?.[input.Id ?? '']
  putConfiguration(ctx, bucket, 'analytics', input.Id, configuration)
  // Another filter means other objects; another destination has the same analysis delivered to it.
  if (before && !isSameFilter(before.Filter, configuration.Filter)) forgetAnalysis(ctx, bucket, configuration.Id ?? '')
  return {}
})

function checkConfiguration({ Filter, StorageClassAnalysis }: AnalyticsConfiguration): void {
  checkFilter(Filter)
  const { DataExport } = required(StorageClassAnalysis)
  if (!DataExport) return
  oneOf(DataExport.OutputSchemaVersion, ['V_1'])
  const { Bucket, Format } = required(DataExport.Destination?.S3BucketDestination)
  oneOf(Format, ['CSV'])
  if (!/^arn:[^:]+:s3:::.+$/.test(required(Bucket))) throw invalidArgument('Invalid bucket ARN.', 'Bucket', Bucket)
}

export const deleteBucketAnalyticsConfiguration = operation('DeleteBucketAnalyticsConfiguration', (ctx, input) => {
  const bucket = bucketOf(ctx, input)
  deleteConfiguration(ctx, bucket, 'analytics', input.Id)
  forgetAnalysis(ctx, bucket, checkId(input.Id))
  return NO_CONTENT
})

export const listBucketAnalyticsConfigurations = operation('ListBucketAnalyticsConfigurations', (ctx, input) => {
  const { items, members } = listConfigurations(bucketOf(ctx, input), 'analytics', input.ContinuationToken)
  return { ...members, ...(items.length > 0 && { AnalyticsConfigurationList: items }) }
})
