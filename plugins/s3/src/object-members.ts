import { checksumMembers } from './checksums.js'
import { encryptionMembers } from './encryption.js'
import { invalidArgument, invalidRequest, s3Error } from './errors.js'
import type { Context } from './kit.js'
import { expirationMember } from './lifecycle-rules.js'
import { metadataHeaders } from './metadata.js'
import { lockMembers } from './object-lock.js'
import { expiresText } from './properties.js'
import { type ByteRange, contentRange, parseRange } from './ranges.js'
import { isArchived, restoreMember } from './restore.js'
import type { Bucket, ObjectData } from './types.js'
import { versionIdMember } from './versions.js'

/** The members of GetObject and HeadObject that choose what of the object is read. */
export interface PartInput {
  readonly Range?: string | undefined
  readonly PartNumber?: number | undefined
  readonly ChecksumMode?: string | undefined
}

/** What of an object a read answers. */
export interface Selection extends ByteRange {
  readonly partial: boolean
  /** The part's place in the object's parts, from 1. */
  readonly part: number | undefined
}

/**
 * Checks the form of what a read asks for, which needs no object.
 *
 * @throws InvalidArgument for a part that can't be, InvalidRequest for a range and a part at once.
 */
export function checkPart({ Range, PartNumber: part }: PartInput): void {
  if (part === undefined) return
  if (!Number.isInteger(part) || part < 1 || part > 10_000) throw invalidPart(part)
  if (Range !== undefined) throw invalidRequest('Cannot specify both Range header and partNumber query parameter')
}

/**
 * The bytes that a read asks for.
 *
 * @throws InvalidRange, InvalidPartNumber.
 */
export function selectBytes({ Range, PartNumber: part }: PartInput, version: ObjectData): Selection {
  if (part === undefined) {
    const range = parseRange(Range, version.size)
    return range ? { ...range, partial: true, part } : { start: 0, end: version.size, partial: false, part }
  }
  const count = version.parts?.length ?? 1
  if (part > count) {
    throw s3Error('InvalidPartNumber', { fields: { ActualPartCount: count, PartNumberRequested: part } })
  }
  if (!version.parts) return { start: 0, end: version.size, partial: version.size > 0, part }
  let start = 0
  for (const { size } of version.parts.slice(0, part - 1)) start += size
  return { start, end: start + (version.parts[part - 1]?.size ?? 0), partial: true, part }
}

function invalidPart(part: number): Error {
  return s3Error('InvalidArgument', {
    message: 'Part number must be an integer between 1 and 10000, inclusive',
    fields: { ArgumentName: 'partNumber', ArgumentValue: part },
  })
}

/** The `response-*` parameters of a read, which put other headers in the place of the object's own. */
export interface ResponseOverrides {
  readonly ResponseCacheControl?: string | undefined
  readonly ResponseContentDisposition?: string | undefined
  readonly ResponseContentEncoding?: string | undefined
  readonly ResponseContentLanguage?: string | undefined
  readonly ResponseContentType?: string | undefined
  readonly ResponseExpires?: Date | string | undefined
}

const OVERRIDES = [
  ['ResponseCacheControl', 'response-cache-control'],
  ['ResponseContentDisposition', 'response-content-disposition'],
  ['ResponseContentEncoding', 'response-content-encoding'],
  ['ResponseContentLanguage', 'response-content-language'],
  ['ResponseContentType', 'response-content-type'],
  ['ResponseExpires', 'response-expires'],
] as const satisfies readonly (readonly [keyof ResponseOverrides, string])[]

/** @throws InvalidRequest for an anonymous caller who asks for other headers, InvalidArgument for what no header can hold. */
export function checkOverrides(ctx: Context, input: ResponseOverrides): void {
  for (const [member, parameter] of OVERRIDES) {
    const value = input[member]
    if (value === undefined) continue
    if (ctx.caller.type === 'anonymous') {
      throw invalidRequest('Request specific response headers cannot be used for anonymous GET requests.')
    }
    if (typeof value === 'string' && /[^\t\x20-\x7e\x80-\xff]/.test(value)) {
      throw invalidArgument('Header value cannot be represented using ISO-8859-1.', parameter, value)
    }
  }
}

