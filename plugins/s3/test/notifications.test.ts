import type { NotificationConfiguration } from '@aws-sdk/client-s3'
import t from 'tap'
import { refuses, startS3 } from './kit.js'
import { surroundings } from './surroundings.js'

const B = { Bucket: 'data' }
const QUEUE = 'arn:aws:sqs:us-east-1:000000000000:orders'

const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:f'

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
  const LambdaFunctionArn = 'arn:aws:lambda:us-east-1:000000000000:function:gone'
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
    LambdaFunctionConfigurations: [{ LambdaFunctionArn: FUNCTION, Events: ['s3:ObjectCreated:Put'] }],
    EventBridgeConfiguration: {},
  }
  await client.putBucketNotificationConfiguration({ ...B, NotificationConfiguration })
  const kept = await client.getBucketNotificationConfiguration(B)
  t.same(kept.EventBridgeConfiguration, {})
  t.match(kept.TopicConfigurations, [{ Id: /^[\w-]{48}$/ }])
  sent.length = 0
  const { VersionId } = await client.putObject({ ...B, Key: 'k', Body: 'hello' })
  await client.copyObject({ ...B, Key: 'copy', CopySource: 'data/k' })
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
  t.match(to('lambda Event'), [
    { Records: [{ eventName: 'ObjectCreated:Put', s3: { object: { key: 'k', size: 5, versionId: VersionId } } }] },
  ])
  t.equal(to('lambda Event').length, 1, 'the copy is none of the function’s events')
  t.match(to('events Object Created'), [
    {
      version: '0',
      bucket: { name: 'data' },
      object: { key: 'k', size: 5, etag: '5d41402abc4b2a76b9719d911017c592', 'version-id': VersionId },
      requester: '000000000000',
      reason: 'PutObject',
    },
    { object: { key: 'copy' }, reason: 'CopyObject' },
  ])
  t.same(
    to('events Object Deleted')
      .map(it => it['deletion-type'])
      .sort(),
    ['Delete Marker Created', 'Permanently Deleted'],
  )
  t.equal(to('events Object Tags Added').length, 1)
})

const DAY = 24 * 60 * 60 * 1000
const Filter = { ObjectSizeGreaterThan: 0 }

/** S3 with a queue that is told of the given events, and the records that it got, as they come. */
async function watched(t: Parameters<typeof startS3>[0], ...Events: string[]) {
  const { sent, plugins } = surroundings()
  const s3 = await startS3(t, { with: plugins })
  await s3.gateway.unit('eventbridge')
  const NotificationConfiguration = { ...queue({ Events }), EventBridgeConfiguration: {} }
  await s3.client.putBucketNotificationConfiguration({ ...B, NotificationConfiguration })
  sent.length = 0
  const records = async () => {
    await s3.clock.advance(0)
    return sent.filter(it => it.to === 'sqs').map(it => JSON.parse(it.body).Records[0])
  }
  const details = (type: string) => sent.filter(it => it.to === `events ${type}`).map(it => JSON.parse(it.body))
  const names = async () => (await records()).map(it => it.eventName).sort()
  return { s3, client: s3.client, sent, records, names, details }
}

