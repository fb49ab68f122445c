import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import t from 'tap'
import { errorDocument, golden, refuses, startS3, textOf } from './kit.js'

const K = { Bucket: 'data', Key: 'k' }
const ETAG = `"${createHash('md5').update('x').digest('hex')}"`
const UNMET = 'At least one of the pre-conditions you specified did not hold'
const HOUR = 60 * 60 * 1000

async function withObject(t: Parameters<typeof startS3>[0], members: object = {}) {
  const s3 = await startS3(t)
  await s3.client.putObject({ ...K, Body: 'x', ...members })
  const at = (hours: number) => new Date(s3.clock.now() + hours * HOUR).toUTCString()
  const get = (headers: Record<string, string>, method = 'GET') => golden(s3.http({ method, url: '/data/k', headers }))
  return { ...s3, client: s3.client, http: s3.http, clock: s3.clock, at, get }
}

t.test('conditions of a read', async t => {
  t.test('are decided by tags first, as the table of RFC 9110 has it', async t => {
    const { at, get } = await withObject(t)
    const table: [Record<string, string>, number][] = [
      [{ 'if-match': ETAG }, 200],
      [{ 'if-match': ETAG.replaceAll('"', '') }, 200],
      [{ 'if-match': `"a", ${ETAG}` }, 200],
      [{ 'if-match': '*' }, 200],
      [{ 'if-match': '"a"' }, 412],
      [{ 'if-none-match': '"a"' }, 200],
      [{ 'if-none-match': ETAG }, 304],
      [{ 'if-none-match': `W/${ETAG}` }, 304],
      [{ 'if-none-match': '*' }, 304],
      [{ 'if-modified-since': at(-1) }, 200],
      [{ 'if-modified-since': at(0) }, 304],
      [{ 'if-unmodified-since': at(0) }, 200],
      [{ 'if-unmodified-since': at(-1) }, 412],
      // The pairs that S3's documentation spells out.
      [{ 'if-match': ETAG, 'if-unmodified-since': at(-1) }, 200],
      [{ 'if-none-match': ETAG, 'if-modified-since': at(-1) }, 304],
      [{ 'if-none-match': '"a"', 'if-modified-since': at(0) }, 200],
      // What refuses comes before what saves the bytes.
      [{ 'if-match': '"a"', 'if-none-match': ETAG }, 412],
      [{ 'if-unmodified-since': at(-1), 'if-none-match': ETAG }, 412],
      [{ 'if-match': ETAG, 'if-none-match': ETAG }, 304],
    ]
    for (const [headers, status] of table) {
      t.equal((await get(headers)).status, status, `GET ${JSON.stringify(headers)}`)
      const head = await get(headers, 'HEAD')
      t.strictSame([head.status, head.body], [status, ''], `HEAD ${JSON.stringify(headers)}`)
    }
  })

  t.test('count nothing where the date is none', async t => {
    const { get } = await withObject(t)
    t.equal((await get({ 'if-modified-since': 'yesterday' })).status, 200)
    t.equal((await get({ 'if-unmodified-since': 'yesterday' })).status, 200)
  })

  t.test('come before the range, and after the question whether there is such an object', async t => {
    const { get, http } = await withObject(t)
    t.equal((await get({ 'if-none-match': ETAG, range: 'bytes=9-' })).status, 304)
    t.equal((await get({ 'if-match': '"a"', range: 'bytes=9-' })).status, 412)
    t.equal((await http({ url: '/data/none', headers: { 'if-match': '"a"' } })).status, 404)
  })

  t.test('on the wire: a 304 has the headers that a cache needs, a 412 names the condition', async t => {
    const { get } = await withObject(t, { CacheControl: 'max-age=60' })
    const lastModified = 'Thu, 01 Jan 2026 00:00:00 GMT'
    t.strictSame(await get({ 'if-none-match': ETAG }), {
      status: 304,
      headers: { etag: ETAG, 'last-modified': lastModified, 'cache-control': 'max-age=60' },
      body: '',
    })
    const odd = await withObject(t, { CacheControl: '€\r\nx: y' })
    t.match((await odd.get({ 'if-none-match': ETAG })).headers, {
      'cache-control': `=?UTF-8?B?${Buffer.from('€\r\nx: y').toString('base64')}?=`,
    })
    for (const [header, value, condition] of [
      ['if-match', '"a"', 'If-Match'],
      ['if-unmodified-since', 'Wed, 31 Dec 2025 23:59:59 GMT', 'If-Unmodified-Since'],
    ] as const) {
      const { status, body } = await get({ [header]: value })
      t.strictSame([status, body], [412, errorDocument('PreconditionFailed', UNMET, `<Condition>${condition}</Condition>`)])
    }
  })
})

