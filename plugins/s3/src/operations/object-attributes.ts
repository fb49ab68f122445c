import { bucketOf } from '../buckets.js'
import { checksumMembers, partChecksumMember } from '../checksums.js'
import { checkCustomerKey, checkNoEncryptionHeader } from '../encryption.js'
import { invalidArgument } from '../errors.js'
import { operation } from '../kit.js'
import { pageSize, partMarker } from '../listing.js'
import type { ObjectData } from '../types.js'
import { versionIdMember, versionOf } from '../versions.js'

const ATTRIBUTES: ReadonlySet<string> = new Set(['ETag', 'Checksum', 'ObjectParts', 'StorageClass', 'ObjectSize'])

export const getObjectAttributes = operation('GetObjectAttributes', (ctx, input) => {
  const bucket = bucketOf(ctx, input)
  checkNoEncryptionHeader(ctx)
  const wanted: ReadonlySet<string> = new Set(input.ObjectAttributes ?? [])
  if (wanted.size === 0)
    throw invalidArgument(
      'The x-amz-object-attributes header specifying the attributes to be retrieved is either missing or empty',
      'x-amz-object-attributes',
      undefined,
    )
  for (const name of wanted) {
    if (!ATTRIBUTES.has(name)) throw invalidArgument('Invalid attribute name specified.', 'x-amz-object-attributes', name)
  }
  const version = versionOf(ctx, bucket, input.Key ?? '', input.VersionId)
  checkCustomerKey(version.encryption, input)
  return {
    LastModified: new Date(version.modified),
    ...versionIdMember(bucket, version),
    ...(wanted.has('ETag') && { ETag: version.etag }),
    ...(wanted.has('Checksum') && version.checksum && { Checksum: checksumMembers(version.checksum) }),
    ...(wanted.has('ObjectParts') && version.parts && { ObjectParts: partsPage(version, input.MaxParts, input.PartNumberMarker) }),
    ...(wanted.has('StorageClass') && { StorageClass: version.storageClass }),
    ...(wanted.has('ObjectSize') && { ObjectSize: version.size }),
  }
})

/** The parts are listed one by one only where they have checksums of their own; else their number is told. */
function partsPage({ parts = [], checksum }: ObjectData, maxParts: number | undefined, marker: string | undefined) {
  if (!parts.some(part => part.checksum)) return { TotalPartsCount: parts.length }
  const { asked, size } = pageSize(maxParts, 'x-amz-max-parts')
  const after = partMarker(marker, 'x-amz-part-number-marker')
  const rest = parts.filter(part => part.partNumber > after)
  const page = rest.slice(0, size)
  return {
    TotalPartsCount: parts.length,
    PartNumberMarker: String(after),
    NextPartNumberMarker: String(page.at(-1)?.partNumber ?? 0),
    MaxParts: asked,
    IsTruncated: page.length < rest.length,
    Parts: page.map(part => ({ PartNumber: part.partNumber, Size: part.size, ...partChecksumMember(checksum?.algorithm, part.checksum) })),
  }
}
