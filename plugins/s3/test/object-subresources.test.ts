import { createHash } from 'node:crypto'
import t from 'tap'
import { errorDocument, golden, NAMESPACE, refuses, startS3 } from './kit.js'

const K = { Bucket: 'data', Key: 'k' }
const L = { Bucket: 'locked', Key: 'k' }
const XML = { 'content-type': 'application/xml' }
const MALFORMED = 'The XML you provided was not well-formed or did not validate against our published schema'
const ID = /[0-9a-f]{64}/g

type Request = Parameters<Awaited<ReturnType<typeof startS3>>['http']>[0]

async function start(t: Parameters<typeof startS3>[0]) {
  const s3 = await startS3(t)
  await s3.client.createBucket({ Bucket: 'locked', ObjectLockEnabledForBucket: true })
  await s3.client.putObject({ ...K, Body: 'x' })
  const { VersionId = '' } = await s3.client.putObject({ ...L, Body: 'x' })
  const send = async (request: Request) => {
    const { status, headers, body } = await golden(s3.http(request))
    const { 'content-length': _, ...told } = headers
    return { status, headers: told, body: body.replace(ID, 'ID') }
  }
  /** Sends a document, and looks that one with another digest is refused. */
  const put = async (url: string, body: string, more: Record<string, string> = {}) => {
    const wrong = await send({ method: 'PUT', url, body, headers: { ...more, 'content-md5': '1B2M2Y8AsgTpgAmY7PhCfg==' } })
    t.match(wrong, { status: 400, body: '<Code>BadDigest</Code>' }, `${url} with a digest of something else`)
    const headers = { ...more, 'content-md5': createHash('md5').update(body).digest('base64') }
    return send({ method: 'PUT', url, body, headers })
  }
  return { client: s3.client, as: s3.as, clock: s3.clock, send, put, VersionId }
}

const xml = (root: string, content: string) => `<${root} ${NAMESPACE}>${content}</${root}>`

t.test('PutObjectTagging, GetObjectTagging and DeleteObjectTagging', async t => {
  t.test('refuse', async t => {
    const { client } = await start(t)
    const put = (...TagSet: { Key: string; Value: string }[]) => client.putObjectTagging({ ...K, Tagging: { TagSet } })
    const tag = (Key: string, Value = '') => ({ Key, Value })
    await refuses(t, client.getObjectTagging({ ...K, Key: 'none' }), 'NoSuchKey', { fields: { Key: 'none' } })
    await refuses(t, client.deleteObjectTagging({ ...K, Key: 'none' }), 'NoSuchKey')
    await refuses(t, put(tag('a'), tag('a')), 'InvalidTag', {
      message: 'Cannot provide multiple Tags with the same key',
      fields: { TagKey: 'a' },
    })
    for (const Key of ['', 'x'.repeat(129), 'a*b']) {
      await refuses(t, put(tag(Key)), 'InvalidTag', { message: 'The TagKey you have provided is invalid', fields: { TagKey: Key } })
    }
    for (const Value of ['x'.repeat(257), '<']) {
      await refuses(t, put(tag('a', Value)), 'InvalidTag', { message: 'The TagValue you have provided is invalid' })
    }
    await refuses(t, put(tag('aws:a')), 'InvalidTag', { message: 'Your TagKey cannot be prefixed with aws:' })
    await refuses(t, put(...Array.from({ length: 11 }, (_, i) => tag(`${i}`))), 'BadRequest', {
      message: 'Object tags cannot be greater than 10',
    })
    t.ok(await put(...Array.from({ length: 10 }, (_, i) => tag('ä'.repeat(127) + i, 'ü _.:/=+-@'.repeat(25)))))
  })

  t.test('on the wire', async t => {
    const { send, put, VersionId } = await start(t)
    const version = { 'x-amz-version-id': VersionId }
    const document = xml('Tagging', '<TagSet><Tag><Key>a</Key><Value>1</Value></Tag></TagSet>')
    t.strictSame(await put('/locked/k?tagging', document), { status: 200, headers: version, body: '' })
    t.strictSame(await send({ url: `/locked/k?tagging&versionId=${VersionId}` }), {
      status: 200,
      headers: { ...version, ...XML },
      body: document,
    })
    t.strictSame(await send({ method: 'DELETE', url: '/locked/k?tagging' }), { status: 204, headers: version, body: '' })
    t.strictSame(await send({ url: '/data/k?tagging' }), { status: 200, headers: XML, body: xml('Tagging', '<TagSet/>') })
    const bare = '<Tagging><TagSet><Tag><Key>a</Key></Tag></TagSet></Tagging>'
    t.equal((await put('/data/k?tagging', bare)).body, errorDocument('MalformedXML', MALFORMED))
  })
})

