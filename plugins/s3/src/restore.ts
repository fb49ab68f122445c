import type { RestoreStatus } from '@aws-sdk/client-s3'
import type { Context } from './kit.js'
import type { ObjectData } from './types.js'

/** Storage classes whose objects can be read only after a RestoreObject. */
export function isArchiveClass(version: ObjectData): boolean {
  return version.storageClass === 'GLACIER' || version.storageClass === 'DEEP_ARCHIVE'
}

/** Is it in an archive, without a restored copy? */
export function isArchived(ctx: Context, version: ObjectData): boolean {
  // A restore takes an object out of its archive tier for good: until it has, there is nothing to read.
  if (version.archive) return true
  if (!isArchiveClass(version)) return false
  const now = ctx.clock.now()
  return !version.restore || now < version.restore.ready || now >= version.restore.expires
}

/** The `x-amz-restore` header. */
export function restoreMember(ctx: Context, { restore }: ObjectData): string | undefined {
  const now = ctx.clock.now()
  if (!restore || now >= restore.expires) return undefined
  return now < restore.ready
    ? 'ongoing-request="true"'
    : `ongoing-request="false", expiry-date="${new Date(restore.expires).toUTCString()}"`
}

/** The restore status that lists show on demand. */
export function restoreStatus(ctx: Context, { restore }: ObjectData): RestoreStatus | undefined {
  const now = ctx.clock.now()
  if (!restore || now >= restore.expires) return undefined
  return now < restore.ready ? { IsRestoreInProgress: true } : { IsRestoreInProgress: false, RestoreExpiryDate: new Date(restore.expires) }
}

const DAY = 24 * 60 * 60 * 1000

/** When a copy goes that lives so many days from a moment: at the midnight UTC after them. */
export function restoredUntil(from: number, days: number): number {
  return Math.ceil((from + days * DAY) / DAY) * DAY
}
