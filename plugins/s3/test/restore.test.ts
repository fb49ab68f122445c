import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RestoreRequest } from '@aws-sdk/client-s3'
import { definePlugin } from '@ministack/gateway'
import t from 'tap'
import { bytesOf, refuses, startS3, textOf } from './kit.js'

const K = { Bucket: 'data', Key: 'cold.csv' }
const DAY = 24 * 60 * 60 * 1000
const PEOPLE = 'name,age\nAnn,31\nBo,7\n'

/** EventBridge as far as S3 calls it: it writes down what it is told, and says when that was so much. */
function events() {
  const told: string[] = []
  const waiting: { count: number; resolve: () => void }[] = []
  const reached = (count: number) =>
    new Promise<void>(resolve => {
      if (told.length >= count) resolve()
      else waiting.push({ count, resolve })
    })
  const plugin = definePlugin({
    manifest: new URL('../../../eventbridge/manifest.json', import.meta.url),
    services: {
      events: {
        operations: {
          PutEvents: (_ctx: unknown, { Entries }: { Entries: { DetailType: string }[] }) => {
            told.push(Entries[0]?.DetailType ?? '')
            for (const { count, resolve } of waiting) if (told.length >= count) resolve()
            return {}
          },
        } as never,
      },
    },
  })
  return { told, reached, plugin }
}

t.test('a restore that is under way can be made faster, and not otherwise changed', async t => {
  const { client, clock } = await startS3(t)
  await client.putObject({ ...K, Body: PEOPLE, StorageClass: 'GLACIER' })
  const restore = (Days: number, Tier: 'Bulk' | 'Standard' | 'Expedited') =>
    client.restoreObject({ ...K, RestoreRequest: { Days, GlacierJobParameters: { Tier } } })
  t.match(await restore(2, 'Bulk'), { $metadata: { httpStatusCode: 202 } })
  await refuses(t, restore(2, 'Bulk'), 'RestoreAlreadyInProgress')
  await refuses(t, restore(3, 'Expedited'), 'RestoreAlreadyInProgress')
  t.match(await restore(2, 'Expedited'), { $metadata: { httpStatusCode: 202 } })
  await refuses(t, restore(2, 'Standard'), 'RestoreAlreadyInProgress')
  await clock.advance(600)
  t.equal(await textOf(await client.getObject(K)), PEOPLE)
})

t.test('events tell of a restore: begun, done, and over', async t => {
  const { told, reached, plugin } = events()
  const { client, clock } = await startS3(t, { with: [plugin] })
  await client.putBucketNotificationConfiguration({ Bucket: 'data', NotificationConfiguration: { EventBridgeConfiguration: {} } })
  await client.putObject({ ...K, Body: PEOPLE, StorageClass: 'GLACIER' })
  await client.restoreObject({ ...K, RestoreRequest: { Days: 1 } })
  await clock.advance(1000)
  await reached(3)
  t.same(told, ['Object Created', 'Object Restore Initiated', 'Object Restore Completed'])
  // One that lives on for longer isn't taken away when its first time is over.
  await client.restoreObject({ ...K, RestoreRequest: { Days: 40 } })
  await clock.advance(3 * DAY)
  t.equal(await textOf(await client.getObject(K)), PEOPLE)
  await clock.advance(39 * DAY)
  await refuses(t, client.getObject(K), 'InvalidObjectState')
  await reached(4)
  t.same(told.slice(3), ['Object Restore Expired'])
  t.equal((await client.headObject(K)).Restore, undefined)
})

t.test('a restore goes on after a restart', async t => {
  const s3DataDir = await mkdtemp(join(tmpdir(), 'ministack-s3-test-'))
  t.teardown(() => rm(s3DataDir, { recursive: true, force: true }))
  const s3 = await startS3(t, { config: { s3Persist: true, s3DataDir } })
  const { clock } = s3
  await s3.client.putObject({ ...K, Body: PEOPLE, StorageClass: 'GLACIER' })
  await s3.client.restoreObject({ ...K, RestoreRequest: { Days: 1 } })
  await s3.restart()
  await clock.advance(1000)
  t.equal(await textOf(await s3.client.getObject(K)), PEOPLE)
  await clock.advance(3 * DAY)
  t.equal((await s3.client.headObject(K)).Restore, undefined)
})

