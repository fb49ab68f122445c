import { bucketOf } from './buckets.js'
import { failedCondition } from './conditions.js'
import { checkCustomerKey } from './encryption.js'
import { invalidArgument, invalidRequest, preconditionFailed, s3Error } from './errors.js'
import type { Context } from './kit.js'
import { countCopySource } from './metrics/request-metrics.js'
import { isArchived } from './restore.js'
import { noteAccess } from './tiering.js'
import type { Bucket, ObjectData } from './types.js'
import { checkKey, versionOf } from './versions.js'

/** The members of CopyObject and UploadPartCopy that name the source and its conditions. */
export interface CopySourceInput {
  readonly CopySource: string | undefined
  readonly CopySourceIfMatch?: string | undefined
  readonly CopySourceIfModifiedSince?: Date | undefined
  readonly CopySourceIfNoneMatch?: string | undefined
  readonly CopySourceIfUnmodifiedSince?: Date | undefined
  readonly CopySourceSSECustomerAlgorithm?: string | undefined
  readonly CopySourceSSECustomerKey?: string | undefined
  readonly CopySourceSSECustomerKeyMD5?: string | undefined
  readonly ExpectedSourceBucketOwner?: string | undefined
}

export interface CopySource {
  readonly bucket: Readonly<Bucket>
  readonly version: ObjectData
}

/**
 * The version that is to be copied.
 *
 * @throws InvalidArgument for a source that isn't `bucket/key`, PreconditionFailed, and what a read of the source throws.
 */
export function copySourceOf(ctx: Context, input: CopySourceInput): CopySource {
  const { name, key, versionId } = parseCopySource(input.CopySource)
  const bucket = bucketOf(ctx, {
    Bucket: name,
    ExpectedBucketOwner: input.ExpectedSourceBucketOwner,
    Key: key,
    VersionId: versionId,
    action: versionId === undefined ? 's3:GetObject' : 's3:GetObjectVersion',
  })
  checkKey(key)
  if (versionId !== undefined && ctx.stores.objects.in(bucket.id).version(key, versionId)?.deleteMarker) {
    throw invalidRequest('The source of a copy request may not specifically refer to a delete marker by version id.')
  }
  const version = versionOf(ctx, bucket, key, versionId)
  checkCustomerKey(version.encryption, {
    SSECustomerAlgorithm: input.CopySourceSSECustomerAlgorithm,
    SSECustomerKey: input.CopySourceSSECustomerKey,
    SSECustomerKeyMD5: input.CopySourceSSECustomerKeyMD5,
  })
  const failed = failedCondition(
    {
      IfMatch: input.CopySourceIfMatch,
      IfModifiedSince: input.CopySourceIfModifiedSince,
      IfNoneMatch: input.CopySourceIfNoneMatch,
      IfUnmodifiedSince: input.CopySourceIfUnmodifiedSince,
    },
    version,
  )
  if (failed) throw preconditionFailed(`x-amz-copy-source-${failed.condition}`)
  if (isArchived(ctx, version))
    throw s3Error('InvalidObjectState', { message: "Operation is not valid for the source object's storage class" })
  noteAccess(ctx, bucket, version)
  if (bucket.config.metrics) countCopySource(ctx, bucket, version)
  return { bucket, version }
}

/**
 * `bucket/key`, `/bucket/key`, percent-encoded, with `?versionId=` perhaps; also the ARN of an object, or of an access point with
 * `/object/key` after it.
 */
export function parseCopySource(source: string | undefined): { name: string; key: string; versionId: string | undefined } {
  const refuse = (message: string) => invalidArgument(message, 'x-amz-copy-source', source)
  const [, path = '', versionId] = /^(.*?)(?:\?versionId=(.*))?$/s.exec(source ?? '') ?? []
  // The slash before the bucket may be encoded like all the rest.
  const decoded = decode(path)?.replace(/^\//, '')
  if (decoded === undefined) throw refuse('Invalid copy source encoding.')
  const [, point, pointKey] = /^(arn:[^:]*:s3:[^:]*:\d*:accesspoint[/:][^/]+)\/object\/(.+)$/s.exec(decoded) ?? []
  if (point !== undefined && pointKey !== undefined) return { name: point, key: pointKey, versionId }
  const object = /^arn:[^:]*:s3:[^:]*:[^:]*:(.*)$/s.exec(decoded)?.[1] ?? decoded
  const slash = object.indexOf('/')
  if (slash <= 0 || slash === object.length - 1) throw refuse('Invalid copy source object key')
  return { name: object.slice(0, slash), key: object.slice(slash + 1), versionId }
}

function decode(text: string): string | undefined {
  try {
    // A form's encoding, as far as blanks go: a plus sign itself must be sent as %2B.
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return undefined
  }
}
