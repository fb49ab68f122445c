import t from 'tap'
import { refuses, SIGNED, startS3, textOf } from './kit.js'

type Control = typeof import('@aws-sdk/client-s3-control')

const ACCOUNT = { AccountId: '000000000000' }
const B = { Bucket: 'data' }

t.test('the account’s public access block', async t => {
  const s3 = await startS3(t)
  const control = s3.service<Control>('s3control')
  await refuses(t, control.getPublicAccessBlock(ACCOUNT), 'NoSuchPublicAccessBlockConfiguration', {
    status: 404,
    message: 'The public access block configuration was not found',
  })
  await refuses(t, control.getPublicAccessBlock({ AccountId: '222222222222' }), 'AccessDenied', { status: 403 })
  await control.putPublicAccessBlock({ ...ACCOUNT, PublicAccessBlockConfiguration: { BlockPublicPolicy: true } })
  t.same((await control.getPublicAccessBlock(ACCOUNT)).PublicAccessBlockConfiguration, {
    BlockPublicAcls: false,
    IgnorePublicAcls: false,
    BlockPublicPolicy: true,
    RestrictPublicBuckets: false,
  })
  await s3.client.deletePublicAccessBlock(B)
  const Policy = JSON.stringify({ Statement: { Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: 'arn:aws:s3:::data/*' } })
  await refuses(t, s3.client.putBucketPolicy({ ...B, Policy }), 'AccessDenied', {})
  await control.deletePublicAccessBlock(ACCOUNT)
  await s3.client.putBucketPolicy({ ...B, Policy })
})

t.test('access points', async t => {
  const s3 = await startS3(t)
  const control = s3.service<Control>('s3control')
  const point = { ...ACCOUNT, Name: 'my-point' }
  await refuses(t, control.getAccessPoint(point), 'NoSuchAccessPoint', { status: 404, message: 'The specified accesspoint does not exist' })
  await refuses(t, control.createAccessPoint({ ...point, Name: 'No_Good', Bucket: 'data' }), 'InvalidRequest', {})
  await refuses(t, control.createAccessPoint({ ...point, Bucket: 'nowhere' }), 'NoSuchBucket')
  const { AccessPointArn, Alias } = await control.createAccessPoint({ ...point, Bucket: 'data' })
  t.equal(AccessPointArn, 'arn:aws:s3:us-east-1:000000000000:accesspoint/my-point')
  await refuses(t, control.createAccessPoint({ ...point, Bucket: 'data' }), 'AccessPointAlreadyOwnedByYou', { status: 409 })
  t.match(await control.getAccessPoint(point), {
    Name: 'my-point',
    Bucket: 'data',
    NetworkOrigin: 'Internet',
    Alias,
    AccessPointArn,
    BucketAccountId: ACCOUNT.AccountId,
  })
  await control.createAccessPoint({ ...ACCOUNT, Name: 'second', Bucket: 'data' })
  const page = await control.listAccessPoints({ ...ACCOUNT, MaxResults: 1 })
  t.same(
    page.AccessPointList?.map(it => it.Name),
    ['my-point'],
  )
  t.same(
    (await control.listAccessPoints({ ...ACCOUNT, NextToken: page.NextToken })).AccessPointList?.map(it => it.Name),
    ['second'],
  )
  await s3.client.putObject({ Bucket: Alias, Key: 'k', Body: 'by alias' })
  t.equal(await textOf(await s3.client.getObject({ Bucket: AccessPointArn, Key: 'k' })), 'by alias')
  await refuses(t, control.getAccessPointPolicy(point), 'NoSuchAccessPointPolicy', { status: 404 })
  const Policy = JSON.stringify({
    Statement: { Effect: 'Allow', Principal: { AWS: '222222222222' }, Action: 's3:GetObject', Resource: `${AccessPointArn}/object/*` },
  })
  await control.putAccessPointPolicy({ ...point, Policy })
  t.same(await control.getAccessPointPolicy(point), { Policy })
  t.same(await control.getAccessPointPolicyStatus(point), { PolicyStatus: { IsPublic: false } })
  const other = s3.as({ account: '222222222222' })
  await refuses(t, other.getObject({ Bucket: AccessPointArn, Key: 'k' }), 'AccessDenied') // the bucket has to let it in too
  const delegated = { Effect: 'Allow', Principal: { AWS: '*' }, Action: 's3:*', Resource: ['arn:aws:s3:::data', 'arn:aws:s3:::data/*'] }
  const Condition = { StringEquals: { 's3:DataAccessPointAccount': ACCOUNT.AccountId } }
  await s3.client.putBucketPolicy({ ...B, Policy: JSON.stringify({ Statement: [{ ...delegated, Condition }] }) })
  t.equal(await textOf(await other.getObject({ Bucket: AccessPointArn, Key: 'k' })), 'by alias')
  await refuses(t, other.getObject({ ...B, Key: 'k' }), 'AccessDenied')
  await refuses(t, other.putObject({ Bucket: AccessPointArn, Key: 'k', Body: 'x' }), 'AccessDenied')
  const denied = { Effect: 'Deny', Principal: '*', Action: 's3:DeleteObject', Resource: `${AccessPointArn}/object/*` }
  await control.putAccessPointPolicy({ ...point, Policy: JSON.stringify({ Statement: denied }) })
  await refuses(t, s3.client.deleteObject({ Bucket: Alias, Key: 'k' }), 'AccessDenied')
  await control.deleteAccessPointPolicy(point)
  await refuses(t, control.getAccessPointPolicy(point), 'NoSuchAccessPointPolicy')
  await control.deleteAccessPoint(point)
  await refuses(t, control.getAccessPoint(point), 'NoSuchAccessPoint')
})

