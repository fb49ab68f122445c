import { createChecksum, loadChecksum } from '@ministack/gateway/protocol'
import { receive } from '../body.js'
import { bucketOf } from '../buckets.js'
import { bodyDigests, type Demand, demandOf, partChecksumMember } from '../checksums.js'
import { sliceChunks } from '../chunks.js'
import { nowInSeconds } from '../commit.js'
import { copySourceOf } from '../copy-source.js'
import { digestsOf } from '../digests.js'
import { checkNoEncryptionHeader, encryptionMembers, etagFor } from '../encryption.js'
import { invalidArgument, invalidRequest, noSuchUpload, s3Error } from '../errors.js'
import { operation } from '../kit.js'
import type { ByteRange } from '../ranges.js'
import type { Upload } from '../types.js'
import { checkPartChecksum, checkPartKey, checkPartNumber, partAlgorithm, uploadOf } from '../uploads.js'
import { checkLength, checkTransferEncoding, MAX_PUT_BYTES, requireChecksum } from './put-object.js'

export const uploadPart = operation('UploadPart', async (ctx, input) => {
  const bucket = bucketOf(ctx, input)
  const { uploads, blobs } = ctx.stores
  const partNumber = checkPartNumber(input.PartNumber)
  const upload = uploadOf(ctx, bucket, input.Key ?? '', input.UploadId ?? '')
  checkPartKey(upload, input)
  checkNoEncryptionHeader(ctx)
  checkTransferEncoding(ctx)
  if ((input.ContentLength ?? 0) > MAX_PUT_BYTES) {
    throw s3Error('EntityTooLarge', { fields: { ProposedSize: input.ContentLength, MaxSizeAllowed: MAX_PUT_BYTES } })
  }
  const said = demandOf(ctx, input)
  if (upload.properties.retention || upload.properties.legalHold) requireChecksum(ctx, said, 'Put Part')
  const demand = partDemand(upload, said, ctx.http !== undefined)
  const begun = bodyDigests(demand)
  const digests = begun instanceof Promise ? await begun : begun
  const loading = loadChecksum(partAlgorithm(upload))
  if (loading) await loading
  // What the object's checksum will be made of, where the part brings another kind.
  const sum = demand.algorithm === partAlgorithm(upload) ? undefined : createChecksum(partAlgorithm(upload))
  const sinks = sum ? [...digests.sinks, sum] : digests.sinks
  const received = await receive(blobs, ctx.log, input.Body, sinks, MAX_PUT_BYTES)
  try {
    const { md5, checksum: value } = digests.finish(input.Body)
    const etag = etagFor(upload.properties.encryption, md5)
    const { size, chunks } = received
    checkLength(ctx, size)
    const checksum = sum?.digestBase64() ?? value
    const own = upload.checksumAlgorithm === undefined && demand.chosen ? { algorithm: demand.algorithm, value } : undefined
    if (!uploads.putPart(upload, { partNumber, etag, size, chunks, checksum, modified: nowInSeconds(ctx), ...(own && { own }) }))
      throw noSuchUpload(upload.uploadId)
    return {
      ETag: `"${etag}"`,
      ...partChecksumMember(upload.checksumAlgorithm ?? own?.algorithm, value),
      ...encryptionMembers(upload.properties.encryption),
    }
  } catch (error) {
    await received.discard()
    throw error
  }
})

/** What a part's checksum is to be: the upload's, whether or not the part brings it. */
function partDemand(upload: Upload, demand: Demand, overWire: boolean): Demand {
  if (demand.chosen || overWire) checkPartChecksum(upload, demand.chosen ? demand.algorithm : undefined)
  return demand.chosen ? demand : { ...demand, algorithm: partAlgorithm(upload) }
}

export const uploadPartCopy = operation('UploadPartCopy', async (ctx, input) => {
  const bucket = bucketOf(ctx, input)
  const { uploads, blobs } = ctx.stores
  const partNumber = checkPartNumber(input.PartNumber)
  const upload = uploadOf(ctx, bucket, input.Key ?? '', input.UploadId ?? '')
  checkPartKey(upload, input)
  const { bucket: sourceBucket, version: source } = copySourceOf(ctx, input)
  const { start, end } = copyRange(input.CopySourceRange, source.size)
  if (end - start > MAX_PUT_BYTES) {
    throw invalidRequest('The specified copy source is larger than the maximum allowable size for a copy source: 5368709120')
  }
  const chunks = sliceChunks(source.chunks, start, end)
  blobs.retain(chunks)
  try {
    const { md5, checksum } = await digestsOf(blobs, chunks, partAlgorithm(upload))
    const etag = etagFor(upload.properties.encryption, md5)
    const modified = nowInSeconds(ctx)
    if (!uploads.putPart(upload, { partNumber, etag, size: end - start, chunks, checksum, modified })) throw noSuchUpload(upload.uploadId)
    return {
      CopyPartResult: { ETag: `"${etag}"`, LastModified: new Date(modified), ...partChecksumMember(upload.checksumAlgorithm, checksum) },
      CopySourceVersionId: sourceBucket.versioning ? source.versionId : undefined,
      ...encryptionMembers(upload.properties.encryption),
    }
  } finally {
    blobs.release(chunks)
  }
})

/** The bytes that `x-amz-copy-source-range` names; all of them without it. @throws InvalidArgument */
function copyRange(header: string | undefined, size: number): ByteRange {
  if (header === undefined) return { start: 0, end: size }
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(header) ?? []
  const start = Number(first)
  const end = Number(last) + 1
  if (first === undefined || end <= start) {
    throw invalidArgument(
      'The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy',
      'x-amz-copy-source-range',
      header,
    )
  }
  if (end > size)
    throw invalidArgument(`Range specified is not valid for source object of size: ${size}`, 'x-amz-copy-source-range', header)
  return { start, end }
}
