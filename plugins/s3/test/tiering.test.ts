import { AwsError, definePlugin } from '@ministack/gateway'
import { FakeClock, type TestOptions, type TestService } from '@ministack/gateway/testing'
import t from 'tap'
import { accessTier } from '../src/tiering.js'
import { bytesOf, refuses, type S3, startS3 } from './kit.js'

const B = { Bucket: 'data' }
const LARGE = { ...B, Key: 'large' }
const DAY = 24 * 60 * 60 * 1000
const BODY = Buffer.alloc(128 * 1024, 'x')

/** S3 with an object of INTELLIGENT_TIERING that moves to an archive after 90 days, and to a deeper one after 180. */
async function start(t: Parameters<typeof startS3>[0], options: TestOptions = {}) {
  const s3 = await startS3(t, { clock: new FakeClock('2026-01-01T10:00:00Z'), ...options })
  await s3.client.putObject({ ...LARGE, Body: BODY, StorageClass: 'INTELLIGENT_TIERING' })
  await s3.client.putBucketIntelligentTieringConfiguration({
    ...B,
    Id: 'cold',
    IntelligentTieringConfiguration: {
      Id: 'cold',
      Status: 'Enabled',
      Tierings: [
        { AccessTier: 'ARCHIVE_ACCESS', Days: 90 },
        { AccessTier: 'DEEP_ARCHIVE_ACCESS', Days: 180 },
      ],
    },
  })
  return s3
}

const statusOf = async (s3: TestService<S3>, Key = 'large') => (await s3.client.headObject({ ...B, Key })).ArchiveStatus

t.test('what nobody reads for long enough moves to the archive tiers, one after the other', async t => {
  const s3 = await start(t)
  await s3.clock.advance(90 * DAY)
  t.equal(await statusOf(s3), undefined, 'not before the midnight after')
  await s3.clock.advance(DAY)
  t.equal(await statusOf(s3), 'ARCHIVE_ACCESS')
  await refuses(t, s3.client.getObject(LARGE), 'InvalidObjectState', {
    status: 403,
    fields: { StorageClass: 'INTELLIGENT_TIERING', AccessTier: 'ARCHIVE_ACCESS' },
  })
  await refuses(t, s3.client.copyObject({ ...B, Key: 'copy', CopySource: 'data/large' }), 'InvalidObjectState')
  await s3.clock.advance(90 * DAY)
  t.equal(await statusOf(s3), 'DEEP_ARCHIVE_ACCESS')
  const head = await s3.http({ method: 'HEAD', url: '/data/large' })
  t.match(head.headers, { 'x-amz-archive-status': 'DEEP_ARCHIVE_ACCESS', 'x-amz-storage-class': 'INTELLIGENT_TIERING' })
})

t.test('reading keeps an object where it is, and looking at it does not', async t => {
  const s3 = await start(t)
  await s3.clock.advance(80 * DAY)
  await s3.client.getObject(LARGE)
  await s3.clock.advance(80 * DAY)
  t.equal(await statusOf(s3), undefined)
  await s3.clock.advance(11 * DAY)
  t.equal(await statusOf(s3), 'ARCHIVE_ACCESS')
})

t.test('small objects, other storage classes, other prefixes and tags stay', async t => {
  const s3 = await startS3(t, { clock: new FakeClock('2026-01-01T10:00:00Z') })
  const put = (Key: string, more: object = {}) =>
    s3.client.putObject({ ...B, Key, Body: BODY, StorageClass: 'INTELLIGENT_TIERING', ...more })
  await put('in/small', { Body: BODY.subarray(1), Tagging: 'a=1' })
  await put('in/standard', { StorageClass: 'STANDARD', Tagging: 'a=1' })
  await put('out/other', { Tagging: 'a=1' })
  await put('in/untagged')
  await put('in/meant', { Tagging: 'a=1' })
  const configuration = (Id: string, Status: 'Enabled' | 'Disabled', Filter: object) =>
    s3.client.putBucketIntelligentTieringConfiguration({
      ...B,
      Id,
      IntelligentTieringConfiguration: { Id, Status, Filter, Tierings: [{ AccessTier: 'ARCHIVE_ACCESS', Days: 90 }] },
    })
  await configuration('on', 'Enabled', { And: { Prefix: 'in/', Tags: [{ Key: 'a', Value: '1' }] } })
  await configuration('off', 'Disabled', { Prefix: 'out/' })
  await s3.clock.advance(100 * DAY)
  const archived: string[] = []
  for (const { Key = '' } of (await s3.client.listObjectsV2(B)).Contents ?? []) if (await statusOf(s3, Key)) archived.push(Key)
  t.strictSame(archived, ['in/meant'])
})

