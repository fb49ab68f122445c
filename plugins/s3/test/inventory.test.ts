import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'
import type { InventoryConfiguration } from '@aws-sdk/client-s3'
import { FakeClock, type TestService } from '@ministack/gateway/testing'
import t from 'tap'
import { orcFile } from '../src/inventory/orc/writer.js'
import { bytesOf, type S3, startS3, textOf } from './kit.js'
import { readOrc } from './orc-reader.js'

const B = { Bucket: 'data' }
const DAY = 24 * 60 * 60 * 1000
const OWNER = /^[0-9a-f]{64}$/

/** S3 on a Thursday, with an empty bucket for reports. */
async function start(t: Parameters<typeof startS3>[0]) {
  const s3 = await startS3(t, { clock: new FakeClock('2026-01-01T10:00:00Z') })
  await s3.client.createBucket({ Bucket: 'reports' })
  return s3
}

function configuration(more: Partial<InventoryConfiguration> = {}, destination: object = {}): InventoryConfiguration {
  return {
    Id: 'daily',
    IsEnabled: true,
    IncludedObjectVersions: 'Current',
    Schedule: { Frequency: 'Daily' },
    Destination: { S3BucketDestination: { Bucket: 'arn:aws:s3:::reports', Format: 'CSV', Prefix: 'inv', ...destination } },
    ...more,
  }
}

const put = (s3: TestService<S3>, InventoryConfiguration: InventoryConfiguration) =>
  s3.client.putBucketInventoryConfiguration({ ...B, Id: InventoryConfiguration.Id, InventoryConfiguration })

const reports = async (s3: TestService<S3>) =>
  ((await s3.client.listObjectsV2({ Bucket: 'reports' })).Contents ?? []).map(({ Key }) => Key ?? '')
const read = async (s3: TestService<S3>, Key: string) => bytesOf(await s3.client.getObject({ Bucket: 'reports', Key }))

/** Waits for a delivery: reports are compressed by other threads, which no clock drives. */
async function delivered(s3: TestService<S3>, count = 4): Promise<string[]> {
  let keys = await reports(s3)
  while (keys.length < count) {
    await new Promise(resolve => setImmediate(resolve))
    keys = await reports(s3)
  }
  return keys
}

t.test('an inventory comes at midnight UTC, laid out as S3 lays it out', async t => {
  const s3 = await start(t)
  await s3.client.putObject({ ...B, Key: 'a b/é"1".txt', Body: 'hello' })
  await s3.client.putObject({ ...B, Key: 'z', Body: '', StorageClass: 'STANDARD_IA' })
  await put(s3, configuration({ OptionalFields: ['StorageClass', 'Size', 'ETag', 'LastModifiedDate', 'EncryptionStatus'] }))
  await s3.clock.advance(13 * 60 * 60 * 1000)
  t.strictSame(await reports(s3), [], 'not before')
  await s3.clock.advance(60 * 60 * 1000)
  const keys = await delivered(s3)
  const home = 'inv/data/daily'
  const data = keys.find(key => key.endsWith('.csv.gz')) ?? ''
  t.match(data, /^inv\/data\/daily\/data\/[0-9a-f-]{36}\.csv\.gz$/)
  t.strictSame(
    new Set(keys),
    new Set([
      data,
      `${home}/2026-01-02T00-00Z/manifest.json`,
      `${home}/2026-01-02T00-00Z/manifest.checksum`,
      `${home}/hive/dt=2026-01-02-00-00/symlink.txt`,
    ]),
  )
  const csv = await read(s3, data)
  t.equal(
    gunzipSync(csv).toString(),
    '"data","a+b/%C3%A9%221%22.txt","5","2026-01-01T10:00:00.000Z","5d41402abc4b2a76b9719d911017c592","STANDARD","SSE-S3"\n' +
      '"data","z","0","2026-01-01T10:00:00.000Z","d41d8cd98f00b204e9800998ecf8427e","STANDARD_IA","SSE-S3"\n',
  )
  const manifest = await read(s3, `${home}/2026-01-02T00-00Z/manifest.json`)
  t.strictSame(JSON.parse(manifest.toString()), {
    sourceBucket: 'data',
    destinationBucket: 'arn:aws:s3:::reports',
    version: '2016-11-30',
    creationTimestamp: String(Date.parse('2026-01-02T00:00:00Z')),
    fileFormat: 'CSV',
    fileSchema: 'Bucket, Key, Size, LastModifiedDate, ETag, StorageClass, EncryptionStatus',
    files: [{ key: data, size: csv.length, MD5checksum: createHash('md5').update(csv).digest('hex') }],
  })
  const checksum = await read(s3, `${home}/2026-01-02T00-00Z/manifest.checksum`)
  t.equal(checksum.toString(), createHash('md5').update(manifest).digest('hex'))
  t.equal((await read(s3, `${home}/hive/dt=2026-01-02-00-00/symlink.txt`)).toString(), `s3://reports/${data}\n`)
})

