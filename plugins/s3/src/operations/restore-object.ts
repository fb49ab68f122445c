import type { RestoreRequest } from '@aws-sdk/client-s3'
import { bucketOf } from '../buckets.js'
import { malformedXml, s3Error } from '../errors.js'
import { emit } from '../events.js'
import { type Context, operation } from '../kit.js'
import { isArchiveClass, restoredUntil } from '../restore.js'
import { startSelectJob } from '../restore-select.js'
import { isFaster, RETRIEVAL_MS, tierFor } from '../restore-tiers.js'
import { watchRestore } from '../restore-watch.js'
import type { Bucket, ObjectData } from '../types.js'
import { versionOf } from '../versions.js'

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_RestoreObject.html */
export const restoreObject = operation('RestoreObject', async (ctx, input) => {
  const bucket = bucketOf(ctx, input)
  const request = input.RestoreRequest
  if (!request) throw malformedXml()
  const { Type: type, Days: days } = request
  if (type !== undefined && type !== 'SELECT') throw malformedXml()
  if (type === undefined && (request.SelectParameters || request.OutputLocation)) throw malformedXml()
  const version = versionOf(ctx, bucket, input.Key ?? '', input.VersionId)
  if (version.storageClass === 'INTELLIGENT_TIERING') return activateSoon(ctx, bucket, version, request)
  if (!isArchiveClass(version)) {
    throw s3Error('InvalidObjectState', {
      message: "Restore is not allowed for the object's current storage class",
      fields: { StorageClass: version.storageClass },
    })
  }
  const tier = tierFor(version, request.GlacierJobParameters?.Tier ?? request.Tier)
  if (type === 'SELECT') {
    const RestoreOutputPath = await startSelectJob(ctx, bucket, version, request, tier)
    return { RestoreOutputPath, $metadata: { httpStatusCode: 202 } }
  }
  if (days === undefined || !Number.isInteger(days) || days < 1) throw malformedXml()
  const now = ctx.clock.now()
  const before = version.restore && now < version.restore.expires ? version.restore : undefined
  const isUnderWay = before !== undefined && now < before.ready
  const isUpgrade = isUnderWay && days === before.days && before.tier !== undefined && isFaster(tier, before.tier)
  if (isUnderWay && !isUpgrade) throw s3Error('RestoreAlreadyInProgress')
  // A copy that is there already only lives longer, counted from now.
  const isThere = before !== undefined && !isUnderWay
  const ready = isThere ? before.ready : Math.min(now + RETRIEVAL_MS[tier], before?.ready ?? Number.POSITIVE_INFINITY)
  const expires = restoredUntil(isThere ? now : ready, days)
  const restored = { ...version, restore: { ready, expires, days, tier } }
  ctx.stores.objects.in(bucket.id).replace(restored)
  if (!before) emit(ctx, 'ObjectRestore:Post', bucket, restored)
  watchRestore(ctx, bucket, restored)
  // 202 while there is something to wait for.
  return { $metadata: { httpStatusCode: isThere ? 200 : 202 } }
})

/** Brings an object back from an archive tier of INTELLIGENT_TIERING: for good, so there are no days to it. */
function activateSoon(ctx: Context, bucket: Readonly<Bucket>, version: ObjectData, request: RestoreRequest) {
  if (!version.archive) throw s3Error('ObjectAlreadyInActiveTierError')
  if (request.Days !== undefined || request.Type !== undefined) throw malformedXml()
  const tier = tierFor(version, request.GlacierJobParameters?.Tier ?? request.Tier)
  const { restore } = version
  const now = ctx.clock.now()
  if (restore && !(restore.tier !== undefined && isFaster(tier, restore.tier))) throw s3Error('RestoreAlreadyInProgress')
  const ready = Math.min(now + RETRIEVAL_MS[tier], restore?.ready ?? Number.POSITIVE_INFINITY)
  const restored = { ...version, restore: { ready, expires: ready, tier } }
  ctx.stores.objects.in(bucket.id).replace(restored)
  if (!restore) emit(ctx, 'ObjectRestore:Post', bucket, restored)
  watchRestore(ctx, bucket, restored)
  return { $metadata: { httpStatusCode: 202 } }
}
