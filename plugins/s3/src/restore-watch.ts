import type { Unit } from '@ministack/gateway'
import { emit } from './events.js'
import type { Context } from './kit.js'
import type { S3State } from './state.js'
import type { Bucket, ObjectData } from './types.js'

/** Timers don't count further than this at once. */
const DAY = 24 * 60 * 60 * 1000

/** Goes on with the restores that a restart came in between. */
export function startRestores(unit: Unit<S3State>): void {
  for (const [, buckets] of unit.state.buckets.scopes()) {
    for (const bucket of buckets.values()) {
      const ctx = unit.context({ account: bucket.account, region: bucket.region })
      for (const version of unit.state.objects.in(bucket.id).all())
        if (!version.deleteMarker && version.restore) watchRestore(ctx, bucket, version)
    }
  }
}

/** Tells when a restored copy is there and when its time is over, and takes it away then; what became of the restore meanwhile counts. */
export function watchRestore(ctx: Context, bucket: Readonly<Bucket>, version: ObjectData): void {
  const { restore } = version
  if (!restore) return
  const now = ctx.clock.now()
  const isReady = now >= restore.ready
  const wait = Math.min((isReady ? restore.expires : restore.ready) - now, DAY)
  ctx.background.after(Math.max(wait, 0), `restore ${bucket.name}/${version.key}`, () => {
    const objects = ctx.stores.objects.in(bucket.id)
    const current = objects.version(version.key, version.versionId)
    if (!current || current.deleteMarker || current.seq !== version.seq) return
    if (current.restore?.ready !== restore.ready || current.restore.expires !== restore.expires) return
    const then = ctx.clock.now()
    if (current.archive) {
      activate(ctx, bucket, current)
      return
    }
    if (then >= restore.expires) {
      const { restore: _, ...archived } = current
      objects.replace(archived)
      emit(ctx, 'ObjectRestore:Delete', bucket, archived)
      return
    }
    if (!isReady && then >= restore.ready) emit(ctx, 'ObjectRestore:Completed', bucket, current)
    watchRestore(ctx, bucket, current)
  })
}

/** Takes an object out of its archive tier; it is read often from now on. */
function activate(ctx: Context, bucket: Readonly<Bucket>, version: ObjectData): void {
  const { archive: _, restore: __, ...active } = { ...version, accessed: ctx.clock.now() }
  ctx.stores.objects.in(bucket.id).replace(active)
  emit(ctx, 'ObjectRestore:Completed', bucket, active)
}
