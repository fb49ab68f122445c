import { randomUUID } from 'node:crypto'
import type { CreateBucketConfiguration, CreateBucketRequest } from '@aws-sdk/client-s3'
import { aclFromHeaders, checkAclAllowed, isPublicAcl } from '../acl.js'
import { refuseAnonymous } from '../authorization.js'
import { bucketArn, bucketName, isValidBucketName, updateBucket } from '../buckets.js'
import { checkSignedRegion } from '../endpoints.js'
import { invalidArgument, s3Error } from '../errors.js'
import { type Context, operation } from '../kit.js'
import { NEW_BUCKET_BLOCK } from '../public-access.js'
import { isConstraint } from '../regions.js'
import { parseTagSet } from '../tags.js'
import type { Bucket } from '../types.js'

/** The most buckets of an account: https://docs.aws.amazon.com/AmazonS3/latest/userguide/BucketRestrictions.html */
const MAX_BUCKETS = 10_000
/** The end of the names in an account's regional namespace. */
const REGIONAL_NAME = /-(\d{12})-([a-z]{2,4}(?:-[a-z]+)+-\d+)-an$/

export const createBucket = operation('CreateBucket', (ctx, input) => {
  refuseAnonymous(ctx)
  checkSignedRegion(ctx)
  const name = bucketName(input.Bucket ?? '')
  if (!isValidBucketName(name)) throw invalidName(name)
  const configuration = input.CreateBucketConfiguration
  const region = regionFor(ctx, configuration)
  checkNamespace(ctx, name, region, input.BucketNamespace)
  const bucket = newBucket(ctx, name, region, input)
  const acl = aclFor(ctx, bucket, input)
  if (acl) bucket.config.acl = acl
  const output = { Location: region === 'us-east-1' ? `/${name}` : `http://${name}.s3.amazonaws.com/`, BucketArn: bucketArn(ctx, bucket) }
  const own = ctx.state.buckets.get(name)
  if (own) {
    if (own.region !== 'us-east-1' || region !== 'us-east-1') throw s3Error('BucketAlreadyOwnedByYou', { fields: { BucketName: name } })
    // In us-east-1 S3 answers as if it had been made, and sets the ACL anew.
    updateBucket(ctx, own, it => {
      it.config.acl = acl
    })
    return output
  }
  if (ctx.config.s3GlobalNamespace && ctx.stores.owners.taken(name)) throw s3Error('BucketAlreadyExists', { fields: { BucketName: name } })
  if (ctx.state.buckets.size >= MAX_BUCKETS) throw s3Error('TooManyBuckets')
  ctx.state.buckets.set(name, bucket)
  ctx.stores.owners.add(bucket)
  return output
})

function newBucket(ctx: Context, name: string, region: string, input: CreateBucketRequest): Bucket {
  const { ObjectOwnership = 'BucketOwnerEnforced', CreateBucketConfiguration: configuration } = input
  if (!['BucketOwnerEnforced', 'BucketOwnerPreferred', 'ObjectWriter'].includes(ObjectOwnership)) {
    throw invalidArgument('Invalid x-amz-object-ownership header', 'x-amz-object-ownership', ObjectOwnership)
  }
  const tags = configuration?.Tags
  return {
    id: randomUUID(),
    name,
    account: ctx.account,
    region,
    ...(configuration?.LocationConstraint === 'EU' && { locationConstraint: 'EU' }),
    created: Math.floor(ctx.clock.now() / 1000) * 1000,
    config: { ownershipControls: { Rules: [{ ObjectOwnership }] }, publicAccessBlock: NEW_BUCKET_BLOCK },
    ...(tags && tags.length > 0 && { tags: parseTagSet(tags, 'bucket') }),
    ...(input.ObjectLockEnabledForBucket && { versioning: 'Enabled', objectLock: { ObjectLockEnabled: 'Enabled' } }),
  }
}

/** @throws InvalidBucketAclWithObjectOwnership, InvalidBucketAclWithBlockPublicAccessError */
function aclFor(ctx: Context, bucket: Bucket, input: CreateBucketRequest) {
  checkAclAllowed(input, bucket, 'InvalidBucketAclWithObjectOwnership')
  const acl = aclFromHeaders(input, ctx.account, ctx.account)
  if (acl && isPublicAcl(acl)) throw s3Error('InvalidBucketAclWithBlockPublicAccessError')
  return acl
}

/**
 * The region that a new bucket gets.
 *
 * @throws InvalidLocationConstraint, IllegalLocationConstraintException for a constraint that doesn't fit the endpoint.
 */
function regionFor(ctx: Context, configuration: CreateBucketConfiguration | undefined): string {
  if (configuration?.Location || configuration?.Bucket) {
    throw s3Error('NotImplemented', { message: 'Directory buckets are not implemented in MiniStack' })
  }
  const given: string | undefined = configuration?.LocationConstraint || undefined
  if (given === undefined) {
    if (ctx.region !== 'us-east-1') throw s3Error('IllegalLocationConstraintException')
    return ctx.region
  }
  const region = given === 'EU' ? 'eu-west-1' : given
  const known = isConstraint(region) && ctx.as({ region }).partition === ctx.partition
  // A server may be told to live in a region of its own invention.
  if (!known && (region === 'us-east-1' || region !== ctx.config.region)) {
    throw s3Error('InvalidLocationConstraint', { fields: { LocationConstraint: given } })
  }
  if (ctx.region !== 'us-east-1' && ctx.region !== region) {
    throw s3Error('IllegalLocationConstraintException', {
      message: `The ${given} location constraint is incompatible for the region specific endpoint this request was sent to.`,
    })
  }
  return region
}

/**
 * Names that end with an account, a region and `-an` belong to that account's regional namespace, and it has no others.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/gpbucketnamespaces.html
 *
 * @throws InvalidArgument for a namespace that there isn't, InvalidBucketName
 */
function checkNamespace(ctx: Context, name: string, region: string, namespace = 'global'): void {
  if (namespace !== 'global' && namespace !== 'account-regional') {
    throw invalidArgument('Invalid x-amz-bucket-namespace header', 'x-amz-bucket-namespace', namespace)
  }
  const [regional, account, at] = REGIONAL_NAME.exec(name) ?? []
  const fits = namespace === 'global' ? regional === undefined : account === ctx.account && at === region
  if (!fits) throw invalidName(name)
}

function invalidName(name: string): Error {
  return s3Error('InvalidBucketName', { fields: { BucketName: name } })
}