t.test('PutObjectAcl and GetObjectAcl', async t => {
  t.test('refuse', async t => {
    const { client } = await start(t)
    await refuses(t, client.getObjectAcl({ ...K, Key: 'none' }), 'NoSuchKey')
    await refuses(t, client.putObjectAcl({ ...K, ACL: 'public-read' }), 'AccessControlListNotSupported', {
      message: 'The bucket does not allow ACLs',
      status: 400,
    })
    await client.putBucketOwnershipControls({ Bucket: 'data', OwnershipControls: { Rules: [{ ObjectOwnership: 'ObjectWriter' }] } })
    await refuses(t, client.putObjectAcl({ ...K, Key: 'none', ACL: 'private' }), 'NoSuchKey')
    await refuses(t, client.putObjectAcl({ ...K, ACL: 'secret' as 'private' }), 'InvalidArgument', {
      fields: { ArgumentName: 'x-amz-acl', ArgumentValue: 'secret' },
    })
    await refuses(t, client.putObjectAcl(K), 'MissingSecurityHeader', { fields: { MissingHeaderName: 'x-amz-acl' } })
    await refuses(t, client.putObjectAcl({ ...K, ACL: 'private', GrantRead: `id="${'0'.repeat(64)}"` }), 'InvalidRequest', {
      message: 'Specifying both Canned ACLs and Header Grants is not allowed',
    })
  })

  t.test('behave, and on the wire', async t => {
    const { client, send, put } = await start(t)
    await client.putBucketOwnershipControls({ Bucket: 'data', OwnershipControls: { Rules: [{ ObjectOwnership: 'ObjectWriter' }] } })
    const schema = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    const user = `<Grantee ${schema} xsi:type="CanonicalUser"><ID>ID</ID></Grantee>`
    const full = `<Grant>${user}<Permission>FULL_CONTROL</Permission></Grant>`
    const acl = (grants: string) => xml('AccessControlPolicy', `<Owner><ID>ID</ID></Owner><AccessControlList>${grants}</AccessControlList>`)
    t.strictSame(await send({ url: '/data/k?acl' }), { status: 200, headers: XML, body: acl(full) })
    const { Owner } = await client.getObjectAcl(K)
    const read = `<Grant>${user}<Permission>READ</Permission></Grant>`
    t.strictSame(await put('/data/k?acl', acl(full + read).replaceAll('>ID<', `>${Owner?.ID}<`)), { status: 200, headers: {}, body: '' })
    t.equal((await send({ url: '/data/k?acl' })).body, acl(full + read))
    t.equal((await send({ method: 'PUT', url: '/data/k?acl', headers: { 'x-amz-acl': 'private' } })).status, 200)
    t.equal((await send({ url: '/data/k?acl' })).body, acl(full))
  })
})

