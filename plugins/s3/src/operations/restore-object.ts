import { bucketOf } from '../buckets.js'
import { malformedXml, s3Error } from '../errors.js'
import { emit } from '../events.js'
import { operation } from '../kit.js'
import { isArchiveClass, restoreObjectUntil } from '../restore.js'
import { versionOf } from '../versions.js'

export const restoreObject = operation('RestoreObject', (ctx, input) => {
  const bucket = bucketOf(ctx, input)
  const request = input.RestoreRequest
  if (!request) throw malformedXml()
  if (request.Type !== undefined || request.SelectParameters || request.OutputLocation) {
    throw s3Error('NotImplemented', { message: 'RestoreObject with a SELECT request is not implemented in MiniStack' })
  }
  const tier = request.GlacierJobParameters?.Tier ?? request.Tier ?? 'Standard'
  if (!['Standard', 'Bulk', 'Expedited'].includes(tier)) throw malformedXml()
  const version = versionOf(ctx, bucket, input.Key ?? '', input.VersionId)
  if (!isArchiveClass(version)) {
    throw s3Error('InvalidObjectState', {
      message: "Restore is not allowed for the object's current storage class",
      fields: { StorageClass: version.storageClass },
    })
  }
  if (tier === 'Expedited' && version.storageClass === 'DEEP_ARCHIVE') {
    throw s3Error('InvalidArgument', {
      message: 'Expedited retrievals are not supported for the DEEP_ARCHIVE storage class',
      fields: { ArgumentName: 'Tier', ArgumentValue: tier },
    })
  }
  const days = request.Days
  if (days === undefined || !Number.isInteger(days) || days < 1) throw malformedXml()
  const now = ctx.clock.now()
  const { restore } = version
  if (restore && now < restore.ready) throw s3Error('RestoreAlreadyInProgress')
  const again = restore !== undefined && now < restore.expires
  const restored = { ...version, restore: restoreObjectUntil(ctx, days, again ? now : undefined) }
  ctx.stores.objects.in(bucket.id).replace(restored)
  if (!again) {
    emit(ctx, 'ObjectRestore:Post', bucket, restored)
    ctx.background.after(restored.restore.ready - now, `restore ${bucket.name}/${version.key}`, () => {
      const current = ctx.stores.objects.in(bucket.id).version(version.key, version.versionId)
      if (current?.seq === version.seq) emit(ctx, 'ObjectRestore:Completed', bucket, current)
    })
  }
  // 202 while there is something to wait for; a copy that is there already only lives longer.
  return { $metadata: { httpStatusCode: again ? 200 : 202 } }
})
