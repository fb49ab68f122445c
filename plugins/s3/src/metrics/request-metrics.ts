import type { MetricsFilter } from '@aws-sdk/client-s3'
import type { Answer, HttpInfo } from '@ministack/gateway'
import { accessPointArn } from '../access-points.js'
import { demandsOf, isTakenBy } from '../filters.js'
import type { Context } from '../kit.js'
import type { Meter } from '../select/input.js'
import type { AccessPoint, Bucket, Tags } from '../types.js'
import { publish } from './cloudwatch.js'
import { sampleOf } from './samples.js'
import { type Sample, Statistics } from './statistics.js'

const MINUTE = 60_000

/** The statistics of the present minute, by the id of the bucket and that of the configuration. In memory alone: S3 doesn't promise them either. */
export type PendingMetrics = Map<string, Map<string, Statistics>>

/** What a filter looks at. */
interface Target {
  /** Undefined for a request that is for the bucket. */
  readonly key: string | undefined
  /** Looked up only where a filter asks for them. */
  tags(): Tags | undefined
  readonly point: Readonly<AccessPoint> | undefined
}

/** Counts a request in the metrics of its bucket. Only for buckets that have some: it looks objects up. */
export function countRequest(
  ctx: Context,
  bucket: Readonly<Bucket>,
  http: HttpInfo,
  answer: Answer,
  point: Readonly<AccessPoint> | undefined,
): void {
  const key = keyOf(http.path)
  const tags = () => (key === undefined ? undefined : tagsOf(ctx, bucket, key, http.query.get('versionId')))
  count(ctx, bucket, { key, tags, point }, sampleOf(ctx, http, answer, key !== undefined))
}

/** Counts the read of a copy's source, which is a GET of it. */
export function countCopySource(
  ctx: Context,
  bucket: Readonly<Bucket>,
  { key, tags }: { readonly key: string; readonly tags?: Tags },
): void {
  if (!ctx.http || ctx.operation !== 'CopyObject') return
  count(ctx, bucket, { key, tags: () => tags, point: undefined }, new Map([['GetRequests', 1]]))
}

/** Counts what a query read and gave, once it has ended. */
export function countSelected(
  ctx: Context,
  bucket: Readonly<Bucket>,
  { key, tags }: { readonly key: string; readonly tags?: Tags },
  { scanned, returned }: Meter,
  point: Readonly<AccessPoint> | undefined,
): void {
  if (!ctx.http) return
  const sample: Sample = new Map([
    ['SelectBytesScanned', scanned],
    ['SelectBytesReturned', returned],
  ])
  count(ctx, bucket, { key, tags: () => tags, point }, sample)
}

function count(ctx: Context, bucket: Readonly<Bucket>, target: Target, sample: Sample): void {
  for (const { Id = '', Filter } of Object.values(bucket.config.metrics ?? {})) {
    if (takes(ctx, Filter, target)) statisticsOf(ctx, bucket, Id).add(sample)
  }
}

function takes(ctx: Context, filter: MetricsFilter | undefined, { key, tags, point }: Target): boolean {
  const { Prefix, Tags, AccessPointArn } = demandsOf(filter)
  if (AccessPointArn !== undefined && (!point || accessPointArn(ctx, point) !== AccessPointArn)) return false
  if (key === undefined) return !Prefix && !Tags?.length
  return isTakenBy(filter, key, Tags && tags())
}

/** The statistics that a request goes into; the first of a minute has them published at its end. */
function statisticsOf(ctx: Context, bucket: Readonly<Bucket>, id: string): Statistics {
  const { pendingMetrics } = ctx.stores
  let pending = pendingMetrics.get(bucket.id)
  if (!pending) {
    pending = new Map()
    pendingMetrics.set(bucket.id, pending)
    const now = ctx.clock.now()
    const minute = now - (now % MINUTE)
    ctx.background.after(minute + MINUTE - now, 's3 request metrics', () => publishMinute(ctx, bucket, minute))
  }
  let statistics = pending.get(id)
  if (!statistics) {
    statistics = new Statistics()
    pending.set(id, statistics)
  }
  return statistics
}

async function publishMinute(ctx: Context, bucket: Readonly<Bucket>, minute: number): Promise<void> {
  const pending = ctx.stores.pendingMetrics.get(bucket.id) ?? []
  ctx.stores.pendingMetrics.delete(bucket.id)
  const data = [...pending].flatMap(([id, statistics]) => {
    const Dimensions = [
      { Name: 'BucketName', Value: bucket.name },
      { Name: 'FilterId', Value: id },
    ]
    return statistics.data({ Dimensions, Timestamp: new Date(minute) })
  })
  await publish(ctx, bucket, data)
}

/** The key in the path of a request; undefined where there is none or it is no text. */
function keyOf(path: string): string | undefined {
  const slash = path.indexOf('/', 1)
  if (slash < 0 || slash === path.length - 1) return undefined
  try {
    return decodeURIComponent(path.slice(slash + 1))
  } catch {
    return undefined
  }
}

/** The tags of the object that a request was for, as they are after it. */
function tagsOf(ctx: Context, bucket: Readonly<Bucket>, key: string, versionId: string | null): Tags | undefined {
  const objects = ctx.stores.objects.in(bucket.id)
  const version = versionId === null ? objects.current(key) : objects.version(key, versionId)
  return version?.deleteMarker ? undefined : version?.tags
}