t.test('Object Lock on the wire', async t => {
  const { client, put, send, VersionId } = await start(t)
  const until = '2026-02-01T00:00:00.000Z'
  const retention = xml('Retention', `<Mode>GOVERNANCE</Mode><RetainUntilDate>${until}</RetainUntilDate>`)
  t.strictSame(await put('/locked/k?retention', retention), { status: 200, headers: {}, body: '' })
  t.strictSame(await send({ url: `/locked/k?retention&versionId=${VersionId}` }), { status: 200, headers: XML, body: retention })
  const sooner = retention.replace('2026-02-01', '2026-01-20')
  const locked = 'Access Denied because object protected by object lock.'
  t.equal((await put('/locked/k?retention', sooner)).body, errorDocument('AccessDenied', locked))
  const bypass = { 'x-amz-bypass-governance-retention': 'true' }
  t.equal((await put('/locked/k?retention', '<Retention/>', bypass)).status, 200, 'an empty document takes it away')
  const none = errorDocument(
    'NoSuchObjectLockConfiguration',
    'The specified object does not have a ObjectLock configuration',
    '<Key>k</Key>',
  )
  t.strictSame(await send({ url: '/locked/k?retention' }), { status: 404, headers: XML, body: none })
  t.strictSame(await send({ url: '/locked/k?legal-hold' }), { status: 404, headers: XML, body: none })
  const hold = xml('LegalHold', '<Status>ON</Status>')
  t.strictSame(await put('/locked/k?legal-hold', hold), { status: 200, headers: {}, body: '' })
  t.strictSame(await send({ url: '/locked/k?legal-hold' }), { status: 200, headers: XML, body: hold })
  t.equal(
    (await put('/locked/k?legal-hold', '<LegalHold><Status>MAYBE</Status></LegalHold>')).body,
    errorDocument('MalformedXML', MALFORMED),
  )
  const rule = '<Rule><DefaultRetention><Mode>COMPLIANCE</Mode><Years>1</Years></DefaultRetention></Rule>'
  const configuration = xml('ObjectLockConfiguration', `<ObjectLockEnabled>Enabled</ObjectLockEnabled>${rule}`)
  t.strictSame(await put('/locked?object-lock', configuration), { status: 200, headers: {}, body: '' })
  t.strictSame(await send({ url: '/locked?object-lock' }), { status: 200, headers: XML, body: configuration })
  t.strictSame(await send({ url: '/data?object-lock' }), {
    status: 404,
    headers: XML,
    body: errorDocument(
      'ObjectLockConfigurationNotFoundError',
      'Object Lock configuration does not exist for this bucket',
      '<BucketName>data</BucketName>',
    ),
  })
  const missing = errorDocument('InvalidRequest', 'Bucket is missing Object Lock Configuration')
  for (const query of ['retention', 'legal-hold']) t.equal((await send({ url: `/data/k?${query}` })).body, missing)
  const date = { 'x-amz-object-lock-mode': 'GOVERNANCE', 'x-amz-object-lock-retain-until-date': 'next week' }
  t.equal(
    (await send({ method: 'PUT', url: '/locked/k', body: 'x', headers: date })).body,
    errorDocument(
      'InvalidArgument',
      'The retain until date must be provided in ISO 8601 format',
      '<ArgumentName>x-amz-object-lock-retain-until-date</ArgumentName><ArgumentValue>next week</ArgumentValue>',
    ),
  )
  t.equal((await client.headObject(L)).ObjectLockLegalHoldStatus, 'ON')
})

t.test('event holds answer 501 by name, and hold nothing', async t => {
  const { client } = await start(t)
  const message = 'Event holds of S3 Object Lock are not implemented in MiniStack'
  const refused = (call: Promise<unknown>) => refuses(t, call, 'NotImplemented', { status: 501, message })
  await refused(client.putObject({ ...L, Body: 'y', ObjectLockEventHold: 'ON' }))
  await refused(client.putObject({ ...L, Body: 'y', ObjectLockEventHoldDurationDays: 1 }))
  await refused(client.createMultipartUpload({ ...L, ObjectLockEventHoldDurationYears: 1 }))
  await refused(client.copyObject({ ...L, CopySource: 'data/k', ObjectLockEventHold: 'ON' }))
  await refused(client.putObjectRetention({ ...L, Retention: { EventHold: 'ON' } }))
  const DefaultRetention = { DefaultEventHold: { Days: 1 } }
  await refused(
    client.putObjectLockConfiguration({
      Bucket: 'locked',
      ObjectLockConfiguration: { ObjectLockEnabled: 'Enabled', Rule: { DefaultRetention } },
    }),
  )
  t.equal((await client.listObjectVersions({ Bucket: 'locked' })).Versions?.length, 1)
})

