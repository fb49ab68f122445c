import { privateAcl } from '../acl.js'
import { requestedAcl } from '../acl-documents.js'
import { bucketOf } from '../buckets.js'
import { emit } from '../events.js'
import { operation } from '../kit.js'
import { checkKey, versionOf } from '../versions.js'

export const getObjectAcl = operation('GetObjectAcl', (ctx, input) => {
  const bucket = bucketOf(ctx, input)
  const { Key: key = '' } = input
  checkKey(key)
  const version = versionOf(ctx, bucket, key, input.VersionId)
  return version.acl ?? privateAcl(version.owner)
})

export const putObjectAcl = operation('PutObjectAcl', (ctx, input) => {
  const bucket = bucketOf(ctx, input)
  const { Key: key = '' } = input
  checkKey(key)
  const version = versionOf(ctx, bucket, key, input.VersionId)
  const changed = { ...version, acl: requestedAcl(ctx, bucket, version.owner, input) }
  ctx.stores.objects.in(bucket.id).replace(changed)
  emit(ctx, 'ObjectAcl:Put', bucket, changed)
  return {}
})
