import { receive } from '../body.js'
import { bucketOf } from '../buckets.js'
import { bodyDigests, checksumMembers, demandOf } from '../checksums.js'
import { nowInSeconds } from '../commit.js'
import { etagMatches } from '../conditions.js'
import { encryptionMembers } from '../encryption.js'
import { invalidRequest, preconditionFailed, s3Error } from '../errors.js'
import { emit } from '../events.js'
import { compareKeys } from '../key-order.js'
import { type Context, operation } from '../kit.js'
import { continuationToken, pageSize, parseContinuationToken } from '../listing.js'
import { checkRemovable } from '../object-lock.js'
import { read } from '../read-body.js'
import type { Annotation, Bucket, ObjectData } from '../types.js'
import { versionOf } from '../versions.js'
import { checkTransferEncoding } from './put-object.js'

/** Limits of https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectAnnotation.html */
const MAX_BYTES = 1024 ** 2
const MAX_NAME_BYTES = 512
const MAX_ANNOTATIONS = 1000

export const putObjectAnnotation = operation('PutObjectAnnotation', async (ctx, input) => {
  const bucket = bucketOf(ctx, input)
  const { AnnotationName: name = '', AnnotationPayload: body } = input
  checkName(name)
  checkTransferEncoding(ctx)
  annotated(ctx, bucket, input)
  const demand = demandOf(ctx, input)
  const digests = await bodyDigests(demand)
  const { blobs, objects } = ctx.stores
  const text = new Utf8Check()
  const received = await receive(blobs, ctx.log, body, [...digests.sinks, text], MAX_BYTES)
  try {
    text.end()
    const { md5, checksum: value } = digests.finish(body)
    if (received.size === 0) throw s3Error('EntityTooSmall', { fields: { ProposedSize: 0, MinSizeAllowed: 1 } })
    // Looked up again: the object may have changed while the payload came in.
    const version = annotated(ctx, bucket, input)
    const others = (version.annotations ?? []).filter(annotation => annotation.name !== name)
    if (others.length === MAX_ANNOTATIONS) throw s3Error('AnnotationLimitExceeded')
    const { size, chunks } = received
    const checksum = { algorithm: demand.algorithm, type: 'FULL_OBJECT', value } as const
    const annotation: Annotation = { name, etag: md5, size, chunks, checksum, modified: nowInSeconds(ctx) }
    const annotations = [...others, annotation].sort((a, b) => compareKeys(a.name, b.name))
    const changed = { ...version, annotations }
    objects.in(bucket.id).replace(changed)
    emit(ctx, 'ObjectAnnotation:Put', bucket, changed)
    return {
      Key: version.key,
      AnnotationName: name,
      ...objectVersionId(bucket, version),
      ETag: `"${annotation.etag}"`,
      ...checksumMembers(checksum),
      ...sse(version),
    }
  } catch (error) {
    await received.discard()
    throw error
  }
})

export const getObjectAnnotation = operation('GetObjectAnnotation', (ctx, input) => {
  const bucket = bucketOf(ctx, input)
  const version = versionOf(ctx, bucket, input.Key ?? '', input.VersionId)
  const annotation = annotationOf(version, input.AnnotationName)
  return {
    AnnotationPayload: read(ctx.stores.blobs, annotation.chunks),
    ...objectVersionId(bucket, version),
    LastModified: new Date(annotation.modified),
    ContentLength: annotation.size,
    ETag: `"${annotation.etag}"`,
    ...(input.ChecksumMode === 'ENABLED' && checksumMembers(annotation.checksum)),
    ...sse(version),
  }
})

