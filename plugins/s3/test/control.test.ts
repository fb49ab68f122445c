import t from 'tap'
import { codeOf, refuses, signed, startS3, textOf } from './kit.js'

type Control = typeof import('@aws-sdk/client-s3-control')
type S3Service = Awaited<ReturnType<typeof startS3>>

const HOME = '000000000000'
const OTHER = '222222222222'
const ACCOUNT = { AccountId: HOME }
const B = { Bucket: 'data' }
const K = { ...B, Key: 'k' }
const NAMESPACE = 'xmlns="http://awss3control.amazonaws.com/doc/2018-08-20/"'
const ALL = { BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true }
const NONE = { BlockPublicAcls: false, IgnorePublicAcls: false, BlockPublicPolicy: false, RestrictPublicBuckets: false }

const controlOf = (s3: S3Service) => s3.service<Control>('s3control')

/** Sends a raw request of S3 Control. */
function send(s3: S3Service, method: string, path: string, body?: string, headers: Record<string, string> = {}) {
  const all = { 'x-amz-account-id': HOME, ...headers }
  return s3.http({ method, url: `/v20180820/${path}`, headers: all, ...(body !== undefined && { body }) })
}

t.test('GetPublicAccessBlock, PutPublicAccessBlock and DeletePublicAccessBlock of an account', async t => {
  t.test('refuses where there is none, and other accounts', async t => {
    const control = controlOf(await startS3(t))
    await refuses(t, control.getPublicAccessBlock(ACCOUNT), 'NoSuchPublicAccessBlockConfiguration', {
      status: 404,
      message: 'The public access block configuration was not found',
      fields: { AccountId: HOME },
    })
    const other = { AccountId: OTHER }
    await refuses(t, control.getPublicAccessBlock(other), 'AccessDenied', { status: 403 })
    await refuses(t, control.putPublicAccessBlock({ ...other, PublicAccessBlockConfiguration: ALL }), 'AccessDenied')
    await refuses(t, control.deletePublicAccessBlock(other), 'AccessDenied')
    await refuses(t, control.putPublicAccessBlock({ ...ACCOUNT, PublicAccessBlockConfiguration: undefined }), 'InvalidRequest')
  })

  t.test('behaves: one for each account, over all its regions', async t => {
    const s3 = await startS3(t)
    const control = controlOf(s3)
    await control.putPublicAccessBlock({ ...ACCOUNT, PublicAccessBlockConfiguration: { BlockPublicPolicy: true } })
    const away = s3.service<Control>('s3control', { region: 'eu-west-1' })
    t.same((await away.getPublicAccessBlock(ACCOUNT)).PublicAccessBlockConfiguration, { ...NONE, BlockPublicPolicy: true })
    const theirs = s3.service<Control>('s3control', { account: OTHER })
    await refuses(t, theirs.getPublicAccessBlock({ AccountId: OTHER }), 'NoSuchPublicAccessBlockConfiguration')
    await control.deletePublicAccessBlock(ACCOUNT)
    await refuses(t, away.getPublicAccessBlock(ACCOUNT), 'NoSuchPublicAccessBlockConfiguration')
    await control.deletePublicAccessBlock(ACCOUNT)
  })

  t.test('wire: documents, and S3 Control’s form of errors', async t => {
    const s3 = await startS3(t)
    const path = 'configuration/publicAccessBlock'
    const missing = await send(s3, 'GET', path)
    t.equal(missing.status, 404)
    t.match(
      missing.body,
      /^<\?xml version="1\.0" encoding="UTF-8"\?>\n<ErrorResponse xmlns="http:\/\/awss3control\.amazonaws\.com\/doc\/2018-08-20\/"><Error><Type>Sender<\/Type><Code>NoSuchPublicAccessBlockConfiguration<\/Code><Message>The public access block configuration was not found<\/Message>.*<\/Error><RequestId>[^<]+<\/RequestId><HostId>[^<]+<\/HostId><\/ErrorResponse>$/,
    )
    const body = `<PublicAccessBlockConfiguration ${NAMESPACE}><IgnorePublicAcls>true</IgnorePublicAcls></PublicAccessBlockConfiguration>`
    const put = await send(s3, 'PUT', path, body)
    t.strictSame([put.status, put.body], [200, ''])
    t.equal(
      (await send(s3, 'GET', path)).body,
      `<?xml version="1.0" encoding="UTF-8"?>\n<PublicAccessBlockConfiguration ${NAMESPACE}><BlockPublicAcls>false</BlockPublicAcls><IgnorePublicAcls>true</IgnorePublicAcls><BlockPublicPolicy>false</BlockPublicPolicy><RestrictPublicBuckets>false</RestrictPublicBuckets></PublicAccessBlockConfiguration>`,
    )
    t.equal((await send(s3, 'DELETE', path)).status, 204)
    const nobody = await s3.http({ url: `/v20180820/${path}` })
    t.match(nobody.body, /<Code>InvalidRequest<\/Code><Message>.*'accountId'.*<\/Message>/)
    for (const host of [
      `${HOME}.localhost:4566`,
      `${HOME}.s3-control.localhost:4566`,
      `${HOME}.s3-control.us-east-1.amazonaws.com`,
      's3-control.localhost',
    ])
      t.equal(codeOf(await send(s3, 'GET', path, undefined, { host })), 'NoSuchPublicAccessBlockConfiguration', host)
  })
})

