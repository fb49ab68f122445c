import { randomBytes } from 'node:crypto'
import type { LifecycleExpiration, LifecycleRule, Transition, TransitionStorageClass } from '@aws-sdk/client-s3'
import { bucketOf, updateBucket } from '../buckets.js'
import { oneOf } from '../documents.js'
import { invalidArgument, invalidRequest, malformedXml, s3Error } from '../errors.js'
import { checkTags, onlyMember } from '../filters.js'
import { type Context, operation } from '../kit.js'
import { applyRules } from '../lifecycle.js'
import type { Bucket } from '../types.js'

const MAX_RULES = 1000
const DAY = 24 * 60 * 60 * 1000
const CLASSES: readonly TransitionStorageClass[] = [
  'DEEP_ARCHIVE',
  'GLACIER',
  'GLACIER_IR',
  'INTELLIGENT_TIERING',
  'ONEZONE_IA',
  'STANDARD_IA',
]
const DEFAULT_MINIMUM = 'all_storage_classes_128K'

export const getBucketLifecycleConfiguration = operation('GetBucketLifecycleConfiguration', (ctx, input) => {
  const { name, config } = bucketOf(ctx, input)
  if (!config.lifecycle) throw s3Error('NoSuchLifecycleConfiguration', { fields: { BucketName: name } })
  const { rules, transitionDefaultMinimumObjectSize = DEFAULT_MINIMUM } = config.lifecycle
  return { Rules: rules, TransitionDefaultMinimumObjectSize: transitionDefaultMinimumObjectSize }
})

export const putBucketLifecycleConfiguration = operation('PutBucketLifecycleConfiguration', (ctx, input) => {
  const bucket = bucketOf(ctx, input)
  const given = input.LifecycleConfiguration?.Rules ?? []
  if (given.length === 0 || given.length > MAX_RULES) throw malformedXml()
  const minimum = input.TransitionDefaultMinimumObjectSize ?? DEFAULT_MINIMUM
  if (minimum !== DEFAULT_MINIMUM && minimum !== 'varies_by_storage_class') {
    throw invalidRequest('Invalid transition default minimum object size provided.')
  }
  const rules = given.map(rule => ({ ...rule, ID: rule.ID || randomBytes(36).toString('base64url') }))
  for (const rule of rules) checkRule(rule)
  if (new Set(rules.map(rule => rule.ID)).size < rules.length) {
    throw s3Error('InvalidArgument', { message: 'Rule ID must be unique. Found same ID for more than one rule' })
  }
  if (bucket.mfaDelete === 'Enabled') {
    throw s3Error('InvalidBucketState', { message: 'Lifecycle configuration is not allowed on a bucket with MFA delete enabled.' })
  }
  updateBucket(ctx, bucket, it => {
    it.config.lifecycle = { rules, transitionDefaultMinimumObjectSize: minimum }
  })
  applySoon(ctx, bucket)
  return { TransitionDefaultMinimumObjectSize: minimum }
})

/** What a new rule makes due needn't wait for midnight. */
function applySoon(ctx: Context, { name, account, region }: Readonly<Bucket>): void {
  ctx.background.after(0, 'lifecycle', () => {
    const bucket = ctx.stores.buckets.in({ account, region }).get(name)
    return bucket && applyRules(ctx, bucket)
  })
}

export const deleteBucketLifecycle = operation('DeleteBucketLifecycle', (ctx, input) => {
  updateBucket(ctx, bucketOf(ctx, input), it => {
    delete it.config.lifecycle
  })
  return {}
})

function checkRule(rule: LifecycleRule): void {
  const { ID = '', Status, Prefix, Filter, Expiration, Transitions = [], AbortIncompleteMultipartUpload: abort } = rule
  if (ID.length > 255) throw invalidArgument('ID length should not exceed allowed limit of 255', 'ID', ID)
  oneOf(Status, ['Enabled', 'Disabled'])
  if ((Prefix === undefined) === (Filter === undefined)) throw malformedXml()
  const filter = checkFilter(rule)
  const { NoncurrentVersionExpiration: noncurrent, NoncurrentVersionTransitions = [] } = rule
  if (!Expiration && !noncurrent && !abort && Transitions.length + NoncurrentVersionTransitions.length === 0) {
    throw invalidRequest('At least one action needs to be specified in a rule')
  }
  if (Expiration) checkExpiration(Expiration, filter.tagged || filter.sized)
  checkTransitions(Transitions, Expiration, filter.name)
  if (noncurrent) {
    positive(noncurrent.NoncurrentDays, 'NoncurrentDays', 'NoncurrentVersionExpiration')
    checkNewer(noncurrent.NewerNoncurrentVersions, 'NoncurrentVersionExpiration')
  }
  for (const { NoncurrentDays, NewerNoncurrentVersions, StorageClass } of NoncurrentVersionTransitions) {
    const storageClass = oneOf(StorageClass, CLASSES)
    if (NoncurrentDays === undefined) throw malformedXml()
    checkMinimumAge(NoncurrentDays, 'NoncurrentDays', 'NoncurrentVersionTransition', storageClass)
    checkNewer(NewerNoncurrentVersions, 'NoncurrentVersionTransition')
  }
  if (abort) {
    if (filter.tagged) throw invalidRequest('AbortIncompleteMultipartUpload cannot be specified with Tags')
    if (filter.sized) throw invalidRequest('AbortIncompleteMultipartUpload cannot be specified with Object Size')
    positive(abort.DaysAfterInitiation, 'DaysAfterInitiation', 'AbortIncompleteMultipartUpload')
  }
}

