import { FakeClock } from '@ministack/gateway/testing'
import t from 'tap'
import { refuses, SIGNED, startS3, textOf, visit } from './kit.js'

const B = { Bucket: 'data' }
t.test('access logs', async t => {
  t.test('are refused in S3’s words', async t => {
    const s3 = await startS3(t)
    t.same(await s3.client.getBucketLogging(B), {})
    const put = (LoggingEnabled: object) =>
      s3.client.putBucketLogging({ ...B, BucketLoggingStatus: { LoggingEnabled: LoggingEnabled as never } })
    await refuses(t, put({ TargetBucket: 'data' }), 'MalformedXML')
    await refuses(t, put({ TargetBucket: 'nowhere', TargetPrefix: '' }), 'InvalidTargetBucketForLogging', {
      status: 400,
      message: 'The target bucket for logging does not exist',
      fields: { TargetBucket: 'nowhere' },
    })
    await s3.as({ account: '222222222222' }).createBucket({ Bucket: 'theirs' })
    await refuses(t, put({ TargetBucket: 'theirs', TargetPrefix: '' }), 'InvalidTargetBucketForLogging', {
      message: 'The owner for the bucket to be logged and the target bucket must be the same.',
    })
  })

  t.test('are written to the target bucket', async t => {
    const s3 = await startS3(t)
    await s3.client.createBucket({ Bucket: 'logs' })
    const LoggingEnabled = { TargetBucket: 'logs', TargetPrefix: 'data/' }
    await s3.client.putBucketLogging({ ...B, BucketLoggingStatus: { LoggingEnabled } })
    t.same(await s3.client.getBucketLogging(B), { LoggingEnabled })
    await s3.http({ method: 'PUT', url: '/data/a%20b', headers: SIGNED, body: 'hello' })
    await s3.http({ url: '/data/none?versionId=null', headers: { ...SIGNED, 'user-agent': 'test "1"' } })
    await s3.clock.advance(60_000)
    const { Contents = [] } = await s3.client.listObjectsV2({ Bucket: 'logs' })
    t.equal(Contents.length, 1)
    t.match(Contents[0]?.Key, /^data\/2026-01-01-00-01-00-[0-9A-F]{16}$/)
    const lines = (await textOf(await s3.client.getObject({ Bucket: 'logs', Key: Contents[0]?.Key }))).split('\n')
    t.match(
      lines[0],
      /^[0-9a-f]{64} data \[01\/Jan\/2026:00:00:00 \+0000\] 127\.0\.0\.1 [0-9a-f]{64} \S+ REST\.PUT\.OBJECT a%20b "PUT \/data\/a%20b HTTP\/1\.1" 200 - - 5 0 - "-" "[^"]*" - \S+ SigV4 - AuthHeader localhost:4566 - - -$/,
    )
    t.match(
      lines[1],
      / REST\.GET\.OBJECT none "GET \/data\/none\?versionId=null HTTP\/1\.1" 404 NoSuchVersion \d+ - 0 0 "-" "test %221%22" /,
    )
    await s3.client.putBucketLogging({ ...B, BucketLoggingStatus: {} })
    t.same(await s3.client.getBucketLogging(B), {})
  })

  /** What is in the log objects, once they are delivered. */
  async function delivered(s3: Awaited<ReturnType<typeof startS3>>) {
    const { Contents = [] } = await s3.client.listObjectsV2({ Bucket: 'logs' })
    const objects = []
    for (const { Key = '' } of Contents) objects.push({ Key, text: await textOf(await s3.client.getObject({ Bucket: 'logs', Key })) })
    return objects
  }
  const logTo = (s3: Awaited<ReturnType<typeof startS3>>, more: object = {}) =>
    s3.client.putBucketLogging({
      ...B,
      BucketLoggingStatus: { LoggingEnabled: { TargetBucket: 'logs', TargetPrefix: 'p/', ...more } },
    })

  t.test('are one for each day of events, or of their delivery', async t => {
    for (const PartitionDateSource of ['EventTime', 'DeliveryTime'] as const) {
      const s3 = await startS3(t, { clock: new FakeClock('2026-01-01T23:59:30Z') })
      await s3.client.createBucket({ Bucket: 'logs' })
      await logTo(s3, { TargetObjectKeyFormat: { PartitionedPrefix: { PartitionDateSource } } })
      await s3.http({ url: '/data/before' })
      await s3.clock.advance(40_000)
      await s3.http({ url: '/data/after' })
      await s3.clock.advance(20_000)
      const objects = await delivered(s3)
      const folder = 'p/000000000000/us-east-1/data/'
      if (PartitionDateSource === 'EventTime') {
        t.match(objects, [
          { Key: new RegExp(`^${folder}2026/01/01/2026-01-01-00-00-00-[0-9A-F]{16}$`), text: ' before ' },
          { Key: new RegExp(`^${folder}2026/01/02/2026-01-02-00-00-00-[0-9A-F]{16}$`), text: ' after ' },
        ])
        t.notMatch(objects[0]?.text, ' after ')
      } else {
        t.match(objects, [{ Key: new RegExp(`^${folder}2026/01/02/2026-01-02-00-00-30-[0-9A-F]{16}$`), text: /before[\s\S]*after/ }])
      }
    }
  })

  t.test('tell of access points, ACLs and time', async t => {
    const s3 = await startS3(t)
    await s3.client.createBucket({ Bucket: 'logs' })
    const control = s3.service<typeof import('@aws-sdk/client-s3-control')>('s3control')
    const made = await control.createAccessPoint({ AccountId: '000000000000', Name: 'my-point', Bucket: 'data' })
    await s3.client.putBucketOwnershipControls({ ...B, OwnershipControls: { Rules: [{ ObjectOwnership: 'ObjectWriter' }] } })
    await s3.client.deletePublicAccessBlock(B)
    await s3.client.putObject({ ...B, Key: 'open', Body: Buffer.alloc(200_000), ACL: 'public-read' })
    await logTo(s3)
    await visit(s3, { url: '/data/open' })
    await s3.http({ url: `/${made.Alias}/open` })
    await s3.clock.advance(60_000)
    const lines = (await delivered(s3))[0]?.text.split('\n') ?? []
    t.match(lines[0], / REST\.GET\.OBJECT open .* 200 - 200000 200000 - 0 .* localhost:4566 - - Yes$/, 'a stream’s end isn’t known')
    t.ok(lines[1]?.endsWith(` localhost:4566 - ${made.AccessPointArn} -`))
  })

  t.test('are readable by those whom the configuration grants it', async t => {
    const s3 = await startS3(t)
    const Bucket = 'logs'
    await s3.client.createBucket({ Bucket, ObjectOwnership: 'ObjectWriter' })
    const Grantee = { Type: 'CanonicalUser' as const, ID: 'ab'.repeat(32) }
    await logTo(s3, { TargetGrants: [{ Grantee, Permission: 'READ' }] })
    await s3.http({ url: '/data/x' })
    await s3.clock.advance(60_000)
    const [log] = await delivered(s3)
    const { Grants = [] } = await s3.client.getObjectAcl({ Bucket, Key: log?.Key })
    t.same(
      Grants.map(it => it.Permission),
      ['FULL_CONTROL', 'READ'],
    )
    t.equal(Grants[1]?.Grantee?.ID, Grantee.ID)
  })
})
