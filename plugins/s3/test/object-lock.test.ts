import t from 'tap'
import { refuses, startS3 } from './kit.js'

const K = { Bucket: 'locked', Key: 'k' }
const DAY = 24 * 60 * 60 * 1000

async function locked(t: Parameters<typeof startS3>[0]) {
  const s3 = await startS3(t)
  await s3.client.createBucket({ Bucket: 'locked', ObjectLockEnabledForBucket: true })
  const inDays = (days: number) => new Date(s3.clock.now() + days * DAY)
  return { client: s3.client, clock: s3.clock, http: s3.http, inDays }
}

t.test('Object Lock of a bucket', async t => {
  t.test('comes with versioning, which can’t be suspended then', async t => {
    const { client } = await locked(t)
    t.same(await client.getObjectLockConfiguration({ Bucket: 'locked' }), { ObjectLockConfiguration: { ObjectLockEnabled: 'Enabled' } })
    t.same(await client.getBucketVersioning({ Bucket: 'locked' }), { Status: 'Enabled' })
    await refuses(
      t,
      client.putBucketVersioning({ Bucket: 'locked', VersioningConfiguration: { Status: 'Suspended' } }),
      'InvalidBucketState',
      {
        message: 'An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.',
      },
    )
  })

  t.test('is refused where it doesn’t fit', async t => {
    const { client } = await locked(t)
    await refuses(t, client.getObjectLockConfiguration({ Bucket: 'data' }), 'ObjectLockConfigurationNotFoundError', {
      message: 'Object Lock configuration does not exist for this bucket',
      status: 404,
    })
    const put = (Bucket: string, DefaultRetention: object) =>
      client.putObjectLockConfiguration({ Bucket, ObjectLockConfiguration: { ObjectLockEnabled: 'Enabled', Rule: { DefaultRetention } } })
    await refuses(t, put('data', { Mode: 'GOVERNANCE', Days: 1 }), 'InvalidBucketState')
    await refuses(t, put('locked', { Mode: 'GOVERNANCE', Days: 1, Years: 1 }), 'MalformedXML')
    await refuses(t, put('locked', { Mode: 'GOVERNANCE' }), 'MalformedXML')
    await refuses(t, put('locked', { Mode: 'SOMETIMES', Days: 1 }), 'MalformedXML')
    await refuses(t, put('locked', { Mode: 'GOVERNANCE', Days: 0 }), 'InvalidArgument', {
      message: 'Default retention period must be a positive integer value.',
    })
    await refuses(t, put('locked', { Mode: 'GOVERNANCE', Days: 36_501 }), 'InvalidArgument', {
      message: 'Default retention period too large.',
    })
  })

  t.test('gives new objects its default retention', async t => {
    const { client, inDays } = await locked(t)
    const Rule = { DefaultRetention: { Mode: 'GOVERNANCE', Days: 2 } } as const
    await client.putObjectLockConfiguration({ Bucket: 'locked', ObjectLockConfiguration: { ObjectLockEnabled: 'Enabled', Rule } })
    await client.putObject({ ...K, Body: 'x' })
    t.match(await client.headObject(K), { ObjectLockMode: 'GOVERNANCE', ObjectLockRetainUntilDate: inDays(2) })
  })
})

