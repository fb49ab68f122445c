import { createHash } from 'node:crypto'
import t from 'tap'
import { codeOf, refuses, startS3 } from './kit.js'

const B = { Bucket: 'data' }
const K = { ...B, Key: 'k' }
const OTHER = '222222222222'
const KEY_ARN = 'arn:aws:kms:us-east-1:000000000000:key/0d5f3a8e-0000-4000-8000-000000000000'
const SSE_S3 = { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' as const }, BucketKeyEnabled: false }

type S3Service = Awaited<ReturnType<typeof startS3>>

function put({ client }: S3Service, ...rules: unknown[]) {
  return client.putBucketEncryption({ ...B, ServerSideEncryptionConfiguration: { Rules: rules as [] } })
}

const by = (SSEAlgorithm: string, KMSMasterKeyID?: string) => ({
  ApplyServerSideEncryptionByDefault: { SSEAlgorithm, ...(KMSMasterKeyID !== undefined && { KMSMasterKeyID }) },
})

const bytes = Buffer.alloc(32, 1)
const customerKey = {
  SSECustomerAlgorithm: 'AES256',
  SSECustomerKey: bytes.toString('base64'),
  SSECustomerKeyMD5: createHash('md5').update(bytes).digest('base64'),
}

t.test('PutBucketEncryption', async t => {
  t.test('refuses what is no rule', async t => {
    const s3 = await startS3(t)
    await refuses(t, put(s3), 'MalformedXML')
    await refuses(t, put(s3, SSE_S3, SSE_S3), 'MalformedXML')
    await refuses(t, put(s3, {}), 'MalformedXML')
    for (const algorithm of ['rot13', 'aws:fsx', '']) await refuses(t, put(s3, by(algorithm)), 'MalformedXML')
    await refuses(t, put(s3, by('AES256', 'k')), 'InvalidArgument', {
      status: 400,
      message: 'a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse',
      fields: { ArgumentName: 'ApplyServerSideEncryptionByDefault' },
    })
    await refuses(t, put(s3, { ...SSE_S3, BlockedEncryptionTypes: { EncryptionType: ['SSE-X'] } }), 'MalformedXML')
    await refuses(t, put(s3, { ...SSE_S3, BlockedEncryptionTypes: { EncryptionType: ['SSE-C', 'NONE'] } }), 'MalformedXML')
    const none = { ...B, ServerSideEncryptionConfiguration: undefined }
    await refuses(t, s3.client.putBucketEncryption(none), 'MissingRequestBodyError')
    await refuses(t, s3.as({ account: OTHER }).getBucketEncryption(B), 'AccessDenied')
    await refuses(t, s3.client.getBucketEncryption({ Bucket: 'nope' }), 'NoSuchBucket')
  })

  t.test('behaves: new objects are encrypted so, whose writer chooses nothing', async t => {
    const s3 = await startS3(t)
    const written = async (members: object = {}) => {
      const { ServerSideEncryption, SSEKMSKeyId, BucketKeyEnabled } = await s3.client.putObject({ ...K, Body: 'x', ...members })
      return [ServerSideEncryption, SSEKMSKeyId, BucketKeyEnabled]
    }
    const managed = 'arn:aws:kms:us-east-1:000000000000:alias/aws/s3'
    t.same(await written(), ['AES256', undefined, undefined])
    await put(s3, by('aws:kms'))
    t.same(await written(), ['aws:kms', managed, undefined])
    await put(s3, { ...by('aws:kms', KEY_ARN), BucketKeyEnabled: true })
    t.same(await written(), ['aws:kms', KEY_ARN, true])
    t.same(await written({ ServerSideEncryption: 'aws:kms' }), ['aws:kms', managed, true], 'the bucket key goes with any key')
    t.same(await written({ ServerSideEncryption: 'aws:kms', BucketKeyEnabled: false }), ['aws:kms', managed, undefined])
    t.same(await written({ ServerSideEncryption: 'AES256' }), ['AES256', undefined, undefined])
    await put(s3, { ...by('aws:kms:dsse', KEY_ARN), BucketKeyEnabled: true })
    t.same(await written(), ['aws:kms:dsse', KEY_ARN, undefined], 'DSSE has no bucket keys')
    t.match(await s3.client.createMultipartUpload(K), { ServerSideEncryption: 'aws:kms:dsse', SSEKMSKeyId: KEY_ARN })
    t.match(await s3.client.copyObject({ ...B, Key: 'copy', CopySource: 'data/k' }), { ServerSideEncryption: 'aws:kms:dsse' })
    await s3.client.deleteBucketEncryption(B)
    t.same(await written(), ['AES256', undefined, undefined])
  })

  t.test('behaves: SSE-C can be blocked, in every way to write, and let in again', async t => {
    const s3 = await startS3(t)
    await s3.client.putObject({ ...B, Key: 'old', Body: 'old', ...customerKey })
    await put(s3, { ...SSE_S3, BlockedEncryptionTypes: { EncryptionType: ['SSE-C'] } })
    t.same((await s3.client.getBucketEncryption(B)).ServerSideEncryptionConfiguration?.Rules?.[0]?.BlockedEncryptionTypes, {
      EncryptionType: ['SSE-C'],
    })
    await s3.client.putObject({ ...K, Body: 'x' })
    await refuses(t, s3.client.putObject({ ...K, Body: 'x', ...customerKey }), 'AccessDenied', { status: 403 })
    await refuses(t, s3.client.createMultipartUpload({ ...K, ...customerKey }), 'AccessDenied')
    await refuses(t, s3.client.copyObject({ ...B, Key: 'copy', CopySource: 'data/k', ...customerKey }), 'AccessDenied')
    t.ok(await s3.client.getObject({ ...B, Key: 'old', ...customerKey }), 'what is there can be read')
    await put(s3, { ...SSE_S3, BlockedEncryptionTypes: { EncryptionType: ['NONE'] } })
    await s3.client.putObject({ ...K, Body: 'x', ...customerKey })
  })
})

t.test('GetBucketEncryption and DeleteBucketEncryption', async t => {
  t.test('behaves: SSE-S3 where nobody chose', async t => {
    const s3 = await startS3(t)
    t.same(await s3.client.getBucketEncryption(B), { ServerSideEncryptionConfiguration: { Rules: [SSE_S3] } })
    const rule = { ...by('aws:kms', 'alias/k'), BucketKeyEnabled: true }
    await put(s3, rule)
    t.same(await s3.client.getBucketEncryption(B), { ServerSideEncryptionConfiguration: { Rules: [rule] } })
    await s3.client.deleteBucketEncryption(B)
    t.same(await s3.client.getBucketEncryption(B), { ServerSideEncryptionConfiguration: { Rules: [SSE_S3] } })
  })

  t.test('refuses a bucket that is not there', async t => {
    const { client } = await startS3(t)
    await refuses(t, client.deleteBucketEncryption({ Bucket: 'nope' }), 'NoSuchBucket')
  })

  t.test('wire: documents, and statuses without any', async t => {
    const s3 = await startS3(t)
    const send = (method: string, body?: string) => s3.http({ method, url: '/data?encryption', ...(body !== undefined && { body }) })
    const choice = `<SSEAlgorithm>aws:kms</SSEAlgorithm><KMSMasterKeyID>${KEY_ARN}</KMSMasterKeyID>`
    const rule = `<Rule><ApplyServerSideEncryptionByDefault>${choice}</ApplyServerSideEncryptionByDefault><BucketKeyEnabled>true</BucketKeyEnabled><BlockedEncryptionTypes><EncryptionType>SSE-C</EncryptionType></BlockedEncryptionTypes></Rule>`
    const put = await send('PUT', `<ServerSideEncryptionConfiguration>${rule}</ServerSideEncryptionConfiguration>`)
    t.strictSame([put.status, put.body], [200, ''])
    t.equal(
      (await send('GET')).body,
      `<?xml version="1.0" encoding="UTF-8"?>\n<ServerSideEncryptionConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${rule}</ServerSideEncryptionConfiguration>`,
    )
    const object = await s3.http({ method: 'PUT', url: '/data/k', body: 'x' })
    t.match(object.headers, {
      'x-amz-server-side-encryption': 'aws:kms',
      'x-amz-server-side-encryption-aws-kms-key-id': KEY_ARN,
      'x-amz-server-side-encryption-bucket-key-enabled': 'true',
    })
    t.equal((await send('DELETE')).status, 204)
    t.match(
      (await send('GET')).body,
      '<SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault><BucketKeyEnabled>false</BucketKeyEnabled>',
    )
    t.equal(codeOf(await send('PUT', '')), 'MissingRequestBodyError')
  })
})
