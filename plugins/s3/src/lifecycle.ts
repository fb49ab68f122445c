import { AwsError, type Unit } from '@ministack/gateway'
import { everyMidnight, forEachBucket } from './daily.js'
import { deleteObject } from './deletion.js'
import { emit } from './events.js'
import type { Context } from './kit.js'
import { abortMembers, classAt, dueAt, expiryOf, rulesOf, takes } from './lifecycle-rules.js'
import type { KeyVersions } from './object-index.js'
import { slicesOf } from './object-walk.js'
import type { S3State } from './state.js'
import type { Bucket, ObjectData, ObjectVersion } from './types.js'

/** Carries out the lifecycle rules now and at every midnight UTC, when what they say falls due. */
export function startLifecycle(unit: Unit<S3State>): void {
  const work = () => forEachBucket(unit, bucket => bucket.config.lifecycle !== undefined, applyRules)
  everyMidnight(unit, 'lifecycle', work)
  unit.background.after(0, 'lifecycle', work)
}

/**
 * Carries out the rules of one bucket, as far as they are due. Other requests get their turn in between; a rule that is put meanwhile counts
 * from then on.
 */
export async function applyRules(ctx: Context, { name, account, region, id }: Readonly<Bucket>): Promise<void> {
  const now = ctx.clock.now()
  const present = () => {
    const bucket = ctx.stores.buckets.in({ account, region }).get(name)
    return bucket?.id === id && !ctx.background.signal.aborted ? bucket : undefined
  }
  abortUploads(ctx, present(), now)
  for await (const slice of slicesOf(ctx.stores.objects.in(id))) {
    const bucket = present()
    if (!bucket) return
    // What is due for a key is found before any of it is done: the doing changes what is looked at.
    for (const versions of slice) for (const act of [...dueOf(ctx, bucket, versions, now)]) attempt(act)
  }
}

function abortUploads(ctx: Context, bucket: Readonly<Bucket> | undefined, now: number): void {
  if (!bucket) return
  for (const upload of ctx.stores.uploads.list(bucket.id)) {
    const { AbortDate: date } = abortMembers(bucket, upload)
    if (date && date.getTime() <= now) ctx.stores.uploads.remove(upload)
  }
}

function attempt(act: () => void): void {
  try {
    act()
  } catch (error) {
    // A locked version stays; the next midnight tries it again.
    if (!(error instanceof AwsError)) throw error
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
