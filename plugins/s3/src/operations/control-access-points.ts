import { paginate } from '@ministack/gateway'
import { accessPointArn, accessPointOf, isValidAccessPointName, newAlias } from '../access-points.js'
import { accountOf, controlOperation } from '../control-kit.js'
import { NO_CONTENT } from '../documents.js'
import { invalidRequest, noSuchBucket, s3Error } from '../errors.js'
import type { Context } from '../kit.js'
import { isPublicPolicy, parseResourcePolicy, storedPolicy } from '../policy-statements.js'
import { blockedAs, NEW_BUCKET_BLOCK, wholeBlock } from '../public-access.js'
import { parseTagSet } from '../tags.js'
import type { AccessPoint, Bucket } from '../types.js'

const MAX_PAGE = 1000

export const createAccessPoint = controlOperation('CreateAccessPoint', (ctx, input) => {
  const account = accountOf(ctx, input.AccountId)
  const { Name: name = '', VpcConfiguration: vpc, PublicAccessBlockConfiguration: block, Tags: tags } = input
  if (!isValidAccessPointName(name)) throw invalidRequest('Your Amazon S3 AccessPoint name is invalid')
  if (input.Scope)
    throw s3Error('NotImplemented', {
      message: 'Scopes belong to access points for directory buckets, which are not implemented in MiniStack',
    })
  if (ctx.state.accessPoints.has(name)) {
    throw s3Error('AccessPointAlreadyOwnedByYou', { fields: { AccessPointName: name } })
  }
  const bucket = attachedTo(ctx, input.Bucket ?? '', input.BucketAccountId ?? account)
  const point: AccessPoint = {
    name,
    account,
    region: ctx.region,
    bucket: bucket.name,
    bucketAccount: bucket.account,
    alias: newAlias(name),
    ...(vpc?.VpcId && { vpcId: vpc.VpcId }),
    publicAccessBlock: block ? wholeBlock(block) : NEW_BUCKET_BLOCK,
    created: ctx.clock.now(),
    ...(tags && tags.length > 0 && { tags: parseTagSet(tags, 'bucket') }),
  }
  ctx.state.accessPoints.set(name, point)
  return { AccessPointArn: accessPointArn(ctx, point), Alias: point.alias }
})

/**
 * The bucket of a new access point. It may be another account's, who has to be named; what can be done by the access point is for its owner to say.
 *
 * @throws NoSuchBucket, AccessDenied for the bucket of an account that wasn't named, InvalidRequest for one of another region.
 */
function attachedTo(ctx: Context, name: string, account: string): Readonly<Bucket> {
  const bucket = ctx.stores.buckets.in({ account, region: ctx.region }).get(name)
  if (!bucket) throw ctx.stores.owners.taken(name) ? s3Error('AccessDenied') : noSuchBucket(name)
  if (bucket.region !== ctx.region) throw invalidRequest('The access point and its bucket must be in the same AWS Region')
  return bucket
}

/** What lists and descriptions tell of an access point alike. */
function entryOf(ctx: Context, point: Readonly<AccessPoint>) {
  return {
    Name: point.name,
    NetworkOrigin: point.vpcId ? ('VPC' as const) : ('Internet' as const),
    ...(point.vpcId && { VpcConfiguration: { VpcId: point.vpcId } }),
    Bucket: point.bucket,
    AccessPointArn: accessPointArn(ctx, point),
    Alias: point.alias,
    BucketAccountId: point.bucketAccount,
  }
}

export const getAccessPoint = controlOperation('GetAccessPoint', (ctx, input) => {
  accountOf(ctx, input.AccountId)
  const point = accessPointOf(ctx, input.Name)
  const domain = `${point.region}.amazonaws.com`
  return {
    ...entryOf(ctx, point),
    PublicAccessBlockConfiguration: point.publicAccessBlock,
    CreationDate: new Date(point.created),
    Endpoints: {
      ipv4: `s3-accesspoint.${domain}`,
      fips: `s3-accesspoint-fips.${domain}`,
      fips_dualstack: `s3-accesspoint-fips.dualstack.${domain}`,
      dualstack: `s3-accesspoint.dualstack.${domain}`,
    },
  }
})

export const listAccessPoints = controlOperation('ListAccessPoints', (ctx, input) => {
  accountOf(ctx, input.AccountId)
  const points = [...ctx.state.accessPoints.values()]
    .filter(point => input.Bucket === undefined || point.bucket === input.Bucket)
    .filter(point => input.DataSourceId === undefined || input.DataSourceId === `arn:${ctx.partition}:s3:::${point.bucket}`)
    // All are attached to buckets, never to file systems.
    .filter(() => input.DataSourceType === undefined || input.DataSourceType === 'ALL')
    .sort((a, b) => (a.name < b.name ? -1 : 1))
  const { items, nextToken } = paginate(points, {
    limit: Math.min(input.MaxResults ?? MAX_PAGE, MAX_PAGE),
    token: input.NextToken,
    key: point => point.name,
    invalid: () => invalidRequest('Invalid NextToken'),
  })
  return { AccessPointList: items.map(point => entryOf(ctx, point)), ...(nextToken !== undefined && { NextToken: nextToken }) }
})

export const deleteAccessPoint = controlOperation('DeleteAccessPoint', (ctx, input) => {
  accountOf(ctx, input.AccountId)
  ctx.state.accessPoints.delete(accessPointOf(ctx, input.Name).name)
  return NO_CONTENT
})

export const getAccessPointPolicy = controlOperation('GetAccessPointPolicy', (ctx, input) => {
  accountOf(ctx, input.AccountId)
  return { Policy: policyOf(accessPointOf(ctx, input.Name)) }
})

export const putAccessPointPolicy = controlOperation('PutAccessPointPolicy', (ctx, input) => {
  accountOf(ctx, input.AccountId)
  const point = accessPointOf(ctx, input.Name)
  const arn = accessPointArn(ctx, point)
  const policy = parseResourcePolicy(input.Policy, arn)
  const blocked = point.publicAccessBlock.BlockPublicPolicy || ctx.state.accountBlocks.get('block')?.BlockPublicPolicy
  if (blocked && isPublicPolicy(policy)) throw blockedAs(ctx, 's3:PutAccessPointPolicy', arn, 'BlockPublicPolicy')
  ctx.state.accessPoints.update(point.name, it => {
    it.policy = input.Policy
  })
  return {}
})

export const deleteAccessPointPolicy = controlOperation('DeleteAccessPointPolicy', (ctx, input) => {
  accountOf(ctx, input.AccountId)
  ctx.state.accessPoints.update(accessPointOf(ctx, input.Name).name, point => {
    delete point.policy
  })
  return NO_CONTENT
})

export const getAccessPointPolicyStatus = controlOperation('GetAccessPointPolicyStatus', (ctx, input) => {
  accountOf(ctx, input.AccountId)
  return { PolicyStatus: { IsPublic: isPublicPolicy(storedPolicy(policyOf(accessPointOf(ctx, input.Name)))) } }
})

/** @throws NoSuchAccessPointPolicy */
function policyOf({ name, policy }: Readonly<AccessPoint>): string {
  if (policy === undefined) throw s3Error('NoSuchAccessPointPolicy', { fields: { AccessPointName: name } })
  return policy
}
