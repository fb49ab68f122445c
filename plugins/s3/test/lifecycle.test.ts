import type { LifecycleRule } from '@aws-sdk/client-s3'
import type { TestService } from '@ministack/gateway/testing'
import { FakeClock } from '@ministack/gateway/testing'
import t from 'tap'
import { BlobStore } from '../src/blob-store.js'
import { ObjectIndex } from '../src/object-index.js'
import { SLICE, slicesOf } from '../src/object-walk.js'
import type { ObjectData } from '../src/types.js'
import { refuses, type S3, startS3 } from './kit.js'

const B = { Bucket: 'data' }
const DAY = 24 * 60 * 60 * 1000

function rules(s3: TestService<S3>, ...Rules: LifecycleRule[]) {
  return s3.client.putBucketLifecycleConfiguration({ ...B, LifecycleConfiguration: { Rules } })
}

const rule = (more: Partial<LifecycleRule>): LifecycleRule => ({ ID: 'r', Status: 'Enabled', Filter: { Prefix: '' }, ...more })
const keys = async (s3: TestService<S3>) => ((await s3.client.listObjectsV2(B)).Contents ?? []).map(it => it.Key)
const versions = async (s3: TestService<S3>) => {
  const { Versions = [], DeleteMarkers = [] } = await s3.client.listObjectVersions(B)
  return { versions: Versions.length, markers: DeleteMarkers.length }
}
const startAt = (t: Parameters<typeof startS3>[0]) => startS3(t, { clock: new FakeClock('2026-01-01T10:00:00Z') })

t.test('lifecycle rules are refused in S3’s words', async t => {
  const s3 = await startS3(t)
  await refuses(t, s3.client.getBucketLifecycleConfiguration(B), 'NoSuchLifecycleConfiguration', {
    status: 404,
    message: 'The lifecycle configuration does not exist',
    fields: { BucketName: 'data' },
  })
  await refuses(t, rules(s3), 'MalformedXML')
  await refuses(t, rules(s3, rule({})), 'InvalidRequest', { message: 'At least one action needs to be specified in a rule' })
  await refuses(t, rules(s3, rule({ Prefix: 'x', Expiration: { Days: 1 } })), 'MalformedXML')
  await refuses(t, rules(s3, rule({ Expiration: { Days: 1, ExpiredObjectDeleteMarker: true } })), 'MalformedXML')
  const argument = (r: LifecycleRule, message: string) => refuses(t, rules(s3, r), 'InvalidArgument', { message })
  await argument(rule({ Expiration: { Days: 0 } }), "'Days' for Expiration action must be a positive integer")
  await argument(rule({ Expiration: { Date: new Date('2027-01-01T01:00:00Z') } }), "'Date' must be at midnight GMT")
  await argument(
    rule({ Transitions: [{ Days: 5, StorageClass: 'STANDARD_IA' }] }),
    "'Days' in Transition action must be greater than or equal to 30 for storageClass 'STANDARD_IA'",
  )
  await argument(
    rule({ Filter: { Prefix: 'a' }, Expiration: { Days: 30 }, Transitions: [{ Days: 60, StorageClass: 'GLACIER' }] }),
    "'Days' in the Expiration action for filter '(prefix=a)' must be greater than 'Days' in the Transition action",
  )
  await argument(
    rule({ NoncurrentVersionExpiration: { NoncurrentDays: 0 } }),
    "'NoncurrentDays' for NoncurrentVersionExpiration action must be a positive integer",
  )
  await refuses(t, rules(s3, rule({ Expiration: { Days: 1 } }), rule({ Expiration: { Days: 2 } })), 'InvalidArgument', {
    message: 'Rule ID must be unique. Found same ID for more than one rule',
  })
  await refuses(
    t,
    rules(s3, rule({ Filter: { Tag: { Key: 'a', Value: 'b' } }, AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } })),
    'InvalidRequest',
    {
      message: 'AbortIncompleteMultipartUpload cannot be specified with Tags',
    },
  )
})

