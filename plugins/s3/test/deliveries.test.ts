import t from 'tap'
import { refuses, SIGNED, startS3, textOf } from './kit.js'

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
      /^[0-9a-f]{64} data \[01\/Jan\/2026:00:00:00 \+0000\] 127\.0\.0\.1 [0-9a-f]{64} \S+ REST\.PUT\.OBJECT a%20b "PUT \/data\/a%20b HTTP\/1\.1" 200 - - 5 - - "-" "[^"]*" - \S+ SigV4 - AuthHeader localhost:4566 - - -$/,
    )
    t.match(
      lines[1],
      / REST\.GET\.OBJECT none "GET \/data\/none\?versionId=null HTTP\/1\.1" 404 NoSuchVersion \d+ - - - "-" "test %221%22" /,
    )
    await s3.client.putBucketLogging({ ...B, BucketLoggingStatus: {} })
    t.same(await s3.client.getBucketLogging(B), {})
  })
})
