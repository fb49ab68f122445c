import { nowInSeconds } from './commit.js'
import { checkWriteConditions } from './conditions.js'
import { preconditionFailed, s3Error } from './errors.js'
import { emit } from './events.js'
import type { Context } from './kit.js'
import { checkRemovable } from './object-lock.js'
import type { Bucket, DeleteMarker, ObjectVersion } from './types.js'
import { checkKey, checkVersionId, newVersionId } from './versions.js'

/** What is to be deleted, and on what conditions. */
export interface Deletion {
  readonly key: string
  readonly versionId?: string | undefined
  readonly bypassGovernance?: boolean | undefined
  readonly mfa?: string | undefined
  readonly ifMatch?: string | undefined
  readonly ifModified?: Date | undefined
  readonly ifSize?: number | undefined
  /** Is it the lifecycle that deletes? Then other events tell of it. */
  readonly expiry?: boolean
}

/** What a deletion did. */
export interface Deleted {
  /** The delete marker that was put on top, or the version that was removed; undefined when there was nothing to do. */
  readonly version?: ObjectVersion
  /** Was a delete marker made? */
  readonly marked: boolean
}

/**
 * Deletes as S3 does: a named version goes for good; without a name the object goes where the bucket isn't versioned, and gets a delete
 * marker where it is.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/DeletingObjectVersions.html
 *
 * @throws AccessDenied for a locked version or missing MFA, PreconditionFailed, InvalidArgument for a bad version id.
 */
export function deleteObject(ctx: Context, bucket: Readonly<Bucket>, deletion: Deletion): Deleted {
  const { key, versionId } = deletion
  checkKey(key)
  checkVersionId(versionId)
  const objects = ctx.stores.objects.in(bucket.id)
  const target = versionId === undefined ? objects.current(key) : objects.version(key, versionId)
  checkDeleteConditions(deletion, target)
  if (versionId !== undefined) {
    if (bucket.mfaDelete === 'Enabled' && !deletion.mfa) throw mfaRequired()
    return remove(ctx, bucket, deletion, target)
  }
  if (!bucket.versioning) return remove(ctx, bucket, deletion, objects.version(key, 'null'))
  return { version: mark(ctx, bucket, deletion), marked: true }
}

/** What S3 says where a version can be deleted only with a code of a device. */
export function mfaRequired(): Error {
  return s3Error('AccessDenied', { message: 'Mfa Authentication must be used for this request' })
}

function remove(ctx: Context, bucket: Readonly<Bucket>, deletion: Deletion, version: ObjectVersion | undefined): Deleted {
  if (!version) return { marked: false }
  checkRemovable(ctx, version, deletion.bypassGovernance)
  ctx.stores.objects.in(bucket.id).remove(version.key, version.versionId)
  emit(ctx, deletion.expiry ? 'LifecycleExpiration:Delete' : 'ObjectRemoved:Delete', bucket, version)
  return { version, marked: false }
}

function mark(ctx: Context, bucket: Readonly<Bucket>, deletion: Deletion): DeleteMarker {
  const objects = ctx.stores.objects.in(bucket.id)
  const suspended = bucket.versioning === 'Suspended'
  const replaced = suspended ? objects.version(deletion.key, 'null') : undefined
  if (replaced) checkRemovable(ctx, replaced, deletion.bypassGovernance)
  const seq = ctx.stores.objects.nextSeq()
  const marker: DeleteMarker = {
    key: deletion.key,
    versionId: suspended ? 'null' : newVersionId(seq),
    seq,
    modified: nowInSeconds(ctx),
    deleteMarker: true,
    owner: bucket.account,
  }
  objects.put(marker)
  emit(ctx, deletion.expiry ? 'LifecycleExpiration:DeleteMarkerCreated' : 'ObjectRemoved:DeleteMarkerCreated', bucket, marker)
  return marker
}

function checkDeleteConditions({ key, ifMatch, ifModified, ifSize }: Deletion, target: ObjectVersion | undefined): void {
  if (ifMatch?.trim() === '*') {
    if (!target || target.deleteMarker) throw preconditionFailed('If-Match')
  } else checkWriteConditions({ IfMatch: ifMatch }, key, target)
  if (!target || target.deleteMarker) return
  if (ifModified && ifModified.getTime() !== target.modified) throw preconditionFailed('x-amz-if-match-last-modified-time')
  if (ifSize !== undefined && ifSize !== target.size) throw preconditionFailed('x-amz-if-match-size')
}