t.test('an inventory of all versions tells them apart, and one with a prefix leaves the others out', async t => {
  const s3 = await start(t)
  await s3.client.putBucketVersioning({ ...B, VersioningConfiguration: { Status: 'Enabled' } })
  const first = await s3.client.putObject({ ...B, Key: 'in/k', Body: '1' })
  const marker = await s3.client.deleteObject({ ...B, Key: 'in/k' })
  await s3.client.putObject({ ...B, Key: 'out', Body: '1' })
  const OptionalFields = ['Size', 'IsMultipartUploaded', 'ObjectOwner', 'BucketKeyStatus', 'ChecksumAlgorithm'] as const
  await put(s3, configuration({ IncludedObjectVersions: 'All', Filter: { Prefix: 'in/' }, OptionalFields: [...OptionalFields] }))
  await s3.clock.advance(DAY)
  const data = (await delivered(s3)).find(key => key.endsWith('.csv.gz')) ?? ''
  const rows = gunzipSync(await read(s3, data))
    .toString()
    .trim()
    .split('\n')
    .map(line => line.slice(1, -1).split('","'))
  t.match(rows, [
    ['data', 'in/k', marker.VersionId, 'true', 'true', '', '', '', '', OWNER],
    ['data', 'in/k', first.VersionId, 'false', 'false', '1', 'false', 'DISABLED', 'CRC64NVME', OWNER],
  ])
})

