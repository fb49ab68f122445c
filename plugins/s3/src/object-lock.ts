import type { ObjectLockMode, ObjectLockRetention } from '@aws-sdk/client-s3'
import { invalidArgument, invalidRequest, malformedXml, s3Error } from './errors.js'
import type { Context } from './kit.js'
import type { Bucket, ObjectData, ObjectVersion, Retention } from './types.js'

/** The members by which a writer locks the new version. */
export interface LockInput {
  readonly ObjectLockMode?: ObjectLockMode | undefined
  readonly ObjectLockRetainUntilDate?: Date | undefined
  readonly ObjectLockLegalHoldStatus?: 'ON' | 'OFF' | undefined
  readonly ObjectLockEventHold?: string | undefined
  readonly ObjectLockEventHoldDurationDays?: number | undefined
  readonly ObjectLockEventHoldDurationYears?: number | undefined
}

const DAY = 24 * 60 * 60 * 1000

/**
 * The lock of a new version: as its writer says, else the bucket's default.
 *
 * @throws InvalidRequest when the bucket has no Object Lock, InvalidArgument for members that don't make a lock.
 */
export function lockFor(ctx: Context, bucket: Readonly<Bucket>, input: LockInput): { retention?: Retention; legalHold?: 'ON' | 'OFF' } {
  const { ObjectLockMode: mode, ObjectLockRetainUntilDate: until, ObjectLockLegalHoldStatus: hold } = input
  if ((input.ObjectLockEventHold ?? input.ObjectLockEventHoldDurationDays ?? input.ObjectLockEventHoldDurationYears) !== undefined) {
    throw noEventHolds()
  }
  if (mode === undefined && until === undefined && hold === undefined) return bucket.objectLock ? defaultLock(ctx, bucket) : {}
  if (!bucket.objectLock) throw invalidRequest('Bucket is missing Object Lock Configuration')
  if ((mode === undefined) !== (until === undefined)) {
    const missing = mode === undefined ? 'x-amz-object-lock-mode' : 'x-amz-object-lock-retain-until-date'
    throw invalidArgument('x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied', missing, undefined)
  }
  if (hold !== undefined && hold !== 'ON' && hold !== 'OFF') {
    throw invalidArgument("Legal Hold must be either of 'ON' or 'OFF'", 'x-amz-object-lock-legal-hold', hold)
  }
  const lock: { retention?: Retention; legalHold?: 'ON' | 'OFF' } = hold ? { legalHold: hold } : {}
  if (!mode || !until) return { ...defaultLock(ctx, bucket), ...lock }
  if (!isMode(mode)) throw invalidArgument('Unknown wormMode directive.', 'x-amz-object-lock-mode', mode)
  if (!(until.getTime() > ctx.clock.now())) {
    throw invalidArgument('The retain until date must be in the future!', 'x-amz-object-lock-retain-until-date', timestamp(until))
  }
  return { ...lock, retention: { mode, until: until.getTime() } }
}

function defaultLock(ctx: Context, bucket: Readonly<Bucket>): { retention?: Retention } {
  const rule = bucket.objectLock?.Rule?.DefaultRetention
  if (!rule?.Mode) return {}
  const now = ctx.clock.date()
  if (rule.Days) return { retention: { mode: rule.Mode, until: now.getTime() + rule.Days * DAY } }
  now.setUTCFullYear(now.getUTCFullYear() + (rule.Years ?? 0))
  return { retention: { mode: rule.Mode, until: now.getTime() } }
}

/** Event holds, which keep an object until some days after they are lifted, aren't there. */
export function noEventHolds(): Error {
  return s3Error('NotImplemented', { message: 'Event holds of S3 Object Lock are not implemented in MiniStack' })
}

export function isMode(mode: string | undefined): mode is ObjectLockMode {
  return mode === 'GOVERNANCE' || mode === 'COMPLIANCE'
}

/**
 * Checks that a version may be removed.
 *
 * @throws AccessDenied while a legal hold or a retention is on it; `bypass` lifts one in governance mode.
 */
export function checkRemovable(ctx: Context, version: ObjectVersion, bypass: boolean | undefined): void {
  if (version.deleteMarker) return
  const { retention, legalHold } = version
  const retained = retention && retention.until > ctx.clock.now() && !(retention.mode === 'GOVERNANCE' && bypass)
  if (legalHold === 'ON' || retained) throw protectedByLock()
}

/**
 * Checks that a version's retention may become another: longer always, shorter or less strict only in governance mode with the bypass.
 *
 * @throws AccessDenied
 */
export function checkRetentionChange(ctx: Context, version: ObjectData, next: Retention | undefined, bypass: boolean | undefined): void {
  const { retention: now } = version
  if (!now || now.until <= ctx.clock.now()) return
  const stricter = next !== undefined && next.until >= now.until && (next.mode === now.mode || now.mode === 'GOVERNANCE')
  if (stricter || (now.mode === 'GOVERNANCE' && bypass)) return
  throw protectedByLock()
}

/** @throws InvalidRequest for a bucket without Object Lock. */
export function requireLock(bucket: Readonly<Bucket>): void {
  if (!bucket.objectLock) throw invalidRequest('Bucket is missing Object Lock Configuration')
}

/** The retention of a PutObjectRetention body; undefined takes it away. @throws MalformedXML, InvalidArgument */
export function parseRetention(ctx: Context, given: ObjectLockRetention | undefined): Retention | undefined {
  if (given?.EventHold ?? given?.EventHoldDuration) throw noEventHolds()
  if (!given || (given.Mode === undefined && given.RetainUntilDate === undefined)) return undefined
  const { Mode: mode, RetainUntilDate: until } = given
  if (!isMode(mode) || !until || Number.isNaN(until.getTime())) throw malformedXml()
  if (until.getTime() <= ctx.clock.now()) {
    throw invalidArgument('The retain until date must be in the future!', 'RetainUntilDate', timestamp(until))
  }
  return { mode, until: until.getTime() }
}

/** The output members that tell a version's lock. */
export function lockMembers({ retention, legalHold }: Pick<ObjectData, 'retention' | 'legalHold'>): {
  ObjectLockMode?: ObjectLockMode
  ObjectLockRetainUntilDate?: Date
  ObjectLockLegalHoldStatus?: 'ON' | 'OFF'
} {
  if (!retention && !legalHold) return {}
  return {
    ...(retention && { ObjectLockMode: retention.mode, ObjectLockRetainUntilDate: new Date(retention.until) }),
    ...(legalHold && { ObjectLockLegalHoldStatus: legalHold }),
  }
}

function protectedByLock(): Error {
  return s3Error('AccessDenied', { message: 'Access Denied because object protected by object lock.' })
}

function timestamp(date: Date): string {
  return Number.isNaN(date.getTime()) ? '' : date.toISOString()
}
