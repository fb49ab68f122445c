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

t.test('replication', async t => {
  const Role = 'arn:aws:iam::000000000000:role/replication'
  const Destination = { Bucket: 'arn:aws:s3:::copy' }
  const rule = {
    ID: 'r',
    Status: 'Enabled' as const,
    Priority: 1,
    Filter: { Prefix: '' },
    DeleteMarkerReplication: { Status: 'Enabled' as const },
    Destination,
  }

  t.test('is refused in S3’s words', async t => {
    const { client } = await startS3(t)
    await refuses(t, client.getBucketReplication(B), 'ReplicationConfigurationNotFoundError', {
      status: 404,
      message: 'The replication configuration was not found',
      fields: { BucketName: 'data' },
    })
    const put = (more: object) => client.putBucketReplication({ ...B, ReplicationConfiguration: { Role, Rules: [{ ...rule, ...more }] } })
    await refuses(t, put({}), 'InvalidRequest', {
      message: "Versioning must be 'Enabled' on the bucket to apply a replication configuration",
    })
    await client.putBucketVersioning({ ...B, VersioningConfiguration: { Status: 'Enabled' } })
    await refuses(t, put({}), 'InvalidRequest', { message: 'Destination bucket must exist.' })
    await client.createBucket({ Bucket: 'copy' })
    await refuses(t, put({}), 'InvalidRequest', { message: 'Destination bucket must have versioning enabled.' })
    await refuses(t, put({ Destination: { Bucket: 'copy' } }), 'InvalidArgument', { message: 'Invalid bucket ARN.' })
    await refuses(t, put({ Priority: undefined }), 'InvalidRequest')
    await refuses(t, put({ Filter: { Tag: { Key: 'a', Value: 'b' } } }), 'InvalidRequest', {
      message:
        'Delete marker replication is not supported if any Tag filter is specified. Please refer to S3 Developer Guide for more information.',
    })
  })

  t.test('is carried out', async t => {
    const { client, clock } = await startS3(t)
    await client.createBucket({ Bucket: 'copy' })
    for (const Bucket of ['data', 'copy']) await client.putBucketVersioning({ Bucket, VersioningConfiguration: { Status: 'Enabled' } })
    await client.putBucketReplication({
      ...B,
      ReplicationConfiguration: { Role, Rules: [{ ...rule, Destination: { ...Destination, StorageClass: 'STANDARD_IA' } }] },
    })
    const big = Buffer.alloc(200_000, 'x')
    const { VersionId } = await client.putObject({ ...B, Key: 'k', Body: big, Metadata: { a: 'b' } })
    t.equal((await client.headObject({ ...B, Key: 'k' })).ReplicationStatus, 'PENDING')
    await clock.advance(1000)
    t.equal((await client.headObject({ ...B, Key: 'k' })).ReplicationStatus, 'COMPLETED')
    const replica = await client.getObject({ Bucket: 'copy', Key: 'k' })
    t.match(replica, { ReplicationStatus: 'REPLICA', VersionId, StorageClass: 'STANDARD_IA', Metadata: { a: 'b' }, ContentLength: 200_000 })
    t.equal((await textOf(replica)).length, 200_000)
    await client.putObjectTagging({ ...B, Key: 'k', Tagging: { TagSet: [{ Key: 't', Value: 'v' }] } })
    await clock.advance(1000)
    t.same((await client.getObjectTagging({ Bucket: 'copy', Key: 'k' })).TagSet, [{ Key: 't', Value: 'v' }])
    await client.deleteObject({ ...B, Key: 'k' })
    await clock.advance(1000)
    await refuses(t, client.getObject({ Bucket: 'copy', Key: 'k' }), 'NoSuchKey')
    t.same((await client.getBucketReplication(B)).ReplicationConfiguration?.Role, Role)
    await client.putBucketVersioning({ Bucket: 'copy', VersioningConfiguration: { Status: 'Suspended' } })
    await client.putObject({ ...B, Key: 'k2', Body: 'x' })
    await clock.advance(1000)
    t.equal((await client.headObject({ ...B, Key: 'k2' })).ReplicationStatus, 'FAILED')
    await client.deleteBucketReplication(B)
    await client.putObject({ ...B, Key: 'k3', Body: 'x' })
    t.equal((await client.headObject({ ...B, Key: 'k3' })).ReplicationStatus, undefined)
  })
})
