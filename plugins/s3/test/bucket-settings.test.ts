import { createHash } from 'node:crypto'
import t from 'tap'
import { codeOf, refuses, SIGNED, signed, startS3, textOf, visit } from './kit.js'

const B = { Bucket: 'data' }
const K = { ...B, Key: 'k' }
const OTHER = '222222222222'

t.test('GetBucketRequestPayment and PutBucketRequestPayment', async t => {
  const start = async (t: Parameters<typeof startS3>[0]) => {
    const s3 = await startS3(t)
    await s3.client.putObject({ ...K, Body: 'hello' })
    const Statement = [
      { Effect: 'Allow', Principal: { AWS: OTHER }, Action: 's3:*', Resource: ['arn:aws:s3:::data', 'arn:aws:s3:::data/*'] },
    ]
    await s3.client.putBucketPolicy({ ...B, Policy: JSON.stringify({ Statement }) })
    await s3.client.putBucketRequestPayment({ ...B, RequestPaymentConfiguration: { Payer: 'Requester' } })
    return s3
  }

  t.test('refuses payers that there aren’t', async t => {
    const { client } = await startS3(t)
    await refuses(t, client.putBucketRequestPayment({ ...B, RequestPaymentConfiguration: { Payer: 'Me' as 'Requester' } }), 'MalformedXML')
    await refuses(t, client.putBucketRequestPayment({ ...B, RequestPaymentConfiguration: undefined }), 'MissingRequestBodyError')
    await refuses(t, client.getBucketRequestPayment({ Bucket: 'nope' }), 'NoSuchBucket')
  })

  t.test('refuses other accounts that don’t say they pay, and anonymous callers whatever they say', async t => {
    const s3 = await start(t)
    const other = s3.as({ account: OTHER })
    for (const call of [other.getObject(K), other.listObjectsV2(B), other.putObject({ ...K, Body: 'x' }), other.getBucketAcl(B)])
      await refuses(t, call, 'AccessDenied', { status: 403, message: 'Access Denied' })
    const visitor = await visit(s3, { url: '/data/k', headers: { 'x-amz-request-payer': 'requester' } })
    t.equal(visitor.status, 403)
    t.equal(
      codeOf(await s3.http({ url: '/data/k', headers: { ...signed({ account: OTHER }), 'x-amz-request-payer': 'me' } })),
      'AccessDenied',
    )
  })

  t.test('behaves: who says so gets in, and the owner never has to', async t => {
    const s3 = await start(t)
    const other = s3.as({ account: OTHER })
    t.equal(await textOf(await other.getObject({ ...K, RequestPayer: 'requester' })), 'hello')
    t.ok(await s3.client.getObject(K))
    await s3.client.putBucketRequestPayment({ ...B, RequestPaymentConfiguration: { Payer: 'BucketOwner' } })
    t.ok(await other.getObject(K))
    t.same(await s3.client.getBucketRequestPayment(B), { Payer: 'BucketOwner' })
  })

  t.test('behaves: nobody is asked where authorization is off', async t => {
    const s3 = await startS3(t, { config: { authorize: false } })
    await s3.client.putBucketRequestPayment({ ...B, RequestPaymentConfiguration: { Payer: 'Requester' } })
    t.ok(await s3.as({ account: OTHER }).listObjectsV2(B))
  })

  t.test('wire: the header, or the query of a presigned URL, and what is answered', async t => {
    const s3 = await start(t)
    const headers = signed({ account: OTHER })
    const paid = await s3.http({ url: '/data/k', headers: { ...headers, 'x-amz-request-payer': 'requester' } })
    t.strictSame([paid.status, paid.headers['x-amz-request-charged']], [200, 'requester'])
    const acl = await s3.http({ url: '/data?acl', headers: { ...headers, 'x-amz-request-payer': 'requester' } })
    t.equal(acl.status, 200, 'an operation whose model has no such member')
    t.equal((await s3.http({ url: '/data/k?x-amz-request-payer=requester', headers })).status, 200)
    t.equal(
      (await s3.http({ url: '/data?requestPayment' })).body,
      '<?xml version="1.0" encoding="UTF-8"?>\n<RequestPaymentConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Payer>Requester</Payer></RequestPaymentConfiguration>',
    )
    const body = '<RequestPaymentConfiguration><Payer>BucketOwner</Payer></RequestPaymentConfiguration>'
    const put = await s3.http({ method: 'PUT', url: '/data?requestPayment', body })
    t.strictSame([put.status, put.body], [200, ''])
  })
})

