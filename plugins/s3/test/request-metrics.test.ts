import { createHash } from 'node:crypto'
import type { MetricDatum } from '@aws-sdk/client-cloudwatch'
import type { MetricsConfiguration } from '@aws-sdk/client-s3'
import { AwsError, createLog } from '@ministack/gateway'
import { FakeClock, type TestOptions, type TestRequest, type TestService } from '@ministack/gateway/testing'
import t from 'tap'
import { type S3, SIGNED, signed, startS3 } from './kit.js'
import { cloudWatch, type SentMetrics } from './surroundings.js'

const B = { Bucket: 'data' }
const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

/** S3 beside a CloudWatch that takes down what it is sent. */
async function start(t: Parameters<typeof startS3>[0], options: TestOptions = {}) {
  const { sent, plugins } = cloudWatch()
  const s3 = await startS3(t, { clock: new FakeClock('2026-01-01T10:00:20Z'), with: plugins, ...options })
  return { s3, sent }
}

const put = (s3: TestService<S3>, MetricsConfiguration: MetricsConfiguration) =>
  s3.client.putBucketMetricsConfiguration({ ...B, Id: MetricsConfiguration.Id, MetricsConfiguration })

const send = async (s3: TestService<S3>, method: string, url: string, more: Partial<TestRequest> = {}) =>
  (await s3.http({ method, url, ...more })).status

/** What was sent of a filter's metrics, by their names: how many values, and their sum. */
function told(sent: readonly SentMetrics[], filter: string): Record<string, [count: number | undefined, sum: number | undefined]> {
  const isMeant = ({ Dimensions }: MetricDatum) => Dimensions?.some(({ Name, Value }) => Name === 'FilterId' && Value === filter)
  const data = sent.flatMap(call => call.data).filter(isMeant)
  return Object.fromEntries(data.map(it => [it.MetricName, [it.StatisticValues?.SampleCount, it.StatisticValues?.Sum]]))
}

t.test('the requests of a minute are published at its end, as S3 publishes them', async t => {
  const { s3, sent } = await start(t)
  await put(s3, { Id: 'whole' })
  t.equal(await send(s3, 'PUT', '/data/k', { body: 'hello' }), 200)
  t.equal(await send(s3, 'GET', '/data/k'), 200)
  t.equal(await send(s3, 'GET', '/data/k', { headers: { range: 'bytes=0-1' } }), 206)
  t.equal(await send(s3, 'GET', '/data/none', { headers: SIGNED }), 404)
  t.equal(await send(s3, 'HEAD', '/data/k'), 200)
  t.equal(await send(s3, 'GET', '/data?list-type=2'), 200)
  t.equal(await send(s3, 'DELETE', '/data/k'), 204)
  t.equal(await send(s3, 'GET', '/data?location'), 200)
  await s3.clock.advance(39_999)
  t.strictSame(sent, [], 'not before')
  await s3.clock.advance(1)
  t.equal(sent.length, 1)
  const [call] = sent
  t.match(call, { by: 's3.amazonaws.com', account: '000000000000', region: 'us-east-1', namespace: 'AWS/S3' })
  t.strictSame(
    call?.data.find(({ MetricName }) => MetricName === 'BytesUploaded'),
    {
      MetricName: 'BytesUploaded',
      Dimensions: [
        { Name: 'BucketName', Value: 'data' },
        { Name: 'FilterId', Value: 'whole' },
      ],
      Timestamp: new Date('2026-01-01T10:00:00Z'),
      StatisticValues: { SampleCount: 1, Sum: 5, Minimum: 5, Maximum: 5 },
      Unit: 'Bytes',
    },
  )
  const { BytesDownloaded, ...counts } = told(sent, 'whole')
  t.strictSame(counts, {
    AllRequests: [8, 8],
    PutRequests: [1, 1],
    GetRequests: [3, 3],
    HeadRequests: [1, 1],
    ListRequests: [1, 1],
    DeleteRequests: [1, 1],
    BytesUploaded: [1, 5],
    '4xxErrors': [8, 1],
    '5xxErrors': [8, 0],
    FirstByteLatency: [7, 0],
    TotalRequestLatency: [8, 0],
  })
  t.equal(BytesDownloaded?.[0], 5, 'two reads, an error, a list and a location have a body')
  t.strictSame(call?.data.find(({ MetricName }) => MetricName === 'BytesDownloaded')?.StatisticValues?.Minimum, 2)
  t.strictSame(
    new Set(call?.data.map(({ MetricName, Unit }) => `${MetricName?.replace(/^.*(Bytes|Latency).*$/, '$1')} ${Unit}`)),
    new Set([
      'Bytes Bytes',
      'Latency Milliseconds',
      ...['AllRequests', 'PutRequests', 'GetRequests', 'HeadRequests', 'ListRequests', 'DeleteRequests', '4xxErrors', '5xxErrors'].map(
        name => `${name} Count`,
      ),
    ]),
  )
  await s3.clock.advance(MINUTE)
  t.equal(sent.length, 1, 'a minute without requests has nothing to tell')
  await send(s3, 'GET', '/data/k')
  await s3.clock.advance(MINUTE)
  t.match(sent[1]?.data[0], { MetricName: 'AllRequests', Timestamp: new Date('2026-01-01T10:02:00Z') })
})

