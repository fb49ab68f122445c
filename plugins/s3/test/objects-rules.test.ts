import t from 'tap'
import { golden, refuses, startS3, textOf } from './kit.js'

const K = { Bucket: 'data', Key: 'k' }

type S3 = Awaited<ReturnType<typeof startS3>>

const put = (s3: S3, headers: Record<string, string>, body = 'x') => s3.http({ method: 'PUT', url: '/data/k', headers, body })
const headersOf = async (s3: S3, url = '/data/k') => (await s3.http({ method: 'HEAD', url })).headers

t.test('user metadata', async t => {
  t.test('comes back as RFC 2047 has it when it isn’t ASCII', async t => {
    const s3 = await startS3(t)
    const meta = async (value: string) => {
      const { status } = await put(s3, { 'x-amz-meta-a': value })
      return status === 200 ? (await headersOf(s3))['x-amz-meta-a'] : status
    }
    t.equal(await meta('AMAZONS3'), 'AMAZONS3')
    // The example of S3's user guide: bytes of UTF-8, which HTTP takes for Latin-1.
    const raw = Buffer.from('ÄMÄZÕÑ S3').toString('latin1')
    t.equal(await meta(raw), '=?UTF-8?B?w4PChE3Dg8KEWsODwpXDg8KRIFMz?=')
    t.equal(await meta('=?UTF-8?Q?=C3=84M?='), `=?UTF-8?B?${Buffer.from('ÄM').toString('base64')}?=`)
    t.equal(await meta('=?ISO-8859-1?Q?=C4M?='), `=?UTF-8?B?${Buffer.from('ÄM').toString('base64')}?=`)
    t.equal(await meta('=?UTF-8?B?w4Q=?= =?UTF-8?B?w5U=?='), `=?UTF-8?B?${Buffer.from('ÄÕ').toString('base64')}?=`, 'two words are one')
    t.equal(await meta('=?KOI8-R?Q?=C4?='), '=?KOI8-R?Q?=C4?=', 'a charset that isn’t known stays as it is')
    t.equal(await meta('a=?b'), 'a=?b')
  })

  t.test('may be 2 KB in all, of names and values in bytes of UTF-8', async t => {
    const { client } = await startS3(t)
    const metadata = (bytes: number) => ({ a: 'x'.repeat(bytes - 5), bcd: 'y' })
    t.ok(await client.putObject({ ...K, Body: '', Metadata: metadata(2048) }))
    await refuses(t, client.putObject({ ...K, Body: '', Metadata: metadata(2049) }), 'MetadataTooLarge', {
      status: 400,
      fields: { Size: 2049, MaxSizeAllowed: 2048 },
    })
    await refuses(t, client.putObject({ ...K, Body: '', Metadata: { a: 'é'.repeat(1024) } }), 'MetadataTooLarge', {
      fields: { Size: 2049, MaxSizeAllowed: 2048 },
    })
    await refuses(t, client.createMultipartUpload({ ...K, Metadata: metadata(2049) }), 'MetadataTooLarge')
    t.ok(await client.createMultipartUpload({ ...K, Metadata: metadata(2048) }))
  })

  t.test('has names in lower case, and one value for a name that is sent twice', async t => {
    const s3 = await startS3(t)
    await s3.client.putObject({ ...K, Body: '', Metadata: { Mixed: 'Case' } })
    t.same((await s3.client.headObject(K)).Metadata, { mixed: 'Case' })
    await put(s3, { 'X-Amz-Meta-UPPER': '1', 'x-amz-meta-empty': '' })
    t.match(await headersOf(s3), { 'x-amz-meta-upper': '1', 'x-amz-meta-empty': '' })
  })
})

