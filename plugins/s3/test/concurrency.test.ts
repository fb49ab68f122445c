import { createHash, randomBytes } from 'node:crypto'
import t from 'tap'
import { bytesOf, startS3 } from './kit.js'

const B = { Bucket: 'data' }
const K = { ...B, Key: 'k' }
const MIB = 1024 * 1024

/** 64 bodies that can't be taken for each other, some kept in memory and some on disk. */
const BODIES = Array.from({ length: 64 }, (_, i) => Buffer.alloc(i % 2 ? 90_000 : 500, i))
const etagOf = (bytes: Uint8Array) => `"${createHash('md5').update(bytes).digest('hex')}"`
const isWhole = (bytes: Buffer) => BODIES.some(body => body.equals(bytes))
const settled = async (calls: Promise<unknown>[]) => {
  const results = await Promise.allSettled(calls)
  const codes = results.flatMap(result => (result.status === 'rejected' ? [(result.reason as { code?: string }).code] : []))
  return { won: results.length - codes.length, codes: new Set(codes) }
}

t.test('64 writers on one key leave one of their bodies, whole', async t => {
  const { client } = await startS3(t)
  await client.putObject({ ...K, Body: BODIES[0]! })
  const read: Promise<{ ETag?: string | undefined; bytes: Buffer }>[] = []
  const reader = async () => {
    const got = await client.getObject(K)
    return { ETag: got.ETag, bytes: await bytesOf(got) }
  }
  await Promise.all(
    BODIES.map(async Body => {
      read.push(reader())
      t.equal((await client.putObject({ ...K, Body })).ETag, etagOf(Body))
      read.push(reader())
    }),
  )
  read.push(reader())
  for (const { ETag, bytes } of await Promise.all(read))
    t.ok(isWhole(bytes) && ETag === etagOf(bytes), 'a reader sees one whole body and its ETag')
  t.equal((await client.listObjectVersions(B)).Versions?.length, 1)
})

t.test('64 writers on one key of a versioned bucket leave 64 versions, each whole', async t => {
  const { client } = await startS3(t)
  await client.putBucketVersioning({ ...B, VersioningConfiguration: { Status: 'Enabled' } })
  const written = await Promise.all(BODIES.map(Body => client.putObject({ ...K, Body })))
  const { Versions = [] } = await client.listObjectVersions(B)
  t.same(new Set(Versions.map(v => v.VersionId)), new Set(written.map(w => w.VersionId)))
  t.equal(Versions.length, 64)
  t.equal(Versions.filter(v => v.IsLatest).length, 1)
  for (const [i, { VersionId }] of written.entries()) {
    t.ok((await bytesOf(await client.getObject({ ...K, VersionId }))).equals(BODIES[i]!), `version ${i} is what its writer wrote`)
  }
})

t.test('of 64 writers that must not overwrite, and of 64 that must replace one ETag, exactly one wins', async t => {
  const { client } = await startS3(t)
  const first = await settled(BODIES.map(Body => client.putObject({ ...K, Body, IfNoneMatch: '*' })))
  t.same(first, { won: 1, codes: new Set(['PreconditionFailed']) })
  const { ETag: IfMatch } = await client.headObject(K)
  const second = await settled(BODIES.filter(body => etagOf(body) !== IfMatch).map(Body => client.putObject({ ...K, Body, IfMatch })))
  t.same(second, { won: 1, codes: new Set(['PreconditionFailed']) })
  t.ok(isWhole(await bytesOf(await client.getObject(K))))
})

t.test('a reader goes on with the object it began to read, whatever becomes of the key', async t => {
  const { client } = await startS3(t)
  const old = randomBytes(2_000_000)
  await client.putObject({ ...K, Body: old })
  const whole = await client.getObject(K)
  const range = await client.getObject({ ...K, Range: 'bytes=1000-1500000' })
  await client.putObject({ ...K, Body: 'new' })
  await client.deleteObject(K)
  t.ok((await bytesOf(whole)).equals(old))
  t.ok((await bytesOf(range)).equals(old.subarray(1000, 1_500_001)))
})

