import t from 'tap'
import { codeOf, refuses, startS3 } from './kit.js'

const B = { Bucket: 'data' }
const OTHER = '222222222222'

t.test('PutBucketVersioning', async t => {
  t.test('refuses what is no configuration', async t => {
    const { client } = await startS3(t)
    const put = (VersioningConfiguration: object | undefined) => client.putBucketVersioning({ ...B, VersioningConfiguration })
    await refuses(t, put(undefined), 'MissingRequestBodyError', { status: 400, message: 'Request Body is empty' })
    await refuses(t, put({}), 'IllegalVersioningConfigurationException', {
      status: 400,
      message: 'The Versioning element must be specified',
    })
    await refuses(t, put({ MFADelete: 'Disabled' }), 'IllegalVersioningConfigurationException')
    await refuses(t, put({ Status: 'Perhaps' }), 'MalformedXML')
    await refuses(t, put({ Status: 'Enabled', MFADelete: 'Perhaps' }), 'MalformedXML')
    await refuses(t, client.putBucketVersioning({ Bucket: 'nope', VersioningConfiguration: { Status: 'Enabled' } }), 'NoSuchBucket')
  })

  t.test('refuses to suspend what a lock or a replication relies on', async t => {
    const { client } = await startS3(t)
    const suspend = (Bucket: string) => client.putBucketVersioning({ Bucket, VersioningConfiguration: { Status: 'Suspended' } })
    await client.createBucket({ Bucket: 'locked', ObjectLockEnabledForBucket: true })
    await refuses(t, suspend('locked'), 'InvalidBucketState', {
      status: 409,
      message: 'An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.',
    })
    for (const Bucket of ['data', 'copy']) await client.createBucket({ Bucket })
    for (const Bucket of ['data', 'copy']) await client.putBucketVersioning({ Bucket, VersioningConfiguration: { Status: 'Enabled' } })
    await client.putBucketReplication({
      ...B,
      ReplicationConfiguration: {
        Role: 'arn:aws:iam::000000000000:role/copier',
        Rules: [{ Status: 'Enabled', Prefix: '', Destination: { Bucket: 'arn:aws:s3:::copy' } }],
      },
    })
    await refuses(t, suspend('data'), 'InvalidBucketState', {
      message: 'A replication configuration is present on this bucket, so the versioning state cannot be changed.',
    })
    await suspend('copy')
  })

  t.test('refuses MFA delete without a device’s code, to switch it on and ever after', async t => {
    const s3 = await startS3(t)
    const put = (MFADelete?: 'Enabled' | 'Disabled', MFA?: string) =>
      s3.client.putBucketVersioning({ ...B, MFA, VersioningConfiguration: { Status: 'Enabled', MFADelete } })
    const refusal = { status: 403, message: 'Mfa Authentication must be used for this request' }
    for (const MFA of [undefined, 'device', '123456', 'device 12345']) await refuses(t, put('Enabled', MFA), 'AccessDenied', refusal)
    const caller = { account: '000000000000', arn: 'arn:aws:iam::000000000000:user/ann', userId: 'AIDAX', type: 'user' as const }
    const asUser = s3.as({ caller })
    const VersioningConfiguration = { Status: 'Enabled' as const, MFADelete: 'Enabled' as const }
    await refuses(t, asUser.putBucketVersioning({ ...B, MFA: 'device 123456', VersioningConfiguration }), 'AccessDenied', {
      message: 'Access Denied',
    })
    await put('Disabled')
    await put('Enabled', 'device 123456')
    await refuses(t, put(), 'AccessDenied', refusal)
    await refuses(t, put('Disabled'), 'AccessDenied', refusal)
    await put('Disabled', 'arn:aws:iam::000000000000:mfa/root 654321')
    await put()
  })

  t.test('behaves: enables and suspends', async t => {
    const { client } = await startS3(t)
    for (const Status of ['Suspended', 'Enabled', 'Suspended'] as const) {
      await client.putBucketVersioning({ ...B, VersioningConfiguration: { Status } })
      t.same(await client.getBucketVersioning(B), { Status })
    }
    await client.putObject({ ...B, Key: 'k', Body: '1' })
    t.equal((await client.headObject({ ...B, Key: 'k' })).VersionId, 'null')
  })

  t.test('behaves: MFA delete guards versions, and says so', async t => {
    const { client } = await startS3(t)
    const MFA = 'device 123456'
    await client.putBucketVersioning({ ...B, MFA, VersioningConfiguration: { Status: 'Enabled', MFADelete: 'Enabled' } })
    t.same(await client.getBucketVersioning(B), { Status: 'Enabled', MFADelete: 'Enabled' })
    const { VersionId } = await client.putObject({ ...B, Key: 'k', Body: 'x' })
    await refuses(t, client.deleteObject({ ...B, Key: 'k', VersionId }), 'AccessDenied', {
      message: 'Mfa Authentication must be used for this request',
    })
    await client.deleteObject({ ...B, Key: 'k', VersionId, MFA })
    await refuses(t, client.headObject({ ...B, Key: 'k' }), 'NotFound')
  })
})

t.test('GetBucketVersioning', async t => {
  t.test('refuses a bucket that is not there, and strangers', async t => {
    const s3 = await startS3(t)
    await refuses(t, s3.client.getBucketVersioning({ Bucket: 'nope' }), 'NoSuchBucket')
    await refuses(t, s3.as({ account: OTHER }).getBucketVersioning(B), 'AccessDenied')
  })

  t.test('behaves: says nothing of a bucket that never was versioned', async t => {
    const { client } = await startS3(t)
    t.same(await client.getBucketVersioning(B), {})
  })
})

t.test('versioning on the wire', async t => {
  const s3 = await startS3(t)
  const put = (content: string, headers: Record<string, string> = {}) =>
    s3.http({ method: 'PUT', url: '/data?versioning', body: `<VersioningConfiguration>${content}</VersioningConfiguration>`, headers })
  const document = (content: string) =>
    `<?xml version="1.0" encoding="UTF-8"?>\n<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${content}</VersioningConfiguration>`
  t.equal((await s3.http({ url: '/data?versioning' })).body, document(''))
  const mfa = { 'x-amz-mfa': 'device 123456' }
  const done = await put('<Status>Enabled</Status><MfaDelete>Enabled</MfaDelete>', mfa)
  t.strictSame([done.status, done.body], [200, ''])
  t.equal((await s3.http({ url: '/data?versioning' })).body, document('<Status>Enabled</Status><MfaDelete>Enabled</MfaDelete>'))
  t.equal(codeOf(await put('')), 'IllegalVersioningConfigurationException')
  t.equal(codeOf(await s3.http({ method: 'PUT', url: '/data?versioning' })), 'MissingRequestBodyError')
  t.equal(codeOf(await put('<Status>')), 'MalformedXML')
})