t.test('operations cause the events that AWS names', async t => {
  const { client, s3, names, sent } = await watched(
    t,
    's3:ObjectCreated:*',
    's3:ObjectRemoved:*',
    's3:ObjectTagging:*',
    's3:ObjectAcl:Put',
    's3:ObjectAnnotation:*',
    's3:ObjectRestore:*',
  )
  const K = { ...B, Key: 'k' }
  const causes = async (what: string, expected: string[], act: () => Promise<unknown>) => {
    sent.length = 0
    await act()
    t.strictSame(await names(), expected, what)
  }
  await causes('PutObject', ['ObjectCreated:Put'], () => client.putObject({ ...K, Body: 'x' }))
  await causes('CopyObject', ['ObjectCreated:Copy'], () => client.copyObject({ ...B, Key: 'copy', CopySource: 'data/k' }))
  await causes('multipart', ['ObjectCreated:CompleteMultipartUpload'], async () => {
    const { UploadId } = await client.createMultipartUpload({ ...B, Key: 'parts' })
    const { ETag } = await client.uploadPart({ ...B, Key: 'parts', UploadId, PartNumber: 1, Body: 'x' })
    await client.completeMultipartUpload({ ...B, Key: 'parts', UploadId, MultipartUpload: { Parts: [{ ETag, PartNumber: 1 }] } })
  })
  await causes('PutObjectTagging', ['ObjectTagging:Put'], () =>
    client.putObjectTagging({ ...K, Tagging: { TagSet: [{ Key: 'a', Value: 'b' }] } }),
  )
  await causes('DeleteObjectTagging', ['ObjectTagging:Delete'], () => client.deleteObjectTagging(K))
  await causes('PutObjectAnnotation', ['ObjectAnnotation:Put'], () =>
    client.putObjectAnnotation({ ...K, AnnotationName: 'a', AnnotationPayload: 'x' }),
  )
  await causes('DeleteObjectAnnotation', ['ObjectAnnotation:Delete'], () => client.deleteObjectAnnotation({ ...K, AnnotationName: 'a' }))
  await client.putBucketOwnershipControls({ ...B, OwnershipControls: { Rules: [{ ObjectOwnership: 'ObjectWriter' }] } })
  await causes('PutObjectAcl', ['ObjectAcl:Put'], () => client.putObjectAcl({ ...K, ACL: 'bucket-owner-full-control' }))
  await causes('DeleteObjects', ['ObjectRemoved:Delete', 'ObjectRemoved:Delete'], () =>
    client.deleteObjects({ ...B, Delete: { Objects: [{ Key: 'k' }, { Key: 'copy' }] } }),
  )
  await causes('what isn’t there is no event when it is deleted', [], () => client.deleteObject(K))
  await client.putObject({ ...B, Key: 'cold', Body: 'x', StorageClass: 'GLACIER' })
  await causes('RestoreObject', ['ObjectRestore:Post'], () => client.restoreObject({ ...B, Key: 'cold', RestoreRequest: { Days: 1 } }))
  await causes('a restore that is done, and later over', ['ObjectRestore:Completed', 'ObjectRestore:Delete'], () =>
    s3.clock.advance(4 * DAY),
  )
})

t.test('S3’s own doings are S3’s in their records', async t => {
  const { client, s3, records, details } = await watched(
    t,
    's3:LifecycleExpiration:*',
    's3:LifecycleTransition',
    's3:ObjectRestore:Completed',
  )
  await client.putBucketVersioning({ ...B, VersioningConfiguration: { Status: 'Enabled' } })
  const Rules = [
    { ID: 'move', Status: 'Enabled' as const, Filter, Transitions: [{ Days: 0, StorageClass: 'GLACIER' as const }] },
    {
      ID: 'expire',
      Status: 'Enabled' as const,
      Filter,
      Expiration: { Days: 9 },
      NoncurrentVersionExpiration: { NoncurrentDays: 2 },
    },
  ]
  await client.putBucketLifecycleConfiguration({ ...B, LifecycleConfiguration: { Rules } })
  const { VersionId } = await client.putObject({ ...B, Key: 'k', Body: 'hello' })
  await s3.clock.advance(DAY)
  await client.restoreObject({ ...B, Key: 'k', RestoreRequest: { Days: 3 } })
  await s3.clock.advance(12 * DAY)
  const got = await records()
  t.same(
    got.map(it => it.eventName),
    ['LifecycleTransition', 'ObjectRestore:Completed', 'LifecycleExpiration:DeleteMarkerCreated', 'LifecycleExpiration:Delete'],
  )
  for (const record of got) {
    t.same(record.userIdentity, { principalId: 's3.amazonaws.com' }, record.eventName)
    t.same(record.requestParameters, { sourceIPAddress: 's3.amazonaws.com' }, record.eventName)
  }
  const [moved, restored, marked, gone] = got
  t.match(moved, {
    eventVersion: '2.3',
    s3: { object: { key: 'k', size: 5, versionId: VersionId } },
    lifecycleEventData: { transitionEventData: { destinationStorageClass: 'GLACIER' } },
  })
  t.match(restored, {
    eventVersion: '2.1',
    glacierEventData: {
      restoreEventData: { lifecycleRestorationExpiryTime: '2026-01-06T00:00:00.000Z', lifecycleRestoreStorageClass: 'GLACIER' },
    },
  })
  t.strictSame(Object.keys(marked.s3.object).sort(), ['eTag', 'key', 'sequencer', 'versionId'])
  t.strictSame(Object.keys(gone.s3.object).sort(), ['key', 'sequencer', 'versionId'])
  t.match(details('Object Storage Class Changed'), [{ requester: 's3.amazonaws.com', 'destination-storage-class': 'GLACIER' }])
  const [completed] = details('Object Restore Completed')
  t.match(completed, {
    requester: 's3.amazonaws.com',
    'restore-expiry-time': '2026-01-06T00:00:00Z',
    'source-storage-class': 'GLACIER',
  })
  t.notOk('source-ip-address' in completed)
  t.match(
    details('Object Deleted').map(it => [it.reason, it['deletion-type']]),
    [
      ['Lifecycle Expiration', 'Delete Marker Created'],
      ['Lifecycle Expiration', 'Permanently Deleted'],
    ],
  )
})

