import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { readdir, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3'
import t, { type Test } from 'tap'
import { startServerProcess } from '../../src/server.js'

const MIB = 2 ** 20
const DISK = 32 * MIB
const Bucket = 'full'
const INTERNAL = { name: 'InternalError', message: /internal error/, $metadata: { httpStatusCode: 500 } }

/** A file system of 32 MiB at a folder of its own, or why there can't be one. */
function smallDisk(): { readonly folder: string; remove(): void } | string {
  const folder = mkdtempSync(join(tmpdir(), 'ministack-small-'))
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK}`, 'tmpfs', folder])
  const remove = () => rmSync(folder, { recursive: true, force: true })
  if (mounted.status === 0) {
    return {
      folder,
      remove: () => {
        spawnSync('umount', [folder])
        remove()
      },
    }
  }
  remove()
  return 'a small file system can be mounted by root only'
}

async function usedBytes(folder: string): Promise<number> {
  const { blocks, bfree, bsize } = await statfs(folder)
  return (blocks - bfree) * bsize
}

async function filesIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.filter(entry => entry.isFile() && /^[kt][0-9a-f]{32}$/.test(entry.name)).length
}

const kinds: readonly [name: string, env: (folder: string) => Record<string, string>, kept: boolean][] = [
  ['the temporary folder', folder => ({ TMPDIR: folder }), false],
  ['S3_DATA_DIR', folder => ({ S3_PERSIST: '1', S3_DATA_DIR: folder }), true],
  [
    'S3_DATA_DIR and STATE_DIR',
    folder => ({ PERSIST_STATE: '1', STATE_DIR: join(folder, 'state'), S3_PERSIST: '1', S3_DATA_DIR: join(folder, 's3') }),
    true,
  ],
]

t.setTimeout(120_000)

for (const [name, env, kept] of kinds) {
  const disk = smallDisk()
  if (typeof disk === 'string') {
    t.test(`a full disk below ${name}`, { skip: disk }, async () => {})
    continue
  }
  t.test(`a full disk below ${name} is an error, and nothing is lost by it`, async t => {
    t.teardown(disk.remove)
    const options = { args: ['--services', 's3'], env: env(disk.folder) }
    let server = await startServerProcess(options)
    t.teardown(() => server.stop())
    const clientOf = (endpoint: string) =>
      new S3Client({
        endpoint,
        region: 'us-east-1',
        forcePathStyle: true,
        credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
        maxAttempts: 1,
      })
    let client = clientOf(server.endpoint)
    t.teardown(() => client.destroy())
    await client.send(new CreateBucketCommand({ Bucket }))
    const put = (Key: string, Body: Uint8Array) => client.send(new PutObjectCommand({ Bucket, Key, Body }))
    const remove = (Key: string) => client.send(new DeleteObjectCommand({ Bucket, Key }))
    const isThere = async (t: Test, Key: string, bytes: Buffer) => {
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }))
      t.ok(bytes.equals(Buffer.from(await Body!.transformToByteArray())), `${Key} is whole`)
    }
    const keys = async () => (await client.send(new ListObjectsV2Command({ Bucket }))).Contents?.map(({ Key }) => Key) ?? []
    const old = Buffer.alloc(12 * MIB, 'old')
    await put('object', old)
    const files = await filesIn(disk.folder)
    const used = await usedBytes(disk.folder)
    const nothingIsLeft = async (t: Test) => {
      t.strictSame(await keys(), ['object'])
      await isThere(t, 'object', old)
      t.equal(await filesIn(disk.folder), files)
      t.ok((await usedBytes(disk.folder)) <= used + MIB, 'the space is free again')
    }

    t.test('PutObject', async t => {
      await t.rejects(put('object', Buffer.alloc(24 * MIB, 'new')), INTERNAL)
      await t.rejects(put('another', Buffer.alloc(24 * MIB, 'new')), INTERNAL)
      await nothingIsLeft(t)
    })

    t.test('many at once', async t => {
      const results = await Promise.allSettled(Array.from({ length: 8 }, (_, i) => put(`many/${i}`, Buffer.alloc(4 * MIB, `${i};`))))
      const written = results.flatMap(({ status }, i) => (status === 'fulfilled' ? [i] : []))
      t.ok(written.length <= 5, `${written.length} fit`)
      t.strictSame(await keys(), [...written.map(i => `many/${i}`), 'object'])
      for (const i of written) await isThere(t, `many/${i}`, Buffer.alloc(4 * MIB, `${i};`))
      for (const i of written) await remove(`many/${i}`)
      await nothingIsLeft(t)
    })

    t.test('multipart uploads and their copies', async t => {
      const Key = 'upload'
      const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key }))
      const part = (PartNumber: number, size: number) =>
        client.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body: Buffer.alloc(size, `${PartNumber};`) }))
      const { ETag } = await part(1, 6 * MIB)
      await t.rejects(part(2, 24 * MIB), INTERNAL)
      await t.rejects(part(1, 24 * MIB), INTERNAL)
      t.match((await client.send(new ListPartsCommand({ Bucket, Key, UploadId }))).Parts, [{ PartNumber: 1, ETag, Size: 6 * MIB }])
      const fill = await put('fill', Buffer.alloc(12 * MIB, 'fill'))
      const second = await part(2, 1000)
      // Neither needs room for bytes that are there already.
      const CopySource = `${Bucket}/object`
      const copied = await client.send(new CopyObjectCommand({ Bucket, Key: 'fill', CopySource, CopySourceIfNoneMatch: fill.ETag }))
      t.ok(copied.CopyObjectResult?.ETag)
      await isThere(t, 'fill', old)
      const third = await client.send(new UploadPartCopyCommand({ Bucket, Key, UploadId, PartNumber: 3, CopySource }))
      await client.send(new UploadPartCopyCommand({ Bucket, Key, UploadId, PartNumber: 2, CopySource }))
      const Parts = [1, 2, 3].map(PartNumber => ({ PartNumber, ETag: PartNumber === 1 ? ETag : third.CopyPartResult?.ETag }))
      t.not(second.ETag, third.CopyPartResult?.ETag)
      await client.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }))
      await isThere(t, Key, Buffer.concat([Buffer.alloc(6 * MIB, '1;'), old, old]))
      await remove(Key)
      await remove('fill')
      const next = await client.send(new CreateMultipartUploadCommand({ Bucket, Key }))
      await t.rejects(
        client.send(new UploadPartCommand({ Bucket, Key, UploadId: next.UploadId, PartNumber: 1, Body: Buffer.alloc(24 * MIB) })),
        INTERNAL,
      )
      await client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId: next.UploadId }))
      await nothingIsLeft(t)
    })

    t.test('small objects, one after another until no byte is left', async t => {
      const bodyOf = (i: number) => Buffer.alloc(100_000, `${i};`)
      const written: number[] = []
      let refused = 0
      for (let i = 0; i < 400 && refused < 20; i++) {
        try {
          await put(`small/${i}`, bodyOf(i))
          written.push(i)
        } catch (error) {
          t.match(error, INTERNAL)
          refused++
        }
      }
      t.equal(refused, 20)
      for (const i of written) await isThere(t, `small/${i}`, bodyOf(i))
      t.equal((await keys()).length, written.length + 1, 'what was refused is not there')
      for (const i of written) await remove(`small/${i}`)
      await nothingIsLeft(t)
      await put('last', bodyOf(7))
    })

    if (!kept) return
    t.test('and all is there after a restart', async t => {
      await server.kill()
      client.destroy()
      server = await startServerProcess(options)
      client = clientOf(server.endpoint)
      t.strictSame(await keys(), ['last', 'object'])
      await isThere(t, 'object', old)
      await isThere(t, 'last', Buffer.alloc(100_000, '7;'))
      t.equal(await filesIn(disk.folder), files + 1)
    })
  })
}
