import { randomUUID } from 'node:crypto'
import type { BucketLocationConstraint, CreateBucketConfiguration } from '@aws-sdk/client-s3'
import { aclFromHeaders, checkAclAllowed, isPublicAcl } from '../acl.js'
import { refuseAnonymous } from '../authorization.js'
import { bucketArn, bucketName, bucketOf, canonicalId, isValidBucketName, updateBucket } from '../buckets.js'
import { invalidArgument, s3Error } from '../errors.js'
import { type Context, operation } from '../kit.js'
import { continuationToken, parseContinuationToken } from '../listing.js'
import { NEW_BUCKET_BLOCK } from '../public-access.js'
import { parseTagSet } from '../tags.js'
import type { Bucket } from '../types.js'
import { asHeadError } from './head-object.js'

const REGION = /^[a-z]{2}(-[a-z]+)+-\d$/

export const createBucket = operation('CreateBucket', (ctx, input) => {
  refuseAnonymous(ctx)
  const name = bucketName(input.Bucket ?? '')
  if (!isValidBucketName(name)) throw s3Error('InvalidBucketName', { fields: { BucketName: name } })
  const region = regionFor(ctx, input.CreateBucketConfiguration)
  const { ObjectOwnership } = input
  if (ObjectOwnership !== undefined && !['BucketOwnerEnforced', 'BucketOwnerPreferred', 'ObjectWriter'].includes(ObjectOwnership)) {
    throw invalidArgument('Invalid x-amz-object-ownership header', 'x-amz-object-ownership', ObjectOwnership)
  }
  const tags = input.CreateBucketConfiguration?.Tags
  const bucket: Bucket = {
    id: randomUUID(),
    name,
    account: ctx.account,
    region,
    created: Math.floor(ctx.clock.now() / 1000) * 1000,
    config: {
      ownershipControls: { Rules: [{ ObjectOwnership: ObjectOwnership ?? 'BucketOwnerEnforced' }] },
      publicAccessBlock: NEW_BUCKET_BLOCK,
    },
    ...(tags && tags.length > 0 && { tags: parseTagSet(tags, 'bucket') }),
    ...(input.ObjectLockEnabledForBucket && { versioning: 'Enabled', objectLock: { ObjectLockEnabled: 'Enabled' } }),
  }
  checkAcl(input, bucket)
  const acl = aclFromHeaders(input, ctx.account, ctx.account)
  if (acl && isPublicAcl(acl)) throw s3Error('InvalidBucketAclWithBlockPublicAccessError')
  if (acl) bucket.config.acl = acl
  const output = { Location: region === 'us-east-1' ? `/${name}` : `http://${name}.s3.amazonaws.com/`, BucketArn: bucketArn(ctx, bucket) }
  const own = ctx.state.buckets.get(name)
  if (own) {
    if (own.region !== 'us-east-1' || ctx.region !== 'us-east-1') throw s3Error('BucketAlreadyOwnedByYou', { fields: { BucketName: name } })
    // In us-east-1 S3 answers as if it had been made, and sets the ACL anew.
    updateBucket(ctx, own, it => {
      it.config.acl = acl
    })
    return output
  }
  if (ctx.config.s3GlobalNamespace && ctx.stores.owners.taken(name)) throw s3Error('BucketAlreadyExists', { fields: { BucketName: name } })
  ctx.state.buckets.set(name, bucket)
  ctx.stores.owners.add(bucket)
  return output
})

function checkAcl(input: Parameters<typeof checkAclAllowed>[0], bucket: Bucket): void {
  try {
    checkAclAllowed(input, bucket)
  } catch {
    throw s3Error('InvalidBucketAclWithObjectOwnership')
  }
}

/**
 * The region that a new bucket gets.
 *
 * @throws InvalidLocationConstraint, IllegalLocationConstraintException for a constraint that doesn't fit the endpoint.
 */