const SELECT: RestoreRequest = {
  Type: 'SELECT',
  Description: 'grown-ups',
  SelectParameters: {
    ExpressionType: 'SQL',
    Expression: 'SELECT name FROM S3Object WHERE CAST(age AS INT) > 30',
    InputSerialization: { CSV: { FileHeaderInfo: 'USE' } },
    OutputSerialization: { CSV: {} },
  },
  OutputLocation: { S3: { BucketName: 'data', Prefix: 'out' } },
}

t.test('a restore of type SELECT is refused by AWS’s rules', async t => {
  const { client } = await startS3(t)
  await client.putObject({ ...K, Body: PEOPLE, StorageClass: 'GLACIER' })
  const { SelectParameters: parameters } = SELECT
  const restore = (more: object) => client.restoreObject({ ...K, RestoreRequest: { ...SELECT, ...more } })
  const to = (S3: object) => restore({ OutputLocation: { S3: { BucketName: 'data', Prefix: 'out', ...S3 } } })
  await refuses(t, restore({ Days: 1 }), 'MalformedXML')
  await refuses(t, restore({ SelectParameters: undefined }), 'MalformedXML')
  await refuses(t, restore({ OutputLocation: undefined }), 'MalformedXML')
  await refuses(t, restore({ GlacierJobParameters: { Tier: 'Bulk' } }), 'MalformedXML')
  await refuses(t, client.restoreObject({ ...K, RestoreRequest: { SelectParameters: parameters, Days: 1 } }), 'MalformedXML')
  await refuses(t, restore({ SelectParameters: { ...parameters, Expression: 'SELECT' } }), 'ParseEmptySelect')
  await refuses(t, restore({ SelectParameters: { ...parameters, InputSerialization: { Parquet: {} } } }), 'InvalidDataSource')
  const packed = { ...parameters, InputSerialization: { CSV: {}, CompressionType: 'GZIP' } }
  await refuses(t, restore({ SelectParameters: packed }), 'InvalidCompressionFormat')
  await refuses(t, to({ BucketName: 'nowhere' }), 'NoSuchBucket')
  await refuses(t, to({ StorageClass: 'COLD' }), 'InvalidStorageClass')
  await refuses(t, to({ CannedACL: 'public-read' }), 'AccessControlListNotSupported')
  await refuses(t, to({ Tagging: { TagSet: [{ Key: 'aws:x', Value: 'y' }] } }), 'InvalidTag')
  await refuses(t, to({ Encryption: { EncryptionType: 'rot13' } }), 'InvalidArgument')
  await client.putObject({ ...K, Body: PEOPLE })
  await refuses(t, restore({}), 'InvalidObjectState')
})

