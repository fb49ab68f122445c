import t from 'tap'
import { codeOf, refuses, startS3, visit } from './kit.js'

type S3Service = Awaited<ReturnType<typeof startS3>>
type Control = typeof import('@aws-sdk/client-s3-control')

const B = { Bucket: 'data' }
const K = { ...B, Key: 'k' }
const HOME = '000000000000'
const OTHER = '222222222222'
const NONE = { BlockPublicAcls: false, IgnorePublicAcls: false, BlockPublicPolicy: false, RestrictPublicBuckets: false }
const ALL = { BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true }
type Setting = keyof typeof NONE

const PUBLIC = { Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: 'arn:aws:s3:::data/*' }
const policyOf = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement })

/** The two places where a block is kept; each switch must act from both. */
const PLACES: Readonly<Record<string, (s3: S3Service, setting: Setting) => Promise<unknown>>> = {
  'the bucket': ({ client }, setting) => client.putPublicAccessBlock({ ...B, PublicAccessBlockConfiguration: { [setting]: true } }),
  'the account': s3 => s3.service<Control>('s3control').putPublicAccessBlock({ AccountId: HOME, PublicAccessBlockConfiguration: ALL }),
}

/** S3 with a bucket whose ACLs count and that blocks nothing. */
async function open(t: Parameters<typeof startS3>[0]) {
  const s3 = await startS3(t)
  await s3.client.deletePublicAccessBlock(B)
  await s3.client.putBucketOwnershipControls({ ...B, OwnershipControls: { Rules: [{ ObjectOwnership: 'ObjectWriter' }] } })
  await s3.client.putObject({ ...K, Body: 'hello' })
  return s3
}

t.test('GetPublicAccessBlock, PutPublicAccessBlock and DeletePublicAccessBlock', async t => {
  t.test('refuses what is not there', async t => {
    const s3 = await startS3(t)
    const { client } = s3
    await refuses(t, client.putPublicAccessBlock({ ...B, PublicAccessBlockConfiguration: undefined }), 'MissingRequestBodyError')
    await refuses(t, client.putPublicAccessBlock({ Bucket: 'nope', PublicAccessBlockConfiguration: {} }), 'NoSuchBucket')
    await refuses(t, s3.as({ account: OTHER }).deletePublicAccessBlock(B), 'AccessDenied')
    await client.deletePublicAccessBlock(B)
    await refuses(t, client.getPublicAccessBlock(B), 'NoSuchPublicAccessBlockConfiguration', {
      status: 404,
      message: 'The public access block configuration was not found',
      fields: { BucketName: 'data' },
    })
  })

  t.test('behaves: is on for a new bucket, and off in what a new block leaves out', async t => {
    const { client } = await startS3(t)
    t.same(await client.getPublicAccessBlock(B), { PublicAccessBlockConfiguration: ALL })
    await client.putPublicAccessBlock({ ...B, PublicAccessBlockConfiguration: { BlockPublicAcls: true } })
    t.same(await client.getPublicAccessBlock(B), { PublicAccessBlockConfiguration: { ...NONE, BlockPublicAcls: true } })
  })

  t.test('wire: documents, and statuses without any', async t => {
    const s3 = await startS3(t)
    const send = (method: string, body?: string) => s3.http({ method, url: '/data?publicAccessBlock', ...(body !== undefined && { body }) })
    const written = '<BlockPublicPolicy>true</BlockPublicPolicy>'
    const put = await send('PUT', `<PublicAccessBlockConfiguration>${written}</PublicAccessBlockConfiguration>`)
    t.strictSame([put.status, put.body], [200, ''])
    t.equal(
      (await send('GET')).body,
      `<?xml version="1.0" encoding="UTF-8"?>\n<PublicAccessBlockConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><BlockPublicAcls>false</BlockPublicAcls><IgnorePublicAcls>false</IgnorePublicAcls>${written}<RestrictPublicBuckets>false</RestrictPublicBuckets></PublicAccessBlockConfiguration>`,
    )
    t.equal((await send('DELETE')).status, 204)
    t.equal((await send('GET')).status, 404)
    t.equal(codeOf(await send('PUT', '')), 'MissingRequestBodyError')
    t.equal(codeOf(await send('PUT', '<Other/>')), 'MalformedXML')
  })
})