function regionFor(ctx: Context, configuration: CreateBucketConfiguration | undefined): string {
  const given: BucketLocationConstraint | string | undefined = configuration?.LocationConstraint || undefined
  if (given === undefined) {
    if (ctx.region !== 'us-east-1') throw s3Error('IllegalLocationConstraintException')
    return ctx.region
  }
  const region = given === 'EU' ? 'eu-west-1' : given
  if (region === 'us-east-1' || !REGION.test(region)) throw s3Error('InvalidLocationConstraint', { fields: { LocationConstraint: given } })
  if (ctx.region !== 'us-east-1' && ctx.region !== region) {
    throw s3Error('IllegalLocationConstraintException', {
      message: `The ${given} location constraint is incompatible for the region specific endpoint this request was sent to.`,
    })
  }
  return region
}

export const headBucket = operation('HeadBucket', (ctx, input) => {
  try {
    const bucket = bucketOf(ctx, input)
    return { BucketRegion: bucket.region, AccessPointAlias: false, BucketArn: bucketArn(ctx, bucket) }
  } catch (error) {
    throw asHeadError(error)
  }
})

export const deleteBucket = operation('DeleteBucket', (ctx, input) => {
  const bucket = bucketOf(ctx, input)
  if (ctx.stores.objects.in(bucket.id).size > 0) {
    const message = bucket.versioning
      ? 'The bucket you tried to delete is not empty. You must delete all versions in the bucket.'
      : 'The bucket you tried to delete is not empty'
    throw s3Error('BucketNotEmpty', { message, fields: { BucketName: bucket.name } })
  }
  for (const upload of ctx.stores.uploads.list(bucket.id)) ctx.stores.uploads.remove(upload)
  ctx.stores.buckets.in(bucket).delete(bucket.name)
  ctx.stores.owners.remove(bucket)
  ctx.stores.objects.drop(bucket.id)
  return {}
})

export const listBuckets = operation('ListBuckets', (ctx, input) => {
  refuseAnonymous(ctx)
  if (isSignedForDirectoryBuckets(ctx)) return { Buckets: [] }
  const { MaxBuckets: max, Prefix: prefix = '', BucketRegion: region } = input
  if (max !== undefined && (!Number.isInteger(max) || max < 1 || max > 10_000)) {
    throw invalidArgument('Argument max-buckets must be an integer between 1 and 10000', 'max-buckets', String(max))
  }
  const after = parseContinuationToken(input.ContinuationToken) ?? ''
  const buckets = [...ctx.state.buckets.values()]
    .filter(bucket => bucket.name > after && bucket.name.startsWith(prefix) && (region === undefined || bucket.region === region))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
  const page = buckets.slice(0, max)
  const truncated = page.length < buckets.length
  // Regions and ARNs are told only to those who page or filter, as S3 does.
  const detailed = max !== undefined || region !== undefined || input.Prefix !== undefined || input.ContinuationToken !== undefined
  return {
    Owner: { ID: canonicalId(ctx.account) },
    Buckets: page.map(bucket => ({
      Name: bucket.name,
      CreationDate: new Date(bucket.created),
      ...(detailed && { BucketRegion: bucket.region, BucketArn: bucketArn(ctx, bucket) }),
    })),
    ...(input.Prefix !== undefined && { Prefix: input.Prefix }),
    ...(truncated && { ContinuationToken: continuationToken(page.at(-1)?.name ?? '') }),
  }
})

/**
 * Is it really ListDirectoryBuckets? botocore sends that as the same request as ListBuckets, to another host on AWS, and tells them apart by
 * what it signs for only.
 */
function isSignedForDirectoryBuckets({ http }: Context): boolean {
  const signed = http?.headers.authorization
  return typeof signed === 'string' && /Credential=[^,]*\/s3express\/aws4_request/.test(signed)
}

/** There are no directory buckets here: CreateBucket refuses their names. */
export const listDirectoryBuckets = operation('ListDirectoryBuckets', () => ({ Buckets: [] }))

export const getBucketLocation = operation('GetBucketLocation', (ctx, input) => {
  const { region } = bucketOf(ctx, input)
  return { LocationConstraint: region === 'us-east-1' ? undefined : (region as BucketLocationConstraint) }
})
