import type { AnalyticsConfiguration, AnalyticsFilter, AnalyticsS3BucketDestination } from '@aws-sdk/client-s3'
import { createLog } from '@ministack/gateway'
import { FakeClock, type TestOptions, type TestService } from '@ministack/gateway/testing'
import t from 'tap'
import { type S3, SIGNED, startS3, textOf } from './kit.js'

const B = { Bucket: 'data' }
const DAY = 24 * 60 * 60 * 1000
const MB = Buffer.alloc(1024 * 1024, 'x')
const HEADER =
  'Date,ConfigId,Filter,StorageClass,ObjectAge,ObjectCount,DataUploaded_MB,Storage_MB,DataRetrieved_MB,GetRequestCount,CumulativeAccessRatio,ObjectAgeForSIATransition,RecommendedObjectAgeForSIATransition'
const GROUPS = [
  ...['000-014', '015-029', '030-044', '045-059', '060-074', '075-089', '090-119', '120-149', '150-179', '180-364', '365-729', '730+'],
  'ALL',
]

/** S3 in the morning, with an empty bucket for reports. */
async function start(t: Parameters<typeof startS3>[0], options: TestOptions = {}) {
  const s3 = await startS3(t, { clock: new FakeClock('2026-01-01T10:00:00Z'), ...options })
  await s3.client.createBucket({ Bucket: 'reports' })
  return s3
}

function configuration(Filter?: AnalyticsFilter, destination: Partial<AnalyticsS3BucketDestination> = {}): AnalyticsConfiguration {
  const S3BucketDestination = { Bucket: 'arn:aws:s3:::reports', Format: 'CSV' as const, Prefix: 'sca', ...destination }
  return {
    Id: 'all',
    ...(Filter && { Filter }),
    StorageClassAnalysis: { DataExport: { OutputSchemaVersion: 'V_1', Destination: { S3BucketDestination } } },
  }
}

const put = (s3: TestService<S3>, AnalyticsConfiguration: AnalyticsConfiguration) =>
  s3.client.putBucketAnalyticsConfiguration({ ...B, Id: AnalyticsConfiguration.Id, AnalyticsConfiguration })

const keys = async (s3: TestService<S3>, Bucket = 'reports') =>
  ((await s3.client.listObjectsV2({ Bucket })).Contents ?? []).map(({ Key }) => Key ?? '')

/** The rows of a report by the names of their columns. */
async function rows(s3: TestService<S3>, Key = 'sca/data/all.csv') {
  const text = await textOf(await s3.client.getObject({ Bucket: 'reports', Key }))
  const [header = '', ...lines] = text.trimEnd().split('\n')
  if (header !== HEADER) throw new Error(`a report with the header ${header}`)
  const names = header.split(',')
  return lines.map(line => Object.fromEntries(line.split(',').map((value, at): [string, string] => [names[at] ?? '', value])))
}

const rowOf = (all: Awaited<ReturnType<typeof rows>>, age: string, date: string, StorageClass = 'STANDARD') =>
  all.find(row => row.ObjectAge === age && row.Date === date && row.StorageClass === StorageClass) ?? {}

t.test('a report comes at midnight UTC, laid out as S3 lays it out', async t => {
  const s3 = await start(t)
  await put(s3, configuration())
  await s3.client.putObject({ ...B, Key: 'large', Body: MB })
  await s3.client.putObject({ ...B, Key: 'least', Body: MB.subarray(0, 128 * 1024), StorageClass: 'STANDARD_IA' })
  await s3.client.putObject({ ...B, Key: 'small', Body: MB.subarray(0, 64 * 1024) })
  await s3.client.getObject({ ...B, Key: 'large' })
  await s3.client.getObject({ ...B, Key: 'large', Range: 'bytes=0-524287' })
  await s3.client.headObject({ ...B, Key: 'large' })
  await s3.clock.advance(13 * 60 * 60 * 1000)
  t.strictSame(await keys(s3), [], 'not before')
  await s3.clock.advance(60 * 60 * 1000)
  t.strictSame(await keys(s3), ['sca/data/all.csv'])
  t.match(await s3.client.headObject({ Bucket: 'reports', Key: 'sca/data/all.csv' }), { ContentType: 'text/csv' })
  const all = await rows(s3)
  t.strictSame(
    all.map(row => row.ObjectAge),
    [...GROUPS, ...GROUPS],
  )
  t.strictSame(Object.values(rowOf(all, '000-014', '01-02-2026')), [
    ...['01-02-2026', 'all', '', 'STANDARD', '000-014', '', '', '1', '1.5', '2', '1.5', '', ''],
  ])
  t.strictSame(Object.values(rowOf(all, '015-029', '01-02-2026')), [
    ...['01-02-2026', 'all', '', 'STANDARD', '015-029', '', '', '0', '0', '0', '', '', ''],
  ])
  t.strictSame(
    Object.values(rowOf(all, 'ALL', '01-02-2026')),
    ['01-02-2026', 'all', '', 'STANDARD', 'ALL', '2', '1.0625', '1', '1.5', '2', '1.5', '', ''],
    'small objects are counted, and are in no age group',
  )
  t.match(rowOf(all, 'ALL', '01-02-2026', 'STANDARD_IA'), { ObjectCount: '1', DataUploaded_MB: '0.125', GetRequestCount: '0' })
})

