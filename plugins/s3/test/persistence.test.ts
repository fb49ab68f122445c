import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { bytesOf, refuses, startS3 } from './kit.js'

const K = { Bucket: 'data', Key: 'k' }

async function kept(t: Parameters<typeof startS3>[0]) {
  const s3DataDir = await mkdtemp(join(tmpdir(), 'ministack-s3-test-'))
  t.teardown(() => rm(s3DataDir, { recursive: true, force: true }))
  const s3 = await startS3(t, { config: { s3Persist: true, s3DataDir } })
  const files = async () =>
    (await readdir(s3DataDir, { recursive: true, withFileTypes: true }))
      .filter(entry => entry.isFile() && entry.name.startsWith('k'))
      .map(entry => entry.name)
  return { s3, client: s3.client, s3DataDir, files }
}

t.test('with S3_PERSIST objects, versions and uploads outlive the process', async t => {
  const { s3, client } = await kept(t)
  await client.putBucketVersioning({ Bucket: 'data', VersioningConfiguration: { Status: 'Enabled' } })
  const small = randomBytes(100)
  const large = randomBytes(300_000)
  const one = await client.putObject({ ...K, Body: small, Metadata: { m: '1' }, Tagging: 'a=1' })
  await client.putObject({ ...K, Body: large })
  await client.putObject({ Bucket: 'data', Key: 'empty', Body: '' })
  await client.deleteObject({ Bucket: 'data', Key: 'gone' })
  const { UploadId } = await client.createMultipartUpload({ Bucket: 'data', Key: 'parts' })
  const { ETag } = await client.uploadPart({ Bucket: 'data', Key: 'parts', UploadId, PartNumber: 1, Body: large })
  const before = await client.listObjectVersions({ Bucket: 'data' })
  await s3.restart()
  t.same(await client.listObjectVersions({ Bucket: 'data' }), before)
  const got = await client.getObject({ ...K, VersionId: one.VersionId })
  t.match(got, { Metadata: { m: '1' }, TagCount: 1, ETag: one.ETag })
  t.ok((await bytesOf(got)).equals(small))
  t.ok((await bytesOf(await client.getObject(K))).equals(large))
  await client.completeMultipartUpload({ Bucket: 'data', Key: 'parts', UploadId, MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] } })
  await s3.restart()
  t.ok((await bytesOf(await client.getObject({ Bucket: 'data', Key: 'parts' }))).equals(large))
})

t.test('bytes that nothing names are swept at the start, and those that go out of use at once', async t => {
  const { s3, client, s3DataDir, files } = await kept(t)
  await client.putObject({ ...K, Body: 'kept' })
  const [name = ''] = await files()
  await writeFile(join(s3DataDir, name.slice(1, 3), `k${'0'.repeat(32)}`), 'left by a write that was cut off')
  t.equal((await files()).length, 2)
  await s3.restart()
  await client.headObject(K)
  t.same(await files(), [name])
  await client.copyObject({ Bucket: 'data', Key: 'copy', CopySource: 'data/k' })
  await client.deleteObject(K)
  t.same(await files(), [name], 'a copy shares its source’s bytes')
  await client.deleteObject({ Bucket: 'data', Key: 'copy' })
  // The file is removed behind the answer's back; a restart waits for nothing else.
  await s3.restart()
  await client.headBucket({ Bucket: 'data' })
  t.same(await files(), [])
})

t.test('without S3_PERSIST buckets stay and objects go with the process', async t => {
  const s3 = await startS3(t, { persist: true })
  await s3.client.putObject({ ...K, Body: 'x' })
  await s3.restart()
  t.ok(await s3.client.headBucket({ Bucket: 'data' }))
  await refuses(t, s3.client.headObject(K), 'NotFound')
})

t.test('a reset takes everything', async t => {
  const { s3, client, files } = await kept(t)
  await client.putObject({ ...K, Body: randomBytes(100_000) })
  await s3.reset()
  t.same((await client.listBuckets({})).Buckets, [])
  t.same(await files(), [])
})

t.test('a full disk is S3’s InternalError, and the old object stays', async t => {
  const { client, s3DataDir } = await kept(t)
  await client.putObject({ ...K, Body: 'old' })
  await rm(s3DataDir, { recursive: true })
  await writeFile(s3DataDir, 'now a file: nothing can be stored below it')
  await refuses(t, client.putObject({ ...K, Body: 'new' }), 'InternalError', {
    message: 'We encountered an internal error. Please try again.',
    status: 500,
  })
  t.equal((await client.headObject(K)).ContentLength, 3)
  await rm(s3DataDir)
})

t.test('lines of access logs that still wait are delivered at the end', async t => {
  const { s3, client } = await kept(t)
  await client.createBucket({ Bucket: 'logs' })
  const LoggingEnabled = { TargetBucket: 'logs', TargetPrefix: 'p/' }
  await client.putBucketLogging({ Bucket: 'data', BucketLoggingStatus: { LoggingEnabled } })
  await s3.http({ url: '/data/last' })
  await s3.restart()
  const { Contents = [] } = await client.listObjectsV2({ Bucket: 'logs' })
  t.equal(Contents.length, 1)
  const log = await bytesOf(await client.getObject({ Bucket: 'logs', Key: Contents[0]?.Key }))
  t.match(log.toString(), / REST\.GET\.OBJECT last /)
})
