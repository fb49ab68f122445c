import { bucketOf } from '../buckets.js'
import { emit } from '../events.js'
import { operation } from '../kit.js'
import { parseTagSet } from '../tags.js'
import { versionIdMember, versionOf } from '../versions.js'

export const getObjectTagging = operation('GetObjectTagging', (ctx, input) => {
  const bucket = bucketOf(ctx, input)
  const version = versionOf(ctx, bucket, input.Key ?? '', input.VersionId)
  return { TagSet: [...(version.tags ?? [])], ...versionIdMember(bucket, version) }
})

export const putObjectTagging = operation('PutObjectTagging', (ctx, input) => {
  const bucket = bucketOf(ctx, input)
  const tags = parseTagSet(input.Tagging?.TagSet, 'object')
  const version = { ...versionOf(ctx, bucket, input.Key ?? '', input.VersionId), tags }
  ctx.stores.objects.in(bucket.id).replace(version)
  emit(ctx, 'ObjectTagging:Put', bucket, version)
  return versionIdMember(bucket, version)
})

export const deleteObjectTagging = operation('DeleteObjectTagging', (ctx, input) => {
  const bucket = bucketOf(ctx, input)
  const { tags: _, ...version } = versionOf(ctx, bucket, input.Key ?? '', input.VersionId)
  ctx.stores.objects.in(bucket.id).replace(version)
  emit(ctx, 'ObjectTagging:Delete', bucket, version)
  return versionIdMember(bucket, version)
})