for (const [place, block] of Object.entries(PLACES)) {
  t.test(`a block of ${place} acts`, async t => {
    t.test('BlockPublicAcls: refuses public ACLs in every way they come', async t => {
      const s3 = await open(t)
      const { client } = s3
      await client.putBucketAcl({ ...B, ACL: 'public-read' })
      await block(s3, 'BlockPublicAcls')
      const blocked = (action: string, resource: string) => ({
        status: 403,
        message: `User: arn:aws:iam::${HOME}:root is not authorized to perform: ${action} on resource: "arn:aws:s3:::${resource}" because public access control lists (ACLs) are blocked by the BlockPublicAcls block public access setting.`,
      })
      await refuses(t, client.putBucketAcl({ ...B, ACL: 'public-read' }), 'AccessDenied', blocked('s3:PutBucketAcl', 'data'))
      await refuses(t, client.putObjectAcl({ ...K, ACL: 'authenticated-read' }), 'AccessDenied', blocked('s3:PutObjectAcl', 'data/k'))
      await refuses(t, client.putObject({ ...K, Body: 'x', ACL: 'public-read' }), 'AccessDenied', blocked('s3:PutObjectAcl', 'data/k'))
      await refuses(t, client.copyObject({ ...K, CopySource: 'data/k', MetadataDirective: 'REPLACE', ACL: 'public-read' }), 'AccessDenied')
      await refuses(t, client.createMultipartUpload({ ...K, ACL: 'public-read' }), 'AccessDenied')
      await client.putObject({ ...K, Body: 'x', ACL: 'bucket-owner-read' })
      t.equal((await client.getBucketAcl(B)).Grants?.length, 2, 'what is there already stays')
    })

    t.test('IgnorePublicAcls: passes over the public ACLs that are there', async t => {
      const s3 = await open(t)
      await s3.client.putBucketAcl({ ...B, ACL: 'public-read-write' })
      await s3.client.putObjectAcl({ ...K, ACL: 'public-read' })
      t.equal((await visit(s3, { url: '/data/k' })).status, 200)
      await block(s3, 'IgnorePublicAcls')
      t.equal((await visit(s3, { url: '/data/k' })).status, 403)
      t.equal((await visit(s3, { url: '/data' })).status, 403)
      t.equal((await visit(s3, { method: 'PUT', url: '/data/x', body: 'x' })).status, 403)
      await refuses(t, s3.as({ account: OTHER }).getObject(K), 'AccessDenied')
      t.equal((await s3.client.getObjectAcl(K)).Grants?.length, 2, 'and they are still told')
    })

    t.test('BlockPublicPolicy: refuses public policies, and leaves the one that is there', async t => {
      const s3 = await open(t)
      const Policy = policyOf(PUBLIC)
      await s3.client.putBucketPolicy({ ...B, Policy })
      const onlyPolicy = { AccountId: HOME, PublicAccessBlockConfiguration: { BlockPublicPolicy: true } }
      if (place === 'the account') await s3.service<Control>('s3control').putPublicAccessBlock(onlyPolicy)
      else await block(s3, 'BlockPublicPolicy')
      await refuses(t, s3.client.putBucketPolicy({ ...B, Policy }), 'AccessDenied', {
        status: 403,
        message: `User: arn:aws:iam::${HOME}:root is not authorized to perform: s3:PutBucketPolicy on resource: "arn:aws:s3:::data" because public policies are blocked by the BlockPublicPolicy block public access setting.`,
      })
      t.equal((await visit(s3, { url: '/data/k' })).status, 200)
      await s3.client.putBucketPolicy({ ...B, Policy: policyOf({ ...PUBLIC, Principal: { AWS: OTHER } }) })
    })

    t.test('RestrictPublicBuckets: keeps everyone but the account out of a bucket with a public policy', async t => {
      const s3 = await open(t)
      const other = s3.as({ account: OTHER })
      await s3.client.putBucketPolicy({ ...B, Policy: policyOf(PUBLIC, { ...PUBLIC, Principal: { AWS: OTHER } }) })
      t.ok(await other.getObject(K))
      await block(s3, 'RestrictPublicBuckets')
      t.equal((await visit(s3, { url: '/data/k' })).status, 403)
      await refuses(t, other.getObject(K), 'AccessDenied', {})
      t.ok(await s3.client.getObject(K), 'the account itself')
      await s3.client.putBucketPolicy({ ...B, Policy: policyOf({ ...PUBLIC, Principal: { AWS: OTHER } }) })
      t.ok(await other.getObject(K), 'a policy that isn’t public counts')
    })
  })
}
