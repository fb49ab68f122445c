import type { DeleteMarkerEntry, ObjectVersion as VersionEntry } from '@aws-sdk/client-s3'
import { bucketOf, canonicalId } from '../buckets.js'
import { invalidArgument } from '../errors.js'
import { operation } from '../kit.js'
import { keyEncoder, pageSize, walk } from '../listing.js'
import { restoreStatus } from '../restore.js'
import type { ObjectVersion } from '../types.js'
import { checkVersionId, versionsBefore } from '../versions.js'

/** The entry that a page ended with: a version, or a common prefix. */
interface LastEntry {
  readonly key: string
  readonly versionId?: string
}

export const listObjectVersions = operation('ListObjectVersions', (ctx, input) => {
  const bucket = bucketOf(ctx, input)
  const encode = keyEncoder(input.EncodingType)
  const { asked, size } = pageSize(input.MaxKeys, 'max-keys')
  const { Prefix: prefix = '', Delimiter: delimiter = '', KeyMarker: keyMarker = '', VersionIdMarker: versionMarker } = input
  if (versionMarker !== undefined && !keyMarker) {
    throw invalidArgument('A version-id marker cannot be specified without a key marker.', 'version-id-marker', versionMarker)
  }
  if (versionMarker === '') throw invalidArgument('A version-id marker cannot be empty.', 'version-id-marker', versionMarker)
  checkVersionId(versionMarker)
  const objects = ctx.stores.objects.in(bucket.id)
  const withRestore = input.OptionalObjectAttributes?.includes('RestoreStatus') ?? false
  const Versions: VersionEntry[] = []
  const DeleteMarkers: DeleteMarkerEntry[] = []
  const CommonPrefixes: { Prefix: string }[] = []
  const turns: ('Versions' | 'DeleteMarkers')[] = []
  const page: { last?: LastEntry; truncated: boolean } = { truncated: false }

  /** Takes the versions of one key, newest first. @returns false when the page is full. */
  const take = (versions: readonly ObjectVersion[], isLatest: boolean): boolean => {
    for (let i = versions.length - 1; i >= 0; i--) {
      if (isFull()) return false
      const version = versions[i]!
      const entry = {
        Key: encode(version.key),
        VersionId: version.versionId,
        IsLatest: isLatest && i === versions.length - 1,
        LastModified: new Date(version.modified),
        Owner: { ID: canonicalId(version.owner) },
      }
      turns.push(version.deleteMarker ? 'DeleteMarkers' : 'Versions')
      if (version.deleteMarker) DeleteMarkers.push(entry)
      else {
        const { etag, size: Size, storageClass: StorageClass, checksum } = version
        Versions.push({
          ETag: `"${etag}"`,
          ...(checksum && { ChecksumAlgorithm: [checksum.algorithm], ChecksumType: checksum.type }),
          Size,
          StorageClass: StorageClass as 'STANDARD',
          ...entry,
          ...(withRestore && { RestoreStatus: restoreStatus(ctx, version) }),
        })
      }
      page.last = version
    }
    return true
  }
  const isFull = () => {
    page.truncated = Versions.length + DeleteMarkers.length + CommonPrefixes.length === size
    return page.truncated
  }

  if (size > 0) {
    let going = true
    const grouped = delimiter !== '' && keyMarker.includes(delimiter, prefix.length)
    if (versionMarker !== undefined && keyMarker.startsWith(prefix) && !grouped) {
      const versions = objects.versions(keyMarker)
      const rest = versionsBefore(versions, versionMarker)
      going = take(rest, rest.length === versions.length)
    }
    if (going) {
      for (const met of walk(objects, { prefix, delimiter, after: keyMarker }, () => true)) {
        if (isFull()) break
        if (met.versions) {
          if (!take(met.versions, true)) break
        } else {
          CommonPrefixes.push({ Prefix: encode(met.prefix) })
          page.last = { key: met.prefix }
        }
      }
    }
  }
  return {
    Name: bucket.name,
    Prefix: encode(prefix),
    KeyMarker: encode(keyMarker),
    VersionIdMarker: versionMarker ?? '',
    MaxKeys: asked,
    ...(delimiter && { Delimiter: encode(delimiter) }),
    IsTruncated: page.truncated,
    ...(page.truncated && page.last && nextMarkers(page.last, encode)),
    ...(input.EncodingType && { EncodingType: input.EncodingType }),
    Versions,
    DeleteMarkers,
    CommonPrefixes,
    $metadata: { turns },
  }
})

function nextMarkers({ key, versionId }: LastEntry, encode: (key: string) => string) {
  return { NextKeyMarker: encode(key), ...(versionId && { NextVersionIdMarker: versionId }) }
}
