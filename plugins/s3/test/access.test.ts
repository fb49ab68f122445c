import { createHash } from 'node:crypto'
import type { TestRequest, TestService } from '@ministack/gateway/testing'
import t from 'tap'
import { refuses, type S3, signed, startS3, textOf, visit } from './kit.js'

const B = { Bucket: 'data' }
const OTHER = '222222222222'
const HOME = '000000000000'
const idOf = (account: string) => createHash('sha256').update(`canonical user of account ${account}`).digest('hex')

const policyOf = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement })
const allow = (Principal: unknown, Action: string, Resource: string, extra = {}) => ({
  Effect: 'Allow',
  Principal,
  Action,
  Resource,
  ...extra,
})

/** Lets public policies and ACLs count. */
async function opened({ client }: TestService<S3>, ownership?: 'ObjectWriter' | 'BucketOwnerPreferred'): Promise<void> {
  await client.deletePublicAccessBlock(B)
  if (ownership) await client.putBucketOwnershipControls({ ...B, OwnershipControls: { Rules: [{ ObjectOwnership: ownership }] } })
}

t.test('bucket policies', async t => {
  t.test('let other accounts and everyone in', async t => {
    const s3 = await startS3(t)
    await s3.client.putObject({ ...B, Key: 'k', Body: 'hello' })
    const other = s3.as({ account: OTHER })
    await refuses(t, other.getObject({ ...B, Key: 'k' }), 'AccessDenied', { status: 403, message: 'Access Denied' })
    await refuses(t, other.listObjectsV2(B), 'AccessDenied')
    await refuses(t, other.deleteBucket(B), 'AccessDenied')
    t.equal((await visit(s3, { url: '/data/k' })).status, 403, 'anonymous')
    const statements = [
      allow({ AWS: OTHER }, 's3:GetObject', 'arn:aws:s3:::data/*'),
      allow({ CanonicalUser: idOf(OTHER) }, 's3:ListBucket', 'arn:aws:s3:::data', { Condition: { StringLike: { 's3:prefix': 'k*' } } }),
      allow({ AWS: `arn:aws:iam::${OTHER}:root` }, 's3:PutObject', 'arn:aws:s3:::data/in/*'),
    ]
    await s3.client.putBucketPolicy({ ...B, Policy: policyOf(...statements) })
    t.equal(await textOf(await other.getObject({ ...B, Key: 'k' })), 'hello')
    await refuses(t, other.getObject({ ...B, Key: 'none' }), 'AccessDenied', {}) // may not list with an empty prefix
    t.equal((await other.listObjectsV2({ ...B, Prefix: 'k' })).KeyCount, 1)
    await refuses(t, other.listObjectsV2(B), 'AccessDenied')
    await other.putObject({ ...B, Key: 'in/x', Body: 'x' })
    await refuses(t, other.putObject({ ...B, Key: 'out', Body: 'x' }), 'AccessDenied')
    await refuses(t, other.putObject({ ...B, Key: 'in/x', Body: 'x', Tagging: 'a=b' }), 'AccessDenied')
    await refuses(t, other.deleteObject({ ...B, Key: 'k' }), 'AccessDenied')
    const { Errors } = await other.deleteObjects({ ...B, Delete: { Objects: [{ Key: 'k' }] } })
    t.same(Errors, [{ Key: 'k', VersionId: undefined, Code: 'AccessDenied', Message: 'Access Denied' }])
    await opened(s3)
    await s3.client.putBucketPolicy({ ...B, Policy: policyOf(allow('*', 's3:GetObject', 'arn:aws:s3:::data/*')) })
    const read = await visit(s3, { url: '/data/k' })
    t.equal(read.body, 'hello')
    await s3.client.putPublicAccessBlock({ ...B, PublicAccessBlockConfiguration: { RestrictPublicBuckets: true } })
    t.equal((await visit(s3, { url: '/data/k' })).status, 403, 'a restricted bucket is public to nobody')
  })

  t.test('deny even the owner, but never lock the account’s root out of the policy', async t => {
    const { client } = await startS3(t)
    await client.putObject({ ...B, Key: 'k', Body: 'x' })
    const Policy = policyOf({ Effect: 'Deny', Principal: '*', Action: 's3:*', Resource: ['arn:aws:s3:::data', 'arn:aws:s3:::data/*'] })
    await client.putBucketPolicy({ ...B, Policy })
    await refuses(t, client.getObject({ ...B, Key: 'k' }), 'AccessDenied', {
      message: `User: arn:aws:iam::${HOME}:root is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::data/k" with an explicit deny in a resource-based policy`,
    })
    t.same(await client.getBucketPolicy(B), { Policy })
    await client.deleteBucketPolicy(B)
    t.equal(await textOf(await client.getObject({ ...B, Key: 'k' })), 'x')
  })
})

