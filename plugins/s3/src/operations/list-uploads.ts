import type { MultipartUpload } from '@aws-sdk/client-s3'
import { bucketOf, canonicalId } from '../buckets.js'
import { partChecksumMember } from '../checksums.js'
import { compareKeys } from '../key-order.js'
import { operation } from '../kit.js'
import { abortMembers } from '../lifecycle-rules.js'
import { keyEncoder, pageSize, partMarker } from '../listing.js'
import type { Upload } from '../types.js'
import { uploadOf } from '../uploads.js'

export const listParts = operation('ListParts', (ctx, input) => {
  const bucket = bucketOf(ctx, input)
  const { asked, size } = pageSize(input.MaxParts, 'max-parts')
  const upload = uploadOf(ctx, bucket, input.Key ?? '', input.UploadId ?? '')
  const marker = partMarker(input.PartNumberMarker, 'part-number-marker')
  const parts = ctx.stores.uploads.parts(upload).filter(part => part.partNumber > marker)
  const page = parts.slice(0, size)
  return {
    Bucket: bucket.name,
    Key: upload.key,
    UploadId: upload.uploadId,
    Initiator: initiatorOf(upload),
    Owner: { ID: canonicalId(upload.properties.owner) },
    ...abortMembers(bucket, upload),
    StorageClass: upload.properties.storageClass,
    PartNumberMarker: String(marker),
    NextPartNumberMarker: String(page.at(-1)?.partNumber ?? 0),
    MaxParts: asked,
    IsTruncated: page.length < parts.length,
    ...(upload.checksumAlgorithm && { ChecksumAlgorithm: upload.checksumAlgorithm, ChecksumType: upload.checksumType }),
    Parts: page.map(part => ({
      PartNumber: part.partNumber,
      LastModified: new Date(part.modified),
      ETag: `"${part.etag}"`,
      Size: part.size,
      ...partChecksumMember(upload.checksumAlgorithm, part.checksum),
    })),
  }
})

export const listMultipartUploads = operation('ListMultipartUploads', (ctx, input) => {
  const bucket = bucketOf(ctx, input)
  const encode = keyEncoder(input.EncodingType)
  const { asked, size } = pageSize(input.MaxUploads, 'max-uploads')
  const { Prefix: prefix = '', Delimiter: delimiter = '', KeyMarker: keyMarker = '', UploadIdMarker: uploadMarker } = input
  const Uploads: MultipartUpload[] = []
  const CommonPrefixes: { Prefix: string }[] = []
  let last: { key: string; uploadId?: string } | undefined
  let lastUpload: Upload | undefined
  let truncated = false
  for (const upload of ctx.stores.uploads.list(bucket.id)) {
    const order = keyMarker ? compareKeys(upload.key, keyMarker) : 1
    if (order < 0 || !upload.key.startsWith(prefix)) continue
    // An upload id marks a place among the uploads of the key marker; alone, the key marker is past all of them.
    if (order === 0 && (!uploadMarker || upload.uploadId <= uploadMarker)) continue
    const at = delimiter ? upload.key.indexOf(delimiter, prefix.length) : -1
    const common = at < 0 ? undefined : upload.key.slice(0, at + delimiter.length)
    if (common !== undefined && (common === last?.key || keyMarker.startsWith(common))) continue
    if (Uploads.length + CommonPrefixes.length === size) {
      truncated = true
      break
    }
    if (common === undefined) {
      Uploads.push(uploadEntry(upload, encode))
      last = lastUpload = upload
    } else {
      CommonPrefixes.push({ Prefix: encode(common) })
      last = { key: common }
    }
  }
  // S3 tells the last upload where nothing comes after it, too.
  const next = truncated ? last : lastUpload
  return {
    Bucket: bucket.name,
    KeyMarker: encode(keyMarker),
    UploadIdMarker: uploadMarker ?? '',
    NextKeyMarker: encode(next?.key ?? ''),
    NextUploadIdMarker: next?.uploadId ?? '',
    Prefix: encode(prefix),
    ...(delimiter && { Delimiter: encode(delimiter) }),
    MaxUploads: asked,
    IsTruncated: truncated,
    ...(input.EncodingType && { EncodingType: input.EncodingType }),
    Uploads,
    CommonPrefixes,
  }
})

function uploadEntry(upload: Upload, encode: (key: string) => string): MultipartUpload {
  return {
    UploadId: upload.uploadId,
    Key: encode(upload.key),
    Initiated: new Date(upload.initiated),
    StorageClass: upload.properties.storageClass,
    Owner: { ID: canonicalId(upload.properties.owner) },
    Initiator: initiatorOf(upload),
    ...(upload.checksumAlgorithm && { ChecksumAlgorithm: upload.checksumAlgorithm, ChecksumType: upload.checksumType }),
  }
}

/** Who began an upload: an account's root by its canonical id, anybody else by ARN and name. */
function initiatorOf({ initiator, properties }: Upload): { ID: string; DisplayName?: string } {
  const account = initiator.split(':')[4] || properties.owner
  return initiator.endsWith(':root') ? { ID: canonicalId(account) } : { ID: initiator, DisplayName: initiator.split('/').at(-1) }
}
