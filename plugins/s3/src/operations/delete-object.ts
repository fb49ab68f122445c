import { AwsError } from '@ministack/gateway'
import { authorize } from '../authorization.js'
import { bucketOf } from '../buckets.js'
import { deleteObject as deleteOne, mfaRequired } from '../deletion.js'
import { requireDigest } from '../document-digests.js'
import { malformedXml } from '../errors.js'
import { operation } from '../kit.js'

/** The most keys of one DeleteObjects. */
const MAX_KEYS = 1000

export const deleteObject = operation('DeleteObject', (ctx, input) => {
  const bucket = bucketOf(ctx, input)
  const { version, marked } = deleteOne(ctx, bucket, {
    key: input.Key ?? '',
    versionId: input.VersionId,
    bypassGovernance: input.BypassGovernanceRetention,
    mfa: input.MFA,
    ifMatch: input.IfMatch,
    ifModified: input.IfMatchLastModifiedTime,
    ifSize: input.IfMatchSize,
  })
  if (input.VersionId !== undefined) return { VersionId: input.VersionId, ...(version?.deleteMarker && { DeleteMarker: true }) }
  return marked ? { DeleteMarker: true, VersionId: version?.versionId } : {}
})

export const deleteObjects = operation('DeleteObjects', (ctx, input) => {
  const bucket = bucketOf(ctx, input)
  const objects = input.Delete?.Objects ?? []
  if (objects.length === 0 || objects.length > MAX_KEYS || objects.some(object => !object.Key)) throw malformedXml()
  if (ctx.http) requireDigest(ctx.http.headers)
  // One missing token fails the whole request, whatever else is to be deleted.
  if (bucket.mfaDelete === 'Enabled' && !input.MFA && objects.some(object => object.VersionId !== undefined)) throw mfaRequired()
  const Deleted = []
  const Errors = []
  for (const { Key: key = '', VersionId: versionId, ETag, LastModifiedTime, Size } of objects) {
    try {
      authorize(ctx, bucket, { ...input, Key: key, VersionId: versionId })
      const { version, marked } = deleteOne(ctx, bucket, {
        key,
        versionId,
        bypassGovernance: input.BypassGovernanceRetention,
        mfa: input.MFA,
        ifMatch: ETag,
        ifModified: LastModifiedTime,
        ifSize: Size,
      })
      if (input.Delete?.Quiet) continue
      const marker = marked || version?.deleteMarker
      Deleted.push({
        Key: key,
        ...(versionId !== undefined && { VersionId: versionId }),
        ...(marker && { DeleteMarker: true, DeleteMarkerVersionId: version?.versionId }),
      })
    } catch (error) {
      if (!(error instanceof AwsError)) throw error
      Errors.push({ Key: key, VersionId: versionId, Code: error.code, Message: error.message })
    }
  }
  return { ...(Deleted.length > 0 && { Deleted }), ...(Errors.length > 0 && { Errors }) }
})