/** The members that GetObject and HeadObject answer alike. */
export function objectMembers(
  ctx: Context,
  bucket: Readonly<Bucket>,
  version: ObjectData,
  input: PartInput & ResponseOverrides,
  bytes: Selection,
) {
  const { headers } = version
  const { Expires, ExpiresString } = expiresMembers(input.ResponseExpires ?? headers.Expires)
  const members = {
    AcceptRanges: 'bytes',
    LastModified: new Date(version.modified),
    ContentLength: bytes.end - bytes.start,
    ETag: `"${version.etag}"`,
    VersionId: versionIdMember(bucket, version).VersionId,
    CacheControl: input.ResponseCacheControl ?? headers.CacheControl,
    ContentDisposition: input.ResponseContentDisposition ?? headers.ContentDisposition,
    ContentEncoding: input.ResponseContentEncoding ?? headers.ContentEncoding,
    ContentLanguage: input.ResponseContentLanguage ?? headers.ContentLanguage,
    ContentType: input.ResponseContentType ?? headers.ContentType,
    Expires,
    ExpiresString,
    ContentRange: bytes.partial ? contentRange(bytes, version.size) : undefined,
    WebsiteRedirectLocation: headers.WebsiteRedirectLocation,
    Metadata: metadataHeaders(version.metadata),
    StorageClass: version.storageClass === 'STANDARD' ? undefined : version.storageClass,
    ReplicationStatus: version.replication,
    PartsCount: bytes.part === undefined ? undefined : version.parts?.length,
    TagCount: version.tags && version.tags.length > 0 ? version.tags.length : undefined,
    Restore: restoreMember(ctx, version),
    Expiration: isCurrent(ctx, bucket, version) ? expirationMember(bucket, version).Expiration : undefined,
  }
  // Not by spreads: V8 takes several times as long for them.
  return Object.assign(
    members,
    encryptionMembers(version.encryption),
    lockMembers(version),
    input.ChecksumMode === 'ENABLED' ? selectedChecksum(version, bytes) : {},
  )
}

/** `Expires` goes out as it came in; who calls in this process gets the date too, where it is one. */
function expiresMembers(expires: Date | string | undefined): { Expires?: Date; ExpiresString?: string } {
  const text = expiresText(expires)
  if (text === undefined) return {}
  const date = new Date(text)
  return { ExpiresString: text, ...(!Number.isNaN(date.getTime()) && { Expires: date }) }
}

/** Only the current version has an expiry of its own: what becomes of the others depends on what comes after them. */
function isCurrent(ctx: Context, bucket: Readonly<Bucket>, version: ObjectData): boolean {
  return bucket.config.lifecycle !== undefined && ctx.stores.objects.in(bucket.id).current(version.key) === version
}

/** The checksum of what is read: known for the whole object and for a part, not for a range. */
function selectedChecksum(version: ObjectData, bytes: Selection) {
  const { checksum, parts } = version
  if (!checksum) return {}
  if (bytes.part === undefined) return bytes.end - bytes.start === version.size ? checksumMembers(checksum) : {}
  const value = parts ? parts[bytes.part - 1]?.checksum : checksum.value
  return value === undefined ? {} : checksumMembers({ ...checksum, value })
}

/** @throws InvalidObjectState for an archived object that isn't restored. */
export function checkReadable(ctx: Context, version: ObjectData): void {
  if (isArchived(ctx, version)) {
    const { storageClass: StorageClass, archive: AccessTier } = version
    throw s3Error('InvalidObjectState', { fields: { StorageClass, ...(AccessTier && { AccessTier }) } })
  }
}
