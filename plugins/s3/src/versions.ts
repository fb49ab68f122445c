import { randomBytes } from 'node:crypto'
import { invalidArgument, noSuchKey, noSuchVersion, s3Error } from './errors.js'
import type { Context } from './kit.js'
import type { Bucket, ObjectData, ObjectVersion } from './types.js'

/** The longest key, in bytes of UTF-8. */
const KEY_BYTES = 1024

/** @throws KeyTooLongError */
export function checkKey(key: string): void {
  // A character is at most three bytes a UTF-16 unit, so most keys need no counting.
  if (key.length * 3 <= KEY_BYTES) return
  const size = Buffer.byteLength(key)
  if (size > KEY_BYTES) throw s3Error('KeyTooLongError', { fields: { Size: size, MaxSizeAllowed: KEY_BYTES } })
}

/**
 * A version id as S3's look: 32 characters of a URL-safe alphabet. The version's number is in it, out of sight, so that a list can go on from
 * a version that was deleted since.
 *
 * @param seq the number of the write.
 */
export function newVersionId(seq: number): string {
  const bytes = randomBytes(24)
  bytes.writeUIntBE(seq, 0, NUMBER_BYTES)
  mask(bytes)
  return bytes.toString('base64url').replaceAll('-', '.')
}

const NUMBER_BYTES = 6

/** Hides the number at the beginning behind the random bytes after it, or brings it out again. */
function mask(bytes: Buffer): void {
  for (let i = 0; i < NUMBER_BYTES; i++) bytes[i]! ^= bytes[i + NUMBER_BYTES]!
}

function numberIn(versionId: string): number {
  const bytes = Buffer.from(versionId.replaceAll('.', '-'), 'base64url')
  mask(bytes)
  return bytes.readUIntBE(0, NUMBER_BYTES)
}

/**
 * The versions of a key that a list shows after the one it ended with, oldest first like the versions themselves.
 *
 * @param marker the id of that one. It may be gone: then its number tells the place, or, of a null version, nothing does and all are shown.
 */
export function versionsBefore(versions: readonly ObjectVersion[], marker: string): readonly ObjectVersion[] {
  const at = versions.findIndex(version => version.versionId === marker)
  if (at >= 0) return versions.slice(0, at)
  if (marker === 'null') return versions
  const place = numberIn(marker)
  return versions.filter(({ versionId, seq }) => (versionId === 'null' ? seq : numberIn(versionId)) < place)
}

/** @throws InvalidArgument for what can't be a version id. */
export function checkVersionId(versionId: string | undefined): void {
  if (versionId === undefined || versionId === 'null') return
  if (versionId === '') throw invalidArgument('Version id cannot be the empty string', 'versionId', versionId)
  if (!/^[A-Za-z0-9._-]{32}$/.test(versionId)) throw invalidArgument('Invalid version id specified', 'versionId', versionId)
}

/**
 * The version that a request means: the one it names, else the newest.
 *
 * @throws KeyTooLongError, NoSuchKey, NoSuchVersion, MethodNotAllowed for a delete marker that is named.
 */
export function versionOf(ctx: Context, bucket: Readonly<Bucket>, key: string, versionId: string | undefined): ObjectData {
  checkKey(key)
  checkVersionId(versionId)
  const objects = ctx.stores.objects.in(bucket.id)
  const version = versionId === undefined ? objects.current(key) : objects.version(key, versionId)
  if (!version) throw versionId === undefined ? noSuchKey(key) : noSuchVersion(key, versionId)
  if (!version.deleteMarker) return version
  const headers = { 'x-amz-delete-marker': 'true', 'x-amz-version-id': version.versionId }
  if (versionId === undefined) throw noSuchKey(key, headers)
  throw s3Error('MethodNotAllowed', {
    fields: { Method: methodOf(ctx), ResourceType: 'DeleteMarker' },
    headers: { ...headers, allow: 'DELETE', 'last-modified': new Date(version.modified).toUTCString() },
  })
}

/** The id that an output tells: none for a bucket that never had versioning. */
export function versionIdMember(bucket: Readonly<Bucket>, version: ObjectVersion): { VersionId?: string } {
  return bucket.versioning ? { VersionId: version.versionId } : {}
}

function methodOf(ctx: Context): string {
  return ctx.http?.method ?? (ctx.operation.startsWith('Head') ? 'HEAD' : 'GET')
}
