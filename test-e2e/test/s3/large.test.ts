import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { mkdtemp, open, rm, statfs } from 'node:fs/promises'
import { type IncomingMessage, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import t, { type Test } from 'tap'
import { clientEnv, missing, run } from '../../src/programs.js'
import { Random } from '../../src/random.js'
import { peakResidentMiB, type ServerProcess, startServerProcess } from '../../src/server.js'

const MIB = 2 ** 20
const GIB = 2 ** 30
const LIMIT_MIB = 200
const SIZE = 5 * GIB
/** Of the object in parts: no border that the single request didn't pass lies beyond it. */
const PARTS_SIZE = 2 * GIB
const PART = 256 * MIB
/** Just over what 31 bits count. */
const FILE_SIZE = 33 * 64 * MIB
const Bucket = 'large'
/** The object of one request, or the CLI's as an object and as the file that came back, and some room. */
const NEEDED = 7 * GIB

const { bavail, bsize } = await statfs(tmpdir())
const free = bavail * bsize
const skip = free < NEEDED && `${tmpdir()} has ${Math.floor(free / GIB)} GiB left, and this takes ${NEEDED / GIB}`

/** Bytes that differ from each other wherever something is lost, doubled or out of place: the same MiB again and again, each with its number. */
const PATTERN = new Random(3).bytes(MIB)

function block(index: number): Buffer {
  const bytes = Buffer.from(PATTERN)
  bytes.writeDoubleBE(index)
  return bytes
}

function* blocks(from: number, to: number): Generator<Buffer> {
  for (let at = from; at < to; at += MIB) yield block(at / MIB)
}

/** Reads a body and counts how many bytes, from its start, are those from `from` on. */
async function sameBytes(body: AsyncIterable<Buffer>, from = 0): Promise<number> {
  let at = from
  let expected = block(Math.floor(from / MIB))
  for await (const bytes of body) {
    for (let done = 0; done < bytes.length; ) {
      const within = at % MIB
      if (within === 0) expected = block(at / MIB)
      const length = Math.min(bytes.length - done, MIB - within)
      if (bytes.compare(expected, within, within + length, done, done + length) !== 0) return at - from
      at += length
      done += length
    }
  }
  return at - from
}

/** Sends a body with Node's own client, which holds no more of it than the socket takes. */
async function send(url: string, bytes: Iterable<Buffer>, length: number): Promise<IncomingMessage> {
  const outgoing = request(url, { method: 'PUT', headers: { 'content-length': length } })
  const answer = once(outgoing, 'response')
  await pipeline(Readable.from(bytes), outgoing)
  const [response] = (await answer) as [IncomingMessage]
  response.resume()
  return response
}

/** A file with holes: its first and last bytes of each 64 MiB are its own, the rest takes no room. */
async function makeFile(path: string, size: number): Promise<void> {
  const file = await open(path, 'w')
  try {
    for (let at = 0; at < size; at += 64 * MIB) {
      await file.write(block(at), 0, MIB, at)
      await file.write(block(at + 1), 0, MIB, at + 63 * MIB)
    }
  } finally {
    await file.close()
  }
}

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const bytes of createReadStream(path, { highWaterMark: MIB })) hash.update(bytes)
  return hash.digest('hex')
}

function isSmall(t: Test, server: ServerProcess, when: string): void {
  const peak = peakResidentMiB(server.pid)
  if (peak === undefined) t.pass('this system tells nothing of memory')
  else t.ok(peak < LIMIT_MIB, `the server held ${Math.round(peak)} MiB at most ${when}`)
}

t.setTimeout(900_000)

