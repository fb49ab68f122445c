import type { NotificationConfiguration } from '@aws-sdk/client-s3'
import { AwsError, definePlugin } from '@ministack/gateway'
import t from 'tap'
import { refuses, SIGNED, startS3, textOf } from './kit.js'

const B = { Bucket: 'data' }
const QUEUE = 'arn:aws:sqs:us-east-1:000000000000:orders'

/** What the services around S3 were sent. */
interface Sent {
  readonly to: string
  readonly body: string
}

/** The services that S3 calls, as far as it calls them: they take everything down. */
function surroundings() {
  const sent: Sent[] = []
  const neighbour = (
    id: string,
    name: string,
    operations: Record<string, (ctx: { caller: { arn: string; type: string } }, input: never) => unknown>,
  ) =>
    definePlugin({
      manifest: new URL(`../../../${id}/manifest.json`, import.meta.url),
      services: { [name]: { operations: operations as never } },
    })
  const note = (to: string, body: string) => {
    sent.push({ to, body })
    return {}
  }
  const plugins = [
    neighbour('sqs', 'sqs', {
      GetQueueUrl: (_ctx, { QueueName }: { QueueName: string }) => {
        if (QueueName !== 'orders') throw new AwsError('QueueDoesNotExist', 'The specified queue does not exist.')
        return { QueueUrl: `http://localhost/000000000000/${QueueName}` }
      },
      SendMessage: (ctx, { MessageBody }: { MessageBody: string }) => ({ MessageId: ctx.caller.arn, ...note('sqs', MessageBody) }),
    }),
    neighbour('sns', 'sns', { Publish: (_ctx, { Message }: { Message: string }) => note('sns', Message) }),
    neighbour('eventbridge', 'events', {
      PutEvents: (_ctx, { Entries }: { Entries: { Detail: string; DetailType: string }[] }) =>
        note(`events ${Entries[0]?.DetailType}`, Entries[0]?.Detail ?? ''),
    }),
  ]
  return { sent, plugins }
}

const queue = (more: object = {}): NotificationConfiguration => ({
  QueueConfigurations: [{ Id: 'q', QueueArn: QUEUE, Events: ['s3:ObjectCreated:*'], ...more }],
})

t.test('notifications are refused in S3’s words', async t => {
  const { plugins } = surroundings()
  const { client } = await startS3(t, { with: plugins })
  t.same(await client.getBucketNotificationConfiguration(B), {})
  const put = (NotificationConfiguration: NotificationConfiguration) =>
    client.putBucketNotificationConfiguration({ ...B, NotificationConfiguration })
  const argument = (configuration: NotificationConfiguration, message: string) =>
    refuses(t, put(configuration), 'InvalidArgument', { message })
  await refuses(t, client.putBucketNotificationConfiguration({ ...B, NotificationConfiguration: undefined }), 'MalformedXML')
  await argument(queue({ QueueArn: 'nonsense' }), 'The ARN is not well formed')
  await argument(queue({ QueueArn: 'arn:aws:sns:us-east-1:000000000000:orders' }), 'The ARN is not well formed')
  await argument(queue({ Events: ['s3:ObjectBurned:*'] }), 'A specified event is not supported for notifications')
  await argument(
    queue({ Filter: { Key: { FilterRules: [{ Name: 'infix', Value: 'x' }] } } }),
    'filter rule name must be either prefix or suffix',
  )
  const twice = [
    { Name: 'prefix' as const, Value: 'x' },
    { Name: 'prefix' as const, Value: 'y' },
  ]
  await argument(queue({ Filter: { Key: { FilterRules: twice } } }), 'Cannot specify more than one prefix rule in a filter.')
  const both = {
    QueueConfigurations: [...queue().QueueConfigurations!, { Id: 'other', QueueArn: QUEUE, Events: ['s3:ObjectCreated:Put' as const] }],
  }
  await argument(both, 'Configurations overlap. Configurations on the same bucket cannot share a common event type.')
  await refuses(t, put(queue({ QueueArn: `${QUEUE}-gone` })), 'InvalidArgument', {
    status: 400,
    message: 'Unable to validate the following destination configurations',
    fields: { ArgumentName1: `${QUEUE}-gone`, ArgumentValue1: 'The destination queue does not exist' },
  })
  const Events = ['s3:ObjectCreated:*' as const]
  const LambdaFunctionArn = 'arn:aws:lambda:us-east-1:000000000000:function:f'
  await argument(
    { LambdaFunctionConfigurations: [{ LambdaFunctionArn, Events }] },
    'Unable to validate the following destination configurations',
  )
  t.same(await client.getBucketNotificationConfiguration(B), {}, 'nothing of it is kept')
})