export const listObjectAnnotations = operation('ListObjectAnnotations', (ctx, input) => {
  const bucket = bucketOf(ctx, input)
  const { asked, size } = pageSize(input.MaxAnnotationResults, 'max-annotation-results')
  const { AnnotationPrefix: prefix = '', ContinuationToken: token } = input
  const after = parseContinuationToken(token) ?? ''
  const version = versionOf(ctx, bucket, input.Key ?? '', input.VersionId)
  const rest = (version.annotations ?? []).filter(({ name }) => name.startsWith(prefix) && compareKeys(name, after) > 0)
  const page = rest.slice(0, size)
  const last = page.at(-1)
  return {
    Annotations: page.map(({ name, modified, etag, checksum, size: Size }) => ({
      AnnotationName: name,
      LastModified: new Date(modified),
      ETag: `"${etag}"`,
      ChecksumAlgorithm: [checksum.algorithm],
      Size,
    })),
    Bucket: bucket.name,
    Key: version.key,
    ...objectVersionId(bucket, version),
    ...(prefix && { AnnotationPrefix: prefix }),
    MaxAnnotationResults: asked,
    AnnotationCount: page.length,
    ...(token && { ContinuationToken: token }),
    ...(last && page.length < rest.length && { NextContinuationToken: continuationToken(last.name) }),
  }
})

export const deleteObjectAnnotation = operation('DeleteObjectAnnotation', (ctx, input) => {
  const bucket = bucketOf(ctx, input)
  const version = annotated(ctx, bucket, input)
  const annotation = annotationOf(version, input.AnnotationName)
  checkRemovable(ctx, version, ctx.http?.headers['x-amz-bypass-governance-retention'] === 'true')
  const left = version.annotations?.filter(other => other !== annotation)
  const changed = { ...version, annotations: left?.length ? left : undefined }
  ctx.stores.objects.in(bucket.id).replace(changed)
  emit(ctx, 'ObjectAnnotation:Delete', bucket, changed)
  return objectVersionId(bucket, version)
})

interface AnnotatedInput {
  readonly Key: string | undefined
  readonly VersionId?: string | undefined
  readonly ObjectIfMatch?: string | undefined
}

/** The version whose annotations are to change. @throws PreconditionFailed, InvalidRequest for one with a customer's key. */
function annotated(ctx: Context, bucket: Readonly<Bucket>, { Key: key = '', VersionId, ObjectIfMatch: etag }: AnnotatedInput): ObjectData {
  const version = versionOf(ctx, bucket, key, VersionId)
  if (version.encryption.algorithm === 'SSE-C') throw invalidRequest('Objects encrypted with SSE-C cannot have annotations.')
  if (etag !== undefined && !etagMatches(etag, version.etag)) throw preconditionFailed('x-amz-object-if-match')
  return version
}

/** @throws NoSuchAnnotation */
function annotationOf(version: ObjectData, name = ''): Annotation {
  const annotation = version.annotations?.find(each => each.name === name)
  if (!annotation) throw s3Error('NoSuchAnnotation', { fields: { AnnotationName: name } })
  return annotation
}

/** @throws InvalidAnnotationName, AnnotationNameTooLong */
function checkName(name: string): void {
  if (name === '') throw s3Error('InvalidAnnotationName', { fields: { AnnotationName: name } })
  if (Buffer.byteLength(name) > MAX_NAME_BYTES) throw s3Error('AnnotationNameTooLong', { fields: { AnnotationName: name } })
}

/** Refuses bytes that aren't UTF-8. */
class Utf8Check {
  readonly #decoder = new TextDecoder('utf-8', { fatal: true })

  /** @throws UnsupportedMediaType */
  update(bytes: Uint8Array): void {
    try {
      this.#decoder.decode(bytes, { stream: true })
    } catch (cause) {
      throw s3Error('UnsupportedMediaType', { cause })
    }
  }

  /** The same for a character that was cut off at the end. */
  end(): void {
    try {
      this.#decoder.decode()
    } catch (cause) {
      throw s3Error('UnsupportedMediaType', { cause })
    }
  }
}

function objectVersionId(bucket: Readonly<Bucket>, version: ObjectData): { ObjectVersionId?: string } {
  return bucket.versioning ? { ObjectVersionId: version.versionId } : {}
}

function sse(version: ObjectData) {
  const { ServerSideEncryption } = encryptionMembers(version.encryption)
  return { ServerSideEncryption }
}