t.test('CreateAccessPoint', async t => {
  t.test('refuses names, buckets and accounts that won’t do', async t => {
    const s3 = await startS3(t)
    const control = controlOf(s3)
    const create = (more: object) => control.createAccessPoint({ ...ACCOUNT, Name: 'my-point', ...B, ...more })
    for (const Name of ['No_Good', '-lead', 'trail-', 'a'.repeat(51), 'x-s3alias', 'xn--a', 'a.b'])
      await refuses(t, create({ Name }), 'InvalidRequest', { status: 400, message: 'Your Amazon S3 AccessPoint name is invalid' })
    await refuses(t, create({ Bucket: 'nowhere' }), 'NoSuchBucket', { status: 404 })
    await refuses(t, create({ AccountId: OTHER }), 'AccessDenied')
    await refuses(t, create({ BucketAccountId: OTHER }), 'AccessDenied')
    await refuses(t, create({ Scope: { Prefixes: ['a'] } }), 'NotImplemented', { status: 501 })
    await refuses(t, create({ Tags: [{ Key: 'aws:a', Value: 'b' }] }), 'InvalidTag')
    await s3.client.createBucket({ Bucket: 'away', CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' } })
    await refuses(t, create({ Bucket: 'away' }), 'InvalidRequest', {
      message: 'The access point and its bucket must be in the same AWS Region',
    })
    await create({})
    await refuses(t, create({}), 'AccessPointAlreadyOwnedByYou', { status: 409, fields: { AccessPointName: 'my-point' } })
  })

  t.test('behaves: names of one’s own in each region', async t => {
    const s3 = await startS3(t)
    const { AccessPointArn, Alias = '' } = await controlOf(s3).createAccessPoint({ ...ACCOUNT, Name: 'my-point', ...B })
    t.equal(AccessPointArn, `arn:aws:s3:us-east-1:${HOME}:accesspoint/my-point`)
    t.match(Alias, /^my-point-[0-9a-z]+-s3alias$/)
    t.ok(Alias.length <= 63)
    await s3.client.createBucket({ Bucket: 'away', CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' } })
    const away = s3.service<Control>('s3control', { region: 'eu-west-1' })
    t.match(await away.createAccessPoint({ ...ACCOUNT, Name: 'my-point', Bucket: 'away' }), {
      AccessPointArn: `arn:aws:s3:eu-west-1:${HOME}:accesspoint/my-point`,
    })
  })

  t.test('behaves: the bucket may be another account’s, who then says what may be done by it', async t => {
    const s3 = await startS3(t)
    await s3.client.putObject({ ...K, Body: 'hello' })
    const theirs = s3.service<Control>('s3control', { account: OTHER })
    const point = { AccountId: OTHER, Name: 'from-afar', ...B }
    await refuses(t, theirs.createAccessPoint(point), 'AccessDenied')
    const { AccessPointArn = '' } = await theirs.createAccessPoint({ ...point, BucketAccountId: HOME })
    t.equal((await theirs.getAccessPoint({ AccountId: OTHER, Name: 'from-afar' })).BucketAccountId, HOME)
    const other = s3.as({ account: OTHER })
    await refuses(t, other.getObject({ Bucket: AccessPointArn, Key: 'k' }), 'AccessDenied')
    const Condition = { StringEquals: { 's3:DataAccessPointArn': AccessPointArn } }
    const Statement = { Effect: 'Allow', Principal: { AWS: OTHER }, Action: 's3:GetObject', Resource: 'arn:aws:s3:::data/*', Condition }
    await s3.client.putBucketPolicy({ ...B, Policy: JSON.stringify({ Statement }) })
    t.equal(await textOf(await other.getObject({ Bucket: AccessPointArn, Key: 'k' })), 'hello')
    await refuses(t, other.getObject(K), 'AccessDenied')
  })

  t.test('wire: a PUT of the name', async t => {
    const s3 = await startS3(t)
    const body = `<CreateAccessPointRequest ${NAMESPACE}><Bucket>data</Bucket><VpcConfiguration><VpcId>vpc-1</VpcId></VpcConfiguration></CreateAccessPointRequest>`
    const { status, body: answer } = await send(s3, 'PUT', 'accesspoint/wired', body)
    t.equal(status, 200)
    t.match(
      answer,
      /^<\?xml version="1\.0" encoding="UTF-8"\?>\n<CreateAccessPointResult xmlns="[^"]+"><AccessPointArn>arn:aws:s3:us-east-1:000000000000:accesspoint\/wired<\/AccessPointArn><Alias>wired-[0-9a-z]+-s3alias<\/Alias><\/CreateAccessPointResult>$/,
    )
    t.match(
      (await send(s3, 'GET', 'accesspoint/wired')).body,
      '<NetworkOrigin>VPC</NetworkOrigin><VpcConfiguration><VpcId>vpc-1</VpcId></VpcConfiguration>',
    )
  })
})

t.test('GetAccessPoint, ListAccessPoints and DeleteAccessPoint', async t => {
  t.test('refuses what is not there', async t => {
    const s3 = await startS3(t)
    const control = controlOf(s3)
    const none = { ...ACCOUNT, Name: 'none' }
    const refusal = { status: 404, message: 'The specified accesspoint does not exist', fields: { AccessPointName: 'none' } }
    await refuses(t, control.getAccessPoint(none), 'NoSuchAccessPoint', refusal)
    await refuses(t, control.deleteAccessPoint(none), 'NoSuchAccessPoint', refusal)
    await refuses(t, control.listAccessPoints({ AccountId: OTHER }), 'AccessDenied')
    await refuses(t, control.listAccessPoints({ ...ACCOUNT, NextToken: '!' }), 'InvalidRequest')
    await control.createAccessPoint({ ...ACCOUNT, Name: 'one', ...B })
    const elsewhere = `arn:aws:s3:eu-west-1:${HOME}:accesspoint/one`
    await refuses(t, control.getAccessPoint({ ...ACCOUNT, Name: elsewhere }), 'NoSuchAccessPoint', { fields: { AccessPointName: 'one' } })
  })

  t.test('behaves: tells all, until it is deleted', async t => {
    const s3 = await startS3(t)
    const control = controlOf(s3)
    const point = { ...ACCOUNT, Name: 'my-point' }
    const { AccessPointArn, Alias } = await control.createAccessPoint({
      ...point,
      ...B,
      PublicAccessBlockConfiguration: { BlockPublicAcls: true },
    })
    t.same(await control.getAccessPoint(point), {
      Name: 'my-point',
      Bucket: 'data',
      NetworkOrigin: 'Internet',
      PublicAccessBlockConfiguration: { ...NONE, BlockPublicAcls: true },
      CreationDate: new Date('2026-01-01T00:00:00Z'),
      Alias,
      AccessPointArn,
      BucketAccountId: HOME,
      Endpoints: {
        ipv4: 's3-accesspoint.us-east-1.amazonaws.com',
        fips: 's3-accesspoint-fips.us-east-1.amazonaws.com',
        fips_dualstack: 's3-accesspoint-fips.dualstack.us-east-1.amazonaws.com',
        dualstack: 's3-accesspoint.dualstack.us-east-1.amazonaws.com',
      },
    })
    t.equal((await control.getAccessPoint({ ...ACCOUNT, Name: AccessPointArn })).Name, 'my-point', 'by its ARN too')
    await control.createAccessPoint({ ...ACCOUNT, Name: 'plain', ...B })
    t.same((await control.getAccessPoint({ ...ACCOUNT, Name: 'plain' })).PublicAccessBlockConfiguration, ALL)
    await control.deleteAccessPoint(point)
    await refuses(t, control.getAccessPoint(point), 'NoSuchAccessPoint')
    await refuses(t, s3.client.getObject({ Bucket: AccessPointArn, Key: 'k' }), 'NoSuchAccessPoint')
  })

  t.test('behaves: lists by name, by bucket and by pages', async t => {
    const s3 = await startS3(t)
    const control = controlOf(s3)
    await s3.client.createBucket({ Bucket: 'other' })
    for (const [Name, Bucket] of [
      ['ccc', 'data'],
      ['aaa', 'other'],
      ['bbb', 'data'],
    ])
      await control.createAccessPoint({ ...ACCOUNT, Name, Bucket })
    const names = async (input: object) => (await control.listAccessPoints({ ...ACCOUNT, ...input })).AccessPointList?.map(it => it.Name)
    t.same(await names({}), ['aaa', 'bbb', 'ccc'])
    t.same(await names(B), ['bbb', 'ccc'])
    t.same(await names({ DataSourceType: 'ALL' }), ['aaa', 'bbb', 'ccc'])
    t.same(await names({ DataSourceType: 'FSX_OPENZFS' }), [])
    t.same(await names({ DataSourceId: 'arn:aws:s3:::other' }), ['aaa'])
    const page = await control.listAccessPoints({ ...ACCOUNT, MaxResults: 2 })
    t.equal(page.AccessPointList?.length, 2)
    t.same(await names({ MaxResults: 2, NextToken: page.NextToken }), ['ccc'])
  })

  t.test('wire: documents, and statuses without any', async t => {
    const s3 = await startS3(t)
    t.equal(
      (await send(s3, 'GET', 'accesspoint')).body,
      `<?xml version="1.0" encoding="UTF-8"?>\n<ListAccessPointsResult ${NAMESPACE}><AccessPointList/></ListAccessPointsResult>`,
    )
    await controlOf(s3).createAccessPoint({ ...ACCOUNT, Name: 'one', ...B })
    t.match(
      (await send(s3, 'GET', 'accesspoint?bucket=data&maxResults=1')).body,
      '<AccessPoint><Name>one</Name><NetworkOrigin>Internet</NetworkOrigin><Bucket>data</Bucket><AccessPointArn>arn:aws:s3:us-east-1:000000000000:accesspoint/one</AccessPointArn>',
    )
    t.match((await send(s3, 'GET', 'accesspoint/one')).body, '<CreationDate>2026-01-01T00:00:00.000Z</CreationDate>')
    const gone = await send(s3, 'DELETE', 'accesspoint/one')
    t.strictSame([gone.status, gone.body], [204, ''])
    const missing = await send(s3, 'GET', 'accesspoint/one')
    t.strictSame([missing.status, codeOf(missing)], [404, 'NoSuchAccessPoint'])
  })
})

t.test('GetAccessPointPolicy, PutAccessPointPolicy, DeleteAccessPointPolicy and GetAccessPointPolicyStatus', async t => {
  const point = { ...ACCOUNT, Name: 'my-point' }
  const ARN = `arn:aws:s3:us-east-1:${HOME}:accesspoint/my-point`
  const policyOf = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement })
  const READ = { Effect: 'Allow', Principal: { AWS: OTHER }, Action: 's3:GetObject', Resource: `${ARN}/object/*` }
  const start = async (t: Parameters<typeof startS3>[0], more: object = {}) => {
    const s3 = await startS3(t)
    const control = controlOf(s3)
    await control.createAccessPoint({ ...point, ...B, ...more })
    await s3.client.putObject({ ...K, Body: 'hello' })
    return { s3, control }
  }
  /** Leaves to the access points of the bucket's account who may. */
  const delegate = ({ client }: S3Service) => {
    const Condition = { StringEquals: { 's3:DataAccessPointAccount': HOME } }
    const Resource = ['arn:aws:s3:::data', 'arn:aws:s3:::data/*']
    return client.putBucketPolicy({
      ...B,
      Policy: policyOf({ Effect: 'Allow', Principal: { AWS: '*' }, Action: 's3:*', Resource, Condition }),
    })
  }

  t.test('refuses policies that don’t fit, and where there is none', async t => {
    const { control } = await start(t)
    for (const call of [control.getAccessPointPolicy(point), control.getAccessPointPolicyStatus(point)]) {
      await refuses(t, call, 'NoSuchAccessPointPolicy', {
        status: 404,
        message: 'The specified accesspoint policy does not exist',
        fields: { AccessPointName: 'my-point' },
      })
    }
    const put = (statement: object) => control.putAccessPointPolicy({ ...point, Policy: policyOf({ ...READ, ...statement }) })
    await refuses(t, put({ Resource: 'arn:aws:s3:::data/*' }), 'MalformedPolicy', { status: 400, message: 'Policy has invalid resource' })
    await refuses(t, put({ Action: 's3:Explode' }), 'MalformedPolicy', { message: 'Policy has invalid action' })
    await refuses(t, put({ Resource: ARN }), 'MalformedPolicy', { message: 'Action does not apply to any resource(s) in statement' })
    await refuses(t, put({ Principal: { AWS: 'me' } }), 'MalformedPolicy')
    await refuses(t, control.putAccessPointPolicy({ ...point, Policy: '{' }), 'MalformedPolicy', {
      message: 'This policy contains invalid Json',
    })
    await refuses(t, put({ Principal: '*' }), 'AccessDenied', {
      message: `User: arn:aws:iam::${HOME}:root is not authorized to perform: s3:PutAccessPointPolicy on resource: "${ARN}" because public policies are blocked by the BlockPublicPolicy block public access setting.`,
    })
    await refuses(t, control.putAccessPointPolicy({ ...ACCOUNT, Name: 'none', Policy: policyOf(READ) }), 'NoSuchAccessPoint')
  })

  t.test('refuses public policies where the account blocks them', async t => {
    const { control } = await start(t, { PublicAccessBlockConfiguration: NONE })
    await control.putPublicAccessBlock({ ...ACCOUNT, PublicAccessBlockConfiguration: { BlockPublicPolicy: true } })
    const Policy = policyOf({ ...READ, Principal: '*' })
    await refuses(t, control.putAccessPointPolicy({ ...point, Policy }), 'AccessDenied', {})
    await control.deletePublicAccessBlock(ACCOUNT)
    await control.putAccessPointPolicy({ ...point, Policy })
    t.same(await control.getAccessPointPolicyStatus(point), { PolicyStatus: { IsPublic: true } })
  })

  t.test('behaves: another account needs the access point’s leave and the bucket’s', async t => {
    const { s3, control } = await start(t)
    const Policy = policyOf(READ)
    await control.putAccessPointPolicy({ ...point, Policy })
    t.same(await control.getAccessPointPolicy(point), { Policy })
    t.same(await control.getAccessPointPolicyStatus(point), { PolicyStatus: { IsPublic: false } })
    const other = s3.as({ account: OTHER })
    const byPoint = { Bucket: ARN, Key: 'k' }
    await refuses(t, other.getObject(byPoint), 'AccessDenied')
    await delegate(s3)
    t.equal(await textOf(await other.getObject(byPoint)), 'hello')
    await refuses(t, other.getObject(K), 'AccessDenied')
    await refuses(t, other.putObject({ ...byPoint, Body: 'x' }), 'AccessDenied')
    await refuses(t, other.listObjectsV2({ Bucket: ARN }), 'AccessDenied')
    await control.deleteAccessPointPolicy(point)
    await refuses(t, other.getObject(byPoint), 'AccessDenied')
    await refuses(t, control.getAccessPointPolicy(point), 'NoSuchAccessPointPolicy')
  })

  t.test('behaves: a denial holds for the account itself', async t => {
    const { s3, control } = await start(t)
    const { Alias } = await control.getAccessPoint(point)
    const deny = { ...READ, Effect: 'Deny', Principal: '*', Action: 's3:DeleteObject' }
    await control.putAccessPointPolicy({ ...point, Policy: policyOf(deny) })
    await refuses(t, s3.client.deleteObject({ Bucket: Alias, Key: 'k' }), 'AccessDenied')
    t.ok(await s3.client.getObject({ Bucket: Alias, Key: 'k' }))
    await s3.client.deleteObject(K)
  })

  t.test('behaves: RestrictPublicBuckets of the access point or the account takes a public policy back', async t => {
    const { s3, control } = await start(t, { PublicAccessBlockConfiguration: NONE })
    await delegate(s3)
    await control.putAccessPointPolicy({ ...point, Policy: policyOf({ ...READ, Principal: '*' }) })
    const other = s3.as({ account: OTHER })
    t.ok(await other.getObject({ Bucket: ARN, Key: 'k' }))
    await control.putPublicAccessBlock({ ...ACCOUNT, PublicAccessBlockConfiguration: { RestrictPublicBuckets: true } })
    await refuses(t, other.getObject({ Bucket: ARN, Key: 'k' }), 'AccessDenied')
    t.ok(await s3.client.getObject({ Bucket: ARN, Key: 'k' }))
  })

  t.test('behaves: an access point of a VPC takes nobody from outside', async t => {
    const { s3 } = await start(t, { VpcConfiguration: { VpcId: 'vpc-1' } })
    const host = `my-point-${HOME}.s3-accesspoint.us-east-1.localhost:4566`
    t.equal((await s3.http({ url: '/k', headers: { host } })).status, 403)
    t.ok(await s3.client.getObject({ Bucket: ARN, Key: 'k' }), 'a call from inside')
  })

  t.test('wire: the policy in a document', async t => {
    const { s3 } = await start(t)
    const path = 'accesspoint/my-point/policy'
    const body = `<PutAccessPointPolicyRequest ${NAMESPACE}><Policy>${policyOf(READ).replaceAll('"', '&quot;')}</Policy></PutAccessPointPolicyRequest>`
    const put = await send(s3, 'PUT', path, body)
    t.strictSame([put.status, put.body], [200, ''])
    t.match(
      (await send(s3, 'GET', path)).body,
      /<GetAccessPointPolicyResult xmlns="[^"]+"><Policy>\{.*"?.*\}<\/Policy><\/GetAccessPointPolicyResult>$/,
    )
    t.match((await send(s3, 'GET', 'accesspoint/my-point/policyStatus')).body, '<PolicyStatus><IsPublic>false</IsPublic></PolicyStatus>')
    t.equal((await send(s3, 'DELETE', path)).status, 204)
    t.equal(codeOf(await send(s3, 'GET', path)), 'NoSuchAccessPointPolicy')
  })
})

