import { AwsError, type Unit } from '@ministack/gateway'
import { deleteObject } from './deletion.js'
import { emit } from './events.js'
import type { Context } from './kit.js'
import { abortMembers, classAt, dueAt, expiryOf, rulesOf, takes } from './lifecycle-rules.js'
import type { KeyVersions } from './object-index.js'
import type { S3State } from './state.js'
import type { Bucket, ObjectData, ObjectVersion } from './types.js'

/** Carries out the lifecycle rules now and at every midnight UTC, when what they say falls due. */
export function startLifecycle(unit: Unit<S3State>): void {
  const work = () => runLifecycle(unit)
  const arm = () => {
    const now = unit.clock.now()
    unit.background.after(dueAt(now + 1, 0) - now, 'lifecycle', () => {
      arm()
      work()
    })
  }
  arm()
  unit.background.after(0, 'lifecycle', work)
}

/** Carries out the rules of all buckets. */
export function runLifecycle(unit: Unit<S3State>): void {
  for (const [, buckets] of unit.state.buckets.scopes()) {
    for (const bucket of [...buckets.values()]) {
      if (bucket.config.lifecycle) applyRules(unit.context({ account: bucket.account, region: bucket.region }), bucket)
    }
  }
}

/** Carries out the rules of one bucket, as far as they are due. */
export function applyRules(ctx: Context, bucket: Readonly<Bucket>): void {
  const now = ctx.clock.now()
  for (const upload of ctx.stores.uploads.list(bucket.id)) {
    const { AbortDate: date } = abortMembers(bucket, upload)
    if (date && date.getTime() <= now) ctx.stores.uploads.remove(upload)
  }
  // What is due is found first: the index must not change while it is read.
  const due: (() => void)[] = []
  for (const [, versions] of ctx.stores.objects.in(bucket.id).from('')) due.push(...dueOf(ctx, bucket, versions, now))
  for (const act of due) {
    try {
      act()
    } catch (error) {
      // A locked version stays; the next midnight tries it again.
      if (!(error instanceof AwsError)) throw error
    }
  }
}

/** What is to be done with the versions of one key. */
function* dueOf(ctx: Context, bucket: Readonly<Bucket>, versions: KeyVersions, now: number): Generator<() => void> {
  const current = versions.at(-1)
  if (!current) return
  for (const rule of rulesOf(bucket)) {
    if (!takes(rule, current)) continue
    if (current.deleteMarker) {
      if (versions.length === 1 && isMarkerDue(rule, current, now)) {
        yield () => deleteObject(ctx, bucket, { key: current.key, versionId: current.versionId, mfa: 'lifecycle', expiry: true })
        return
      }
    } else if ((expiryOf(rule, current) ?? Number.POSITIVE_INFINITY) <= now) {
      yield () => deleteObject(ctx, bucket, { key: current.key, expiry: true })
      break
    }
  }
  for (const [at, version] of versions.entries()) yield* dueOfVersion(ctx, bucket, versions, at, version, now)
}

function isMarkerDue(rule: ReturnType<typeof rulesOf>[number], marker: ObjectVersion, now: number): boolean {
  const { ExpiredObjectDeleteMarker, Days } = rule.Expiration ?? {}
  return ExpiredObjectDeleteMarker === true || (Days !== undefined && dueAt(marker.modified, Days) <= now)
}

function* dueOfVersion(
  ctx: Context,
  bucket: Readonly<Bucket>,
  versions: KeyVersions,
  at: number,
  version: ObjectVersion,
  now: number,
): Generator<() => void> {
  const successor = versions[at + 1]
  const since = successor?.modified ?? version.modified
  const newer = successor ? versions.length - at - 2 : undefined
  for (const rule of rulesOf(bucket)) {
    if (!takes(rule, version)) continue
    const { NoncurrentDays, NewerNoncurrentVersions = 0 } = rule.NoncurrentVersionExpiration ?? {}
    if (newer !== undefined && NoncurrentDays !== undefined && newer >= NewerNoncurrentVersions && dueAt(since, NoncurrentDays) <= now) {
      yield () => deleteObject(ctx, bucket, { key: version.key, versionId: version.versionId, mfa: 'lifecycle', expiry: true })
      return
    }
    if (version.deleteMarker) continue
    const storageClass = classAt(bucket, rule, version, since, newer, now)
    if (storageClass) yield () => transition(ctx, bucket, { ...version, storageClass })
  }
}

function transition(ctx: Context, bucket: Readonly<Bucket>, moved: ObjectData): void {
  const objects = ctx.stores.objects.in(bucket.id)
  if (!objects.version(moved.key, moved.versionId)) return
  objects.replace(moved)
  emit(ctx, 'LifecycleTransition', bucket, moved)
}
