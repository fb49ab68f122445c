import type { AnalyticsConfiguration } from '@aws-sdk/client-s3'
import type { Unit } from '@ministack/gateway'
import { everyMidnight, forEachBucket } from '../daily.js'
import type { Context } from '../kit.js'
import { slicesOf } from '../object-walk.js'
import { type Delivery, deliver, targetOf } from '../service-delivery.js'
import type { S3State } from '../state.js'
import type { Bucket } from '../types.js'
import { DayTally } from './day-tally.js'
import { analysisKey, type Day, startNotingUploads, takeActivity } from './observations.js'
import { judged } from './recommendation.js'
import { csvReport } from './report.js'

/** So many days are kept of an analysis, and told in its report. */
const KEPT_DAYS = 365

/** Counts what analyses are about, and at every midnight UTC adds the day to them and delivers the reports that are to be exported. */
export function startAnalytics(unit: Unit<S3State>): void {
  startNotingUploads(unit)
  everyMidnight(unit, 's3 storage class analysis', () => forEachBucket(unit, bucket => configurationsOf(bucket).length > 0, analyze))
}

function configurationsOf(bucket: Readonly<Bucket>): AnalyticsConfiguration[] {
  return Object.values(bucket.config.analytics ?? {})
}

/** Ends the day of all analyses of a bucket, in one walk through its objects. */
async function analyze(ctx: Context, bucket: Readonly<Bucket>): Promise<void> {
  const now = ctx.clock.now()
  const tallies = configurationsOf(bucket).map(it => new DayTally(it, takeActivity(ctx.stores, bucket, it.Id ?? ''), now))
  for await (const slice of slicesOf(ctx.stores.objects.in(bucket.id))) {
    if (ctx.background.signal.aborted) return
    for (const versions of slice) {
      const current = versions.at(-1)
      if (current && !current.deleteMarker) for (const tally of tallies) tally.see(current)
    }
  }
  for (const tally of tallies) {
    // One that was put anew meanwhile observes anew, and one that was deleted no more.
    const present = ctx.stores.buckets.in(bucket).get(bucket.name)
    if (present?.id !== bucket.id || !configurationsOf(present).includes(tally.configuration)) continue
    await exportReport(ctx, present, tally.configuration, addDay(ctx, present, tally, now))
  }
}

/** Adds a day to what is kept of an analysis. @returns all of its days. */
function addDay(ctx: Context, bucket: Readonly<Bucket>, tally: DayTally, at: number): readonly Day[] {
  const analyses = ctx.stores.analyses.in(bucket)
  const key = analysisKey(bucket, tally.configuration.Id ?? '')
  const before = analyses.get(key)?.days ?? []
  const classes = tally.seen().map(([storageClass, seen]) => [storageClass, judged(storageClass, seen, before)] as const)
  const days = [...before, { at, classes: Object.fromEntries(classes) }].slice(-KEPT_DAYS)
  analyses.set(key, { days })
  return days
}

/** Writes the report of an analysis into its destination bucket, in place of the one of the day before. */
async function exportReport(
  ctx: Context,
  source: Readonly<Bucket>,
  configuration: AnalyticsConfiguration,
  days: readonly Day[],
): Promise<void> {
  const destination = configuration.StorageClassAnalysis?.DataExport?.Destination?.S3BucketDestination
  if (!destination) return
  const { Bucket: arn = '', BucketAccountId, Prefix } = destination
  const what = 'an S3 analytics export'
  const target = targetOf(ctx, source, arn, BucketAccountId)
  if (target?.region !== source.region) {
    const why = target ? 'is in another region' : 'is gone, or is not of the account that the configuration names'
    ctx.log.warn(`${what} could not be delivered: its destination bucket ${why}`, { bucket: source.name, target: arn })
    return
  }
  const delivery: Delivery = { principal: 's3.amazonaws.com', what, source, target }
  const key = `${folderOf(Prefix)}${source.name}/${configuration.Id}.csv`
  await deliver(ctx, delivery, key, { body: csvReport(configuration, days), ContentType: 'text/csv' })
}

function folderOf(prefix: string | undefined): string {
  return !prefix || prefix.endsWith('/') ? (prefix ?? '') : `${prefix}/`
}
