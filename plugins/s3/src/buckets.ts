import { createHash } from 'node:crypto'
import { accessPointName, accessPointNamed } from './access-points.js'
import { type AuthorizationInput, authorize } from './authorization.js'
import { checkEndpoint } from './endpoints.js'
import { noSuchBucket, s3Error } from './errors.js'
import type { Context } from './kit.js'
import type { AccessPoint, Bucket } from './types.js'

/** What names a bucket in an operation's input. */
export interface BucketInput extends AuthorizationInput {
  readonly Bucket: string | undefined
  readonly ExpectedBucketOwner?: string | undefined
}

/**
 * The bucket that a request names: the caller's own, else the one of the only account that has it.
 *
 * @throws NoSuchBucket, InvalidBucketName for what no bucket can be called, AccessDenied when `x-amz-expected-bucket-owner` names another account or the caller may not do what it asks for.
 */
export function bucketOf(ctx: Context, input: BucketInput): Readonly<Bucket> {
  const { Bucket: given = '', ExpectedBucketOwner: owner } = input
  const name = bucketName(given)
  const { bucket, point } = bucketNamed(ctx, name)
  if (!bucket) throw missing(ctx, name)
  // What a request does beside its own operation isn't addressed by its host: a copy's source may be anywhere.
  if (input.action === undefined && ctx.operation !== 'GetBucketLocation') checkEndpoint(ctx, bucket)
  checkExpectedOwner(bucket, owner)
  authorize(ctx, bucket, input, point)
  return bucket
}

/** Names that a bucket may have, as they once were made in us-east-1: with capitals and underscores, and long. */
const POSSIBLE_NAME = /^[\w.-]{3,255}$/

function missing(ctx: Context, name: string): Error {
  if (isAccessPoint(ctx, name)) return s3Error('NoSuchAccessPoint', { fields: { AccessPointName: accessPointName(name) } })
  return POSSIBLE_NAME.test(name) ? noSuchBucket(name) : s3Error('InvalidBucketName', { fields: { BucketName: name } })
}

/** Can this only be meant for an access point? */
function isAccessPoint({ http }: Context, name: string): boolean {
  return name.startsWith('arn:') || (http?.host.includes('.s3-accesspoint') ?? false)
}

/** A bucket as a request may name it, and the access point where that is the name of one. */
export interface NamedBucket {
  readonly bucket: Readonly<Bucket> | undefined
  readonly point?: Readonly<AccessPoint> | undefined
}

/** Looks a bucket up without asking whether the caller may: the caller's own, else the one of the only account that has it, else an access point's. */
export function bucketNamed(ctx: Context, name: string): NamedBucket {
  const direct = ctx.state.buckets.get(name) ?? ctx.stores.owners.only(name)
  if (direct) return { bucket: direct }
  const point = accessPointNamed(ctx, name)
  return { bucket: point && ctx.stores.buckets.in({ account: point.bucketAccount, region: point.region }).get(point.bucket), point }
}

/** @throws AccessDenied when the owner that the caller expects isn't the owner. */
export function checkExpectedOwner(bucket: Readonly<Bucket>, expected: string | undefined): void {
  if (expected === undefined) return
  if (!/^\d{12}$/.test(expected)) throw s3Error('InvalidBucketOwnerAWSAccountID')
  if (bucket.account !== expected) throw s3Error('AccessDenied')
}

/** The name in a bucket parameter, which may be an ARN: `arn:aws:s3:::name`. */
export function bucketName(given: string): string {
  return /^arn:[^:]*:s3:::(.+)$/.exec(given)?.[1] ?? given
}

/** Changes a bucket and records the change. */
export function updateBucket(ctx: Context, bucket: Readonly<Bucket>, change: (bucket: Bucket) => void): void {
  ctx.stores.buckets.in(bucket).update(bucket.name, change)
}

export function bucketArn(ctx: Context, bucket: Readonly<Bucket>): string {
  return `arn:${ctx.partition}:s3:::${bucket.name}`
}

/** The canonical user id of an account: 64 hexadecimal digits. */
export function canonicalId(account: string): string {
  return createHash('sha256').update(`canonical user of account ${account}`).digest('hex')
}

/**
 * Is this a name that a new general purpose bucket may have?
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
 */
export function isValidBucketName(name: string): boolean {
  return (
    /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) &&
    !name.includes('..') &&
    !/^\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(name) &&
    !/^(xn--|sthree-|amzn-s3-demo-)/.test(name) &&
    !/(-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$/.test(name)
  )
}
