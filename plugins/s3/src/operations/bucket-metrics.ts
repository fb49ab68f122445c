import { bucketOf } from '../buckets.js'
import { NO_CONTENT, required } from '../documents.js'
import { checkFilter } from '../filters.js'
import { operation } from '../kit.js'
import { deleteConfiguration, getConfiguration, listConfigurations, putConfiguration } from '../named-configurations.js'

export const getBucketMetricsConfiguration = operation('GetBucketMetricsConfiguration', (ctx, input) => {
  return { MetricsConfiguration: getConfiguration(bucketOf(ctx, input), 'metrics', input.Id) }
})

export const putBucketMetricsConfiguration = operation('PutBucketMetricsConfiguration', (ctx, input) => {
  const bucket = bucketOf(ctx, input)
  const configuration = required(input.MetricsConfiguration)
  checkFilter(configuration.Filter)
  putConfiguration(ctx, bucket, 'metrics', input.Id, configuration)
  return {}
})

export const deleteBucketMetricsConfiguration = operation('DeleteBucketMetricsConfiguration', (ctx, input) => {
  deleteConfiguration(ctx, bucketOf(ctx, input), 'metrics', input.Id)
  return NO_CONTENT
})

export const listBucketMetricsConfigurations = operation('ListBucketMetricsConfigurations', (ctx, input) => {
  const { items, members } = listConfigurations(bucketOf(ctx, input), 'metrics', input.ContinuationToken)
  return { ...members, ...(items.length > 0 && { MetricsConfigurationList: items }) }
})
