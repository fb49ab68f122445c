import { hash } from 'node:crypto'
import type { HttpInfo } from '@ministack/gateway'
import { type ChecksumAlgorithm, checksumOf, loadChecksum } from '@ministack/gateway/protocol'
import { algorithmOfHeader, badChecksum, checkChecksumForm, checkMD5, checkSha256, parseMD5, signedDigest } from './checksums.js'
import { invalidRequest } from './errors.js'

/** Operations that S3 doesn't carry out without a digest of their document. */
const DIGESTED: ReadonlySet<string> = new Set([
  'PutBucketCors',
  'PutBucketLifecycleConfiguration',
  'PutBucketReplication',
  'PutBucketTagging',
  'PutObjectLegalHold',
  'PutObjectLockConfiguration',
  'PutObjectRetention',
])

/** @throws InvalidRequest for a request that says nothing of its document's digest. */
export function requireDigest(headers: HttpInfo['headers']): void {
  if (headers['content-md5'] !== undefined || headers['x-amz-trailer'] !== undefined) return
  if (Object.keys(headers).some(name => name.startsWith('x-amz-checksum-'))) return
  throw invalidRequest('Missing required header for this request: Content-MD5 OR x-amz-checksum-*')
}

/**
 * Compares a document with what its request says of it: Content-MD5, an `x-amz-checksum-` header, the SHA-256 that the signature covers. Bodies
 * of objects are streams and are looked at as they are written.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
 *
 * @throws BadDigest, InvalidArgument, InvalidDigest, InvalidRequest, XAmzContentSHA256Mismatch
 */
export function checkDigests(operation: string, { headers }: HttpInfo, body: Buffer): Promise<void> | undefined {
  const said = signedDigest(headers)
  if (said !== undefined) checkSha256(said, hash('sha256', body))
  if (DIGESTED.has(operation)) requireDigest(headers)
  const md5 = parseMD5(headers['content-md5'] as string | undefined)
  if (md5) checkMD5(md5, hash('md5', body))
  // There the checksum is the object's.
  if (operation === 'CompleteMultipartUpload') return undefined
  let loading: Promise<void> | undefined
  for (const name in headers) {
    const algorithm = algorithmOfHeader(name)
    if (!algorithm) continue
    const value = headers[name] as string
    checkChecksumForm({ algorithm, value })
    const ready = loadChecksum(algorithm)
    if (ready) loading = ready.then(() => checkChecksum(algorithm, value, body))
    else checkChecksum(algorithm, value, body)
  }
  return loading
}

function checkChecksum(algorithm: ChecksumAlgorithm, value: string, body: Buffer): void {
  if (checksumOf(algorithm, body) !== value) throw badChecksum(algorithm)
}
