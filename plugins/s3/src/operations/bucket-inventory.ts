import type { InventoryConfiguration, InventoryOptionalField } from '@aws-sdk/client-s3'
import { bucketOf } from '../buckets.js'
import { NO_CONTENT, oneOf, required } from '../documents.js'
import { malformedXml, s3Error } from '../errors.js'
import { operation } from '../kit.js'
import { deleteConfiguration, getConfiguration, listConfigurations, putConfiguration } from '../named-configurations.js'

const FIELDS: readonly InventoryOptionalField[] = [
  'Size',
  'LastModifiedDate',
  'StorageClass',
  'ETag',
  'IsMultipartUploaded',
  'ReplicationStatus',
  'EncryptionStatus',
  'ObjectLockRetainUntilDate',
  'ObjectLockMode',
  'ObjectLockLegalHoldStatus',
  'IntelligentTieringAccessTier',
  'BucketKeyStatus',
  'ChecksumAlgorithm',
  'ObjectAccessControlList',
  'ObjectOwner',
  'LifecycleExpirationDate',
]

export const getBucketInventoryConfiguration = operation('GetBucketInventoryConfiguration', (ctx, input) => {
  return { InventoryConfiguration: getConfiguration(bucketOf(ctx, input), 'inventory', input.Id) }
})

export const putBucketInventoryConfiguration = operation('PutBucketInventoryConfiguration', (ctx, input) => {
  const bucket = bucketOf(ctx, input)
  const configuration = required(input.InventoryConfiguration)
  checkConfiguration(configuration)
  putConfiguration(ctx, bucket, 'inventory', input.Id, configuration)
  return NO_CONTENT
})

function checkConfiguration(configuration: InventoryConfiguration): void {
  required(configuration.IsEnabled)
  oneOf(configuration.IncludedObjectVersions, ['All', 'Current'])
  oneOf(configuration.Schedule?.Frequency, ['Daily', 'Weekly'])
  const fields = configuration.OptionalFields ?? []
  if (new Set(fields).size < fields.length) throw malformedXml()
  for (const field of fields) oneOf(field, FIELDS)
  const { Bucket, Format, Encryption } = required(configuration.Destination?.S3BucketDestination)
  oneOf(Format, ['CSV', 'ORC', 'Parquet'])
  if (Encryption && Number(Encryption.SSEKMS !== undefined) + Number(Encryption.SSES3 !== undefined) !== 1) throw malformedXml()
  if (Encryption?.SSEKMS) required(Encryption.SSEKMS.KeyId)
  if (!/^arn:[^:]+:s3:::.+$/.test(required(Bucket))) throw s3Error('InvalidArgument', { message: 'Invalid bucket ARN.' })
}

export const deleteBucketInventoryConfiguration = operation('DeleteBucketInventoryConfiguration', (ctx, input) => {
  deleteConfiguration(ctx, bucketOf(ctx, input), 'inventory', input.Id)
  return NO_CONTENT
})

export const listBucketInventoryConfigurations = operation('ListBucketInventoryConfigurations', (ctx, input) => {
  const { items, members } = listConfigurations(bucketOf(ctx, input), 'inventory', input.ContinuationToken)
  return { ...members, ...(items.length > 0 && { InventoryConfigurationList: items }) }
})