t.test('copies of a key that is being overwritten are whole, and so are copies onto one', async t => {
  const { client } = await startS3(t)
  await client.putObject({ ...K, Body: BODIES[0]! })
  const CopySource = 'data/k'
  await Promise.all(
    BODIES.flatMap((Body, i) => [
      client.putObject({ ...K, Body }),
      client.copyObject({ ...B, Key: `copy-${i}`, CopySource }),
      client.copyObject({ ...B, Key: 'shared', CopySource }),
    ]),
  )
  for (const Key of ['shared', ...BODIES.map((_, i) => `copy-${i}`)]) {
    const got = await client.getObject({ ...B, Key })
    const bytes = await bytesOf(got)
    t.ok(isWhole(bytes) && got.ETag === etagOf(bytes), Key)
  }
})

t.test('of completions and aborts of one upload, one kind wins and the other finds no upload', async t => {
  const { client } = await startS3(t)
  for (let round = 0; round < 8; round++) {
    const { UploadId } = await client.createMultipartUpload(K)
    const { ETag } = await client.uploadPart({ ...K, UploadId, PartNumber: 1, Body: BODIES[1]! })
    const complete = () => client.completeMultipartUpload({ ...K, UploadId, MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] } })
    const abort = () => client.abortMultipartUpload({ ...K, UploadId })
    const order = round % 2 ? [complete, abort] : [abort, complete]
    const calls = Array.from({ length: 16 }, (_, i) => order[i % 2]!())
    const { won, codes } = await settled(calls)
    t.same(codes, new Set(['NoSuchUpload']))
    const { Contents = [] } = await client.listObjectsV2(B)
    t.equal(won, Contents.length > 0 ? 8 : 1, 'every completion answers for the one object, or one abort went through')
    t.same((await client.listMultipartUploads(B)).Uploads, [])
    await client.deleteObject(K)
  }
})

t.test('16 uploads of one key completed at once leave 16 versions, and one completed 16 times leaves one', async t => {
  const { client } = await startS3(t)
  await client.putBucketVersioning({ ...B, VersioningConfiguration: { Status: 'Enabled' } })
  const begin = async (body: Buffer) => {
    const { UploadId } = await client.createMultipartUpload(K)
    const { ETag } = await client.uploadPart({ ...K, UploadId, PartNumber: 1, Body: body })
    return () => client.completeMultipartUpload({ ...K, UploadId, MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] } })
  }
  const completions = await Promise.all(BODIES.slice(0, 16).map(begin))
  const done = await Promise.all(completions.map(complete => complete()))
  t.equal(new Set(done.map(d => d.VersionId)).size, 16)
  const again = await begin(BODIES[20]!)
  t.equal(new Set((await Promise.all(Array.from({ length: 16 }, again))).map(d => d.VersionId)).size, 1)
  t.equal((await client.listObjectVersions(B)).Versions?.length, 17)
})

t.test('parts that come while the upload is completed are in the object whole or not at all', async t => {
  const { client } = await startS3(t)
  const { UploadId } = await client.createMultipartUpload(K)
  const old = Buffer.alloc(5 * MIB, 1)
  const late = Buffer.alloc(5 * MIB, 2)
  const put = (Body: Buffer) => client.uploadPart({ ...K, UploadId, PartNumber: 1, Body })
  const { ETag } = await put(old)
  const [part, complete] = await Promise.allSettled([
    put(late),
    client.completeMultipartUpload({ ...K, UploadId, MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] } }),
  ])
  t.equal(complete.status, 'fulfilled', 'the list names the old part, which is there until the new one is')
  t.match(part, { status: 'rejected', reason: { code: 'NoSuchUpload' } })
  t.ok((await bytesOf(await client.getObject(K))).equals(old))
})

t.test('tags, locks and bytes that change at once are all there in the end', async t => {
  const { client } = await startS3(t)
  await client.createBucket({ Bucket: 'locked', ObjectLockEnabledForBucket: true })
  const L = { Bucket: 'locked', Key: 'k' }
  await client.putObject({ ...L, Body: 'x' })
  await Promise.all([
    client.putObjectTagging({ ...L, Tagging: { TagSet: [{ Key: 'a', Value: '1' }] } }),
    client.putObjectLegalHold({ ...L, LegalHold: { Status: 'ON' } }),
    client.putObjectAnnotation({ ...L, AnnotationName: 'note', AnnotationPayload: 'text' }),
    client.putObjectAnnotation({ ...L, AnnotationName: 'other', AnnotationPayload: 'text' }),
  ])
  t.match(await client.headObject(L), { TagCount: 1, ObjectLockLegalHoldStatus: 'ON' })
  t.equal((await client.listObjectAnnotations(L)).AnnotationCount, 2)
})