t.test('an inventory in Parquet has typed columns and keys as they are', async t => {
  const s3 = await start(t)
  await s3.client.putObject({ ...B, Key: 'a b', Body: 'hello' })
  await put(
    s3,
    configuration({ OptionalFields: ['Size', 'LastModifiedDate', 'IsMultipartUploaded'] }, { Format: 'Parquet', Prefix: undefined }),
  )
  await s3.clock.advance(DAY)
  const keys = await delivered(s3)
  const data = keys.find(key => key.endsWith('.parquet')) ?? ''
  t.match(data, /^data\/daily\/data\//)
  const manifest = JSON.parse((await read(s3, 'data/daily/2026-01-02T00-00Z/manifest.json')).toString())
  t.match(manifest, {
    fileFormat: 'Parquet',
    fileSchema:
      'message s3.inventory { required binary bucket (UTF8); required binary key (UTF8); optional int64 size; optional int64 last_modified_date (TIMESTAMP_MILLIS); optional boolean is_multipart_uploaded; }',
  })
  const { Payload } = await s3.client.selectObjectContent({
    Bucket: 'reports',
    Key: data,
    ExpressionType: 'SQL',
    Expression: 'SELECT s.key, s.size, s.is_multipart_uploaded FROM S3Object s WHERE s.size = 5',
    InputSerialization: { Parquet: {} },
    OutputSerialization: { JSON: {} },
  })
  let text = ''
  for await (const event of Payload ?? []) text += Buffer.from(event.Records?.Payload ?? '').toString()
  t.strictSame(JSON.parse(text), { key: 'a b', size: 5, is_multipart_uploaded: false })
})

t.test('a weekly inventory comes on Sundays, and one that is off never', async t => {
  const s3 = await start(t)
  await put(s3, configuration({ Id: 'weekly', Schedule: { Frequency: 'Weekly' } }))
  await put(s3, configuration({ Id: 'off', IsEnabled: false }))
  await s3.clock.advance(2 * DAY)
  t.strictSame(await reports(s3), [], 'Friday, Saturday')
  await s3.clock.advance(DAY)
  t.ok((await delivered(s3)).every(key => key.startsWith('inv/data/weekly/')))
})

t.test('reports are encrypted as the configuration says, and where the policy denies none is written', async t => {
  const s3 = await start(t)
  const KeyId = 'arn:aws:kms:us-east-1:000000000000:key/1234abcd-12ab-34cd-56ef-1234567890ab'
  await put(s3, configuration({}, { Encryption: { SSEKMS: { KeyId } } }))
  await s3.clock.advance(DAY)
  const [first = ''] = await delivered(s3)
  t.match(await s3.client.headObject({ Bucket: 'reports', Key: first }), { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: KeyId })
  const statement = {
    Effect: 'Deny',
    Principal: { Service: 's3.amazonaws.com' },
    Action: 's3:PutObject',
    Resource: 'arn:aws:s3:::reports/*',
  }
  await s3.client.putBucketPolicy({ Bucket: 'reports', Policy: JSON.stringify({ Version: '2012-10-17', Statement: [statement] }) })
  await s3.clock.advance(DAY)
  t.equal((await reports(s3)).length, 4)
  await s3.client.deleteBucketPolicy({ Bucket: 'reports' })
  for (const Key of await reports(s3)) await s3.client.deleteObject({ Bucket: 'reports', Key })
  await s3.client.deleteBucket({ Bucket: 'reports' })
  await s3.clock.advance(DAY)
  t.equal(await textOf(await s3.client.getObject({ ...B, Key: 'x' }).catch(() => ({}))), '', 'nothing breaks where the bucket is gone')
})

t.test('an inventory for a bucket of one account is not written into another account’s of that name', async t => {
  const s3 = await start(t)
  const theirs = s3.as({ account: '222222222222' })
  await theirs.createBucket({ Bucket: 'theirs' })
  await put(s3, configuration({}, { Bucket: 'arn:aws:s3:::theirs', AccountId: '333333333333' }))
  await s3.clock.advance(DAY)
  t.strictSame((await theirs.listObjectsV2({ Bucket: 'theirs' })).Contents ?? [], [])
  await put(s3, configuration({}, { Bucket: 'arn:aws:s3:::theirs', AccountId: '222222222222' }))
  await s3.clock.advance(DAY)
  let count = 0
  while (count < 4) {
    await new Promise(resolve => setImmediate(resolve))
    count = (await theirs.listObjectsV2({ Bucket: 'theirs' })).KeyCount ?? 0
  }
  t.equal(count, 4)
})

t.test('an inventory in ORC has typed columns, nulls, and as many stripes as it takes', async t => {
  const s3 = await start(t)
  await s3.client.putBucketVersioning({ ...B, VersioningConfiguration: { Status: 'Enabled' } })
  const first = await s3.client.putObject({ ...B, Key: 'é', Body: 'hello' })
  await s3.client.deleteObject({ ...B, Key: 'é' })
  await put(
    s3,
    configuration({ IncludedObjectVersions: 'All', OptionalFields: ['Size', 'LastModifiedDate', 'ReplicationStatus'] }, { Format: 'ORC' }),
  )
  await s3.clock.advance(DAY)
  const data = (await delivered(s3)).find(key => key.endsWith('.orc')) ?? ''
  t.match(data, /^inv\/data\/daily\/data\//)
  const { columns, rows } = readOrc(await read(s3, data))
  t.strictSame(columns, [
    'bucket',
    'key',
    'version_id',
    'is_latest',
    'is_delete_marker',
    'size',
    'last_modified_date',
    'replication_status',
  ])
  const written = new Date('2026-01-01T10:00:00Z')
  t.match(rows, [
    ['data', 'é', String, true, true, null, written, null],
    ['data', 'é', first.VersionId, false, false, 5, written, null],
  ])
  t.match(JSON.parse((await read(s3, 'inv/data/daily/2026-01-02T00-00Z/manifest.json')).toString()), {
    fileFormat: 'ORC',
    fileSchema:
      'struct<bucket:string,key:string,version_id:string,is_latest:boolean,is_delete_marker:boolean,size:bigint,last_modified_date:timestamp,replication_status:string>',
  })
})

t.test('an ORC file keeps every value, over stripes and blocks', async t => {
  const types = ['VARCHAR', 'BOOLEAN', 'BIGINT', 'TIMESTAMP_MS'] as const
  const columns = types.map(type => ({ column: type.toLowerCase(), type }))
  const times = [0, 1, 20, 300, 999, -1, -1500].map(ms => Date.UTC(2015, 0) + ms)
  const values = (i: number) =>
    [`key ${i} `.repeat(1 + (i % 7)), i % 3 === 0, (i % 2 ? -1 : 1) * i ** 3, new Date(times[i % times.length]! + i * 1000)] as const
  const rows = Array.from({ length: 20_001 }, (_, i) => values(i).map((value, at) => (i % 11 === at ? null : value)))
  const texts = rows.map(row => row.map(value => (value instanceof Date ? value.toISOString() : String(value ?? ''))))
  const write = (rows: string[][]) => buffer(orcFile(columns, Readable.from(rows)))
  const file = await write(texts)
  const read = readOrc(file)
  t.strictSame(read.columns, ['varchar', 'boolean', 'bigint', 'timestamp_ms'])
  t.equal(read.rows.length, rows.length)
  t.strictSame(read.rows, rows)
  t.strictSame(readOrc(await write([])).rows, [], 'none is a file too')
})