t.test('RestoreObject brings an object back for good', async t => {
  const s3 = await start(t)
  await refuses(t, s3.client.restoreObject({ ...LARGE, RestoreRequest: {} }), 'ObjectAlreadyInActiveTierError', { status: 403 })
  await s3.clock.advance(91 * DAY)
  await refuses(t, s3.client.restoreObject({ ...LARGE, RestoreRequest: { Days: 1 } }), 'MalformedXML')
  t.match(await s3.client.restoreObject({ ...LARGE, RestoreRequest: {} }), { $metadata: { httpStatusCode: 202 } })
  await refuses(t, s3.client.restoreObject({ ...LARGE, RestoreRequest: {} }), 'RestoreAlreadyInProgress')
  t.match(await s3.client.headObject(LARGE), { ArchiveStatus: 'ARCHIVE_ACCESS', Restore: 'ongoing-request="true"' })
  await s3.clock.advance(1000)
  const head = await s3.client.headObject(LARGE)
  t.equal(head.ArchiveStatus, undefined)
  t.equal(head.Restore, undefined)
  t.ok((await bytesOf(await s3.client.getObject(LARGE))).equals(BODY))
  await s3.clock.advance(80 * DAY)
  t.equal(await statusOf(s3), undefined, 'its days are counted from then')
})

t.test('the deep archive has no expedited retrievals', async t => {
  const s3 = await start(t)
  await s3.clock.advance(181 * DAY)
  await refuses(t, s3.client.restoreObject({ ...LARGE, RestoreRequest: { Tier: 'Expedited' } }), 'InvalidArgument', {
    message: 'Expedited retrievals are not supported for the DEEP_ARCHIVE_ACCESS access tier',
  })
})

t.test('a move is told to queues', async t => {
  const sent: string[] = []
  const sqs = definePlugin({
    manifest: new URL('../../../sqs/manifest.json', import.meta.url),
    services: {
      sqs: {
        operations: {
          GetQueueUrl: (_ctx: unknown, { QueueName }: { QueueName: string }) => {
            if (QueueName !== 'orders') throw new AwsError('QueueDoesNotExist', 'The specified queue does not exist.')
            return { QueueUrl: 'http://localhost/000000000000/orders' }
          },
          SendMessage: (_ctx: unknown, { MessageBody }: { MessageBody: string }) => {
            sent.push(MessageBody)
            return {}
          },
        } as never,
      },
    },
  })
  const s3 = await start(t, { with: [sqs] })
  const QueueArn = 'arn:aws:sqs:us-east-1:000000000000:orders'
  await s3.client.putBucketNotificationConfiguration({
    ...B,
    NotificationConfiguration: { QueueConfigurations: [{ QueueArn, Events: ['s3:IntelligentTiering'] }] },
  })
  await s3.clock.advance(91 * DAY)
  t.match(JSON.parse(sent.at(-1) ?? '{}'), {
    Records: [
      {
        eventVersion: '2.3',
        eventName: 'IntelligentTiering',
        s3: { object: { key: 'large' } },
        intelligentTieringEventData: { destinationAccessTier: 'ARCHIVE_ACCESS' },
      },
    ],
  })
})

t.test('the access tier of inventories goes by the last read, the size and the archive', async t => {
  const tierAfter = (days: number, more: object = {}) =>
    accessTier(
      { clock: new FakeClock(days * DAY) } as never,
      {
        storageClass: 'INTELLIGENT_TIERING',
        size: BODY.length,
        modified: 0,
        ...more,
      } as never,
    )
  t.strictSame(
    [tierAfter(29), tierAfter(30), tierAfter(90), tierAfter(100, { accessed: 99 * DAY }), tierAfter(100, { size: 1 })],
    ['FREQUENT', 'INFREQUENT', 'ARCHIVE_INSTANT_ACCESS', 'FREQUENT', 'FREQUENT'],
  )
  t.equal(tierAfter(100, { archive: 'ARCHIVE_ACCESS' }), 'ARCHIVE')
  t.equal(tierAfter(200, { archive: 'DEEP_ARCHIVE_ACCESS' }), 'DEEP_ARCHIVE')
  t.equal(tierAfter(100, { storageClass: 'STANDARD' }), undefined)
})