t.test('deletions of many objects, forms, queries and copies count as what S3 counts them as', async t => {
  const { s3, sent } = await start(t)
  await put(s3, { Id: 'whole' })
  await s3.client.createBucket({ Bucket: 'target' })
  await s3.client.putObject({ ...B, Key: 'k.csv', Body: 'a,b\n1,2\n' })
  const list = '<Delete><Object><Key>none</Key></Object></Delete>'
  const md5 = createHash('md5').update(list).digest('base64')
  t.equal(await send(s3, 'POST', '/data?delete', { body: list, headers: { 'content-md5': md5 } }), 200)
  t.equal(await send(s3, 'PUT', '/target/copy', { headers: { 'x-amz-copy-source': 'data/k.csv' } }), 200)
  t.equal(await send(s3, 'POST', '/data/k.csv?uploads'), 200)
  const query =
    '<SelectObjectContentRequest><Expression>SELECT s._1 FROM S3Object s</Expression><ExpressionType>SQL</ExpressionType>' +
    '<InputSerialization><CSV/></InputSerialization><OutputSerialization><CSV/></OutputSerialization></SelectObjectContentRequest>'
  t.equal(await send(s3, 'POST', '/data/k.csv?select&select-type=2', { body: query }), 200)
  await s3.clock.advance(MINUTE)
  t.match(told(sent, 'whole'), {
    AllRequests: [3, 3],
    DeleteRequests: [1, 1],
    GetRequests: [1, 1],
    PostRequests: [1, 1],
    SelectRequests: [1, 1],
    SelectBytesScanned: [1, 8],
    SelectBytesReturned: [1, 4],
  })
})

t.test('filters choose by prefix, by tags and by access point', async t => {
  const { s3, sent } = await start(t)
  const control = s3.service<typeof import('@aws-sdk/client-s3-control')>('s3control')
  const point = await control.createAccessPoint({ AccountId: '000000000000', Name: 'my-point', Bucket: 'data' })
  const Tag = { Key: 'class', Value: 'blue' }
  await put(s3, { Id: 'prefix', Filter: { Prefix: 'in/é ' } })
  await put(s3, { Id: 'tag', Filter: { Tag } })
  await put(s3, { Id: 'point', Filter: { AccessPointArn: point.AccessPointArn ?? '' } })
  await put(s3, { Id: 'all', Filter: { And: { Prefix: 'in/', Tags: [Tag], AccessPointArn: point.AccessPointArn } } })
  await s3.client.putObject({ ...B, Key: 'in/é 1', Body: 'x', Tagging: 'class=blue' })
  await s3.client.putObject({ ...B, Key: 'in/2', Body: 'x' })
  await s3.client.putObject({ ...B, Key: 'out', Body: 'x', Tagging: 'class=blue' })
  const paths = ['in/%C3%A9%201', 'in/2', 'out']
  for (const path of paths) t.equal(await send(s3, 'GET', `/data/${path}`), 200)
  for (const path of paths) t.equal(await send(s3, 'GET', `/${point.Alias}/${path}`), 200)
  t.equal(await send(s3, 'GET', '/data'), 200)
  t.equal(await send(s3, 'GET', `/${point.Alias}`), 200)
  await s3.clock.advance(MINUTE)
  t.match(told(sent, 'prefix'), { AllRequests: [2, 2], GetRequests: [2, 2] })
  t.match(told(sent, 'tag'), { AllRequests: [4, 4] })
  t.match(told(sent, 'point'), { AllRequests: [4, 4], ListRequests: [1, 1] })
  t.match(told(sent, 'all'), { AllRequests: [1, 1] })
})

t.test('buckets without a configuration, and those whose last one is gone, are not counted', async t => {
  const { s3, sent } = await start(t)
  await send(s3, 'GET', '/data/k')
  await put(s3, { Id: 'whole' })
  await s3.client.deleteBucketMetricsConfiguration({ ...B, Id: 'whole' })
  await send(s3, 'GET', '/data/k')
  await s3.clock.advance(MINUTE)
  t.strictSame(sent, [])
})