t.test('GetBucketAccelerateConfiguration and PutBucketAccelerateConfiguration', async t => {
  const put = (client: Awaited<ReturnType<typeof startS3>>['client'], Status: string, Bucket = 'data') =>
    client.putBucketAccelerateConfiguration({ Bucket, AccelerateConfiguration: { Status: Status as 'Enabled' } })

  t.test('refuses names with periods, and what is no status', async t => {
    const { client } = await startS3(t)
    await client.createBucket({ Bucket: 'with.period' })
    await refuses(t, put(client, 'Enabled', 'with.period'), 'InvalidRequest', {
      status: 400,
      message: 'S3 Transfer Acceleration is not supported for buckets with periods (.) in their names',
    })
    await refuses(t, put(client, 'Maybe'), 'MalformedXML')
    await refuses(t, put(client, 'Enabled', 'nope'), 'NoSuchBucket')
    await refuses(t, client.putBucketAccelerateConfiguration({ ...B, AccelerateConfiguration: undefined }), 'MissingRequestBodyError')
  })

  t.test('behaves: says nothing until it was on once', async t => {
    const { client } = await startS3(t)
    t.same(await client.getBucketAccelerateConfiguration(B), {})
    await put(client, 'Suspended')
    t.same(await client.getBucketAccelerateConfiguration(B), {}, 'suspending what never was on changes nothing')
    for (const Status of ['Enabled', 'Suspended'] as const) {
      await put(client, Status)
      t.same(await client.getBucketAccelerateConfiguration(B), { Status })
    }
  })

  t.test('wire: an empty element for none', async t => {
    const s3 = await startS3(t)
    const document = (content: string) =>
      `<?xml version="1.0" encoding="UTF-8"?>\n<AccelerateConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${content}</AccelerateConfiguration>`
    t.equal((await s3.http({ url: '/data?accelerate' })).body, document(''))
    const body = '<AccelerateConfiguration><Status>Enabled</Status></AccelerateConfiguration>'
    t.equal((await s3.http({ method: 'PUT', url: '/data?accelerate', body })).status, 200)
    t.equal((await s3.http({ url: '/data?accelerate' })).body, document('<Status>Enabled</Status>'))
  })
})

t.test('GetBucketAbac and PutBucketAbac', async t => {
  t.test('refuses what is no status', async t => {
    const s3 = await startS3(t)
    await refuses(t, s3.client.putBucketAbac({ ...B, AbacStatus: { Status: 'Maybe' as 'Enabled' } }), 'MalformedXML')
    await refuses(t, s3.client.putBucketAbac({ ...B, AbacStatus: undefined }), 'MissingRequestBodyError')
    await refuses(t, s3.client.getBucketAbac({ Bucket: 'nope' }), 'NoSuchBucket')
    await refuses(t, s3.as({ account: OTHER }).getBucketAbac(B), 'AccessDenied')
  })

  t.test('behaves: off until it is put', async t => {
    const { client } = await startS3(t)
    t.same(await client.getBucketAbac(B), { AbacStatus: { Status: 'Disabled' } })
    await client.putBucketAbac({ ...B, AbacStatus: { Status: 'Enabled' } })
    t.same(await client.getBucketAbac(B), { AbacStatus: { Status: 'Enabled' } })
  })

  t.test('wire: one element', async t => {
    const s3 = await startS3(t)
    t.equal((await s3.http({ method: 'PUT', url: '/data?abac', body: '<AbacStatus><Status>Enabled</Status></AbacStatus>' })).status, 200)
    t.match((await s3.http({ url: '/data?abac' })).body, '<Status>Enabled</Status></AbacStatus>')
  })
})

t.test('documents are compared with their digests', async t => {
  const body = '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>'
  const md5 = createHash('md5').update(body).digest('base64')
  const sha256 = createHash('sha256').update(body)
  const [hex, base64] = [sha256.copy().digest('hex'), sha256.digest('base64')]
  const s3 = await startS3(t)
  const put = (headers: Record<string, string>) => s3.http({ method: 'PUT', url: '/data?versioning', body, headers })
  const wrong = await put({ 'content-md5': 'AAAAAAAAAAAAAAAAAAAAAA==' })
  t.equal(wrong.status, 400)
  t.match(
    wrong.body,
    `<Code>BadDigest</Code><Message>The Content-MD5 you specified did not match what we received.</Message><ExpectedDigest>AAAAAAAAAAAAAAAAAAAAAA==</ExpectedDigest><CalculatedDigest>${md5}</CalculatedDigest>`,
  )
  t.equal(codeOf(await put({ 'content-md5': 'short' })), 'InvalidDigest')
  t.match(
    (await put({ 'x-amz-checksum-sha256': createHash('sha256').digest('base64') })).body,
    'The SHA256 you specified did not match the calculated checksum.',
  )
  t.match((await put({ 'x-amz-checksum-sha256': 'x' })).body, 'Value for x-amz-checksum-sha256 header is invalid.')
  t.equal(codeOf(await put({ 'x-amz-content-sha256': '0'.repeat(64) })), 'XAmzContentSHA256Mismatch')
  t.same(await s3.client.getBucketVersioning(B), {}, 'and nothing is changed by one that is wrong')
  const right = {
    'content-md5': md5,
    'x-amz-checksum-sha256': base64,
    'x-amz-sdk-checksum-algorithm': 'SHA256',
    'x-amz-content-sha256': hex,
  }
  t.equal((await put(right)).status, 200)
  t.equal((await put({ 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' })).status, 200)
})

t.test('some documents are taken only with a digest', async t => {
  const s3 = await startS3(t)
  const DIGESTED = [
    '/data?cors',
    '/data?lifecycle',
    '/data?replication',
    '/data?tagging',
    '/data?object-lock',
    '/data/k?legal-hold',
    '/data/k?retention',
  ]
  for (const url of DIGESTED) {
    const answer = await visit(s3, { method: 'PUT', url, headers: SIGNED, body: '<x/>' })
    t.match(
      answer,
      {
        status: 400,
        body: '<Code>InvalidRequest</Code><Message>Missing required header for this request: Content-MD5 OR x-amz-checksum-*</Message>',
      },
      url,
    )
  }
  for (const url of ['/data?versioning', '/data?website', '/data/k?tagging'])
    t.equal(codeOf(await visit(s3, { method: 'PUT', url, headers: SIGNED, body: '<x/>' })), 'MalformedXML', url)
})
