import { createHash } from 'node:crypto'
import t from 'tap'
import { refuses, startS3, textOf } from './kit.js'

const K = { Bucket: 'data', Key: 'k' }

function customerKey(fill: string) {
  const key = Buffer.alloc(32, fill)
  return {
    SSECustomerAlgorithm: 'AES256',
    SSECustomerKey: key.toString('base64'),
    SSECustomerKeyMD5: createHash('md5').update(key).digest('base64'),
  }
}

t.test('SSE-S3', async t => {
  t.test('is refused with a KMS key, and anything that is no algorithm too', async t => {
    const { client } = await startS3(t)
    const kms = 'Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms'
    await refuses(t, client.putObject({ ...K, ServerSideEncryption: 'AES256', SSEKMSKeyId: 'k' }), 'InvalidArgument', { message: kms })
    await refuses(t, client.putObject({ ...K, SSEKMSKeyId: 'k' }), 'InvalidArgument', { message: kms })
    await refuses(t, client.putObject({ ...K, ServerSideEncryption: 'ROT13' as 'AES256' }), 'InvalidArgument', {
      message: 'The encryption method specified is not supported',
      fields: { ArgumentName: 'x-amz-server-side-encryption', ArgumentValue: 'ROT13' },
    })
  })

  t.test('is what every object has', async t => {
    const { http } = await startS3(t)
    const put = await http({ method: 'PUT', url: '/data/k', body: 'x' })
    const get = await http({ url: '/data/k' })
    t.same(
      [put, get].map(r => r.headers['x-amz-server-side-encryption']),
      ['AES256', 'AES256'],
    )
  })
})

t.test('SSE-C', async t => {
  t.test('refuses keys that are none', async t => {
    const { client } = await startS3(t)
    const key = customerKey('a')
    const put = (members: object) => client.putObject({ ...K, Body: 'x', ...members })
    await refuses(t, put({ ...key, SSECustomerAlgorithm: 'AES128' }), 'InvalidEncryptionAlgorithmError')
    await refuses(t, put({ ...key, SSECustomerAlgorithm: undefined }), 'InvalidArgument', {
      message: 'Requests specifying Server Side Encryption with Customer provided keys must provide a valid encryption algorithm.',
    })
    await refuses(t, put({ ...key, SSECustomerKey: undefined }), 'InvalidArgument', {
      message: 'Requests specifying Server Side Encryption with Customer provided keys must provide an appropriate secret key.',
    })
    await refuses(t, put({ ...key, SSECustomerKeyMD5: undefined }), 'InvalidArgument')
    await refuses(t, put({ ...key, SSECustomerKey: 'c2hvcnQ=' }), 'InvalidArgument', {
      message: 'The secret key was invalid for the specified algorithm.',
    })
    await refuses(t, put({ ...key, SSECustomerKeyMD5: customerKey('b').SSECustomerKeyMD5 }), 'InvalidArgument', {
      message: 'The calculated MD5 hash of the key did not match the hash that was provided.',
    })
    await refuses(t, put({ ...key, ServerSideEncryption: 'AES256' }), 'InvalidArgument', {
      message: 'Server Side Encryption with Customer provided key is incompatible with the encryption method specified',
    })
  })

  t.test('gives the object only to who brings its key', async t => {
    const { client } = await startS3(t)
    const key = customerKey('a')
    const put = await client.putObject({ ...K, Body: 'secret', ...key })
    t.match(put, { SSECustomerAlgorithm: 'AES256', SSECustomerKeyMD5: key.SSECustomerKeyMD5 })
    t.equal(put.ServerSideEncryption, undefined)
    t.not(put.ETag, `"${createHash('md5').update('secret').digest('hex')}"`)
    t.equal(await textOf(await client.getObject({ ...K, ...key })), 'secret')
    await refuses(t, client.getObject(K), 'InvalidRequest', {
      message:
        'The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object.',
    })
    await refuses(t, client.headObject({ ...K, ...customerKey('b') }), 'AccessDenied')
    await client.putObject({ Bucket: 'data', Key: 'plain', Body: 'x' })
    await refuses(t, client.getObject({ Bucket: 'data', Key: 'plain', ...key }), 'InvalidRequest', {
      message: 'The encryption parameters are not applicable to this object.',
    })
  })

  t.test('is asked for on both sides of a copy', async t => {
    const { client } = await startS3(t)
    const key = customerKey('a')
    await client.putObject({ ...K, Body: 'secret', ...key })
    const copy = { Bucket: 'data', Key: 'copy', CopySource: 'data/k' }
    await refuses(t, client.copyObject(copy), 'InvalidRequest')
    const source = {
      CopySourceSSECustomerAlgorithm: 'AES256',
      CopySourceSSECustomerKey: key.SSECustomerKey,
      CopySourceSSECustomerKeyMD5: key.SSECustomerKeyMD5,
    }
    const { CopyObjectResult } = await client.copyObject({ ...copy, ...source })
    t.equal(CopyObjectResult?.ETag, `"${createHash('md5').update('secret').digest('hex')}"`)
    t.equal(await textOf(await client.getObject({ Bucket: 'data', Key: 'copy' })), 'secret')
  })

  t.test('is asked for with each part', async t => {
    const { client } = await startS3(t)
    const key = customerKey('a')
    const { UploadId } = await client.createMultipartUpload({ ...K, ...key })
    const part = (members: object) => client.uploadPart({ ...K, UploadId, PartNumber: 1, Body: 'x', ...members })
    await refuses(t, part({}), 'InvalidRequest', {
      message:
        'The multipart upload initiate requested encryption. Subsequent part requests must include the appropriate encryption parameters.',
    })
    await refuses(t, part(customerKey('b')), 'InvalidRequest', {
      message: 'The provided encryption parameters did not match the ones used originally.',
    })
    const { ETag } = await part(key)
    await client.completeMultipartUpload({ ...K, UploadId, MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] } })
    t.equal(await textOf(await client.getObject({ ...K, ...key })), 'x')
  })
})

