import type { IntelligentTieringConfiguration } from '@aws-sdk/client-s3'
import { bucketOf } from '../buckets.js'
import { NO_CONTENT, oneOf, required } from '../documents.js'
import { malformedXml, s3Error } from '../errors.js'
import { checkFilter } from '../filters.js'
import { operation } from '../kit.js'
import { deleteConfiguration, getConfiguration, listConfigurations, putConfiguration } from '../named-configurations.js'

/** The fewest days after which an object may move to each tier, and the most. */
const FEWEST_DAYS = { ARCHIVE_ACCESS: 90, DEEP_ARCHIVE_ACCESS: 180 }
const MOST_DAYS = 730

export const getBucketIntelligentTieringConfiguration = operation('GetBucketIntelligentTieringConfiguration', (ctx, input) => {
  return { IntelligentTieringConfiguration: getConfiguration(bucketOf(ctx, input), 'intelligentTiering', input.Id) }
})

export const putBucketIntelligentTieringConfiguration = operation('PutBucketIntelligentTieringConfiguration', (ctx, input) => {
  const bucket = bucketOf(ctx, input)
  const configuration = required(input.IntelligentTieringConfiguration)
  checkConfiguration(configuration)
  putConfiguration(ctx, bucket, 'intelligentTiering', input.Id, configuration)
  return {}
})

function checkConfiguration({ Filter, Status, Tierings = [] }: IntelligentTieringConfiguration): void {
  oneOf(Status, ['Enabled', 'Disabled'])
  checkFilter(Filter)
  if (Tierings.length === 0 || new Set(Tierings.map(tiering => tiering.AccessTier)).size < Tierings.length) throw malformedXml()
  for (const { Days, AccessTier } of Tierings) {
    const tier = oneOf(AccessTier, ['ARCHIVE_ACCESS', 'DEEP_ARCHIVE_ACCESS'])
    const days = required(Days)
    if (!Number.isInteger(days) || days < FEWEST_DAYS[tier] || days > MOST_DAYS) {
      const message = `'Days' for ${tier} must be between ${FEWEST_DAYS[tier]} and ${MOST_DAYS}`
      throw s3Error('InvalidArgument', { message, fields: { ArgumentName: 'Days', ArgumentValue: days } })
    }
  }
}

export const deleteBucketIntelligentTieringConfiguration = operation('DeleteBucketIntelligentTieringConfiguration', (ctx, input) => {
  deleteConfiguration(ctx, bucketOf(ctx, input), 'intelligentTiering', input.Id)
  return NO_CONTENT
})

export const listBucketIntelligentTieringConfigurations = operation('ListBucketIntelligentTieringConfigurations', (ctx, input) => {
  const { items, members } = listConfigurations(bucketOf(ctx, input), 'intelligentTiering', input.ContinuationToken)
  return { ...members, ...(items.length > 0 && { IntelligentTieringConfigurationList: items }) }
})
