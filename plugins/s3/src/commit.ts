import { checkWriteConditions, type WriteConditions } from './conditions.js'
import { noSuchBucket } from './errors.js'
import { emit, type ObjectEventName } from './events.js'
import type { Context } from './kit.js'
import type { Bucket, ObjectData } from './types.js'
import { newVersionId } from './versions.js'

/** A new version, complete but for what the moment of its writing decides. */
export type NewObject = Omit<ObjectData, 'versionId' | 'seq' | 'modified' | 'deleteMarker'>

/** The present time to the second, which is how exactly S3 tells times of objects. */
export function nowInSeconds(ctx: Context): number {
  return Math.floor(ctx.clock.now() / 1000) * 1000
}

/**
 * Makes a version the newest of its key. Nothing happens between the check of the conditions and the write, so of many writers each wins or
 * fails as a whole.
 *
 * @param object becomes the version: nobody else may hold it.
 * @throws PreconditionFailed, NoSuchKey by the conditions; NoSuchBucket when the bucket went while the body came in.
 */
export function commit(
  ctx: Context,
  bucket: Readonly<Bucket>,
  object: NewObject,
  conditions: WriteConditions,
  event: ObjectEventName,
): ObjectData {
  const now = ctx.stores.buckets.in(bucket).get(bucket.name)
  if (now?.id !== bucket.id) throw noSuchBucket(bucket.name)
  const objects = ctx.stores.objects.in(bucket.id)
  if (conditions.IfMatch !== undefined || conditions.IfNoneMatch !== undefined)
    checkWriteConditions(conditions, object.key, objects.current(object.key))
  const seq = ctx.stores.objects.nextSeq()
  // Not by a spread: V8 takes microseconds for each property that is added after one.
  const version: ObjectData = Object.assign(object, {
    versionId: now.versioning === 'Enabled' ? newVersionId(seq) : 'null',
    seq,
    modified: nowInSeconds(ctx),
  })
  objects.put(version)
  emit(ctx, event, bucket, version)
  return version
}
