import type { IntelligentTieringConfiguration } from '@aws-sdk/client-s3'
import type { Unit } from '@ministack/gateway'
import { everyMidnight, forEachBucket } from './daily.js'
import { emit } from './events.js'
import { isTakenBy } from './filters.js'
import type { Context } from './kit.js'
import { slicesOf } from './object-walk.js'
import type { S3State } from './state.js'
import type { ArchiveTier, Bucket, ObjectData } from './types.js'

const DAY = 24 * 60 * 60 * 1000

/** Smaller objects stay in the frequent access tier: https://docs.aws.amazon.com/AmazonS3/latest/userguide/intelligent-tiering-overview.html */
const MIN_TIERED_BYTES = 128 * 1024

/** From warm to cold. */
const ARCHIVE_TIERS: readonly (ArchiveTier | undefined)[] = [undefined, 'ARCHIVE_ACCESS', 'DEEP_ARCHIVE_ACCESS']

function isTiered(version: ObjectData): boolean {
  return version.storageClass === 'INTELLIGENT_TIERING' && version.size >= MIN_TIERED_BYTES
}

function accessedAt(version: ObjectData): number {
  return version.accessed ?? version.modified
}

/** Notes that an object's bytes are read, to the day, which is how exactly tiers are counted. */
export function noteAccess(ctx: Context, bucket: Readonly<Bucket>, version: ObjectData): void {
  if (version.storageClass !== 'INTELLIGENT_TIERING' || !isTiered(version)) return
  const now = ctx.clock.now()
  if (now - accessedAt(version) >= DAY) ctx.stores.objects.in(bucket.id).replace({ ...version, accessed: now })
}

/** What inventories call the access tier that an object is in; undefined for other storage classes. */
export function accessTier(ctx: Context, version: ObjectData): string | undefined {
  if (version.storageClass !== 'INTELLIGENT_TIERING') return undefined
  if (version.archive) return version.archive === 'ARCHIVE_ACCESS' ? 'ARCHIVE' : 'DEEP_ARCHIVE'
  const days = isTiered(version) ? (ctx.clock.now() - accessedAt(version)) / DAY : 0
  return days >= 90 ? 'ARCHIVE_INSTANT_ACCESS' : days >= 30 ? 'INFREQUENT' : 'FREQUENT'
}

/** Moves what nobody read for long enough to the archive tiers, at every midnight UTC. */
export function startTiering(unit: Unit<S3State>): void {
  everyMidnight(unit, 's3 intelligent tiering', () => forEachBucket(unit, bucket => enabled(bucket).length > 0, tierObjects))
}

function enabled(bucket: Readonly<Bucket>): IntelligentTieringConfiguration[] {
  return Object.values(bucket.config.intelligentTiering ?? {}).filter(({ Status }) => Status === 'Enabled')
}

async function tierObjects(ctx: Context, bucket: Readonly<Bucket>): Promise<void> {
  const objects = ctx.stores.objects.in(bucket.id)
  const configurations = enabled(bucket)
  for await (const slice of slicesOf(objects)) {
    if (ctx.background.signal.aborted) return
    for (const versions of slice) {
      for (const version of versions) {
        if (version.deleteMarker || !isTiered(version)) continue
        const archive = archiveTierFor(ctx, configurations, version)
        if (ARCHIVE_TIERS.indexOf(archive) <= ARCHIVE_TIERS.indexOf(version.archive)) continue
        const { restore: _, ...moved } = { ...version, archive }
        objects.replace(moved)
        emit(ctx, 'IntelligentTiering', bucket, moved)
      }
    }
  }
}

/** The coldest tier that the configurations which take an object have it in by now. */
function archiveTierFor(
  ctx: Context,
  configurations: readonly IntelligentTieringConfiguration[],
  version: ObjectData,
): ArchiveTier | undefined {
  const days = (ctx.clock.now() - accessedAt(version)) / DAY
  const due = configurations
    .filter(({ Filter }) => isTakenBy(Filter, version.key, version.tags))
    .flatMap(({ Tierings = [] }) => Tierings.filter(({ Days }) => days >= (Days ?? Number.POSITIVE_INFINITY)))
  return due.some(({ AccessTier }) => AccessTier === 'DEEP_ARCHIVE_ACCESS') ? 'DEEP_ARCHIVE_ACCESS' : due[0] && 'ARCHIVE_ACCESS'
}
