import { randomBytes } from 'node:crypto'
import type { ReplicationConfiguration, ReplicationRule } from '@aws-sdk/client-s3'
import { parseArn } from '@ministack/gateway'
import { bucketOf, updateBucket } from '../buckets.js'
import { oneOf, optionalOneOf, required } from '../documents.js'
import { invalidArgument, invalidRequest, malformedXml, s3Error } from '../errors.js'
import { checkTags, onlyMember } from '../filters.js'
import { type Context, operation } from '../kit.js'
import { storageClassOf } from '../properties.js'
import { targetOf } from '../service-delivery.js'
import type { Bucket } from '../types.js'

const MAX_RULES = 1000
const STATUS = ['Enabled', 'Disabled'] as const
const SCHEMA = 'for this version of Cross Region Replication configuration schema. Please refer to S3 Developer Guide for more information.'

export const getBucketReplication = operation('GetBucketReplication', (ctx, input) => {
  const { name, config } = bucketOf(ctx, input)
  if (!config.replication) throw s3Error('ReplicationConfigurationNotFoundError', { fields: { BucketName: name } })
  return { ReplicationConfiguration: config.replication }
})

export const putBucketReplication = operation('PutBucketReplication', (ctx, input) => {
  const bucket = bucketOf(ctx, input)
  const { Role: role, Rules: given = [] } = required(input.ReplicationConfiguration)
  if (given.length === 0 || given.length > MAX_RULES) throw malformedXml()
  const arn = parseArn(required(role))
  if (arn?.service !== 'iam' || !arn.resource.startsWith('role/')) throw invalidArgument('Invalid Role ARN', 'Role', role)
  if (bucket.versioning !== 'Enabled') {
    throw invalidRequest("Versioning must be 'Enabled' on the bucket to apply a replication configuration")
  }
  const rules = given.map(rule => ({ ...rule, ID: rule.ID || randomBytes(36).toString('base64url') }))
  for (const rule of rules) checkRule(rule)
  checkTogether(rules)
  for (const rule of rules) checkDestination(ctx, bucket, rule)
  const configuration: ReplicationConfiguration = { Role: role, Rules: rules }
  updateBucket(ctx, bucket, it => {
    it.config.replication = configuration
  })
  return {}
})

export const deleteBucketReplication = operation('DeleteBucketReplication', (ctx, input) => {
  updateBucket(ctx, bucketOf(ctx, input), it => {
    delete it.config.replication
  })
  return {}
})

function checkRule(rule: ReplicationRule): void {
  const {
    ID = '',
    Status,
    Filter,
    Prefix,
    Priority,
    DeleteMarkerReplication: markers,
    SourceSelectionCriteria: criteria,
    Destination,
  } = rule
  if (ID.length > 255) throw invalidArgument('ID length should not exceed allowed limit of 255', 'ID', ID)
  oneOf(Status, STATUS)
  if (Filter && Prefix !== undefined) throw malformedXml()
  const destination = required(Destination)
  if (!/^arn:[^:]+:s3:::[^/]+$/.test(required(destination.Bucket)))
    throw invalidArgument('Invalid bucket ARN.', 'Bucket', destination.Bucket)
  if (destination.StorageClass !== undefined) storageClassOf(destination.StorageClass)
  if (destination.AccessControlTranslation && destination.Account === undefined) {
    throw invalidRequest('Account must be specified when AccessControlTranslation is specified.')
  }
  optionalOneOf(destination.Metrics?.Status, STATUS)
  if (optionalOneOf(destination.ReplicationTime?.Status, STATUS) === 'Enabled' && destination.Metrics?.Status !== 'Enabled') {
    throw invalidRequest('ReplicationTime cannot be used if metrics are disabled.')
  }
  optionalOneOf(markers?.Status, STATUS)
  optionalOneOf(criteria?.ReplicaModifications?.Status, STATUS)
  const kms = optionalOneOf(criteria?.SseKmsEncryptedObjects?.Status, STATUS) === 'Enabled'
  const replicaKey = destination.EncryptionConfiguration?.ReplicaKmsKeyID !== undefined
  if (kms && !replicaKey) throw invalidRequest('ReplicaKmsKeyID must be specified if SseKmsEncryptedObjects tag is present.')
  if (replicaKey && !kms) throw invalidRequest('SseKmsEncryptedObjects must be specified if EncryptionConfiguration is present.')
  if (!Filter) return
  if (Priority === undefined) throw invalidRequest(`Priority must be specified ${SCHEMA}`)
  if (!markers?.Status) throw invalidRequest(`DeleteMarkerReplication must be specified ${SCHEMA}`)
  onlyMember(Filter)
  const tags = Filter.And?.Tags ?? (Filter.Tag ? [Filter.Tag] : [])
  if (Filter.And && tags.length + Number(Filter.And.Prefix !== undefined) < 2) throw malformedXml()
  checkTags(tags)
  if (tags.length > 0 && markers.Status === 'Enabled') {
    throw invalidRequest(
      'Delete marker replication is not supported if any Tag filter is specified. Please refer to S3 Developer Guide for more information.',
    )
  }
}

function checkTogether(rules: readonly ReplicationRule[]): void {
  const distinct = (values: readonly unknown[]) => new Set(values).size === values.length
  if (!distinct(rules.map(rule => rule.ID))) throw invalidRequest('Rule Id must be unique. Found same Id for more than one rule')
  const filtered = rules.filter(rule => rule.Filter)
  if (filtered.length > 0 && filtered.length < rules.length) throw invalidRequest(`Filter must be specified ${SCHEMA}`)
  for (const destination of new Set(filtered.map(rule => rule.Destination?.Bucket))) {
    const priorities = filtered.filter(rule => rule.Destination?.Bucket === destination).map(rule => rule.Priority)
    if (!distinct(priorities)) throw invalidRequest('Priority must be unique. Found same priority for more than one rule')
  }
  if (filtered.length > 0) return
  for (const [at, { Prefix: a = '' }] of rules.entries()) {
    const other = rules.slice(at + 1).find(({ Prefix: b = '' }) => a.startsWith(b) || b.startsWith(a))
    if (other) throw invalidRequest(`Found overlapping prefixes '${a}' and '${other.Prefix ?? ''}'`)
  }
}

function checkDestination(ctx: Context, bucket: Readonly<Bucket>, { Destination }: ReplicationRule): void {
  const target = targetOf(ctx, bucket, Destination?.Bucket ?? '', Destination?.Account)
  if (!target) throw invalidRequest('Destination bucket must exist.')
  if (target.id === bucket.id) throw invalidRequest('Destination bucket cannot be the same as the source bucket.')
  if (target.versioning !== 'Enabled') throw invalidRequest('Destination bucket must have versioning enabled.')
  if (bucket.objectLock && !target.objectLock) throw invalidRequest('Destination bucket must have Object Lock enabled.')
}
