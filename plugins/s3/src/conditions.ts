import { noSuchKey, preconditionFailed, s3Error } from './errors.js'
import type { ObjectData, ObjectVersion } from './types.js'

/** The conditions of a read; dates to the second. */
export interface ReadConditions {
  readonly IfMatch?: string | undefined
  readonly IfNoneMatch?: string | undefined
  readonly IfModifiedSince?: Date | undefined
  readonly IfUnmodifiedSince?: Date | undefined
}

/** The conditions of a write. */
export interface WriteConditions {
  readonly IfMatch?: string | undefined
  readonly IfNoneMatch?: string | undefined
}

/** Does a header's list of ETags, or `*`, name this one? Quotes and `W/` are as the client likes. */
export function etagMatches(header: string, etag: string): boolean {
  return header.split(',').some(part => {
    const one = part.trim()
    return one === '*' || one.replace(/^W\//, '').replace(/^"(.*)"$/, '$1') === etag
  })
}

/**
 * Which condition a version fails: a tag decides over a date where both are given (RFC 7232, section 6).
 *
 * @returns the header's name, `modified: false` when the answer is that the reader has it already.
 */
export function failedCondition(conditions: ReadConditions, version: ObjectData): { condition: string; notModified: boolean } | undefined {
  const { IfMatch, IfNoneMatch, IfModifiedSince, IfUnmodifiedSince } = conditions
  if (IfMatch !== undefined) {
    if (!etagMatches(IfMatch, version.etag)) return { condition: 'If-Match', notModified: false }
  } else if (IfUnmodifiedSince && version.modified > IfUnmodifiedSince.getTime())
    return { condition: 'If-Unmodified-Since', notModified: false }
  if (IfNoneMatch !== undefined) {
    if (etagMatches(IfNoneMatch, version.etag)) return { condition: 'If-None-Match', notModified: true }
  } else if (IfModifiedSince && version.modified <= IfModifiedSince.getTime()) return { condition: 'If-Modified-Since', notModified: true }
  return undefined
}

/** @throws PreconditionFailed, or NotModified with the headers that go with it. */
export function checkReadConditions(conditions: ReadConditions, version: ObjectData): void {
  const failed = failedCondition(conditions, version)
  if (!failed) return
  if (!failed.notModified) throw preconditionFailed(failed.condition)
  const headers: Record<string, string> = { etag: `"${version.etag}"`, 'last-modified': new Date(version.modified).toUTCString() }
  if (version.versionId !== 'null') headers['x-amz-version-id'] = version.versionId
  if (version.headers.CacheControl) headers['cache-control'] = version.headers.CacheControl
  if (version.headers.Expires) headers.expires = version.headers.Expires
  throw s3Error('NotModified', { headers })
}

/**
 * Checks the form of a write's conditions, which needs no object. S3 takes an ETag or `If-None-Match: *`, one at a time, and no dates.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 *
 * @param headers of the request, where there is one: the dates are no members of a write's input.
 * @throws NotImplemented for anything else.
 */
export function checkConditionForm(
  { IfMatch, IfNoneMatch }: WriteConditions,
  headers?: Readonly<Record<string, string | string[] | undefined>>,
): void {
  if (IfMatch !== undefined && IfNoneMatch !== undefined) {
    throw unsupported('If-Match,If-None-Match', 'Multiple conditional request headers present in the request')
  }
  if (IfNoneMatch !== undefined && IfNoneMatch.trim() !== '*') throw unsupportedValue('If-None-Match')
  if (IfMatch?.trim() === '*') throw unsupportedValue('If-Match')
  if (headers?.['if-modified-since'] !== undefined) throw unsupportedValue('If-Modified-Since')
  if (headers?.['if-unmodified-since'] !== undefined) throw unsupportedValue('If-Unmodified-Since')
}

function unsupportedValue(header: string): Error {
  return unsupported(header, `We don't accept the provided value of ${header} header for this API`)
}

function unsupported(header: string, additionalMessage: string): Error {
  return s3Error('NotImplemented', { fields: { Header: header, additionalMessage } })
}

/**
 * Checks that no deletion came between the beginning and the end of a write that must not overwrite.
 *
 * @param before what the key had when the write began.
 * @throws ConditionalRequestConflict
 */
export function checkNotDeletedMeanwhile(
  { IfNoneMatch }: WriteConditions,
  before: ObjectVersion | undefined,
  now: ObjectVersion | undefined,
): void {
  if (IfNoneMatch === undefined || !before || before.deleteMarker) return
  if (!now || now.deleteMarker) throw s3Error('ConditionalRequestConflict', { fields: { Condition: 'If-None-Match', Key: before.key } })
}

/**
 * Checks a write's conditions against what the key has now.
 *
 * @throws PreconditionFailed; NoSuchKey for `If-Match` on a key without an object.
 */
export function checkWriteConditions({ IfMatch, IfNoneMatch }: WriteConditions, key: string, current: ObjectVersion | undefined): void {
  const object = current?.deleteMarker ? undefined : current
  if (IfNoneMatch !== undefined && object) throw preconditionFailed('If-None-Match')
  if (IfMatch === undefined) return
  if (!object) throw noSuchKey(key)
  if (!etagMatches(IfMatch, object.etag)) throw preconditionFailed('If-Match')
}
