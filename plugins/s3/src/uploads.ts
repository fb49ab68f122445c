import { createHash, randomBytes } from 'node:crypto'
import type { ChecksumType } from '@aws-sdk/client-s3'
import { type ChecksumAlgorithm, DEFAULT_ALGORITHM, knownAlgorithm } from './checksums.js'
import { type CustomerKeyInput, checkCustomerKey } from './encryption.js'
import { invalidRequest, noSuchUpload, s3Error } from './errors.js'
import type { Context } from './kit.js'
import type { Bucket, Upload } from './types.js'

/** Limits of https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
export const MIN_PART_BYTES = 5 * 1024 ** 2
export const MAX_PARTS = 10_000
export const MAX_OBJECT_BYTES = 50 * 1024 ** 4

/**
 * An upload id: 64 characters of a URL-safe alphabet that sort as the uploads began. So a list can go on from an upload that ended since.
 *
 * @param now milliseconds since the epoch.
 * @param seq tells apart what began at the same time.
 */
export function newUploadId(now: number, seq: number): string {
  const hex = (number: number) => number.toString(16).padStart(12, '0')
  return `${hex(now)}${hex(seq)}${randomBytes(30).toString('base64url')}`
}

/** @throws NoSuchUpload, also for an upload of another key. */
export function uploadOf(ctx: Context, bucket: Readonly<Bucket>, key: string, uploadId: string): Upload {
  const upload = ctx.stores.uploads.get(bucket.id, uploadId)
  if (upload?.key !== key) throw noSuchUpload(uploadId)
  return upload
}

/** @throws InvalidArgument for what isn't from 1 to 10,000. */
export function checkPartNumber(partNumber: number | undefined): number {
  if (partNumber !== undefined && Number.isInteger(partNumber) && partNumber >= 1 && partNumber <= MAX_PARTS) return partNumber
  throw s3Error('InvalidArgument', {
    message: 'Part number must be an integer between 1 and 10000, inclusive',
    fields: { ArgumentName: 'partNumber', ArgumentValue: partNumber },
  })
}

/**
 * The checksum that an upload's parts and object will have.
 *
 * @throws InvalidRequest for a type that the algorithm hasn't.
 */
export function uploadChecksum(
  algorithmName: string | undefined,
  type: ChecksumType | undefined,
): { checksumAlgorithm?: ChecksumAlgorithm; checksumType?: ChecksumType } {
  if (algorithmName === undefined) {
    if (type !== undefined)
      throw invalidRequest('The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.')
    return {}
  }
  const algorithm = knownAlgorithm(algorithmName)
  if (type !== undefined && type !== 'COMPOSITE' && type !== 'FULL_OBJECT')
    throw invalidRequest('Value for x-amz-checksum-type header is invalid.')
  const onlyComposite = !algorithm.startsWith('CRC')
  if ((type === 'COMPOSITE' && algorithm === 'CRC64NVME') || (type === 'FULL_OBJECT' && onlyComposite)) {
    throw invalidRequest(`The ${type} checksum type cannot be used with the ${algorithm.toLowerCase()} checksum algorithm.`)
  }
  return { checksumAlgorithm: algorithm, checksumType: type ?? (algorithm === 'CRC64NVME' ? 'FULL_OBJECT' : 'COMPOSITE') }
}

/**
 * Checks that a part brings the checksum that its upload was begun for.
 *
 * @param algorithm what the part brings; undefined for nothing.
 * @throws InvalidRequest
 */
export function checkPartChecksum(upload: Upload, algorithm: ChecksumAlgorithm | undefined): void {
  const expected = upload.checksumAlgorithm
  // An upload that names none takes what its parts bring: SDKs add a checksum to each part by themselves.
  if (expected === undefined || algorithm === expected || (algorithm === undefined && upload.checksumType !== 'COMPOSITE')) return
  throw invalidRequest(
    `Checksum Type mismatch occurred, expected checksum Type: ${expected.toLowerCase()}, actual checksum Type: ${algorithm?.toLowerCase() ?? 'null'}`,
  )
}

/** Checks that a part brings the SSE-C key that its upload was begun with. @throws InvalidRequest */
export function checkPartKey(upload: Upload, input: CustomerKeyInput): void {
  if (upload.properties.encryption.algorithm === 'SSE-C' && input.SSECustomerKey === undefined) {
    throw invalidRequest(
      'The multipart upload initiate requested encryption. Subsequent part requests must include the appropriate encryption parameters.',
    )
  }
  if (upload.properties.encryption.algorithm === 'SSE-C' && input.SSECustomerKeyMD5 !== upload.properties.encryption.customerKeyMD5) {
    throw invalidRequest('The provided encryption parameters did not match the ones used originally.')
  }
  checkCustomerKey(upload.properties.encryption, input)
}

/** The ETag of an object made of parts: the MD5 of the parts' own, with their number. @param etags hexadecimal. */
export function multipartETag(etags: readonly string[]): string {
  const hash = createHash('md5')
  for (const etag of etags) hash.update(etag, 'hex')
  return `${hash.digest('hex')}-${etags.length}`
}

/** The algorithm of an upload's parts: its own, or the default where it named none. */
export function partAlgorithm(upload: Upload): ChecksumAlgorithm {
  return knownAlgorithm(upload.checksumAlgorithm ?? DEFAULT_ALGORITHM)
}