t.test('lifecycle rules are kept, with an id of their own where they have none', async t => {
  const s3 = await startS3(t)
  const { ID: _, ...nameless } = rule({ Expiration: { Days: 1 } })
  t.same(await rules(s3, nameless), { TransitionDefaultMinimumObjectSize: 'all_storage_classes_128K' })
  const got = await s3.client.getBucketLifecycleConfiguration(B)
  t.equal(got.TransitionDefaultMinimumObjectSize, 'all_storage_classes_128K')
  t.match(got.Rules, [{ ...nameless, ID: /^[\w-]{48}$/ }])
  await s3.client.deleteBucketLifecycle(B)
  await refuses(t, s3.client.getBucketLifecycleConfiguration(B), 'NoSuchLifecycleConfiguration')
})

t.test('objects expire at the midnight after their days, and say so before', async t => {
  const s3 = await startAt(t)
  await rules(s3, rule({ ID: 'tmp', Filter: { Prefix: 'tmp/' }, Expiration: { Days: 2 } }))
  const put = await s3.client.putObject({ ...B, Key: 'tmp/a', Body: 'x' })
  t.equal(put.Expiration, 'expiry-date="Sun, 04 Jan 2026 00:00:00 GMT", rule-id="tmp"')
  await s3.client.putObject({ ...B, Key: 'keep', Body: 'x' })
  t.equal((await s3.client.headObject({ ...B, Key: 'tmp/a' })).Expiration, put.Expiration)
  t.equal((await s3.client.headObject({ ...B, Key: 'keep' })).Expiration, undefined)
  await s3.clock.advance(2 * DAY + 13 * 60 * 60 * 1000)
  t.same(await keys(s3), ['keep', 'tmp/a'])
  await s3.clock.advance(60 * 60 * 1000)
  t.same(await keys(s3), ['keep'])
})

t.test('a rule takes what its filter takes', async t => {
  const s3 = await startAt(t)
  const And = { Prefix: 'p', Tags: [{ Key: 'a', Value: 'b' }], ObjectSizeGreaterThan: 2 }
  await rules(s3, rule({ Filter: { And }, Expiration: { Days: 1 } }), {
    ...rule({ ID: 'off', Expiration: { Days: 1 } }),
    Status: 'Disabled',
  })
  await s3.client.putObject({ ...B, Key: 'p1', Body: 'long', Tagging: 'a=b' })
  await s3.client.putObject({ ...B, Key: 'p2', Body: 'x', Tagging: 'a=b' })
  await s3.client.putObject({ ...B, Key: 'p3', Body: 'long' })
  await s3.clock.advance(3 * DAY)
  t.same(await keys(s3), ['p2', 'p3'])
})

t.test('versions expire by their age and number, and lone delete markers go', async t => {
  const s3 = await startAt(t)
  await s3.client.putBucketVersioning({ ...B, VersioningConfiguration: { Status: 'Enabled' } })
  for (let i = 0; i < 4; i++) await s3.client.putObject({ ...B, Key: 'k', Body: String(i) })
  await rules(
    s3,
    rule({ ID: 'old', NoncurrentVersionExpiration: { NoncurrentDays: 1, NewerNoncurrentVersions: 1 } }),
    rule({ ID: 'marker', Expiration: { ExpiredObjectDeleteMarker: true } }),
  )
  await s3.clock.advance(2 * DAY)
  t.same(await versions(s3), { versions: 2, markers: 0 }, 'the newest noncurrent one is kept')
  await rules(s3, rule({ ID: 'now', Expiration: { Days: 1 } }))
  await s3.clock.advance(0)
  t.same(await versions(s3), { versions: 2, markers: 1 }, 'a current version gets a delete marker')
  await rules(
    s3,
    rule({ NoncurrentVersionExpiration: { NoncurrentDays: 1 } }),
    rule({ ID: 'marker', Expiration: { ExpiredObjectDeleteMarker: true } }),
  )
  await s3.clock.advance(4 * DAY)
  t.same(await versions(s3), { versions: 0, markers: 0 })
})