t.test('a restore of type SELECT writes its results under the output location', async t => {
  const { reached, plugin } = events()
  const { client, clock } = await startS3(t, { with: [plugin] })
  await client.createBucket({ Bucket: 'results', ObjectOwnership: 'ObjectWriter' })
  await client.putBucketNotificationConfiguration({ Bucket: 'results', NotificationConfiguration: { EventBridgeConfiguration: {} } })
  await client.deletePublicAccessBlock({ Bucket: 'results' })
  await client.putObject({ ...K, Body: PEOPLE, StorageClass: 'GLACIER' })
  const OutputLocation = {
    S3: {
      BucketName: 'results',
      Prefix: 'out',
      StorageClass: 'STANDARD_IA' as const,
      CannedACL: 'public-read' as const,
      Tagging: { TagSet: [{ Key: 'by', Value: 'a job' }] },
      UserMetadata: [{ Name: 'Who', Value: 'me' }],
      Encryption: { EncryptionType: 'AES256' as const },
    },
  }
  const answer = await client.restoreObject({ ...K, RestoreRequest: { ...SELECT, OutputLocation } })
  t.match(answer, { RestoreOutputPath: /^out\/[\w-]+\/$/, $metadata: { httpStatusCode: 202 } })
  // The object itself stays in its archive, and its removal doesn't matter any more.
  await refuses(t, client.getObject(K), 'InvalidObjectState')
  await client.deleteObject(K)
  await clock.advance(1000)
  await reached(4)
  const { Contents: contents = [] } = await client.listObjectsV2({ Bucket: 'results', Prefix: answer.RestoreOutputPath })
  const names = contents.map(({ Key = '' }) => Key.slice(answer.RestoreOutputPath?.length))
  t.match(names, ['error_manifest.txt', 'job.txt', 'result_manifest.txt', /^results\//])
  const read = async (name: string) => client.getObject({ Bucket: 'results', Key: `${answer.RestoreOutputPath}${name}` })
  const results = await read(names[3] ?? '')
  t.equal(String(await bytesOf(results)), 'Ann\n')
  t.match(results, { StorageClass: 'STANDARD_IA', Metadata: { who: 'me' }, TagCount: 1, ServerSideEncryption: 'AES256' })
  t.equal(await textOf(await read('result_manifest.txt')), `${answer.RestoreOutputPath}${names[3]}\n`)
  t.match(JSON.parse(await textOf(await read('job.txt'))), { Key: 'cold.csv', Description: 'grown-ups', Tier: 'Standard' })
  const { Grants } = await client.getObjectAcl({ Bucket: 'results', Key: `${answer.RestoreOutputPath}${names[3]}` })
  t.match(Grants, [{}, { Grantee: { URI: /AllUsers/ }, Permission: 'READ' }])
})

t.test('the path of the results is told in a header', async t => {
  const { client, http } = await startS3(t)
  await client.putObject({ ...K, Body: PEOPLE, StorageClass: 'GLACIER' })
  const body = `<RestoreRequest xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Type>SELECT</Type><Tier>Bulk</Tier><SelectParameters><InputSerialization><CSV/></InputSerialization><ExpressionType>SQL</ExpressionType><Expression>SELECT _1 FROM S3Object</Expression><OutputSerialization><CSV/></OutputSerialization></SelectParameters><OutputLocation><S3><BucketName>data</BucketName><Prefix>out/</Prefix></S3></OutputLocation></RestoreRequest>`
  const { status, headers } = await http({ method: 'POST', url: '/data/cold.csv?restore', body })
  t.equal(status, 202)
  t.match(headers['x-amz-restore-output-path'], /^out\/[\w-]+\/$/)
})

t.test('a query that fails says so under the output location', async t => {
  const { reached, plugin } = events()
  const { client, clock } = await startS3(t, { with: [plugin] })
  await client.putObject({ ...K, Body: PEOPLE, StorageClass: 'DEEP_ARCHIVE' })
  await client.putBucketNotificationConfiguration({ Bucket: 'data', NotificationConfiguration: { EventBridgeConfiguration: {} } })
  const SelectParameters = { ...SELECT.SelectParameters, Expression: 'SELECT CAST(name AS INT) FROM S3Object' }
  const { RestoreOutputPath: path = '' } = await client.restoreObject({
    ...K,
    RestoreRequest: { ...SELECT, SelectParameters } as RestoreRequest,
  })
  await clock.advance(1000)
  await reached(4)
  const { Contents: contents = [] } = await client.listObjectsV2({ Bucket: 'data', Prefix: path })
  const key = contents.map(({ Key = '' }) => Key).find(name => name.includes('/errors/'))
  t.match(JSON.parse(await textOf(await client.getObject({ Bucket: 'data', Key: key }))), { Code: 'CastFailed' })
})