t.test('the report of the next day is put in its place and tells of both', async t => {
  const s3 = await start(t)
  await put(s3, configuration())
  await s3.client.putObject({ ...B, Key: 'k', Body: MB })
  await s3.clock.advance(DAY)
  await s3.client.getObject({ ...B, Key: 'k' })
  await s3.clock.advance(DAY)
  t.strictSame(await keys(s3), ['sca/data/all.csv'])
  const all = await rows(s3)
  t.equal(all.length, 26)
  t.match(rowOf(all, 'ALL', '01-02-2026'), { DataUploaded_MB: '1', Storage_MB: '1', GetRequestCount: '0' })
  t.match(rowOf(all, 'ALL', '01-03-2026'), { DataUploaded_MB: '0', Storage_MB: '1', GetRequestCount: '1' })
})

t.test('reads are counted by the age of what is read, over HTTP too, and copies are neither reads nor uploads', async t => {
  const s3 = await start(t)
  await s3.client.putObject({ ...B, Key: 'old', Body: MB })
  await s3.clock.advance(400 * DAY)
  await s3.client.putObject({ ...B, Key: 'new', Body: MB })
  await put(s3, configuration())
  t.equal((await s3.http({ url: '/data/old', headers: SIGNED })).status, 200)
  await s3.client.getObject({ ...B, Key: 'new' })
  await s3.client.copyObject({ ...B, Key: 'copy', CopySource: 'data/old' })
  await s3.clock.advance(DAY)
  const all = await rows(s3)
  const date = '02-06-2027'
  t.match(rowOf(all, '365-729', date), { Storage_MB: '1', GetRequestCount: '1', DataRetrieved_MB: '1' })
  t.match(rowOf(all, '000-014', date), { Storage_MB: '2', GetRequestCount: '1', DataRetrieved_MB: '1' })
  t.match(rowOf(all, 'ALL', date), { ObjectCount: '3', DataUploaded_MB: '0', Storage_MB: '3' })
})

t.test('a filter by prefix, tag or both chooses what is analyzed, and is told', async t => {
  const s3 = await start(t)
  const Tag = { Key: 'class', Value: 'blue' }
  await put(s3, { ...configuration({ Prefix: 'in/' }), Id: 'prefix' })
  await put(s3, { ...configuration({ Tag }), Id: 'tag' })
  await put(s3, { ...configuration({ And: { Prefix: 'in/', Tags: [Tag] } }), Id: 'both' })
  await s3.client.putObject({ ...B, Key: 'in/plain', Body: MB })
  await s3.client.putObject({ ...B, Key: 'in/blue', Body: MB, Tagging: 'class=blue' })
  await s3.client.putObject({ ...B, Key: 'out/blue', Body: MB, Tagging: 'class=blue' })
  for (const Key of ['in/plain', 'in/plain', 'in/blue', 'out/blue']) await s3.client.getObject({ ...B, Key })
  await s3.clock.advance(DAY)
  const told = async (id: string) => rowOf(await rows(s3, `sca/data/${id}.csv`), 'ALL', '01-02-2026')
  t.match(await told('prefix'), { Filter: 'prefix:in/', ObjectCount: '2', DataUploaded_MB: '2', GetRequestCount: '3' })
  t.match(await told('tag'), { Filter: 'tag:class=blue', ObjectCount: '2', DataUploaded_MB: '2', GetRequestCount: '2' })
  t.match(await told('both'), { Filter: 'prefix:in/ tag:class=blue', ObjectCount: '1', DataUploaded_MB: '1', GetRequestCount: '1' })
})

t.test('noncurrent versions and delete markers are not objects', async t => {
  const s3 = await start(t)
  await put(s3, configuration())
  await s3.client.putBucketVersioning({ ...B, VersioningConfiguration: { Status: 'Enabled' } })
  for (const Key of ['k', 'k', 'gone']) await s3.client.putObject({ ...B, Key, Body: MB })
  await s3.client.deleteObject({ ...B, Key: 'gone' })
  await s3.clock.advance(DAY)
  t.match(rowOf(await rows(s3), 'ALL', '01-02-2026'), { ObjectCount: '1', DataUploaded_MB: '3', Storage_MB: '1' })
})

