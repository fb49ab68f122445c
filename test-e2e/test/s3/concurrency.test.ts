import { fileURLToPath } from 'node:url'
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import t from 'tap'
import { run } from '../../src/programs.js'
import { startServerProcess } from '../../src/server.js'

const WRITER = fileURLToPath(new URL('../../src/s3-writer.js', import.meta.url))
const Bucket = 'contended'
const PROCESSES = 4
const WRITERS_EACH = 16

t.setTimeout(240_000)

t.test('many at one key', async t => {
  const server = await startServerProcess({ args: ['--services', 's3'] })
  t.teardown(() => server.stop())
  const client = new S3Client({
    endpoint: server.endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  })
  t.teardown(() => client.destroy())
  await client.send(new CreateBucketCommand({ Bucket }))
  const versions = async (Prefix: string) => (await client.send(new ListObjectVersionsCommand({ Bucket, Prefix }))).Versions

  t.test('64 writers of 4 processes leave one whole version, and readers never see a mix', async t => {
    const ended = await Promise.all(
      Array.from({ length: PROCESSES }, (_, i) =>
        run(process.execPath, [WRITER, server.endpoint, Bucket, 'key', String(WRITERS_EACH), String(i * WRITERS_EACH)]),
      ),
    )
    for (const { code, stdout, stderr } of ended) {
      t.equal(code, 0, stderr)
      t.ok(Number(stdout) > 0, `${stdout.trim()} reads`)
    }
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: 'key' }))
    const bytes = Buffer.from(await Body!.transformToByteArray())
    t.equal(new Set(bytes).size, 1)
    t.match(await versions('key'), [{ Size: 20_000 + bytes[0]! * 3000, IsLatest: true }])
    t.equal((await versions('key'))?.length, 1)
  })

  t.test('uploads that are completed at once leave the whole of one, also when each is completed twice', async t => {
    const Key = 'upload'
    const uploads = await Promise.all(
      Array.from({ length: 8 }, async (_, i) => {
        const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key }))
        const part = { Bucket, Key, UploadId, PartNumber: 1 }
        const { ETag } = await client.send(new UploadPartCommand({ ...part, Body: Buffer.alloc(100_000 + i, i + 1) }))
        return new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] } })
      }),
    )
    // The second of a pair may come when another upload has taken the key: the first is forgotten then.
    const completed = await Promise.allSettled([...uploads, ...uploads].map(complete => client.send(complete)))
    const lost = completed.flatMap(result => (result.status === 'rejected' ? [result.reason.name as string] : []))
    t.ok(
      lost.every(name => name === 'NoSuchUpload'),
      `${lost.length} came too late`,
    )
    const etags = uploads.map((_, i) => {
      const both = [completed[i], completed[i + uploads.length]].flatMap(result =>
        result?.status === 'fulfilled' ? [result.value.ETag] : [],
      )
      t.equal(new Set(both).size, 1, `upload ${i} was completed once`)
      return both[0]
    })
    t.equal(new Set(etags).size, uploads.length)
    const { Body, ETag } = await client.send(new GetObjectCommand({ Bucket, Key }))
    const winner = etags.indexOf(ETag)
    t.ok(
      Buffer.alloc(100_000 + winner, winner + 1).equals(Buffer.from(await Body!.transformToByteArray())),
      `upload ${winner} was the last`,
    )
    t.equal((await versions(Key))?.length, 1)
    t.strictSame((await client.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads ?? [], [])
  })
})
