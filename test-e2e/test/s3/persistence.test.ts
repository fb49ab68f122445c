import { readdir } from 'node:fs/promises'
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  PutObjectCommand,
  paginateListObjectsV2,
  S3Client,
} from '@aws-sdk/client-s3'
import t from 'tap'
import { type ServerProcess, startServerProcess } from '../../src/server.js'

const Bucket = 'kept'
const WRITERS = 12
const KEYS_EACH = 6
const LIVES = 4

const clientOf = ({ endpoint }: ServerProcess) =>
  new S3Client({
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  })

/** A body of 1 to 200 KiB that no other write has, and that isn't the start of another. */
function bodyOf(write: string): Buffer {
  const n = Number(write.split('/').at(-1))
  return Buffer.alloc(1024 + ((n * 7919) % 200) * 1024, `${write};`)
}

/** Which write a body is of; undefined when it isn't whole. */
function writeOf(body: Buffer): string | undefined {
  const write = body.subarray(0, body.indexOf(';')).toString()
  return bodyOf(write).equals(body) ? write : undefined
}

/** The files of object bytes. */
async function blobsIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.filter(entry => entry.isFile() && /^k[0-9a-f]{32}$/.test(entry.name)).map(entry => entry.name)
}

async function everything(client: S3Client): Promise<Map<string, string | undefined>> {
  const found = new Map<string, string | undefined>()
  for await (const { Contents = [] } of paginateListObjectsV2({ client, pageSize: 50 }, { Bucket })) {
    for (const { Key } of Contents) {
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }))
      found.set(Key!, writeOf(Buffer.from(await Body!.transformToByteArray())))
    }
  }
  return found
}

t.setTimeout(120_000)

t.test('with S3_PERSIST alone, after kill -9 every acknowledged object is whole, a newer one is all there or not at all', async t => {
  const folder = t.testdir()
  const options = { args: ['--services', 's3'], env: { S3_PERSIST: '1', S3_DATA_DIR: folder } }
  let server = await startServerProcess(options)
  t.teardown(() => server.kill('SIGKILL'))
  await clientOf(server).send(new CreateBucketCommand({ Bucket }))
  /** What keys may hold: what was acknowledged last (undefined: nothing), and what was asked for after that. */
  let may = new Map<string, readonly (string | undefined)[]>()

  for (let life = 0; life < LIVES; life++) {
    const client = clientOf(server)
    const stopAt = 150 + life * 83
    let acknowledged = 0
    let killed: Promise<unknown> | undefined
    const turn = async (writer: number, n: number) => {
      const Key = `${writer}/${n % KEYS_EACH}`
      const write = n % 11 === 10 ? undefined : `${life}/${writer}/${n}`
      may.set(Key, [may.get(Key)?.[0], write])
      if (write === undefined) await client.send(new DeleteObjectCommand({ Bucket, Key }))
      else await client.send(new PutObjectCommand({ Bucket, Key, Body: bodyOf(write) }))
      may.set(Key, [write])
    }
    const work = async (writer: number) => {
      for (let n = writer; !killed; n++) {
        try {
          await turn(writer, n)
        } catch (error) {
          if (!killed) throw error
          return
        }
        if (++acknowledged >= stopAt) killed ??= server.kill('SIGKILL')
      }
    }
    await Promise.all(Array.from({ length: WRITERS }, (_, writer) => work(writer)))
    await killed
    client.destroy()
    const before = (await blobsIn(folder)).length

    server = await startServerProcess(options)
    const found = await everything(clientOf(server))
    const torn = [...found].filter(([, write]) => write === undefined)
    t.strictSame(torn, [], `life ${life}: ${acknowledged} writes acknowledged`)
    const wrong = [...may].filter(([key, writes]) => !writes.includes(found.get(key)))
    t.strictSame(wrong, [])
    t.strictSame(
      [...found.keys()].filter(key => !may.has(key)),
      [],
    )
    t.equal((await blobsIn(folder)).length, found.size, `each of ${found.size} objects has its file, and no other is left of ${before}`)
    may = new Map([...found].map(([key, write]) => [key, [write]]))
  }

  const client = clientOf(server)
  for (const Key of may.keys()) await client.send(new DeleteObjectCommand({ Bucket, Key }))
  await server.stop()
  server = await startServerProcess(options)
  t.equal((await everything(clientOf(server))).size, 0)
  t.strictSame(await blobsIn(folder), [], 'what is deleted leaves no file')
})