t.test('SSE-KMS without a KMS to ask takes the key at its word', async t => {
  const { client } = await startS3(t)
  const put = (members: object) => client.putObject({ ...K, Body: 'x', ServerSideEncryption: 'aws:kms', ...members })
  t.match(await put({}), { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: 'arn:aws:kms:us-east-1:000000000000:alias/aws/s3' })
  const SSEKMSKeyId = 'arn:aws:kms:us-east-1:000000000000:key/0d5f3a8e-0000-4000-8000-000000000000'
  const { ETag } = await put({ SSEKMSKeyId, BucketKeyEnabled: true })
  t.not(ETag, `"${createHash('md5').update('x').digest('hex')}"`, 'the ETag tells nothing of the content')
  t.match(await client.headObject(K), { ServerSideEncryption: 'aws:kms', SSEKMSKeyId, BucketKeyEnabled: true, ETag })
  await refuses(t, put({ SSEKMSEncryptionContext: 'bm90IGpzb24=' }), 'InvalidArgument')
})

t.test('a bucket’s default encryption is that of objects whose writer chooses none', async t => {
  const { client } = await startS3(t)
  const Rules = [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' as const }, BucketKeyEnabled: true }]
  await client.putBucketEncryption({ Bucket: 'data', ServerSideEncryptionConfiguration: { Rules } })
  t.match(await client.putObject({ ...K, Body: 'x' }), { ServerSideEncryption: 'aws:kms', BucketKeyEnabled: true })
  t.match(await client.putObject({ ...K, Body: 'x', ServerSideEncryption: 'AES256' }), {
    ServerSideEncryption: 'AES256',
    SSEKMSKeyId: undefined,
  })
})

t.test('UpdateObjectEncryption changes the encryption in place', async t => {
  const { client } = await startS3(t)
  const { ETag } = await client.putObject({ ...K, Body: 'x' })
  const KMSKeyArn = 'arn:aws:kms:us-east-1:000000000000:key/0d5f3a8e-0000-4000-8000-000000000000'
  await refuses(t, client.updateObjectEncryption({ ...K, ObjectEncryption: { SSEKMS: { KMSKeyArn: 'alias/x' } } }), 'InvalidRequest')
  await client.updateObjectEncryption({ ...K, ObjectEncryption: { SSEKMS: { KMSKeyArn } } })
  t.match(await client.headObject(K), { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: KMSKeyArn, ETag })
})
