import type { CompletedPart, CompleteMultipartUploadCommandInput } from '@aws-sdk/client-s3'
import { loadChecksum } from '@ministack/gateway/protocol'
import { bucketOf } from '../buckets.js'
import { badChecksum, checkChecksumForm, checksumMembers, checksumOfParts, givenChecksum } from '../checksums.js'
import { commit } from '../commit.js'
import { checkConditionForm } from '../conditions.js'
import { encryptionMembers } from '../encryption.js'
import { invalidArgument, invalidRequest, malformedXml, noSuchUpload, s3Error } from '../errors.js'
import { type Context, operation } from '../kit.js'
import { expirationMember } from '../lifecycle-rules.js'
import { locationOf } from '../locations.js'
import type { Bucket, Checksum, ObjectData, Upload, UploadedPart } from '../types.js'
import { checkPartKey, MAX_OBJECT_BYTES, MAX_PARTS, MIN_PART_BYTES, multipartETag, partAlgorithm } from '../uploads.js'
import { versionIdMember } from '../versions.js'

export const completeMultipartUpload = operation('CompleteMultipartUpload', (ctx, input) => {
  const upload = ctx.stores.uploads.get(bucketOf(ctx, input).id, input.UploadId ?? '')
  const loading = upload && loadChecksum(partAlgorithm(upload))
  return loading ? loading.then(() => complete(ctx, input)) : complete(ctx, input)
})

/** From the look-up of the upload to the commit nothing waits, so of several completions one makes the object. */
function complete(ctx: Context, input: CompleteMultipartUploadCommandInput) {
  const bucket = bucketOf(ctx, input)
  const { Key: key = '', UploadId: uploadId = '' } = input
  checkConditionForm(input, ctx.http?.headers)
  if (!input.MultipartUpload) throw invalidRequest('You must specify at least one part')
  const list = input.MultipartUpload.Parts ?? []
  if (list.length === 0 || list.length > MAX_PARTS || list.some(isIncomplete)) throw malformedXml()
  const upload = ctx.stores.uploads.get(bucket.id, uploadId)
  if (upload?.key !== key) return answer(ctx, bucket, completedBefore(ctx, bucket, key, uploadId, list))
  if (input.SSECustomerKey !== undefined) checkPartKey(upload, input)
  const parts = partsOf(ctx, upload, list)
  const size = parts.reduce((sum, part) => sum + part.size, 0)
  if (size > MAX_OBJECT_BYTES) throw s3Error('EntityTooLarge', { fields: { ProposedSize: size, MaxSizeAllowed: MAX_OBJECT_BYTES } })
  if (input.MpuObjectSize !== undefined && !/^\d+$/.test(String(input.MpuObjectSize))) {
    throw invalidRequest('Value for x-amz-mp-object-size header is invalid.')
  }
  if (input.MpuObjectSize !== undefined && Number(input.MpuObjectSize) !== size) {
    throw invalidRequest(
      `The provided 'x-amz-mp-object-size' header value ${input.MpuObjectSize} does not match what was computed: ${size}`,
    )
  }
  const checksum = checksumFor(upload, parts, input)
  const version = commit(
    ctx,
    bucket,
    {
      key,
      ...upload.properties,
      uploadId,
      etag: multipartETag(parts.map(part => part.etag)),
      size,
      chunks: parts.flatMap(part => part.chunks),
      checksum,
      parts: parts.map((part, i) => ({ partNumber: i + 1, size: part.size, ...(upload.checksumAlgorithm && { checksum: part.checksum }) })),
    },
    input,
    'ObjectCreated:CompleteMultipartUpload',
  )
  ctx.stores.uploads.remove(upload)
  return answer(ctx, bucket, version)
}

function answer(ctx: Context, bucket: Readonly<Bucket>, version: ObjectData) {
  const { VersionId } = versionIdMember(bucket, version)
  return {
    Location: locationOf(ctx.http, bucket.name, version.key),
    Bucket: bucket.name,
    Key: version.key,
    ETag: `"${version.etag}"`,
    ...checksumMembers(version.checksum),
    ...encryptionMembers(version.encryption),
    VersionId,
    ...expirationMember(bucket, version),
  }
}