t.test('TagResource, UntagResource and ListTagsForResource', async t => {
  const bucket = { ...ACCOUNT, ResourceArn: 'arn:aws:s3:::data' }

  t.test('refuses what has no tags, and tags that break a rule', async t => {
    const s3 = await startS3(t)
    const control = controlOf(s3)
    await refuses(t, control.listTagsForResource({ ...ACCOUNT, ResourceArn: 'arn:aws:s3:::nowhere' }), 'NoSuchBucket')
    const point = `arn:aws:s3:us-east-1:${HOME}:accesspoint/none`
    await refuses(t, control.listTagsForResource({ ...ACCOUNT, ResourceArn: point }), 'NoSuchAccessPoint')
    await refuses(t, control.listTagsForResource({ ...ACCOUNT, ResourceArn: 'arn:aws:s3:::data/k' }), 'InvalidRequest')
    const lens = `arn:aws:s3:us-east-1:${HOME}:storage-lens-group/a`
    await refuses(t, control.tagResource({ ...ACCOUNT, ResourceArn: lens, Tags: [] }), 'NotImplemented', { status: 501 })
    await refuses(t, control.tagResource({ ...bucket, Tags: [{ Key: 'aws:a', Value: '' }] }), 'InvalidTag')
    const many = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => ({ Key: `k${from + i}`, Value: '' }))
    await control.tagResource({ ...bucket, Tags: many(0, 50) })
    await refuses(t, control.tagResource({ ...bucket, Tags: many(50, 51) }), 'TooManyTagsException', { status: 400 })
    await control.tagResource({ ...bucket, Tags: many(49, 50) })
    await refuses(
      t,
      s3.service<Control>('s3control', { account: OTHER }).listTagsForResource({ ...bucket, AccountId: OTHER }),
      'AccessDenied',
    )
  })

  t.test('behaves: adds and takes tags of a bucket, whether or not they say who may', async t => {
    const s3 = await startS3(t)
    const control = controlOf(s3)
    t.same(await control.listTagsForResource(bucket), { Tags: [] })
    const [a, b] = [
      { Key: 'a', Value: '1' },
      { Key: 'b', Value: '2' },
    ]
    await control.tagResource({ ...bucket, Tags: [a, b] })
    await s3.client.putBucketAbac({ ...B, AbacStatus: { Status: 'Enabled' } })
    await control.tagResource({ ...bucket, Tags: [{ ...a, Value: '3' }] })
    t.same((await s3.client.getBucketTagging(B)).TagSet, [b, { ...a, Value: '3' }])
    await control.untagResource({ ...bucket, TagKeys: ['a', 'b', 'none'] })
    await refuses(t, s3.client.getBucketTagging(B), 'NoSuchTagSet')
  })

  t.test('behaves: the same for access points, from their making on', async t => {
    const control = controlOf(await startS3(t))
    const Tags = [{ Key: 'a', Value: '1' }]
    const { AccessPointArn: ResourceArn } = await control.createAccessPoint({ ...ACCOUNT, Name: 'tagged', ...B, Tags })
    t.same(await control.listTagsForResource({ ...ACCOUNT, ResourceArn }), { Tags })
    await control.untagResource({ ...ACCOUNT, ResourceArn, TagKeys: ['a'] })
    t.same(await control.listTagsForResource({ ...ACCOUNT, ResourceArn }), { Tags: [] })
  })

  t.test('wire: the ARN in the path', async t => {
    const s3 = await startS3(t)
    const path = `tags/${encodeURIComponent(bucket.ResourceArn)}`
    const body = `<TagResourceRequest ${NAMESPACE}><Tags><Tag><Key>a</Key><Value>1</Value></Tag></Tags></TagResourceRequest>`
    const put = await send(s3, 'POST', path, body)
    t.strictSame([put.status, put.body], [204, ''])
    const document = (content: string) =>
      `<?xml version="1.0" encoding="UTF-8"?>\n<ListTagsForResourceResult ${NAMESPACE}>${content}</ListTagsForResourceResult>`
    t.equal((await send(s3, 'GET', path)).body, document('<Tags><Tag><Key>a</Key><Value>1</Value></Tag></Tags>'))
    t.equal((await send(s3, 'DELETE', `${path}?tagKeys=a&tagKeys=b`)).status, 204)
    t.equal((await send(s3, 'GET', path)).body, document('<Tags/>'))
    const unsigned = await s3.http({ url: `/v20180820/${path}`, headers: { ...signed({ account: OTHER }), 'x-amz-account-id': HOME } })
    t.equal(unsigned.status, 403, 'another account’s')
  })
})