t.test('tags by ARN', async t => {
  const s3 = await startS3(t)
  const control = s3.service<Control>('s3control')
  const bucket = { ...ACCOUNT, ResourceArn: 'arn:aws:s3:::data' }
  t.same(await control.listTagsForResource(bucket), { Tags: [] })
  await control.tagResource({
    ...bucket,
    Tags: [
      { Key: 'a', Value: '1' },
      { Key: 'b', Value: '2' },
    ],
  })
  await control.tagResource({ ...bucket, Tags: [{ Key: 'a', Value: '3' }] })
  t.same((await s3.client.getBucketTagging(B)).TagSet, [
    { Key: 'b', Value: '2' },
    { Key: 'a', Value: '3' },
  ])
  await control.untagResource({ ...bucket, TagKeys: ['a', 'b'] })
  await refuses(t, s3.client.getBucketTagging(B), 'NoSuchTagSet')
  await refuses(t, control.listTagsForResource({ ...bucket, ResourceArn: 'arn:aws:s3:::nowhere' }), 'NoSuchBucket')
})

t.test('on the wire', async t => {
  const s3 = await startS3(t)
  const headers = { ...SIGNED, 'x-amz-account-id': ACCOUNT.AccountId }
  const missing = await s3.http({ url: '/v20180820/configuration/publicAccessBlock', headers })
  t.equal(missing.status, 404)
  t.match(missing.body, '<Code>NoSuchPublicAccessBlockConfiguration</Code>')
  const prefixed = await s3.http({ url: '/v20180820/accesspoint', headers: { ...headers, host: '000000000000.localhost:4566' } })
  t.match(prefixed.body, '<AccessPointList/>')
  const tags = await s3.http({ url: `/v20180820/tags/${encodeURIComponent('arn:aws:s3:::data')}`, headers })
  t.match(
    tags.body,
    /<ListTagsForResourceResult xmlns="http:\/\/awss3control\.amazonaws\.com\/doc\/2018-08-20\/"><Tags\/><\/ListTagsForResourceResult>/,
  )
})
