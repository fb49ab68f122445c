import { bucketOf } from '../buckets.js'
import { checksumMembers, DEFAULT_ALGORITHM, knownAlgorithm } from '../checksums.js'
import { commit, type NewObject } from '../commit.js'
import { checkConditionForm, checkNotDeletedMeanwhile } from '../conditions.js'
import { copySourceOf } from '../copy-source.js'
import { digestsOf } from '../digests.js'
import { encryptionMembers, etagFor } from '../encryption.js'
import { invalidArgument, invalidRequest } from '../errors.js'
import { operation } from '../kit.js'
import { expirationMember } from '../lifecycle-rules.js'
import { propertiesOf } from '../properties.js'
import type { Checksum, ObjectData } from '../types.js'
import { checkKey, versionIdMember } from '../versions.js'
import { MAX_PUT_BYTES } from './put-object.js'

export const copyObject = operation('CopyObject', async (ctx, input) => {
  const bucket = bucketOf(ctx, input)
  const { Key: key = '', MetadataDirective: metadataDirective = 'COPY', TaggingDirective: taggingDirective = 'COPY' } = input
  checkKey(key)
  checkConditionForm(input, ctx.http?.headers)
  checkDirective(metadataDirective, 'metadata')
  checkDirective(taggingDirective, 'tagging')
  const annotations = input.AnnotationDirective ?? 'COPY'
  if (annotations !== 'COPY' && annotations !== 'EXCLUDE') {
    throw invalidArgument('Unknown annotation directive.', 'x-amz-object-annotation-directive', annotations)
  }
  const { bucket: sourceBucket, version: source } = copySourceOf(ctx, input)
  if (source.size > MAX_PUT_BYTES) {
    throw invalidRequest('The specified copy source is larger than the maximum allowable size for a copy source: 5368709120')
  }
  const changed =
    metadataDirective === 'REPLACE' ||
    taggingDirective === 'REPLACE' ||
    input.StorageClass !== undefined ||
    input.ServerSideEncryption !== undefined ||
    input.SSECustomerKey !== undefined ||
    input.WebsiteRedirectLocation !== undefined ||
    input.ChecksumAlgorithm !== undefined ||
    source !== ctx.stores.objects.in(sourceBucket.id).current(source.key)
  if (sourceBucket.id === bucket.id && source.key === key && !changed) {
    throw invalidRequest(
      "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
    )
  }
  const objects = ctx.stores.objects.in(bucket.id)
  const before = objects.current(key)
  const given = await propertiesOf(ctx, bucket, input)
  const replaced = metadataDirective === 'REPLACE'
  const properties = {
    ...given,
    headers: replaced ? given.headers : { ...source.headers, WebsiteRedirectLocation: given.headers.WebsiteRedirectLocation },
    metadata: replaced ? given.metadata : source.metadata,
    tags: taggingDirective === 'REPLACE' ? given.tags : source.tags,
  }
  const algorithm = input.ChecksumAlgorithm ? knownAlgorithm(input.ChecksumAlgorithm) : undefined
  // The bytes are read only for what isn't known of them; until then something has to hold them.
  ctx.stores.blobs.retain(source.chunks)
  try {
    const sums = await copiedSums(source, algorithm, properties.encryption.algorithm === 'AES256', ctx.stores.blobs)
    const etag = etagFor(properties.encryption, sums.md5)
    const object: NewObject = {
      key,
      ...properties,
      etag,
      size: source.size,
      chunks: source.chunks,
      checksum: sums.checksum,
      ...(annotations === 'COPY' && source.annotations && { annotations: source.annotations }),
    }
    checkNotDeletedMeanwhile(input, before, objects.current(key))
    const version = commit(ctx, bucket, object, input, 'ObjectCreated:Copy')
    return {
      CopyObjectResult: { ETag: `"${etag}"`, LastModified: new Date(version.modified), ...checksumMembers(sums.checksum) },
      CopySourceVersionId: sourceBucket.versioning ? source.versionId : undefined,
      ...encryptionMembers(properties.encryption),
      ...versionIdMember(bucket, version),
      ...expirationMember(bucket, version),
    }
  } finally {
    ctx.stores.blobs.release(source.chunks)
  }
})

/** The digests of a copy: the source's own where they are digests of all its bytes, else made by reading them. */
async function copiedSums(
  source: ObjectData,
  algorithm: Checksum['algorithm'] | undefined,
  md5Shown: boolean,
  blobs: Parameters<typeof digestsOf>[0],
): Promise<{ md5: string; checksum: Checksum }> {
  const own = source.checksum
  const wanted = knownAlgorithm(algorithm ?? own?.algorithm ?? DEFAULT_ALGORITHM)
  const kept = own && own.type === 'FULL_OBJECT' && own.algorithm === wanted ? own : undefined
  const md5 = !source.parts && source.encryption.algorithm === 'AES256' ? source.etag : undefined
  if (kept && (md5 || !md5Shown)) return { md5: md5 ?? '', checksum: kept }
  const sums = await digestsOf(blobs, source.chunks, wanted)
  return { md5: sums.md5, checksum: { algorithm: wanted, type: 'FULL_OBJECT', value: sums.checksum } }
}

function checkDirective(value: string, name: 'metadata' | 'tagging'): void {
  if (value === 'COPY' || value === 'REPLACE') return
  throw invalidArgument(`Unknown ${name} directive.`, `x-amz-${name}-directive`, value)
}
