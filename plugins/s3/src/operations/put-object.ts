import { receive } from '../body.js'
import { bucketOf } from '../buckets.js'
import { bodyDigests, checksumMembers, type Demand, demandOf } from '../checksums.js'
import { commit } from '../commit.js'
import { checkConditionForm, checkNotDeletedMeanwhile } from '../conditions.js'
import { encryptionMembers, etagFor } from '../encryption.js'
import { invalidRequest, s3Error } from '../errors.js'
import { type Context, operation } from '../kit.js'
import { expirationMember } from '../lifecycle-rules.js'
import { propertiesOf } from '../properties.js'
import { checkKey, versionIdMember } from '../versions.js'

/**
 * Refuses a body whose length isn't told beforehand, as S3 does.
 *
 * @throws NotImplemented, MissingContentLength for chunks that don't say how much they are in all.
 */
export function checkTransferEncoding(ctx: Context): void {
  const { headers } = ctx.http ?? {}
  if (String(headers?.['x-amz-content-sha256']).startsWith('STREAMING-') && headers?.['x-amz-decoded-content-length'] === undefined) {
    throw s3Error('MissingContentLength')
  }
  if (headers?.['transfer-encoding'] === undefined || headers['x-amz-decoded-content-length'] !== undefined) return
  throw s3Error('NotImplemented', { fields: { Header: 'Transfer-Encoding' } })
}

/** Refuses a body that is empty because nobody said how long it is. @throws MissingContentLength */
export function checkLength(ctx: Context, size: number): void {
  if (size > 0 || !ctx.http || ctx.operation === 'PostObject') return
  const { headers } = ctx.http
  if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined) throw s3Error('MissingContentLength')
}

/** S3 locks no bytes that nobody vouches for. @throws InvalidRequest for a body that comes without a digest */
export function requireChecksum(ctx: Context, { chosen, contentMD5 }: Demand, request: 'Put Object' | 'Put Part'): void {
  if (chosen || contentMD5 || !ctx.http) return
  throw invalidRequest(`Content-MD5 OR x-amz-checksum- HTTP header is required for ${request} requests with Object Lock parameters`)
}

/** The longest body of one PutObject or UploadPart: 5 GiB. */
export const MAX_PUT_BYTES = 5 * 1024 ** 3

export const putObject = operation('PutObject', async (ctx, input) => {
  const bucket = bucketOf(ctx, input)
  const { Key: key = '', Body: body } = input
  checkKey(key)
  checkConditionForm(input, ctx.http?.headers)
  checkTransferEncoding(ctx)
  if (input.WriteOffsetBytes !== undefined) throw s3Error('NotImplemented', { fields: { Header: 'x-amz-write-offset-bytes' } })
  if ((input.ContentLength ?? 0) > MAX_PUT_BYTES) {
    throw s3Error('EntityTooLarge', { fields: { ProposedSize: input.ContentLength, MaxSizeAllowed: MAX_PUT_BYTES } })
  }
  const demand = demandOf(ctx, input)
  const locks = input.ObjectLockMode || input.ObjectLockLegalHoldStatus || (bucket.objectLock?.Rule && ctx.operation !== 'PostObject')
  if (locks) requireChecksum(ctx, demand, 'Put Object')
  const objects = ctx.stores.objects.in(bucket.id)
  const before = input.IfNoneMatch === undefined ? undefined : objects.current(key)
  const settled = propertiesOf(ctx, bucket, input)
  const properties = settled instanceof Promise ? await settled : settled
  const begun = bodyDigests(demand)
  const digests = begun instanceof Promise ? await begun : begun
  const received = await receive(ctx.stores.blobs, ctx.log, body, digests.sinks, MAX_PUT_BYTES)
  try {
    const { md5, checksum: value } = digests.finish(body)
    const { size, chunks } = received
    checkLength(ctx, size)
    if (before) checkNotDeletedMeanwhile(input, before, objects.current(key))
    const checksum = { algorithm: demand.algorithm, type: 'FULL_OBJECT', value } as const
    const etag = etagFor(properties.encryption, md5)
    const version = commit(
      ctx,
      bucket,
      { key, etag, size, chunks, checksum, ...properties },
      input,
      ctx.operation === 'PostObject' ? 'ObjectCreated:Post' : 'ObjectCreated:Put',
    )
    return Object.assign(
      { ETag: `"${etag}"`, ...checksumMembers(checksum) },
      encryptionMembers(properties.encryption),
      versionIdMember(bucket, version),
      expirationMember(bucket, version),
    )
  } catch (error) {
    await received.discard()
    throw error
  }
})