function checkFilter({ Prefix = '', Filter = {} }: LifecycleRule): { name: string; tagged: boolean; sized: boolean } {
  onlyMember(Filter)
  const demands = Filter.And ?? { ...Filter, Tags: Filter.Tag && [Filter.Tag] }
  const { Tags = [], ObjectSizeGreaterThan: above, ObjectSizeLessThan: below } = demands
  const prefix = demands.Prefix ?? Prefix
  const count = Number(demands.Prefix !== undefined) + Tags.length + Number(above !== undefined) + Number(below !== undefined)
  if (Filter.And && count < 2) throw malformedXml()
  checkTags(Tags)
  if ((above ?? 0) < 0 || (below ?? 1) < 1)
    throw s3Error('InvalidArgument', { message: 'ObjectSizeLessThan and ObjectSizeGreaterThan must be positive integers' })
  if (above !== undefined && below !== undefined && below <= above + 1) {
    throw invalidRequest('ObjectSizeLessThan has to be a value greater than ObjectSizeGreaterThan')
  }
  return { name: `(prefix=${prefix})`, tagged: Tags.length > 0, sized: above !== undefined || below !== undefined }
}

function checkExpiration({ Days, Date: date, ExpiredObjectDeleteMarker: marker }: LifecycleExpiration, filtered: boolean): void {
  if (Number(Days !== undefined) + Number(date !== undefined) + Number(marker !== undefined) !== 1) throw malformedXml()
  if (marker !== undefined && filtered) throw invalidRequest('ExpiredObjectDeleteMarker cannot be specified with Tags or Object Size')
  if (Days !== undefined) positive(Days, 'Days', 'Expiration')
  if (date) checkMidnight(date)
}

function checkTransitions(transitions: readonly Transition[], expiration: LifecycleExpiration | undefined, filter: string): void {
  const refuse = (message: string) => s3Error('InvalidArgument', { message })
  for (const { Days, Date: date, StorageClass } of transitions) {
    const storageClass = oneOf(StorageClass, CLASSES)
    if ((Days === undefined) === (date === undefined)) throw malformedXml()
    if (Days !== undefined) checkMinimumAge(Days, 'Days', 'Transition', storageClass)
    if (date) checkMidnight(date)
    if ((expiration?.Days !== undefined && date) || (expiration?.Date && Days !== undefined)) {
      throw refuse(`Found mixed 'Date' and 'Days' based Expiration and Transition actions in lifecycle rule for filter '${filter}'`)
    }
    if (expiration?.Days !== undefined && Days !== undefined && expiration.Days <= Days) {
      throw refuse(`'Days' in the Expiration action for filter '${filter}' must be greater than 'Days' in the Transition action`)
    }
    if (expiration?.Date && date && expiration.Date <= date) {
      throw refuse(`'Date' in the Expiration action for filter '${filter}' must be later than 'Date' in the Transition action`)
    }
  }
  const classes = transitions.map(transition => transition.StorageClass)
  if (new Set(classes).size < classes.length) {
    throw refuse(`'StorageClass' must be different for 'Transition' actions in same 'Rule' with filter '${filter}'`)
  }
  if (transitions.some(transition => transition.Date) && transitions.some(transition => transition.Days !== undefined)) {
    throw refuse(`Found mixed 'Date' and 'Days' based Transition actions in lifecycle rule for filter '${filter}'`)
  }
}

function checkMinimumAge(days: number, name: string, action: string, storageClass: TransitionStorageClass): void {
  if (!Number.isInteger(days) || days < 0)
    throw s3Error('InvalidArgument', { message: `'${name}' for ${action} action must be nonnegative` })
  if (days < 30 && (storageClass === 'STANDARD_IA' || storageClass === 'ONEZONE_IA')) {
    const message = `'${name}' in ${action} action must be greater than or equal to 30 for storageClass '${storageClass}'`
    throw s3Error('InvalidArgument', { message })
  }
}

function checkNewer(count: number | undefined, action: string): void {
  if (count === undefined) return
  positive(count, 'NewerNoncurrentVersions', action)
  if (count > 100) throw s3Error('InvalidArgument', { message: `'NewerNoncurrentVersions' for ${action} action must not exceed 100` })
}

function checkMidnight(date: Date): void {
  if (date.getTime() % DAY !== 0) throw s3Error('InvalidArgument', { message: "'Date' must be at midnight GMT" })
}

function positive(value: number | undefined, name: string, action: string): void {
  if (value === undefined) throw malformedXml()
  if (!Number.isInteger(value) || value <= 0) {
    throw s3Error('InvalidArgument', { message: `'${name}' for ${action} action must be a positive integer` })
  }
}
