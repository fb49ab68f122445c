import { bucketOf } from '../buckets.js'
import { commit } from '../commit.js'
import { checkConditionForm, failedCondition } from '../conditions.js'
import { deleteObject } from '../deletion.js'
import { invalidArgument, invalidRequest, preconditionFailed, s3Error } from '../errors.js'
import { operation } from '../kit.js'
import { checkRemovable } from '../object-lock.js'
import { checkKey, versionOf } from '../versions.js'

/** How many client tokens are remembered. */
const TOKENS = 10_000

/**
 * Gives an object another key, in one step. S3 has it in directory buckets; here every bucket has it. Where the bucket is versioned, the old
 * key gets a delete marker.
 */
export const renameObject = operation('RenameObject', (ctx, input) => {
  const bucket = bucketOf(ctx, input)
  const { renames, objects: index } = ctx.stores
  const { Key: key = '', ClientToken: token } = input
  checkKey(key)
  const from = sourceKey(input.RenameSource, bucket.name)
  const same = JSON.stringify([bucket.id, from, key])
  const before = token === undefined ? undefined : renames.get(token)
  if (before !== undefined) {
    if (before !== same) throw s3Error('IdempotencyParameterMismatch')
    return {}
  }
  const conditions = { IfMatch: input.DestinationIfMatch, IfNoneMatch: input.DestinationIfNoneMatch }
  checkConditionForm(conditions)
  if (from === key) throw invalidRequest('The source and the destination of a rename must not be the same')
  const source = versionOf(ctx, bucket, from, undefined)
  const failed = failedCondition(
    {
      IfMatch: input.SourceIfMatch,
      IfNoneMatch: input.SourceIfNoneMatch,
      IfModifiedSince: input.SourceIfModifiedSince,
      IfUnmodifiedSince: input.SourceIfUnmodifiedSince,
    },
    source,
  )
  if (failed) throw preconditionFailed(`x-amz-rename-source-${failed.condition.toLowerCase()}`)
  const target = index.in(bucket.id).current(key)
  if (target && !target.deleteMarker) {
    const { DestinationIfModifiedSince: IfModifiedSince, DestinationIfUnmodifiedSince: IfUnmodifiedSince } = input
    const unmet = failedCondition({ IfModifiedSince, IfUnmodifiedSince }, target)
    if (unmet) throw preconditionFailed(unmet.condition)
  }
  if (!bucket.versioning) checkRemovable(ctx, source, false)
  commit(ctx, bucket, { ...source, key }, conditions, 'ObjectCreated:Copy')
  deleteObject(ctx, bucket, { key: from })
  if (token !== undefined) {
    renames.set(token, same)
    if (renames.size > TOKENS) renames.delete(renames.keys().next().value ?? '')
  }
  return {}
})

/** The key in `x-amz-rename-source`, percent-encoded, with `/bucket/` before it or not. @throws InvalidArgument */
function sourceKey(source: string | undefined, bucket: string): string {
  let decoded: string
  try {
    decoded = decodeURIComponent(source ?? '')
  } catch {
    throw invalidArgument('Invalid rename source encoding.', 'x-amz-rename-source', source)
  }
  const key = decoded.startsWith(`/${bucket}/`) ? decoded.slice(bucket.length + 2) : decoded.startsWith('/') ? decoded.slice(1) : decoded
  if (key === '') throw invalidArgument('Invalid rename source object key', 'x-amz-rename-source', source)
  return key
}