t.test('a transition to STANDARD_IA is recommended after 30 days, from the age on at which objects are seldom read', async t => {
  const s3 = await start(t)
  await s3.client.putObject({ ...B, Key: 'old', Body: MB })
  await s3.clock.advance(46 * DAY)
  await s3.client.putObject({ ...B, Key: 'younger', Body: MB })
  await s3.clock.advance(30 * DAY)
  await put(s3, configuration())
  // From here on the one is 76 days old and more and rests, the other 30 days and more and is read.
  const read = async (days: number) => {
    for (let day = 0; day < days; day++) {
      for (let n = 0; n < 2; n++) await s3.client.getObject({ ...B, Key: 'younger' })
      await s3.clock.advance(DAY)
    }
  }
  await read(1)
  t.match(rowOf(await rows(s3), '030-044', '03-19-2026'), { CumulativeAccessRatio: '1' })
  t.match(rowOf(await rows(s3), '075-089', '03-19-2026'), { CumulativeAccessRatio: '0' })
  t.match(rowOf(await rows(s3), 'ALL', '03-19-2026'), {
    ObjectAgeForSIATransition: '45',
    RecommendedObjectAgeForSIATransition: '',
  })
  await read(28)
  t.match(rowOf(await rows(s3), 'ALL', '04-16-2026'), { RecommendedObjectAgeForSIATransition: '' }, 'the 29th day')
  await s3.clock.advance(DAY)
  const all = await rows(s3)
  const told = rowOf(all, 'ALL', '04-17-2026')
  t.match(told, { ObjectAgeForSIATransition: '60', CumulativeAccessRatio: '29' })
  t.equal(told.RecommendedObjectAgeForSIATransition, '60', 'it has been so for long enough')
})

t.test('an age that has changed in the last week is observed but not recommended, and one below 30 days never', async t => {
  const s3 = await start(t)
  await put(s3, configuration())
  await s3.client.putObject({ ...B, Key: 'k', Body: MB })
  const told = async (days: number, date: string) => {
    await s3.clock.advance(days * DAY)
    const { ObjectAgeForSIATransition: age, RecommendedObjectAgeForSIATransition: recommended } = rowOf(await rows(s3), 'ALL', date)
    return [age, recommended]
  }
  t.strictSame(await told(30, '01-31-2026'), ['', ''], 'nothing is so old')
  t.strictSame(await told(1, '02-01-2026'), ['30', ''])
  t.strictSame(await told(6, '02-07-2026'), ['30', '30'])
})

t.test('what is read and gone by midnight is told', async t => {
  const s3 = await start(t)
  await put(s3, configuration())
  await s3.client.putObject({ ...B, Key: 'k', Body: MB, StorageClass: 'ONEZONE_IA' })
  await s3.client.getObject({ ...B, Key: 'k' })
  await s3.client.deleteObject({ ...B, Key: 'k' })
  await s3.clock.advance(DAY)
  t.match(rowOf(await rows(s3), 'ALL', '01-02-2026', 'ONEZONE_IA'), { ObjectCount: '0', DataRetrieved_MB: '1', DataUploaded_MB: '1' })
})

t.test('another filter begins anew, another destination goes on, and a configuration that is gone is told no more', async t => {
  const s3 = await start(t)
  await s3.client.putObject({ ...B, Key: 'k', Body: MB })
  await put(s3, { Id: 'all', StorageClassAnalysis: {} })
  await s3.clock.advance(DAY)
  t.strictSame(await keys(s3), [], 'one without an export observes only')
  await put(s3, configuration(undefined, { Prefix: 'moved/' }))
  await s3.clock.advance(DAY)
  t.strictSame(await keys(s3), ['moved/data/all.csv'])
  t.equal((await rows(s3, 'moved/data/all.csv')).length, 26)
  await put(s3, configuration({ And: { Prefix: 'k', Tags: [{ Key: 'a', Value: '1' }] } }, { Prefix: undefined }))
  await s3.clock.advance(DAY)
  t.equal((await rows(s3, 'data/all.csv')).length, 13)
  await put(s3, configuration({ And: { Tags: [{ Value: '1', Key: 'a' }], Prefix: 'k' } }, { Prefix: undefined }))
  await s3.clock.advance(DAY)
  t.equal((await rows(s3, 'data/all.csv')).length, 26, 'the same filter, written otherwise')
  for (const Key of await keys(s3)) await s3.client.deleteObject({ Bucket: 'reports', Key })
  await s3.client.getObject({ ...B, Key: 'k' })
  await s3.client.deleteBucketAnalyticsConfiguration({ ...B, Id: 'all' })
  await s3.clock.advance(DAY)
  t.strictSame(await keys(s3), [])
  await put(s3, configuration())
  await s3.clock.advance(DAY)
  t.equal((await rows(s3)).length, 13)
  t.match(rowOf(await rows(s3), 'ALL', '01-07-2026'), { GetRequestCount: '0' })
})