t.test('system headers', async t => {
  t.test('come back as they were sent, whatever Expires says', async t => {
    const s3 = await startS3(t)
    for (const expires of ['Thu, 01 Dec 2030 16:00:00 GMT', '0', '-1', 'tomorrow', '2030-01-01']) {
      t.equal((await put(s3, { expires })).status, 200)
      t.equal((await headersOf(s3)).expires, expires)
      t.equal((await s3.http({ url: '/data/k' })).headers.expires, expires)
    }
    await s3.client.putObject({ ...K, Body: '', Expires: new Date('2030-01-01T00:00:00Z') })
    t.match(await s3.client.headObject(K), { ExpiresString: 'Tue, 01 Jan 2030 00:00:00 GMT', Expires: new Date('2030-01-01T00:00:00Z') })
    await s3.client.copyObject({ ...K, Key: 'copy', CopySource: 'data/k' })
    t.equal((await headersOf(s3, '/data/copy')).expires, 'Tue, 01 Jan 2030 00:00:00 GMT')
  })

  t.test('keep the encodings of the object, and not that of the transfer', async t => {
    const s3 = await startS3(t)
    const chunked = (encoding: string) =>
      put(
        s3,
        { 'content-encoding': encoding, 'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER', 'x-amz-decoded-content-length': '1' },
        '1\r\nx\r\n0\r\n\r\n',
      )
    for (const [sent, kept] of [
      ['aws-chunked', undefined],
      ['gzip,aws-chunked', 'gzip'],
      ['aws-chunked, gzip', 'gzip'],
      ['gzip', 'gzip'],
    ] as const) {
      t.equal((await chunked(sent)).status, 200)
      t.equal((await headersOf(s3))['content-encoding'], kept, sent)
      t.equal((await headersOf(s3))['content-length'], '1')
    }
  })

  t.test('are an object’s own class and redirect, or refused', async t => {
    const { client } = await startS3(t)
    for (const StorageClass of [
      'REDUCED_REDUNDANCY',
      'STANDARD_IA',
      'ONEZONE_IA',
      'INTELLIGENT_TIERING',
      'GLACIER',
      'DEEP_ARCHIVE',
      'GLACIER_IR',
    ] as const) {
      await client.putObject({ ...K, Body: 'x', StorageClass })
      t.equal((await client.headObject(K)).StorageClass, StorageClass)
    }
    for (const StorageClass of ['OUTPOSTS', 'SNOW', 'EXPRESS_ONEZONE', 'FSX_OPENZFS', 'standard'] as 'SNOW'[]) {
      await refuses(t, client.putObject({ ...K, Body: 'x', StorageClass }), 'InvalidStorageClass', {
        message: 'The storage class you specified is not valid',
        fields: { StorageClassRequested: StorageClass },
      })
      await refuses(t, client.createMultipartUpload({ ...K, StorageClass }), 'InvalidStorageClass')
    }
    await client.putObject({ ...K, Body: 'x' })
    await refuses(t, client.copyObject({ ...K, CopySource: 'data/k', StorageClass: 'SNOW' }), 'InvalidStorageClass')
    for (const WebsiteRedirectLocation of ['ftp://a.example', 'page', '']) {
      await refuses(t, client.putObject({ ...K, Body: 'x', WebsiteRedirectLocation }), 'InvalidRedirectLocation')
    }
  })
})

t.test('a range', async t => {
  t.test('of an object without bytes can’t be satisfied, and one that is no range is none', async t => {
    const s3 = await startS3(t)
    await s3.client.putObject({ ...K, Body: '' })
    const get = async (range: string, method = 'GET') => (await s3.http({ method, url: '/data/k', headers: { range } })).status
    for (const range of ['bytes=0-', 'bytes=0-0', 'bytes=-1', 'bytes=1-2'])
      t.strictSame([await get(range), await get(range, 'HEAD')], [416, 416], range)
    for (const range of ['bytes=', 'bytes=-', 'bytes=2-1', 'bytes=0-0,1-1', 'chars=0-1', 'bytes 0-1', 'none'])
      t.equal(await get(range), 200, range)
    t.equal((await s3.http({ url: '/data/k?partNumber=1' })).status, 200)
  })

  t.test('of more bytes than there are ends with them', async t => {
    const s3 = await startS3(t)
    await s3.client.putObject({ ...K, Body: '0123456789' })
    for (const [range, body] of [
      ['bytes=8-99999999999999999999', '89'],
      ['bytes=-99999999999999999999', '0123456789'],
      ['BYTES=0-0', '0'],
      ['bytes = 1 - 2', '12'],
      ['bytes=9-9', '9'],
    ] as const) {
      const answer = await s3.http({ url: '/data/k', headers: { range } })
      t.strictSame([answer.status, answer.body], [206, body], range)
    }
  })

  t.test('may be a part by its number, which is the whole of an object in one piece', async t => {
    const s3 = await startS3(t)
    await s3.client.putObject({ ...K, Body: 'hello' })
    const part = await s3.http({ method: 'HEAD', url: '/data/k?partNumber=1' })
    t.strictSame(
      [part.status, part.headers['content-range'], part.headers['content-length'], part.headers['x-amz-mp-parts-count']],
      [206, 'bytes 0-4/5', '5', undefined],
    )
  })
})

