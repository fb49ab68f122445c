import { createHash } from 'node:crypto'
import { CHECKSUM_ALGORITHMS, checksumOf } from '@ministack/gateway/protocol'
import { badChecksum, checkChecksumForm, parseMD5 } from './checksums.js'
import { s3Error } from './errors.js'
import type { Context } from './kit.js'

/**
 * Checks the digests that come with a document (the keys of DeleteObjects, a set of tags), as those of an object's bytes are checked.
 *
 * @throws BadDigest, InvalidDigest, InvalidRequest for what is no digest, XAmzContentSHA256Mismatch.
 */
export function checkDocumentDigests(ctx: Context): void {
  if (!ctx.http) return
  const { headers, body } = ctx.http
  const signed = headers['x-amz-content-sha256']
  if (typeof signed === 'string' && /^[0-9a-f]{64}$/.test(signed)) {
    const computed = createHash('sha256').update(body).digest('hex')
    if (signed !== computed) {
      throw s3Error('XAmzContentSHA256Mismatch', { fields: { ClientComputedContentSHA256: signed, S3ComputedContentSHA256: computed } })
    }
  }
  const md5 = headers['content-md5']
  if (typeof md5 === 'string') {
    const expected = parseMD5(md5)
    const computed = createHash('md5').update(body).digest()
    if (!expected?.equals(computed)) {
      throw s3Error('BadDigest', { fields: { ExpectedDigest: md5, CalculatedDigest: computed.toString('base64') } })
    }
  }
  for (const algorithm of CHECKSUM_ALGORITHMS) {
    const value = headers[`x-amz-checksum-${algorithm.toLowerCase()}`]
    if (typeof value !== 'string') continue
    checkChecksumForm({ algorithm, value })
    if (checksumOf(algorithm, body) !== value) throw badChecksum(algorithm)
  }
}