t.test('a later rule’s noncurrent expiration comes before an earlier rule’s transition', async t => {
  const { client, s3, names } = await watched(t, 's3:LifecycleExpiration:*', 's3:LifecycleTransition')
  await client.putBucketVersioning({ ...B, VersioningConfiguration: { Status: 'Enabled' } })
  await client.putObject({ ...B, Key: 'k', Body: 'old' })
  await client.putObject({ ...B, Key: 'k', Body: 'new' })
  const Rules = [
    {
      ID: 'move',
      Status: 'Enabled' as const,
      Filter,
      NoncurrentVersionTransitions: [{ NoncurrentDays: 1, StorageClass: 'GLACIER' as const }],
    },
    { ID: 'expire', Status: 'Enabled' as const, Filter, NoncurrentVersionExpiration: { NoncurrentDays: 1 } },
  ]
  await client.putBucketLifecycleConfiguration({ ...B, LifecycleConfiguration: { Rules } })
  await s3.clock.advance(3 * DAY)
  t.same(await names(), ['LifecycleExpiration:Delete'])
})

t.test('two configurations may share an event where no key is taken by both', async t => {
  const { plugins } = surroundings()
  const { client } = await startS3(t, { with: plugins })
  const put = (...filters: { prefix?: string; suffix?: string; events?: string[] }[]) => {
    const QueueConfigurations = filters.map(({ prefix = '', suffix = '', events = ['s3:ObjectCreated:*'] }, at) => ({
      Id: `q${at}`,
      QueueArn: QUEUE,
      Events: events as never,
      Filter: {
        Key: {
          FilterRules: [
            { Name: 'prefix' as const, Value: prefix },
            { Name: 'suffix' as const, Value: suffix },
          ],
        },
      },
    }))
    return client.putBucketNotificationConfiguration({ ...B, NotificationConfiguration: { QueueConfigurations } })
  }
  const message =
    'Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the prefixes are overlapping for the same event type.'
  await put({ prefix: 'a/' }, { prefix: 'b/' })
  await put({ prefix: 'a', suffix: '.jpg' }, { prefix: 'ab', suffix: '.png' })
  await put({ prefix: 'a' }, { prefix: 'ab', events: ['s3:ObjectRemoved:Delete'] })
  await refuses(t, put({ prefix: 'a' }, { prefix: 'ab' }), 'InvalidArgument', { message })
  await refuses(t, put({ suffix: 'jpg' }, { suffix: '.jpg' }), 'InvalidArgument', { message })
  await refuses(t, put({ prefix: 'a' }, { suffix: '.jpg', events: ['s3:ObjectCreated:Put'] }), 'InvalidArgument', { message })
  await refuses(t, put({ prefix: 'x'.repeat(1025) }), 'InvalidArgument', {
    message: 'Size of filter rule value cannot exceed 1024 bytes in UTF-8',
  })
})