t.test('objects move to colder classes, small ones only where a rule says so', async t => {
  const s3 = await startAt(t)
  const classOf = async (Key: string) => (await s3.client.headObject({ ...B, Key })).StorageClass
  await rules(
    s3,
    rule({
      Filter: { Prefix: '' },
      Transitions: [
        { Days: 30, StorageClass: 'STANDARD_IA' },
        { Days: 60, StorageClass: 'GLACIER' },
      ],
    }),
  )
  await s3.client.putObject({ ...B, Key: 'big', Body: Buffer.alloc(128 * 1024) })
  await s3.client.putObject({ ...B, Key: 'small', Body: 'x' })
  await s3.clock.advance(32 * DAY)
  t.equal(await classOf('big'), 'STANDARD_IA')
  t.equal(await classOf('small'), undefined)
  await s3.clock.advance(31 * DAY)
  t.equal(await classOf('big'), 'GLACIER')
  await refuses(t, s3.client.getObject({ ...B, Key: 'big' }), 'InvalidObjectState')
  await rules(s3, rule({ Filter: { ObjectSizeGreaterThan: 0 }, Transitions: [{ Days: 0, StorageClass: 'GLACIER_IR' }] }))
  await s3.clock.advance(DAY)
  t.equal(await classOf('small'), 'GLACIER_IR')
})

t.test('uploads that nobody completes are aborted, and say when', async t => {
  const s3 = await startAt(t)
  await rules(s3, rule({ ID: 'abort', AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } }))
  const upload = await s3.client.createMultipartUpload({ ...B, Key: 'k' })
  t.equal(upload.AbortRuleId, 'abort')
  t.same(upload.AbortDate, new Date('2026-01-03T00:00:00Z'))
  t.same((await s3.client.listParts({ ...B, Key: 'k', UploadId: upload.UploadId })).AbortDate, upload.AbortDate)
  await s3.clock.advance(2 * DAY)
  await refuses(t, s3.client.listParts({ ...B, Key: 'k', UploadId: upload.UploadId }), 'NoSuchUpload')
})

t.test('a locked version outlives its rule', async t => {
  const s3 = await startAt(t)
  await s3.client.createBucket({ Bucket: 'locked', ObjectLockEnabledForBucket: true })
  const locked = { Bucket: 'locked', Key: 'k' }
  const until = new Date('2026-02-01T00:00:00Z')
  await s3.client.putObject({ ...locked, Body: '1', ObjectLockMode: 'COMPLIANCE', ObjectLockRetainUntilDate: until })
  await s3.client.putObject({ ...locked, Body: '2' })
  await s3.client.putBucketLifecycleConfiguration({
    Bucket: 'locked',
    LifecycleConfiguration: { Rules: [rule({ NoncurrentVersionExpiration: { NoncurrentDays: 1 } })] },
  })
  await s3.clock.advance(10 * DAY)
  t.equal((await s3.client.listObjectVersions({ Bucket: 'locked' })).Versions?.length, 2)
  await s3.clock.advance(30 * DAY)
  t.equal((await s3.client.listObjectVersions({ Bucket: 'locked' })).Versions?.length, 1)
})

t.test('a bucket is walked through in slices, and what happens in between counts', async t => {
  const objects = new ObjectIndex(new BlobStore()).in('id')
  const keyAt = (i: number) => String(i).padStart(6, '0')
  const put = (i: number) => objects.put({ key: keyAt(i), versionId: 'null', seq: i, chunks: [] } as unknown as ObjectData)
  for (let i = 0; i < 2 * SLICE + 1; i++) put(2 * i)
  const seen: string[] = []
  let slices = 0
  for await (const slice of slicesOf(objects)) {
    for (const [version] of slice) seen.push(version!.key)
    if (slices++ === 0) {
      objects.remove(keyAt(2 * SLICE + 2), 'null')
      put(2 * SLICE + 3)
    }
  }
  t.equal(slices, 3)
  t.equal(seen.length, 2 * SLICE + 1)
  t.notOk(seen.includes(keyAt(2 * SLICE + 2)), 'what goes before its turn is not seen')
  t.ok(seen.includes(keyAt(2 * SLICE + 3)), 'what comes before its turn is')
  t.same(seen, [...seen].sort())
})

t.test('more keys than fit a slice expire in one night', async t => {
  const s3 = await startAt(t)
  for (let i = 0; i < SLICE + 20; i++) await s3.client.putObject({ ...B, Key: `k${i}`, Body: '' })
  await rules(s3, rule({ Expiration: { Days: 1 } }))
  await s3.clock.advance(2 * DAY)
  t.strictSame(await keys(s3), [])
})