t.test('conditions of a write', async t => {
  t.test('refuse what S3 takes for no condition, with 501 and the header’s name', async t => {
    const { http, at } = await withObject(t)
    const message = 'A header you provided implies functionality that is not implemented'
    const value = (header: string) => `We don't accept the provided value of ${header} header for this API`
    for (const [headers, named, more] of [
      [{ 'if-none-match': '"a"' }, 'If-None-Match', value('If-None-Match')],
      [{ 'if-match': '*' }, 'If-Match', value('If-Match')],
      [{ 'if-modified-since': at(0) }, 'If-Modified-Since', value('If-Modified-Since')],
      [{ 'if-unmodified-since': at(0) }, 'If-Unmodified-Since', value('If-Unmodified-Since')],
      [{ 'if-match': ETAG, 'if-none-match': '*' }, 'If-Match,If-None-Match', 'Multiple conditional request headers present in the request'],
    ] as [Record<string, string>, string, string][]) {
      const { status, body } = await golden(http({ method: 'PUT', url: '/data/k', body: 'y', headers }))
      t.strictSame(
        [status, body],
        [501, errorDocument('NotImplemented', message, `<Header>${named}</Header><additionalMessage>${more}</additionalMessage>`)],
      )
    }
  })

  t.test('hold or fail for PutObject, CopyObject and CompleteMultipartUpload alike', async t => {
    const { client } = await withObject(t)
    await client.putObject({ Bucket: 'data', Key: 'source', Body: 'y' })
    const writes = {
      put: (conditions: object) => client.putObject({ ...K, Body: 'x', ...conditions }),
      copy: (conditions: object) => client.copyObject({ ...K, CopySource: 'data/source', ...conditions }),
      complete: async (conditions: object) => {
        const { UploadId } = await client.createMultipartUpload(K)
        const { ETag } = await client.uploadPart({ ...K, UploadId, PartNumber: 1, Body: 'x' })
        return client.completeMultipartUpload({ ...K, UploadId, MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] }, ...conditions })
      },
    }
    for (const [name, write] of Object.entries(writes)) {
      await client.putObject({ ...K, Body: 'x' })
      await refuses(t, write({ IfNoneMatch: '*' }), 'PreconditionFailed', { status: 412, fields: { Condition: 'If-None-Match' } })
      await refuses(t, write({ IfMatch: '"a"' }), 'PreconditionFailed', { status: 412, fields: { Condition: 'If-Match' } })
      t.ok(await write({ IfMatch: ETAG }), `${name} over the version that is there`)
      await client.deleteObject(K)
      await refuses(t, write({ IfMatch: ETAG }), 'NoSuchKey', { status: 404, fields: { Key: 'k' } })
      t.ok(await write({ IfNoneMatch: '*' }), `${name} where there is nothing`)
    }
  })

  t.test('take a delete marker for nothing', async t => {
    const { client } = await withObject(t)
    await client.putBucketVersioning({ Bucket: 'data', VersioningConfiguration: { Status: 'Enabled' } })
    await client.deleteObject(K)
    await refuses(t, client.putObject({ ...K, Body: 'y', IfMatch: ETAG }), 'NoSuchKey')
    t.ok(await client.putObject({ ...K, Body: 'y', IfNoneMatch: '*' }))
  })

  t.test('conflict with a deletion that comes while the body does', async t => {
    const { client, http } = await withObject(t)
    const slow = (conditions: { IfNoneMatch?: string; IfMatch?: string }) => {
      const Body = new Readable({ read() {} })
      Body.push('new')
      return { written: client.putObject({ ...K, Body, ...conditions }), Body }
    }
    const exclusive = slow({ IfNoneMatch: '*' })
    await client.deleteObject(K)
    exclusive.Body.push(null)
    await refuses(t, exclusive.written, 'ConditionalRequestConflict', {
      status: 409,
      message: 'The conditional request cannot succeed due to a conflicting operation against this resource.',
      fields: { Condition: 'If-None-Match', Key: 'k' },
    })
    t.equal((await http({ url: '/data/k' })).status, 404, 'and nothing was written')
    await client.putObject({ ...K, Body: 'x' })
    const matching = slow({ IfMatch: ETAG })
    await client.deleteObject(K)
    matching.Body.push(null)
    await refuses(t, matching.written, 'NoSuchKey', { status: 404 })
    const free = slow({ IfNoneMatch: '*' })
    free.Body.push(null)
    t.ok(await free.written, 'a new try finds the key free')
  })
})