t.test('notifications are delivered as AWS writes them', async t => {
  const { sent, plugins } = surroundings()
  const s3 = await startS3(t, { with: plugins })
  const { client, clock } = s3
  const FilterRules = [
    { Name: 'Prefix' as 'prefix', Value: 'in/' },
    { Name: 'suffix' as const, Value: '.txt' },
  ]
  await client.putBucketNotificationConfiguration({ ...B, NotificationConfiguration: queue({ Filter: { Key: { FilterRules } } }) })
  t.match(JSON.parse(sent[0]?.body ?? ''), {
    Service: 'Amazon S3',
    Event: 's3:TestEvent',
    Time: '2026-01-01T00:00:00.000Z',
    Bucket: 'data',
  })
  sent.length = 0
  await client.putObject({ ...B, Key: 'in/a b+ü.txt', Body: 'hello' })
  await client.putObject({ ...B, Key: 'in/b.jpg', Body: 'x' })
  await client.putObject({ ...B, Key: 'out.txt', Body: 'x' })
  await clock.advance(0)
  t.equal(sent.length, 1)
  const [record] = JSON.parse(sent[0]?.body ?? '').Records
  t.match(record, {
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    awsRegion: 'us-east-1',
    eventTime: '2026-01-01T00:00:00.000Z',
    eventName: 'ObjectCreated:Put',
    userIdentity: { principalId: 'AWS:000000000000' },
    requestParameters: { sourceIPAddress: '127.0.0.1' },
    s3: {
      s3SchemaVersion: '1.0',
      configurationId: 'q',
      bucket: { name: 'data', arn: 'arn:aws:s3:::data' },
      object: { key: 'in/a+b%2B%C3%BC.txt', size: 5, eTag: '5d41402abc4b2a76b9719d911017c592', sequencer: /^[0-9A-F]{18}$/ },
    },
  })
  t.same(Object.keys(record), [
    'eventVersion',
    'eventSource',
    'awsRegion',
    'eventTime',
    'eventName',
    'userIdentity',
    'requestParameters',
    'responseElements',
    's3',
  ])
})

t.test('topics, functions and EventBridge get theirs', async t => {
  const { sent, plugins } = surroundings()
  const { client, clock, gateway } = await startS3(t, { with: plugins })
  // A plugin is loaded by its first call; the clock only waits for what needs no disk.
  await gateway.unit('eventbridge')
  await client.putBucketVersioning({ ...B, VersioningConfiguration: { Status: 'Enabled' } })
  const NotificationConfiguration: NotificationConfiguration = {
    TopicConfigurations: [{ TopicArn: 'arn:aws:sns:us-east-1:000000000000:t', Events: ['s3:ObjectRemoved:*', 's3:ObjectTagging:*'] }],
    EventBridgeConfiguration: {},
  }
  await client.putBucketNotificationConfiguration({ ...B, NotificationConfiguration })
  const kept = await client.getBucketNotificationConfiguration(B)
  t.same(kept.EventBridgeConfiguration, {})
  t.match(kept.TopicConfigurations, [{ Id: /^[\w-]{48}$/ }])
  sent.length = 0
  const { VersionId } = await client.putObject({ ...B, Key: 'k', Body: 'hello' })
  await client.putObjectTagging({ ...B, Key: 'k', Tagging: { TagSet: [{ Key: 'a', Value: 'b' }] } })
  await client.deleteObject({ ...B, Key: 'k' })
  await client.deleteObject({ ...B, Key: 'k', VersionId })
  await clock.advance(0)
  const to = (name: string) => sent.filter(it => it.to === name).map(it => JSON.parse(it.body))
  t.same(
    to('sns')
      .map(it => it.Records[0].eventName)
      .sort(),
    ['ObjectRemoved:Delete', 'ObjectRemoved:DeleteMarkerCreated', 'ObjectTagging:Put'],
  )
  t.match(to('events Object Created'), [
    {
      version: '0',
      bucket: { name: 'data' },
      object: { key: 'k', size: 5, etag: '5d41402abc4b2a76b9719d911017c592', 'version-id': VersionId },
      requester: '000000000000',
      reason: 'PutObject',
    },
  ])
  t.same(
    to('events Object Deleted')
      .map(it => it['deletion-type'])
      .sort(),
    ['Delete Marker Created', 'Permanently Deleted'],
  )
  t.equal(to('events Object Tags Added').length, 1)
})

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
