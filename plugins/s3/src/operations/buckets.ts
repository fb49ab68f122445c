import type { BucketLocationConstraint } from '@aws-sdk/client-s3'
import { forgetAnalysis } from '../analytics/observations.js'
import { refuseAnonymous } from '../authorization.js'
import { bucketArn, bucketName, bucketOf, canonicalId } from '../buckets.js'
import { checkSignedRegion, malformedRegion } from '../endpoints.js'
import { invalidArgument, s3Error } from '../errors.js'
import { type Context, operation } from '../kit.js'
import { continuationToken, parseContinuationToken } from '../listing.js'
import { isRegion } from '../regions.js'
import { asHeadError } from './head-object.js'

export const headBucket = operation('HeadBucket', (ctx, input) => {
  try {
    const bucket = bucketOf(ctx, input)
    const byAlias = bucketName(input.Bucket ?? '').endsWith('-s3alias')
    return { BucketRegion: bucket.region, AccessPointAlias: byAlias, BucketArn: bucketArn(ctx, bucket) }
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
  const points = ctx.stores.accessPoints.in({ account: bucket.account, region: bucket.region })
  if ([...points.values()].some(point => point.bucket === bucket.name && point.bucketAccount === bucket.account)) {
    throw s3Error('BucketHasAccessPointsAttached', { fields: { BucketName: bucket.name } })
  }
  for (const upload of ctx.stores.uploads.list(bucket.id)) ctx.stores.uploads.remove(upload)
  for (const id of Object.keys(bucket.config.analytics ?? {})) forgetAnalysis(ctx, bucket, id)
  ctx.stores.buckets.in(bucket).delete(bucket.name)
  ctx.stores.owners.remove(bucket)
  ctx.stores.objects.drop(bucket.id)
  return {}
})

export const listBuckets = operation('ListBuckets', (ctx, input) => {
  refuseAnonymous(ctx)
  checkSignedRegion(ctx)
  if (isSignedForDirectoryBuckets(ctx)) return { Buckets: [] }
  const { MaxBuckets: max, Prefix: prefix = '', BucketRegion: region } = input
  if (max !== undefined && (!Number.isInteger(max) || max < 1 || max > 10_000)) {
    throw invalidArgument('Argument max-buckets must be an integer between 1 and 10000', 'max-buckets', String(max))
  }
  if (region !== undefined && !isRegion(region) && region !== ctx.config.region) {
    throw invalidArgument(`Argument value ${region} is not a valid AWS Region`, 'bucket-region', region)
  }
  // Only the endpoint of a region lists by that region; a call from inside has no endpoint.
  if (region !== undefined && ctx.http && region !== ctx.region) throw malformedRegion(ctx.region, region)
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
  const { region, locationConstraint } = bucketOf(ctx, input)
  return { LocationConstraint: region === 'us-east-1' ? undefined : (locationConstraint ?? (region as BucketLocationConstraint)) }
})
