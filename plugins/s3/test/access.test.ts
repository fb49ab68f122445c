import { createHash } from 'node:crypto'
import type { TestRequest, TestResponse, TestService } from '@ministack/gateway/testing'
import t from 'tap'
import { refuses, type S3, SIGNED, startS3, textOf } from './kit.js'

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

/** A request without a signature. */
function visit(s3: TestService<S3>, request: TestRequest): Promise<TestResponse> {
  return (Object.getPrototypeOf(s3) as TestService<S3>).http(request)
}

/** Lets public policies and ACLs count. */
async function opened({ client }: TestService<S3>, ownership?: 'ObjectWriter' | 'BucketOwnerPreferred'): Promise<void> {
  await client.deletePublicAccessBlock(B)
  if (ownership) await client.putBucketOwnershipControls({ ...B, OwnershipControls: { Rules: [{ ObjectOwnership: ownership }] } })
}

t.test('bucket policies', async t => {
  t.test('are refused in S3’s words', async t => {
    const { client } = await startS3(t)
    await refuses(t, client.getBucketPolicy(B), 'NoSuchBucketPolicy', {
      status: 404,
      message: 'The bucket policy does not exist',
      fields: { BucketName: 'data' },
    })
    await refuses(t, client.getBucketPolicyStatus(B), 'NoSuchBucketPolicy')
    const put = (Policy: string) => client.putBucketPolicy({ ...B, Policy })
    const refuse = (policy: string, message: string) => refuses(t, put(policy), 'MalformedPolicy', { status: 400, message })
    await refuse('nonsense', "Policies must be valid JSON and the first byte must be '{'")
    await refuse('{"Version": "2012-10-17"', "Policies must be valid JSON and the first byte must be '{'")
    await refuse('{"Version": "2012-10-17"}', 'Missing required field Statement')
    await refuse(policyOf(allow('*', 's3:Explode', 'arn:aws:s3:::data')), 'Policy has invalid action')
    await refuse(policyOf(allow('*', 'sqs:SendMessage', 'arn:aws:s3:::data')), 'Policy has invalid action')
    await refuse(policyOf(allow('*', 's3:GetObject', 'arn:aws:s3:::other/*')), 'Policy has invalid resource')
    await refuse(policyOf(allow('*', 's3:GetObject', 'arn:aws:s3:::data')), 'Action does not apply to any resource(s) in statement')
    await refuse(policyOf(allow('*', 's3:ListBucket', 'arn:aws:s3:::data/*')), 'Action does not apply to any resource(s) in statement')
    await refuse(policyOf(allow({ AWS: 'me' }, 's3:GetObject', 'arn:aws:s3:::data/*')), 'Invalid principal in policy')
    await refuse(policyOf({ ...allow('*', 's3:GetObject', 'arn:aws:s3:::data/*'), Effect: 'Perhaps' }), 'Invalid effect: Perhaps')
    await refuse(`{"Statement": [], "x": "${'x'.repeat(20 * 1024)}"}`, 'Policy exceeds the maximum allowed document size.')
    await refuses(t, put(policyOf(allow('*', 's3:GetObject', 'arn:aws:s3:::data/*'))), 'AccessDenied', {
      status: 403,
      message: `User: arn:aws:iam::${HOME}:root is not authorized to perform: s3:PutBucketPolicy on resource: "arn:aws:s3:::data" because public policies are blocked by the BlockPublicPolicy block public access setting.`,
    })
  })

  t.test('are kept as they were sent, and told apart by who they let in', async t => {
    const s3 = await startS3(t)
    const { client } = s3
    const mine = policyOf(allow({ AWS: `arn:aws:iam::${OTHER}:root` }, 's3:GetObject', 'arn:aws:s3:::data/*'))
    await client.putBucketPolicy({ ...B, Policy: mine })
    t.same(await client.getBucketPolicy(B), { Policy: mine })
    t.same(await client.getBucketPolicyStatus(B), { PolicyStatus: { IsPublic: false } })
    await opened(s3)
    await client.putBucketPolicy({ ...B, Policy: policyOf(allow('*', 's3:GetObject', 'arn:aws:s3:::data/*')) })
    t.same(await client.getBucketPolicyStatus(B), { PolicyStatus: { IsPublic: true } })
    const fixed = allow('*', 's3:GetObject', 'arn:aws:s3:::data/*', { Condition: { StringEquals: { 'aws:SourceVpc': 'vpc-1' } } })
    await client.putBucketPolicy({ ...B, Policy: policyOf(fixed) })
    t.same(await client.getBucketPolicyStatus(B), { PolicyStatus: { IsPublic: false } })
    await client.deleteBucketPolicy(B)
    await refuses(t, client.getBucketPolicy(B), 'NoSuchBucketPolicy')
  })

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

  t.test('see what a request says of itself', async t => {
    const { client } = await startS3(t)
    const Condition = { StringNotEquals: { 's3:x-amz-server-side-encryption': 'AES256' } }
    const Policy = policyOf({ Effect: 'Deny', Principal: '*', Action: 's3:PutObject', Resource: 'arn:aws:s3:::data/*', Condition })
    await client.putBucketPolicy({ ...B, Policy })
    await refuses(t, client.putObject({ ...B, Key: 'k', Body: 'x' }), 'AccessDenied')
    await client.putObject({ ...B, Key: 'k', Body: 'x', ServerSideEncryption: 'AES256' })
  })
})

t.test('requester pays', async t => {
  const s3 = await startS3(t)
  await s3.client.putObject({ ...B, Key: 'k', Body: 'hello' })
  await s3.client.putBucketPolicy({ ...B, Policy: policyOf(allow({ AWS: OTHER }, 's3:GetObject', 'arn:aws:s3:::data/*')) })
  await s3.client.putBucketRequestPayment({ ...B, RequestPaymentConfiguration: { Payer: 'Requester' } })
  const other = s3.as({ account: OTHER })
  await refuses(t, other.getObject({ ...B, Key: 'k' }), 'AccessDenied')
  t.equal(await textOf(await other.getObject({ ...B, Key: 'k', RequestPayer: 'requester' })), 'hello')
  const paid = await s3.http({ url: '/data/k', headers: { ...SIGNED, 'x-amz-request-payer': 'requester' } })
  t.equal(paid.headers['x-amz-request-charged'], 'requester')
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