t.test('conditions of a policy', async t => {
  const KEY = { ...B, Key: 'k' }
  /** What another account's request is answered where a policy allows it on this condition alone. */
  async function under(t: Parameters<typeof startS3>[0], Condition: object, Action = 's3:*') {
    const s3 = await startS3(t)
    await s3.client.putObject({ ...KEY, Body: 'hello', Tagging: 'team=core' })
    const Resource = ['arn:aws:s3:::data', 'arn:aws:s3:::data/*']
    await s3.client.putBucketPolicy({ ...B, Policy: policyOf({ Effect: 'Allow', Principal: { AWS: OTHER }, Action, Resource, Condition }) })
    const status = async (url: string, more: Partial<TestRequest> = {}) =>
      (await s3.http({ url, ...more, headers: { ...signed({ account: OTHER }), ...more.headers } })).status
    return { s3, status }
  }
  const denied = 403

  t.test('on the address, both ways and of both families', async t => {
    const here = await under(t, { IpAddress: { 'aws:SourceIp': ['10.0.0.0/8', '127.0.0.0/8'] } })
    t.equal(await here.status('/data/k'), 200)
    const elsewhere = await under(t, { IpAddress: { 'aws:SourceIp': ['10.0.0.0/8', '2001:db8::/32'] } })
    t.equal(await elsewhere.status('/data/k'), denied)
    const not = await under(t, { NotIpAddress: { 'aws:SourceIp': '127.0.0.1' } })
    t.equal(await not.status('/data/k'), denied)
  })

  t.test('on a secure connection', async t => {
    const secure = await under(t, { Bool: { 'aws:SecureTransport': 'true' } })
    t.equal(await secure.status('/data/k'), denied)
    const plain = await under(t, { Bool: { 'aws:SecureTransport': false } })
    t.equal(await plain.status('/data/k'), 200)
  })

  t.test('on headers that tell the client', async t => {
    const { status } = await under(t, { StringLike: { 'aws:Referer': 'https://a.example/*', 'aws:UserAgent': '*curl*' } })
    t.equal(await status('/data/k'), denied)
    t.equal(await status('/data/k', { headers: { referer: 'https://a.example/x', 'user-agent': 'curl/8' } }), 200)
  })

  t.test('on who calls', async t => {
    const caller = (arn: string, type: 'user' | 'role') => ({ account: OTHER, arn, userId: 'X', type })
    const role = caller(`arn:aws:sts::${OTHER}:assumed-role/app/one`, 'role')
    const ann = caller(`arn:aws:iam::${OTHER}:user/team/ann`, 'user')
    const byRole = await under(t, { ArnEquals: { 'aws:PrincipalArn': `arn:aws:iam::${OTHER}:role/app` } })
    t.ok(await byRole.s3.as({ account: OTHER, caller: role }).getObject(KEY))
    await refuses(t, byRole.s3.as({ account: OTHER, caller: ann }).getObject(KEY), 'AccessDenied')
    const byName = await under(t, { StringLike: { 'aws:username': 'a*' }, StringEquals: { 'aws:PrincipalAccount': OTHER } })
    t.ok(await byName.s3.as({ account: OTHER, caller: ann }).getObject(KEY))
    await refuses(t, byName.s3.as({ account: OTHER, caller: role }).getObject(KEY), 'AccessDenied')
  })

  t.test('on what is listed', async t => {
    const { status } = await under(
      t,
      { StringLike: { 's3:prefix': ['home/*', 'k'] }, StringEquals: { 's3:delimiter': '/' }, NumericLessThanEquals: { 's3:max-keys': 10 } },
      's3:ListBucket',
    )
    t.equal(await status('/data?list-type=2&prefix=home/a&delimiter=/&max-keys=10'), 200)
    t.equal(await status('/data?prefix=k&delimiter=/&max-keys=1'), 200)
    t.equal(await status('/data?list-type=2&prefix=other&delimiter=/&max-keys=10'), denied)
    t.equal(await status('/data?list-type=2&prefix=k&max-keys=10'), denied)
    t.equal(await status('/data?list-type=2&prefix=k&delimiter=/&max-keys=11'), denied)
    t.equal(await status('/data?list-type=2'), denied)
  })

  t.test('on how an object is written', async t => {
    const put = { method: 'PUT', body: 'x' }
    const { status } = await under(
      t,
      {
        StringEquals: { 's3:x-amz-acl': 'bucket-owner-full-control', 's3:x-amz-storage-class': ['STANDARD_IA', 'GLACIER'] },
        StringEqualsIfExists: { 's3:x-amz-server-side-encryption': 'AES256' },
      },
      's3:PutObject*',
    )
    const headers = { 'x-amz-acl': 'bucket-owner-full-control', 'x-amz-storage-class': 'GLACIER' }
    t.equal(await status('/data/new', { ...put, headers }), 200)
    t.equal(await status('/data/new', { ...put, headers: { ...headers, 'x-amz-server-side-encryption': 'AES256' } }), 200)
    t.equal(await status('/data/new', { ...put, headers: { ...headers, 'x-amz-server-side-encryption': 'aws:kms' } }), denied)
    t.equal(await status('/data/new', { ...put, headers: { ...headers, 'x-amz-storage-class': 'STANDARD' } }), denied)
    t.equal(await status('/data/new', put), denied)
  })

  t.test('on the tags that an object has, and on those it gets', async t => {
    const reads = await under(t, { StringEquals: { 's3:ExistingObjectTag/team': 'core' } })
    t.equal(await reads.status('/data/k'), 200)
    await reads.s3.client.putObject({ ...B, Key: 'other', Body: 'x', Tagging: 'team=else' })
    t.equal(await reads.status('/data/other'), denied)
    const writes = await under(t, {
      StringEquals: { 's3:RequestObjectTag/team': 'core' },
      'ForAllValues:StringLike': { 's3:RequestObjectTagKeys': ['team', 'cost*'] },
    })
    const put = (tagging: string) => writes.status('/data/new', { method: 'PUT', body: 'x', headers: { 'x-amz-tagging': tagging } })
    t.equal(await put('team=core&cost-center=1'), 200)
    t.equal(await put('team=core&more=1'), denied)
    t.equal(await put('team=other'), denied)
  })

  t.test('on the bucket’s tags, once they count', async t => {
    const { s3, status } = await under(t, { StringEquals: { 's3:BucketTag/stage': 'test', 'aws:ResourceTag/stage': 'test' } })
    await s3.client.putBucketTagging({ ...B, Tagging: { TagSet: [{ Key: 'stage', Value: 'test' }] } })
    t.equal(await status('/data/k'), denied, 'ABAC is off')
    await s3.client.putBucketAbac({ ...B, AbacStatus: { Status: 'Enabled' } })
    t.equal(await status('/data/k'), 200)
  })

  t.test('on the lock that an object gets', async t => {
    const { s3, status } = await under(
      t,
      { NumericLessThanEquals: { 's3:object-lock-remaining-retention-days': '10' } },
      's3:PutObjectRetention',
    )
    await s3.client.putBucketVersioning({ ...B, VersioningConfiguration: { Status: 'Enabled' } })
    await s3.client.putObjectLockConfiguration({ ...B, ObjectLockConfiguration: { ObjectLockEnabled: 'Enabled' } })
    await s3.client.putObject({ ...KEY, Body: 'hello' })
    const retain = (day: string) => {
      const body = `<Retention><Mode>GOVERNANCE</Mode><RetainUntilDate>2026-01-${day}T00:00:00Z</RetainUntilDate></Retention>`
      return status('/data/k?retention', {
        method: 'PUT',
        body,
        headers: { 'content-md5': createHash('md5').update(body).digest('base64') },
      })
    }
    t.equal(await retain('20'), denied)
    t.equal(await retain('11'), 200)
  })

  t.test('on how a request is signed', async t => {
    const { status } = await under(t, {
      StringEquals: { 's3:authType': 'REST-HEADER', 's3:signatureversion': 'AWS4-HMAC-SHA256' },
      NumericLessThan: { 's3:signatureAge': 600_000 },
    })
    t.equal(await status('/data/k', { headers: { 'x-amz-date': '20251231T235500Z' } }), 200)
    t.equal(await status('/data/k', { headers: { 'x-amz-date': '20251231T234000Z' } }), denied)
  })

  t.test('on what the owner writes too, where they deny', async t => {
    const { client } = await startS3(t)
    const Condition = { StringNotEquals: { 's3:x-amz-server-side-encryption': 'AES256' } }
    const Policy = policyOf({ Effect: 'Deny', Principal: '*', Action: 's3:PutObject', Resource: 'arn:aws:s3:::data/*', Condition })
    await client.putBucketPolicy({ ...B, Policy })
    await refuses(t, client.putObject({ ...KEY, Body: 'x' }), 'AccessDenied')
    await client.putObject({ ...KEY, Body: 'x', ServerSideEncryption: 'AES256' })
  })
})

t.test('anonymous callers have no buckets', async t => {
  const s3 = await startS3(t)
  t.equal((await visit(s3, { method: 'PUT', url: '/mine-at-last' })).status, 403)
  t.equal((await visit(s3, { method: 'PUT', url: '/data/k', body: 'x' })).status, 403)
})

t.test('without MINISTACK_AUTHORIZE everyone may do everything', async t => {
  const s3 = await startS3(t, { config: { authorize: false } })
  await s3.client.putObject({ ...B, Key: 'k', Body: 'open' })
  t.equal((await visit(s3, { url: '/data/k' })).body, 'open', 'without a signature')
  t.equal(await textOf(await s3.as({ account: OTHER }).getObject({ ...B, Key: 'k' })), 'open', 'from another account')
  const denied = policyOf({ ...allow({ AWS: HOME }, 's3:GetObject', 'arn:aws:s3:::data/*'), Effect: 'Deny' })
  await s3.client.putBucketPolicy({ ...B, Policy: denied })
  t.equal(await textOf(await s3.client.getObject({ ...B, Key: 'k' })), 'open', 'whatever the policy says')
})