t.test('a locked object', async t => {
  t.test('is refused with lock members that don’t make a lock', async t => {
    const { client, inDays, http } = await locked(t)
    const put = (members: object) => client.putObject({ ...K, Body: 'x', ...members })
    await refuses(t, client.putObject({ Bucket: 'data', Key: 'k', ObjectLockLegalHoldStatus: 'ON' }), 'InvalidRequest', {
      message: 'Bucket is missing Object Lock Configuration',
    })
    await refuses(t, put({ ObjectLockMode: 'GOVERNANCE' }), 'InvalidArgument', {
      message: 'x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied',
    })
    await refuses(t, put({ ObjectLockMode: 'NEVER', ObjectLockRetainUntilDate: inDays(1) }), 'InvalidArgument', {
      message: 'Unknown wormMode directive.',
    })
    await refuses(t, put({ ObjectLockMode: 'GOVERNANCE', ObjectLockRetainUntilDate: inDays(-1) }), 'InvalidArgument', {
      message: 'The retain until date must be in the future!',
    })
    await refuses(t, put({ ObjectLockLegalHoldStatus: 'MAYBE' }), 'InvalidArgument', {
      message: "Legal Hold must be either of 'ON' or 'OFF'",
    })
    const wire = await http({ method: 'PUT', url: '/locked/k', headers: { 'x-amz-object-lock-legal-hold': 'ON' }, body: 'x' })
    t.match(wire.body, 'Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters')
  })

  t.test('in governance mode is removed only with the bypass, or when its time is over', async t => {
    const { client, inDays, clock } = await locked(t)
    const lock = { ObjectLockMode: 'GOVERNANCE', ObjectLockRetainUntilDate: inDays(1) } as const
    const one = await client.putObject({ ...K, Body: 'x', ...lock })
    const two = await client.putObject({ ...K, Body: 'y', ...lock })
    await refuses(t, client.deleteObject({ ...K, VersionId: one.VersionId }), 'AccessDenied', {
      message: 'Access Denied because object protected by object lock.',
      status: 403,
    })
    t.match(await client.deleteObject(K), { DeleteMarker: true }, 'a delete marker is always possible')
    await client.deleteObject({ ...K, VersionId: one.VersionId, BypassGovernanceRetention: true })
    await clock.advance(DAY + 1)
    await client.deleteObject({ ...K, VersionId: two.VersionId })
    t.same((await client.listObjectVersions({ Bucket: 'locked' })).Versions, [])
  })

  t.test('in compliance mode can’t be removed, nor its retention cut', async t => {
    const { client, inDays } = await locked(t)
    const { VersionId } = await client.putObject({ ...K, Body: 'x', ObjectLockMode: 'COMPLIANCE', ObjectLockRetainUntilDate: inDays(2) })
    const BypassGovernanceRetention = true
    await refuses(t, client.deleteObject({ ...K, VersionId, BypassGovernanceRetention }), 'AccessDenied')
    const put = (Mode: 'COMPLIANCE' | 'GOVERNANCE', days: number) =>
      client.putObjectRetention({ ...K, BypassGovernanceRetention, Retention: { Mode, RetainUntilDate: inDays(days) } })
    await refuses(t, put('COMPLIANCE', 1), 'AccessDenied')
    await refuses(t, put('GOVERNANCE', 3), 'AccessDenied')
    await put('COMPLIANCE', 3)
    t.same((await client.getObjectRetention(K)).Retention, { Mode: 'COMPLIANCE', RetainUntilDate: inDays(3) })
  })

  t.test('with a legal hold can’t be removed until it is lifted', async t => {
    const { client } = await locked(t)
    const { VersionId } = await client.putObject({ ...K, Body: 'x' })
    await refuses(t, client.getObjectLegalHold(K), 'NoSuchObjectLockConfiguration', {
      message: 'The specified object does not have a ObjectLock configuration',
      status: 404,
    })
    await refuses(t, client.getObjectRetention(K), 'NoSuchObjectLockConfiguration')
    await client.putObjectLegalHold({ ...K, LegalHold: { Status: 'ON' } })
    t.same(await client.getObjectLegalHold(K), { LegalHold: { Status: 'ON' } })
    await refuses(t, client.deleteObject({ ...K, VersionId, BypassGovernanceRetention: true }), 'AccessDenied')
    const many = await client.deleteObjects({ Bucket: 'locked', Delete: { Objects: [{ Key: 'k', VersionId }] } })
    t.match(many.Errors, [{ Key: 'k', VersionId, Code: 'AccessDenied', Message: 'Access Denied because object protected by object lock.' }])
    await client.putObjectLegalHold({ ...K, LegalHold: { Status: 'OFF' } })
    await client.deleteObject({ ...K, VersionId })
  })

  t.test('gets retention and hold as documents', async t => {
    const { client, http, inDays } = await locked(t)
    await client.putObject({ ...K, Body: 'x' })
    const put = await http({ method: 'PUT', url: '/locked/k?legal-hold', body: '<LegalHold><Status>ON</Status></LegalHold>' })
    t.strictSame([put.status, put.body], [200, ''])
    t.match(
      (await http({ url: '/locked/k?legal-hold' })).body,
      '<LegalHold xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Status>ON</Status></LegalHold>',
    )
    const date = inDays(1).toISOString()
    await http({
      method: 'PUT',
      url: '/locked/k?retention',
      body: `<Retention><Mode>GOVERNANCE</Mode><RetainUntilDate>${date}</RetainUntilDate></Retention>`,
    })
    t.match(
      (await http({ url: '/locked/k?retention' })).body,
      '<Mode>GOVERNANCE</Mode><RetainUntilDate>2026-01-02T00:00:00.000Z</RetainUntilDate>',
    )
    const head = await http({ method: 'HEAD', url: '/locked/k' })
    t.match(head.headers, {
      'x-amz-object-lock-mode': 'GOVERNANCE',
      'x-amz-object-lock-legal-hold': 'ON',
      'x-amz-object-lock-retain-until-date': /^2026-01-02T00:00:00/,
    })
  })
})

t.test('on the wire, bytes that will be locked come with a digest', async t => {
  const { client, http } = await locked(t)
  const required = (request: string) => ({
    status: 400,
    body: `<Code>InvalidRequest</Code><Message>Content-MD5 OR x-amz-checksum- HTTP header is required for ${request} requests with Object Lock parameters</Message>`,
  })
  const put = (headers: Record<string, string> = {}, query = '') =>
    http({ method: 'PUT', url: `/locked/k${query}`, body: 'hello', headers })
  t.equal((await put()).status, 200, 'nothing is locked')
  await client.putObjectLockConfiguration({
    Bucket: 'locked',
    ObjectLockConfiguration: { ObjectLockEnabled: 'Enabled', Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days: 1 } } },
  })
  t.match(await put(), required('Put Object'), 'the bucket’s default locks')
  t.equal((await put({ 'x-amz-checksum-crc32': 'NhCmhg==' })).status, 200)
  const { UploadId } = await client.createMultipartUpload(K)
  const part = `?partNumber=1&uploadId=${UploadId}`
  t.match(await put({}, part), required('Put Part'))
  t.equal((await put({ 'content-md5': 'XUFAKrxLKna5cZ2REBfFkg==' }, part)).status, 200)
})
