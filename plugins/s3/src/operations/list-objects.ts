import type { _Object as ObjectEntry } from '@aws-sdk/client-s3'
import { bucketOf, canonicalId } from '../buckets.js'
import { invalidArgument } from '../errors.js'
import { type Context, operation } from '../kit.js'
import { continuationToken, keyEncoder, type ListQuery, pageSize, parseContinuationToken, walk } from '../listing.js'
import type { KeyVersions } from '../object-index.js'
import { restoreStatus } from '../restore.js'
import type { Bucket, ObjectData } from '../types.js'

export const listObjects = operation('ListObjects', (ctx, input) => {
  const bucket = bucketOf(ctx, input)
  const type = ctx.http?.query.get('list-type')
  if (typeof type === 'string') throw invalidArgument('Invalid List Type specified in Request', 'list-type', type)
  const encode = keyEncoder(input.EncodingType)
  const { asked, size } = pageSize(input.MaxKeys, 'max-keys')
  const { Prefix: prefix = '', Delimiter: delimiter = '', Marker: marker = '' } = input
  const page = objectPage(ctx, bucket, { prefix, delimiter, after: marker }, size, encode, { owner: true, restore: wantsRestore(input) })
  return {
    Name: bucket.name,
    Prefix: encode(prefix),
    Marker: encode(marker),
    MaxKeys: asked,
    ...(delimiter && { Delimiter: encode(delimiter) }),
    IsTruncated: page.truncated,
    ...(delimiter && page.truncated && { NextMarker: encode(page.last) }),
    ...(input.EncodingType && { EncodingType: input.EncodingType }),
    Contents: page.contents,
    CommonPrefixes: page.prefixes,
  }
})

export const listObjectsV2 = operation('ListObjectsV2', (ctx, input) => {
  const bucket = bucketOf(ctx, input)
  const encode = keyEncoder(input.EncodingType)
  const { asked, size } = pageSize(input.MaxKeys, 'max-keys')
  const { Prefix: prefix = '', Delimiter: delimiter = '', StartAfter: startAfter = '', ContinuationToken: token } = input
  const after = parseContinuationToken(token) ?? startAfter
  const show = { owner: input.FetchOwner ?? false, restore: wantsRestore(input) }
  const page = objectPage(ctx, bucket, { prefix, delimiter, after }, size, encode, show)
  return {
    Name: bucket.name,
    Prefix: encode(prefix),
    MaxKeys: asked,
    KeyCount: page.contents.length + page.prefixes.length,
    ...(delimiter && { Delimiter: encode(delimiter) }),
    ...(startAfter && { StartAfter: encode(startAfter) }),
    ...(token && { ContinuationToken: token }),
    IsTruncated: page.truncated,
    ...(page.truncated && { NextContinuationToken: continuationToken(page.last) }),
    ...(input.EncodingType && { EncodingType: input.EncodingType }),
    Contents: page.contents,
    CommonPrefixes: page.prefixes,
  }
})

function wantsRestore(input: { OptionalObjectAttributes?: string[] | undefined }): boolean {
  return input.OptionalObjectAttributes?.includes('RestoreStatus') ?? false
}

function objectPage(
  ctx: Context,
  bucket: Readonly<Bucket>,
  query: ListQuery,
  size: number,
  encode: (key: string) => string,
  show: { owner: boolean; restore: boolean },
) {
  const contents: ObjectEntry[] = []
  const prefixes: { Prefix: string }[] = []
  let last = ''
  if (size === 0) return { contents, prefixes, last, truncated: false }
  const owners = new Map<string, { ID: string }>()
  for (const met of walk(ctx.stores.objects.in(bucket.id), query, isLive)) {
    if (contents.length + prefixes.length === size) return { contents, prefixes, last, truncated: true }
    if (met.prefix !== undefined) {
      last = met.prefix
      prefixes.push({ Prefix: encode(last) })
    } else {
      const version = met.versions.at(-1) as ObjectData
      last = version.key
      const entry = objectEntry(version, encode)
      if (show.owner) entry.Owner = ownerOf(owners, version.owner)
      if (show.restore) entry.RestoreStatus = restoreStatus(ctx, version)
      contents.push(entry)
    }
  }
  return { contents, prefixes, last, truncated: false }
}

function isLive(versions: KeyVersions): boolean {
  return !versions.at(-1)?.deleteMarker
}

function objectEntry(version: ObjectData, encode: (key: string) => string): ObjectEntry {
  const { key, modified, etag, checksum, size, storageClass } = version
  return {
    Key: encode(key),
    LastModified: new Date(modified),
    ETag: `"${etag}"`,
    ...(checksum && { ChecksumAlgorithm: [checksum.algorithm], ChecksumType: checksum.type }),
    Size: size,
    StorageClass: storageClass,
  }
}

function ownerOf(owners: Map<string, { ID: string }>, account: string): { ID: string } {
  let owner = owners.get(account)
  if (!owner) {
    owner = { ID: canonicalId(account) }
    owners.set(account, owner)
  }
  return owner
}