t.test('conditions of a deletion', async t => {
  t.test('refuse another version than the one that is meant', async t => {
    const { client } = await withObject(t)
    await refuses(t, client.deleteObject({ ...K, IfMatch: '"a"' }), 'PreconditionFailed', {
      status: 412,
      fields: { Condition: 'If-Match' },
    })
    await refuses(t, client.deleteObject({ ...K, IfMatchSize: 2 }), 'PreconditionFailed', { fields: { Condition: 'x-amz-if-match-size' } })
    await refuses(t, client.deleteObject({ ...K, IfMatchLastModifiedTime: new Date(0) }), 'PreconditionFailed', {
      fields: { Condition: 'x-amz-if-match-last-modified-time' },
    })
    t.equal(await textOf(await client.getObject(K)), 'x')
  })

  t.test('hold for the version that is meant, or for any', async t => {
    const { client, clock } = await withObject(t)
    t.same(await client.deleteObject({ ...K, IfMatch: ETAG, IfMatchSize: 1, IfMatchLastModifiedTime: clock.date() }), {})
    await refuses(t, client.deleteObject({ ...K, IfMatch: ETAG }), 'NoSuchKey', { status: 404 })
    await refuses(t, client.deleteObject({ ...K, IfMatch: '*' }), 'PreconditionFailed')
    await client.putObject({ ...K, Body: 'y' })
    t.same(await client.deleteObject({ ...K, IfMatch: '*' }), {})
  })

  t.test('are each key’s own in DeleteObjects', async t => {
    const { client } = await withObject(t)
    await client.putObject({ Bucket: 'data', Key: 'l', Body: 'x' })
    const Objects = [
      { Key: 'k', ETag: '"a"' },
      { Key: 'l', ETag: ETAG },
    ]
    t.match(await client.deleteObjects({ Bucket: 'data', Delete: { Objects } }), {
      Deleted: [{ Key: 'l' }],
      Errors: [{ Key: 'k', Code: 'PreconditionFailed', Message: UNMET }],
    })
  })

  t.test('race safely with writes: of each pair exactly one wins', async t => {
    const { client } = await withObject(t)
    for (let round = 0; round < 16; round++) {
      const { ETag = '' } = await client.putObject({ ...K, Body: `${round}` })
      const results = await Promise.allSettled([
        client.putObject({ ...K, Body: 'over', IfMatch: ETag }),
        client.deleteObject({ ...K, IfMatch: ETag }),
      ])
      t.equal(results.filter(result => result.status === 'fulfilled').length, 1)
      const there = await client.headObject(K).then(
        () => true,
        () => false,
      )
      t.equal(there, results[0].status === 'fulfilled', 'and what is there is what the winner left')
    }
  })
})