t.test('what is no operation', async t => {
  t.test('is refused by method, telling what the path is of', async t => {
    const s3 = await startS3(t)
    for (const [method, url, type] of [
      ['POST', '/', 'SERVICE'],
      ['DELETE', '/', 'SERVICE'],
      ['PATCH', '/data', 'BUCKET'],
      ['POST', '/data/k', 'OBJECT'],
      ['PATCH', '/data/k', 'OBJECT'],
      ['PUT', '/data?versions', 'BUCKET'],
      ['DELETE', '/data/k?attributes', 'OBJECT'],
    ] as const) {
      const { status, body } = await golden(s3.http({ method, url }))
      t.equal(status, 405, `${method} ${url}`)
      t.match(
        body,
        `<Code>MethodNotAllowed</Code><Message>The specified method is not allowed against this resource.</Message><Method>${method}</Method><ResourceType>${type}</ResourceType>`,
      )
    }
  })

  t.test('answers 501 for a sub-resource that nobody knows, and touches nothing', async t => {
    const s3 = await startS3(t)
    await s3.client.putObject({ ...K, Body: 'kept' })
    for (const [method, url] of [
      ['PUT', '/data?nonsense'],
      ['PUT', '/data/k?nonsense'],
      ['PUT', '/fresh?policyy'],
      ['DELETE', '/data?nonsense'],
      ['DELETE', '/data/k?nonsense'],
      ['POST', '/data/k?nonsense'],
      ['POST', '/data?nonsense'],
      ['GET', '/data/k?nonsense'],
      ['GET', '/data?nonsense'],
      ['PUT', '/data/k?partNumber=1'],
      ['PUT', '/data/k?uploadId=x'],
    ] as const) {
      const { status, body } = await s3.http({ method, url, body: 'x', headers: method === 'GET' ? {} : { 'content-type': 'text/plain' } })
      t.ok(status === 501 || status === 405, `${method} ${url}: ${status}`)
      t.match(body, /<Code>(NotImplemented|MethodNotAllowed)<\/Code>/)
    }
    t.equal(await textOf(await s3.client.getObject(K)), 'kept')
    t.same(
      (await s3.client.listBuckets({})).Buckets?.map(b => b.Name),
      ['data'],
    )
    t.equal((await s3.client.listObjectVersions({ Bucket: 'data' })).Versions?.length, 1)
  })

  t.test('is told from what is by x-id, where path and query leave a choice', async t => {
    const s3 = await startS3(t)
    await s3.client.putObject({ ...K, Body: 'x' })
    t.equal((await s3.http({ url: '/data/k?x-id=GetObject' })).body, 'x')
    t.match((await s3.http({ url: '/data?list-type=2&x-id=ListObjectsV2' })).body, '<KeyCount>1</KeyCount>')
    t.equal((await s3.http({ method: 'PUT', url: '/data/new?x-id=PutObject', body: 'y' })).status, 200)
    const copy = await s3.http({ method: 'PUT', url: '/data/copy?x-id=CopyObject', headers: { 'x-amz-copy-source': 'data/k' } })
    t.match(copy.body, '<CopyObjectResult')
    t.equal((await s3.http({ method: 'DELETE', url: '/data/copy?x-id=DeleteObject' })).status, 204)
    t.equal((await s3.http({ url: '/data/k?foo=bar' })).body, 'x', 'a parameter that means nothing is passed over in a read')
  })
})
