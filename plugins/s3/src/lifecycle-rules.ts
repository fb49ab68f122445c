import type { LifecycleRule, LifecycleRuleAndOperator, TransitionStorageClass } from '@aws-sdk/client-s3'
import type { Bucket, ObjectData, ObjectVersion, Tags, Upload } from './types.js'

const DAY = 24 * 60 * 60 * 1000

/** Objects below this size are only moved where a rule says so: a small object costs more in a cold class than it saves. */
const MIN_TRANSITION_BYTES = 128 * 1024

/** Storage classes from warm to cold: objects move only down. Nothing moves to the first two. */
const CLASSES = [
  'STANDARD',
  'REDUCED_REDUNDANCY',
  'STANDARD_IA',
  'INTELLIGENT_TIERING',
  'ONEZONE_IA',
  'GLACIER_IR',
  'GLACIER',
  'DEEP_ARCHIVE',
]

/** When something that is `days` after a moment falls due: at the next midnight UTC, as S3 rounds. */
export function dueAt(from: number, days: number): number {
  return Math.ceil((from + days * DAY) / DAY) * DAY
}

/** The rules of a bucket that are in force. */
export function rulesOf(bucket: Readonly<Bucket>): readonly LifecycleRule[] {
  return (bucket.config.lifecycle?.rules ?? []).filter(rule => rule.Status === 'Enabled')
}

/** A rule's filter as one list of demands. */
function demandsOf({ Prefix, Filter }: LifecycleRule): LifecycleRuleAndOperator {
  if (!Filter) return { Prefix }
  if (Filter.And) return Filter.And
  const { Tag: tag, ...demands } = Filter
  return { ...demands, ...(tag && { Tags: [tag] }) }
}

/** Does a rule's filter take this version? Delete markers have no tags and no size. */
export function takes(rule: LifecycleRule, version: ObjectVersion): boolean {
  const { Prefix = '', Tags, ObjectSizeGreaterThan: above, ObjectSizeLessThan: below } = demandsOf(rule)
  if (!version.key.startsWith(Prefix)) return false
  if (version.deleteMarker) return !Tags?.length && above === undefined && below === undefined
  if (above !== undefined && version.size <= above) return false
  if (below !== undefined && version.size >= below) return false
  return hasTags(version.tags, Tags)
}

/** Has an object all of these tags? */
export function hasTags(tags: Tags | undefined, wanted: readonly { Key?: string; Value?: string }[] | undefined): boolean {
  return (wanted ?? []).every(({ Key, Value }) => tags?.some(tag => tag.Key === Key && tag.Value === Value))
}

/** When a current version expires by a rule; undefined for never. */
export function expiryOf({ Expiration }: LifecycleRule, version: ObjectVersion): number | undefined {
  if (Expiration?.Days !== undefined) return dueAt(version.modified, Expiration.Days)
  return Expiration?.Date?.getTime()
}

/** The `x-amz-expiration` of a current version: the earliest of its rules' dates, and whose it is. */
export function expirationMember(bucket: Readonly<Bucket>, version: ObjectData): { Expiration?: string } {
  if (!bucket.config.lifecycle) return {}
  let first: { at: number; id: string } | undefined
  for (const rule of rulesOf(bucket)) {
    const at = takes(rule, version) ? expiryOf(rule, version) : undefined
    if (at !== undefined && (!first || at < first.at)) first = { at, id: rule.ID ?? '' }
  }
  if (!first) return {}
  return { Expiration: `expiry-date="${new Date(first.at).toUTCString()}", rule-id="${encodeURIComponent(first.id)}"` }
}

/** When a rule aborts an upload that is still incomplete, and which: the `x-amz-abort-date` and `x-amz-abort-rule-id`. */
export function abortMembers(
  bucket: Readonly<Bucket>,
  { key, initiated }: Pick<Upload, 'key' | 'initiated'>,
): { AbortDate?: Date; AbortRuleId?: string } {
  let first: { AbortDate: Date; AbortRuleId?: string } | undefined
  for (const rule of rulesOf(bucket)) {
    const days = rule.AbortIncompleteMultipartUpload?.DaysAfterInitiation
    if (days === undefined || !key.startsWith(demandsOf(rule).Prefix ?? '')) continue
    const AbortDate = new Date(dueAt(initiated, days))
    if (!first || AbortDate < first.AbortDate) first = { AbortDate, ...(rule.ID !== undefined && { AbortRuleId: rule.ID }) }
  }
  return first ?? {}
}

/**
 * The storage class that the transitions of rules have a version in by now, the coldest of them all; undefined when it stays where it is.
 *
 * @param rules those that take the version.
 * @param since when the version became what it is: current by its writing, noncurrent by its successor's.
 * @param newer how many newer noncurrent versions there are; undefined for the current one.
 */
export function classAt(
  bucket: Readonly<Bucket>,
  rules: readonly LifecycleRule[],
  version: ObjectData,
  since: number,
  newer: number | undefined,
  now: number,
): TransitionStorageClass | undefined {
  let target: TransitionStorageClass | undefined
  for (const rule of rules) {
    for (const to of classesDue(rule, since, newer, now)) {
      const isBetter = canMove(version.storageClass, to) && (target === undefined || isColder(to, target))
      if (isBetter && isLargeEnough(bucket, rule, version, to)) target = to
    }
  }
  return target
}

/** The classes whose time has come by a rule. */
function* classesDue(rule: LifecycleRule, since: number, newer: number | undefined, now: number): Generator<TransitionStorageClass> {
  if (newer === undefined) {
    for (const { Days, Date: date, StorageClass } of rule.Transitions ?? []) {
      if (StorageClass && (date?.getTime() ?? dueAt(since, Days ?? 0)) <= now) yield StorageClass
    }
    return
  }
  for (const { NoncurrentDays = 0, NewerNoncurrentVersions = 0, StorageClass } of rule.NoncurrentVersionTransitions ?? []) {
    if (StorageClass && newer >= NewerNoncurrentVersions && dueAt(since, NoncurrentDays) <= now) yield StorageClass
  }
}

/**
 * Does S3 move objects from one class to another? Down the waterfall only, and from `ONEZONE_IA` not to `GLACIER_IR`:
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html
 */
function canMove(from: string, to: TransitionStorageClass): boolean {
  return isColder(to, from) && !(from === 'ONEZONE_IA' && to === 'GLACIER_IR')
}

function isColder(a: string, b: string): boolean {
  return CLASSES.indexOf(a) > CLASSES.indexOf(b)
}

function isLargeEnough(bucket: Readonly<Bucket>, rule: LifecycleRule, version: ObjectData, to: TransitionStorageClass): boolean {
  const demands = demandsOf(rule)
  if (version.size >= MIN_TRANSITION_BYTES || demands.ObjectSizeGreaterThan !== undefined || demands.ObjectSizeLessThan !== undefined)
    return true
  const varies = bucket.config.lifecycle?.transitionDefaultMinimumObjectSize === 'varies_by_storage_class'
  return varies && (to === 'GLACIER' || to === 'DEEP_ARCHIVE')
}