t.test('a bucket that is made anew under its name knows nothing of the old one', async t => {
  const s3 = await start(t)
  await put(s3, configuration())
  await s3.clock.advance(DAY)
  await s3.client.deleteBucket(B)
  await s3.client.createBucket(B)
  await put(s3, configuration())
  await s3.clock.advance(DAY)
  t.equal((await rows(s3)).length, 13)
})

t.test('the days and what was counted today outlive the process', async t => {
  const s3 = await start(t, { config: { s3Persist: true, s3DataDir: t.testdir() } })
  await put(s3, configuration())
  await s3.client.putObject({ ...B, Key: 'k', Body: MB })
  await s3.clock.advance(DAY)
  await s3.client.getObject({ ...B, Key: 'k' })
  await s3.restart()
  await s3.client.listBuckets({})
  await s3.client.getObject({ ...B, Key: 'k' })
  await s3.restart()
  await s3.client.listBuckets({})
  await s3.clock.advance(DAY)
  await deliveredDays(s3, 2)
  const all = await rows(s3)
  t.match(rowOf(all, 'ALL', '01-02-2026'), { DataUploaded_MB: '1' })
  t.match(rowOf(all, 'ALL', '01-03-2026'), { DataUploaded_MB: '0', GetRequestCount: '2' })
})

/** Waits until a report tells of so many days: its bytes go to disk, which no clock drives. */
async function deliveredDays(s3: TestService<S3>, days: number): Promise<void> {
  while ((await rows(s3)).length < days * 13) await new Promise(resolve => setImmediate(resolve))
}

t.test('where a report goes', async t => {
  const lines: string[] = []
  const log = createLog('warn', line => lines.push(line))
  const warned = () => lines.splice(0).join('')

  t.test('may be another account’s bucket, whose own the report then is', async t => {
    const s3 = await start(t, { log })
    const theirs = s3.as({ account: '222222222222' })
    await theirs.createBucket({ Bucket: 'theirs', ObjectOwnership: 'ObjectWriter' })
    await put(s3, configuration(undefined, { Bucket: 'arn:aws:s3:::theirs', BucketAccountId: '222222222222' }))
    await s3.clock.advance(DAY)
    const { Owner, Grants } = await theirs.getObjectAcl({ Bucket: 'theirs', Key: 'sca/data/all.csv' })
    t.match(Grants, [{ Grantee: { ID: Owner?.ID }, Permission: 'FULL_CONTROL' }])
    t.equal(Owner?.ID, (await theirs.getBucketAcl({ Bucket: 'theirs' })).Owner?.ID)
    t.equal(warned(), '')
  })

  t.test('is nowhere when the bucket is not of the account that is named, in another region, or gone', async t => {
    const s3 = await start(t, { log })
    await s3.as({ account: '222222222222' }).createBucket({ Bucket: 'theirs' })
    await put(s3, configuration(undefined, { Bucket: 'arn:aws:s3:::theirs', BucketAccountId: '333333333333' }))
    await s3.clock.advance(DAY)
    t.match(warned(), /an S3 analytics export could not be delivered: its destination bucket is gone, or is not of the account/)
    t.strictSame((await s3.as({ account: '222222222222' }).listObjectsV2({ Bucket: 'theirs' })).Contents ?? [], [])
    await s3.as({ region: 'eu-west-1' }).createBucket({
      Bucket: 'far',
      CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' },
    })
    await put(s3, configuration(undefined, { Bucket: 'arn:aws:s3:::far' }))
    await s3.clock.advance(DAY)
    t.match(warned(), /is in another region/)
    await put(s3, configuration())
    await s3.client.deleteBucket({ Bucket: 'reports' })
    await s3.clock.advance(DAY)
    t.match(warned(), /is gone/)
  })

  t.test('may deny it', async t => {
    const s3 = await start(t, { log })
    const Statement = {
      Effect: 'Deny',
      Principal: { Service: 's3.amazonaws.com' },
      Action: 's3:PutObject',
      Resource: 'arn:aws:s3:::reports/sca/*',
    }
    await s3.client.putBucketPolicy({ Bucket: 'reports', Policy: JSON.stringify({ Version: '2012-10-17', Statement }) })
    await put(s3, configuration())
    await s3.clock.advance(DAY)
    t.match(warned(), /the policy of its target bucket denies it/)
    t.strictSame(await keys(s3), [])
  })
})