t.test('UpdateObjectEncryption', async t => {
  const key = (account = '000000000000') => `arn:aws:kms:us-east-1:${account}:key/11111111-2222-3333-4444-555555555555`

  t.test('refuses', async t => {
    const { client, clock } = await start(t)
    const update = (KMSKeyArn: string, members: object = {}) =>
      client.updateObjectEncryption({ ...K, ObjectEncryption: { SSEKMS: { KMSKeyArn } }, ...members })
    await refuses(t, update(key(), { Key: 'none' }), 'NoSuchKey', { status: 404 })
    await refuses(t, update(key(), { ObjectEncryption: {} }), 'MalformedXML')
    await refuses(t, update('alias/aws/s3'), 'InvalidRequest', {
      message:
        "Requests that modify an object's encryption type to SSE-KMS require a valid AWS KMS key Amazon Resource Name (ARN). Confirm that you have a correctly formatted KMS key ARN in your request, and then try again.",
    })
    await refuses(t, update(key('111111111111')), 'AccessDenied', {
      message:
        'The AWS KMS key in the request must be owned by the same account as the bucket. Modify the request to specify a KMS key from the same account, and then try again.',
    })
    const secret = Buffer.alloc(32, 7)
    await client.putObject({
      ...K,
      Body: 'x',
      SSECustomerAlgorithm: 'AES256',
      SSECustomerKey: secret.toString('base64'),
      SSECustomerKeyMD5: createHash('md5').update(secret).digest('base64'),
    })
    const message =
      "The UpdateObjectEncryption operation doesn't support source objects with the encryption type DSSE-KMS or SSE-C. Only source objects encrypted with SSE-S3 or SSE-KMS are supported."
    await refuses(t, update(key()), 'InvalidRequest', { message })
    await client.putObject({ ...K, Body: 'x', ServerSideEncryption: 'aws:kms:dsse', SSEKMSKeyId: key() })
    await refuses(t, update(key()), 'InvalidRequest', { message })
    await client.putObjectLegalHold({ ...L, LegalHold: { Status: 'ON' } })
    await refuses(t, update(key(), L), 'AccessDenied', {
      message: 'The encryption type for the specified object can’t be updated because that object is protected by S3 Object Lock.',
    })
    const RetainUntilDate = new Date(clock.now() + 1000)
    await client.putObjectLegalHold({ ...L, LegalHold: { Status: 'OFF' } })
    await client.putObjectRetention({ ...L, Retention: { Mode: 'COMPLIANCE', RetainUntilDate } })
    await refuses(t, update(key(), L), 'AccessDenied')
  })

  t.test('on the wire, leaving ETag, date and class as they were', async t => {
    const { put, send, clock } = await start(t)
    const before = (await send({ method: 'HEAD', url: '/data/k' })).headers
    await clock.advance(60_000)
    const document = `<ObjectEncryption ${NAMESPACE}><SSE-KMS><KMSKeyArn>${key()}</KMSKeyArn><BucketKeyEnabled>true</BucketKeyEnabled></SSE-KMS></ObjectEncryption>`
    t.strictSame(await put('/data/k?encryption', document), { status: 200, headers: {}, body: '' })
    t.strictSame((await send({ method: 'HEAD', url: '/data/k' })).headers, {
      ...before,
      'x-amz-server-side-encryption': 'aws:kms',
      'x-amz-server-side-encryption-aws-kms-key-id': key(),
      'x-amz-server-side-encryption-bucket-key-enabled': 'true',
    })
  })
})

t.test('annotations on the wire', async t => {
  const { send, VersionId } = await start(t)
  const at = (query: string) => `/locked/k?annotation${query}`
  const object = { 'x-amz-object-version-id': VersionId }
  const put = await send({ method: 'PUT', url: at('&annotationName=note'), body: 'text' })
  t.match(put, { status: 200 })
  const got = await send({ url: at('&annotationName=note&x-id=GetObjectAnnotation') })
  t.match(got, { status: 200, body: 'text', headers: { etag: '"1cb251ec0d568de6a929b520c4aed8d1"', ...object } })
  t.match(await send({ url: at('&annotationName=none&x-id=GetObjectAnnotation') }), { status: 404, body: '<Code>NoSuchAnnotation</Code>' })
  t.match((await send({ url: at('&x-id=ListObjectAnnotations') })).body, '<AnnotationName>note</AnnotationName>')
  t.match(await send({ url: at('&x-id=ListObjectAnnotations&max-annotation-results=x') }), { status: 400 })
  t.equal((await send({ method: 'DELETE', url: at('&annotationName=note') })).status, 204)
})