t.test('metrics go to the account and the region of the bucket, and a thousand at a time', async t => {
  const { s3, sent } = await start(t)
  const theirs = s3.as({ account: '222222222222', region: 'eu-west-1' })
  const CreateBucketConfiguration = { LocationConstraint: 'eu-west-1' as const }
  await theirs.createBucket({ Bucket: 'theirs', CreateBucketConfiguration })
  for (let n = 0; n < 150; n++) {
    const Id = `m${n}`
    await theirs.putBucketMetricsConfiguration({ Bucket: 'theirs', Id, MetricsConfiguration: { Id } })
  }
  await send(s3, 'GET', '/theirs/k', { headers: signed({ account: '222222222222', region: 'eu-west-1' }) })
  await s3.clock.advance(MINUTE)
  t.strictSame(
    sent.map(({ account, region, data }) => [account, region, data.length]),
    [
      ['222222222222', 'eu-west-1', 1000],
      ['222222222222', 'eu-west-1', 50],
    ],
  )
})

t.test('how much is stored is published at midnight UTC, for every bucket', async t => {
  const { s3, sent } = await start(t)
  const KB = 1024
  await s3.client.putBucketVersioning({ ...B, VersioningConfiguration: { Status: 'Enabled' } })
  const object = (Key: string, size: number, StorageClass?: 'STANDARD_IA' | 'DEEP_ARCHIVE' | 'INTELLIGENT_TIERING') =>
    s3.client.putObject({ ...B, Key, Body: Buffer.alloc(size), ...(StorageClass && { StorageClass }) })
  await object('k', 10)
  await object('k', 5)
  await s3.client.deleteObject({ ...B, Key: 'k' })
  await object('ia', 28 * KB, 'STANDARD_IA')
  await object('deep', 3, 'DEEP_ARCHIVE')
  await object('tiered', 7, 'INTELLIGENT_TIERING')
  const { UploadId } = await s3.client.createMultipartUpload({ ...B, Key: 'parts', StorageClass: 'DEEP_ARCHIVE' })
  await s3.client.uploadPart({ ...B, Key: 'parts', UploadId, PartNumber: 1, Body: 'part' })
  await s3.client.createBucket({ Bucket: 'empty' })
  await s3.clock.advance(14 * 60 * MINUTE)
  const data = sent.flatMap(call => call.data)
  const of = (bucket: string) =>
    data
      .filter(({ Dimensions }) => Dimensions?.[0]?.Value === bucket)
      .map(({ MetricName, Dimensions, Value, Unit }) => [MetricName, Dimensions?.[1]?.Value, Value, Unit])
  t.strictSame(
    new Set(of('data').map(fields => fields.join(' '))),
    new Set([
      'NumberOfObjects AllStorageTypes 7 Count',
      'BucketSizeBytes StandardStorage 15 Bytes',
      `BucketSizeBytes StandardIAStorage ${28 * KB} Bytes`,
      `BucketSizeBytes StandardIASizeOverhead ${100 * KB} Bytes`,
      'BucketSizeBytes DeepArchiveStorage 3 Bytes',
      `BucketSizeBytes DeepArchiveObjectOverhead ${32 * KB} Bytes`,
      `BucketSizeBytes DeepArchiveS3ObjectOverhead ${8 * KB} Bytes`,
      'BucketSizeBytes DeepArchiveStagingStorage 4 Bytes',
      'BucketSizeBytes IntelligentTieringFAStorage 7 Bytes',
    ]),
  )
  t.strictSame(of('empty'), [['NumberOfObjects', 'AllStorageTypes', 0, 'Count']])
  t.ok(data.every(({ Timestamp }) => Timestamp?.toISOString() === '2026-01-02T00:00:00.000Z'))
  t.strictSame(
    sent[0]?.data[0]?.Dimensions?.map(({ Name }) => Name),
    ['BucketName', 'StorageType'],
  )
})

t.test('where nobody takes metrics nothing is sent and nothing is said; a failure is told', async t => {
  const lines: string[] = []
  const log = createLog('debug', line => lines.push(line))
  const absent = { with: [] }
  const { plugins: unable, sent } = cloudWatch(new AwsError('NotImplemented', 'not yet', { status: 501 }))
  for (const options of [absent, { with: unable }]) {
    const { s3 } = await start(t, { log, ...options })
    await s3.client.createBucket({ Bucket: 'other' })
    await put(s3, { Id: 'whole' })
    t.equal(await send(s3, 'GET', '/data'), 200)
    await s3.clock.advance(DAY)
    t.strictSame(
      lines.filter(line => /WARN|ERROR/.test(line)),
      [],
    )
  }
  t.equal(sent.length, 2, 'one call for the minute, and at midnight one only')
  const { s3 } = await start(t, { log, with: cloudWatch(new AwsError('Throttling', 'slowly', { status: 400 })).plugins })
  await put(s3, { Id: 'whole' })
  await send(s3, 'GET', '/data')
  await s3.clock.advance(MINUTE)
  t.match(lines.filter(line => /WARN|ERROR/.test(line)).join(''), /WARN {2}the metrics of an S3 bucket could not be published bucket=data/)
})
