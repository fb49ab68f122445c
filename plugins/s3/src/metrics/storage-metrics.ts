import type { MetricDatum } from '@aws-sdk/client-cloudwatch'
import type { Unit } from '@ministack/gateway'
import { everyMidnight, forEachBucket } from '../daily.js'
import type { Context } from '../kit.js'
import { slicesOf } from '../object-walk.js'
import type { S3State } from '../state.js'
import { accessTier } from '../tiering.js'
import type { Bucket } from '../types.js'
import { publish } from './cloudwatch.js'
import { stagingOf, storageOf } from './storage-types.js'

/** Publishes how much is stored in each bucket, at every midnight UTC; S3 does so without being asked. */
export function startStorageMetrics(unit: Unit<S3State>): void {
  everyMidnight(unit, 's3 storage metrics', async () => {
    let taken = true
    await forEachBucket(
      unit,
      () => true,
      async (ctx, bucket) => {
        if (taken) taken = await publishStorage(ctx, bucket)
      },
    )
  })
}

/** The count goes first, for it costs nothing: where nobody takes it, no object is looked at. @returns whether somebody does. */
async function publishStorage(ctx: Context, bucket: Readonly<Bucket>): Promise<boolean> {
  const Timestamp = ctx.clock.date()
  const datum = (MetricName: string, StorageType: string, Value: number, Unit: MetricDatum['Unit']): MetricDatum => {
    const Dimensions = [
      { Name: 'BucketName', Value: bucket.name },
      { Name: 'StorageType', Value: StorageType },
    ]
    return { MetricName, Dimensions, Timestamp, Value, Unit }
  }
  if (!(await publish(ctx, bucket, [datum('NumberOfObjects', 'AllStorageTypes', numberOf(ctx, bucket), 'Count')]))) return false
  const bytes = await bytesByType(ctx, bucket)
  return publish(
    ctx,
    bucket,
    [...bytes].map(([type, size]) => datum('BucketSizeBytes', type, size, 'Bytes')),
  )
}

/** All versions, delete markers, and parts of unfinished uploads. */
function numberOf({ stores }: Context, { id }: Readonly<Bucket>): number {
  return stores.uploads.list(id).reduce((sum, upload) => sum + stores.uploads.parts(upload).length, stores.objects.in(id).size)
}

/** The bytes of all versions and of parts of unfinished uploads. */
async function bytesByType(ctx: Context, { id }: Readonly<Bucket>): Promise<Map<string, number>> {
  const { objects, uploads } = ctx.stores
  const sums = new Map<string, number>()
  const add = (type: string, bytes: number) => sums.set(type, (sums.get(type) ?? 0) + bytes)
  for (const upload of uploads.list(id)) {
    const type = stagingOf(upload.properties.storageClass)
    if (type !== undefined) for (const { size } of uploads.parts(upload)) add(type, size)
  }
  for await (const slice of slicesOf(objects.in(id))) {
    if (ctx.background.signal.aborted) break
    for (const version of slice.flat()) {
      if (version.deleteMarker) continue
      for (const [type, bytes] of storageOf(version.storageClass, version.size, accessTier(ctx, version))) add(type, bytes)
    }
  }
  return sums
}