function isIncomplete({ PartNumber, ETag }: CompletedPart): boolean {
  return PartNumber === undefined || ETag === undefined
}

/** The object that this upload was completed to before, if the parts are the same. @throws NoSuchUpload */
function completedBefore(
  ctx: Context,
  bucket: Readonly<Bucket>,
  key: string,
  uploadId: string,
  list: readonly CompletedPart[],
): ObjectData {
  const version = ctx.stores.objects
    .in(bucket.id)
    .versions(key)
    .find(v => !v.deleteMarker && v.uploadId === uploadId)
  if (!version || version.deleteMarker) throw noSuchUpload(uploadId)
  if (multipartETag(list.map(part => bare(part.ETag))) !== version.etag) throw noSuchUpload(uploadId)
  return version
}

/**
 * The uploaded parts that the list names, checked.
 *
 * @throws InvalidPartOrder, InvalidPart, EntityTooSmall, InvalidRequest for checksums that are missing.
 */
function partsOf(ctx: Context, upload: Upload, list: readonly CompletedPart[]): UploadedPart[] {
  const { uploads } = ctx.stores
  let before = 0
  for (const { PartNumber: number = 0 } of list) {
    if (number < 1) throw invalidArgument('PartNumber must be >= 1', 'PartNumber', String(number))
    // The checksum of checksums is one of parts that are counted through.
    const gap = upload.checksumType === 'COMPOSITE' && number !== before + 1
    if (number <= before || gap) throw s3Error('InvalidPartOrder', { fields: { UploadId: upload.uploadId } })
    before = number
  }
  const parts = list.map(named => {
    const { PartNumber: number = 0 } = named
    const part = uploads.part(upload, number)
    const refuse = () => s3Error('InvalidPart', { fields: { UploadId: upload.uploadId, PartNumber: number, ETag: bare(named.ETag) } })
    if (!part || part.etag !== bare(named.ETag)) throw refuse()
    checkNamedChecksum(upload, part, named, refuse)
    return part
  })
  for (const part of parts.slice(0, -1)) {
    if (part.size >= MIN_PART_BYTES) continue
    throw s3Error('EntityTooSmall', {
      fields: { ProposedSize: part.size, MinSizeAllowed: MIN_PART_BYTES, PartNumber: part.partNumber, ETag: part.etag },
    })
  }
  return parts
}

function checkNamedChecksum(upload: Upload, part: UploadedPart, named: CompletedPart, refuse: () => Error): void {
  const given = givenChecksum(named)
  if (given) {
    const known = given.algorithm === part.own?.algorithm ? part.own.value : part.checksum
    if (given.value !== known || (given.algorithm !== partAlgorithm(upload) && given.algorithm !== part.own?.algorithm)) throw refuse()
  } else if (upload.checksumType === 'COMPOSITE') {
    throw invalidRequest(
      `The upload was created using a ${upload.checksumAlgorithm?.toLowerCase()} checksum. The complete request must include the checksum for each part. It was missing for part ${part.partNumber} in the request.`,
    )
  }
}

/** The object's checksum. @throws InvalidRequest, BadDigest when the client expects another. */
function checksumFor(upload: Upload, parts: readonly UploadedPart[], input: CompleteMultipartUploadCommandInput): Checksum {
  const type = upload.checksumType ?? 'FULL_OBJECT'
  if (input.ChecksumType !== undefined && input.ChecksumType !== type) {
    throw invalidRequest(`The upload was created using the ${type} checksum mode. The complete request must use the same checksum mode.`)
  }
  const algorithm = partAlgorithm(upload)
  const checksum = checksumOfParts(algorithm, type, parts)
  const given = givenChecksum(input)
  if (!given) return checksum
  checkChecksumForm(given)
  const whole = given.value.includes('-') || type === 'FULL_OBJECT' ? given.value : `${given.value}-${parts.length}`
  if (given.algorithm !== algorithm || whole !== checksum.value) throw badChecksum(given.algorithm)
  return checksum
}

function bare(etag: string | undefined): string {
  return (etag ?? '').replace(/^"(.*)"$/, '$1')
}