t.test('large bodies', { skip }, async t => {
  const start = async (t: Test) => {
    const server = await startServerProcess({ args: ['--services', 's3'] })
    t.teardown(() => server.stop())
    const client = new S3Client({
      endpoint: server.endpoint,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials: { accessKeyId: '111122223333', secretAccessKey: 'test' },
    })
    t.teardown(() => client.destroy())
    await client.send(new CreateBucketCommand({ Bucket }))
    return { server, client }
  }

  t.test('of 5 GiB go up and down in one request', async t => {
    const { server, client } = await start(t)
    const Key = 'single'
    const url = await getSignedUrl(client, new PutObjectCommand({ Bucket, Key }), { expiresIn: 3600 })
    const { statusCode } = await send(url, blocks(0, SIZE), SIZE)
    t.equal(statusCode, 200)
    t.match(await client.send(new HeadObjectCommand({ Bucket, Key })), { ContentLength: SIZE })
    isSmall(t, server, 'after the upload')
    const { Body, ContentLength } = await client.send(new GetObjectCommand({ Bucket, Key }))
    t.equal(ContentLength, SIZE)
    t.equal(await sameBytes(Body as Readable), SIZE)
    isSmall(t, server, 'after the download')
  })

  t.test('of 2 GiB go up in parts, are put together from each other, and come down', async t => {
    const { server, client } = await start(t)
    const PARTS = PARTS_SIZE / PART
    const create = async (Key: string) => (await client.send(new CreateMultipartUploadCommand({ Bucket, Key }))).UploadId!
    const complete = (Key: string, UploadId: string, etags: readonly (string | undefined)[]) => {
      const Parts = etags.map((ETag, i) => ({ ETag, PartNumber: i + 1 }))
      return client.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }))
    }

    const Key = 'parts'
    const UploadId = await create(Key)
    const upload = async (i: number) => {
      const part = new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: i + 1 })
      const { statusCode, headers } = await send(await getSignedUrl(client, part), blocks(i * PART, (i + 1) * PART), PART)
      t.equal(statusCode, 200)
      return headers.etag
    }
    const etags: (string | undefined)[] = []
    for (let i = 0; i < PARTS; i += 4) etags.push(...(await Promise.all([i, i + 1, i + 2, i + 3].map(upload))))
    t.match(await complete(Key, UploadId, etags), { ETag: new RegExp(`-${PARTS}"$`) })
    isSmall(t, server, 'after the uploads')
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key, Range: `bytes=${PART - 9 * MIB}-${5 * PART - 1}` }))
    t.equal(await sameBytes(Body as Readable, PART - 9 * MIB), 4 * PART + 9 * MIB)
    isSmall(t, server, 'after the first download')

    // Two pieces change places; their borders are no borders of parts.
    const copy = await create('copy')
    const middle = GIB + 1000
    const ranges = [`bytes=${middle}-${PARTS_SIZE - 1}`, `bytes=0-${middle - 1}`]
    const copied = ranges.map(async (CopySourceRange, i) => {
      const part = { Bucket, Key: 'copy', UploadId: copy, PartNumber: i + 1, CopySource: `${Bucket}/${Key}`, CopySourceRange }
      return (await client.send(new UploadPartCopyCommand(part))).CopyPartResult?.ETag
    })
    await complete('copy', copy, await Promise.all(copied))
    isSmall(t, server, 'after the copies')
    await client.send(new DeleteObjectCommand({ Bucket, Key }))
    const first = PARTS_SIZE - middle
    const second = await client.send(new GetObjectCommand({ Bucket, Key: 'copy', Range: `bytes=${first}-` }))
    t.equal(await sameBytes(second.Body as Readable), middle)
    const end = await client.send(new GetObjectCommand({ Bucket, Key: 'copy', Range: `bytes=${first - 9 * MIB}-${first - 1}` }))
    t.equal(await sameBytes(end.Body as Readable, PARTS_SIZE - 9 * MIB), 9 * MIB)
    isSmall(t, server, 'after the last downloads')
  })

  t.test('of 2 GiB are copied up and down by the AWS CLI', { skip: missing('aws', '--version') }, async t => {
    const { server } = await start(t)
    const folder = await mkdtemp(join(tmpdir(), 'ministack-large-'))
    t.teardown(() => rm(folder, { recursive: true, force: true }))
    const [here, back] = [join(folder, 'here'), join(folder, 'back')]
    await makeFile(here, FILE_SIZE)
    for (const [when, ...args] of [
      ['after the upload', here, `s3://${Bucket}/file`],
      ['after the download', `s3://${Bucket}/file`, back],
    ] as const) {
      const { code, stderr } = await run('aws', ['s3', 'cp', ...args, '--only-show-errors'], { env: clientEnv(server.endpoint) })
      t.equal(code, 0, stderr)
      isSmall(t, server, when)
    }
    t.equal(await sha256(back), await sha256(here))
  })
})
