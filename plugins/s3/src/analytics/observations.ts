import type { Unit } from '@ministack/gateway'
import { isTakenBy } from '../filters.js'
import type { Context } from '../kit.js'
import type { S3State } from '../state.js'
import type { Bucket, ObjectData } from '../types.js'
import { ageGroup, perGroup } from './age-groups.js'

/** Smaller objects are in no age group: they cost more in STANDARD_IA than they save. */
export const MIN_ANALYZED_BYTES = 128 * 1024

/** What was done with the objects of one storage class since the last midnight. */
export interface Activity {
  /** Bytes that were written. */
  uploaded: number
  /** Bytes that were read, and requests that read them, for each age group. */
  readonly retrieved: number[]
  readonly gets: number[]
}

/** Activity by storage class. */
export type ActivityByClass = Record<string, Activity>

/** One storage class on one day. The lists have a value for each age group. */
export interface ClassDay extends Activity {
  readonly objects: number
  /** Bytes that are stored. */
  readonly storage: readonly number[]
  /** How often the bytes of a group and all older ones were read in the last 30 days; null where there are none. */
  readonly ratios: readonly (number | null)[]
  /** The age in days from which on objects would cost less in STANDARD_IA, by this day. */
  readonly transitionAge?: number
  /** The same, once it stays as it is. */
  readonly recommendedAge?: number
}

export interface Day {
  /** When it ended, in milliseconds since the epoch. */
  readonly at: number
  readonly classes: Readonly<Record<string, ClassDay>>
}

/** What an analytics configuration has observed. */
export interface Analysis {
  /** Oldest first. */
  readonly days: readonly Day[]
  /** What was counted on the day on which the process ended. */
  readonly open?: ActivityByClass
}

/** The activity of the present day, by bucket and configuration as {@link analysisKey} names them. In memory alone: a read must not cost a write. */
export type OpenActivity = Map<string, ActivityByClass>

/** What an analysis is known by: a bucket's id has no space. */
export function analysisKey(bucket: Readonly<Bucket>, configuration: string): string {
  return `${bucket.id} ${configuration}`
}

/** Counts a GetObject for the analyses of its bucket, where there are any. */
export function noteRead(ctx: Context, bucket: Readonly<Bucket>, version: ObjectData, bytes: number): void {
  if (!bucket.config.analytics || version.size < MIN_ANALYZED_BYTES) return
  const group = ageGroup(version.modified, ctx.clock.now())
  for (const activity of activitiesOf(ctx.stores, bucket, version)) {
    activity.retrieved[group] = (activity.retrieved[group] ?? 0) + bytes
    activity.gets[group] = (activity.gets[group] ?? 0) + 1
  }
}

/** What uploads are told as; a copy uploads nothing. */
const UPLOADS: ReadonlySet<string> = new Set(['ObjectCreated:Put', 'ObjectCreated:Post', 'ObjectCreated:CompleteMultipartUpload'])

/** Counts what is uploaded for the analyses of its bucket. */
export function startNotingUploads({ state }: Unit<S3State>): void {
  state.listeners.add(({ name, bucket, version }) => {
    if (!bucket.config.analytics || version.deleteMarker || !UPLOADS.has(name)) return
    for (const activity of activitiesOf(state, bucket, version)) activity.uploaded += version.size
  })
}

/** The counters that something done to a version counts in: one of each analysis that takes it. */
function* activitiesOf({ openActivity }: S3State, bucket: Readonly<Bucket>, version: ObjectData): Generator<Activity> {
  for (const { Id = '', Filter } of Object.values(bucket.config.analytics ?? {})) {
    if (!isTakenBy(Filter, version.key, version.tags)) continue
    const key = analysisKey(bucket, Id)
    let classes = openActivity.get(key)
    if (!classes) {
      classes = {}
      openActivity.set(key, classes)
    }
    classes[version.storageClass] ??= noActivity()
    yield classes[version.storageClass]!
  }
}

export function noActivity(): Activity {
  return { uploaded: 0, retrieved: perGroup(() => 0), gets: perGroup(() => 0) }
}

/** Both activities in one. */
function sumOf(a: ActivityByClass, b: ActivityByClass): ActivityByClass {
  const sum: ActivityByClass = { ...a }
  for (const [storageClass, { uploaded, retrieved, gets }] of Object.entries(b)) {
    const before = a[storageClass] ?? noActivity()
    sum[storageClass] = {
      uploaded: before.uploaded + uploaded,
      retrieved: perGroup(group => (before.retrieved[group] ?? 0) + (retrieved[group] ?? 0)),
      gets: perGroup(group => (before.gets[group] ?? 0) + (gets[group] ?? 0)),
    }
  }
  return sum
}

/** Ends the counting of a day: gives what was counted, and begins anew. */
export function takeActivity({ analyses, openActivity }: S3State, bucket: Readonly<Bucket>, configuration: string): ActivityByClass {
  const key = analysisKey(bucket, configuration)
  const counted = openActivity.get(key) ?? {}
  openActivity.delete(key)
  return sumOf(analyses.in(bucket).get(key)?.open ?? {}, counted)
}

/** Forgets what a configuration observed: it is gone, or means other objects now. */
export function forgetAnalysis(ctx: Context, bucket: Readonly<Bucket>, configuration: string): void {
  const key = analysisKey(bucket, configuration)
  ctx.stores.openActivity.delete(key)
  ctx.stores.analyses.in(bucket).delete(key)
}

/** Puts what was counted today with what is kept, before the state is put away. */
export function keepOpenActivity({ state }: Unit<S3State>): void {
  for (const [, buckets] of state.buckets.scopes()) {
    for (const bucket of buckets.values()) {
      for (const id of Object.keys(bucket.config.analytics ?? {})) {
        const key = analysisKey(bucket, id)
        if (!state.openActivity.has(key)) continue
        const analyses = state.analyses.in(bucket)
        analyses.set(key, { days: analyses.get(key)?.days ?? [], open: takeActivity(state, bucket, id) })
      }
    }
  }
}
