import { createHash, randomBytes } from 'node:crypto'
import t from 'tap'
import { bytesOf, refuses, startS3, textOf } from './kit.js'

const PUT = { Bucket: 'data', Key: 'k' }

t.test('PutObject', async t => {
  t.test('refuses what S3 refuses', async t => {
    const s3 = await startS3(t)
    const { client } = s3
    await refuses(t, client.putObject({ Bucket: 'nope', Key: 'k', Body: '' }), 'NoSuchBucket', { fields: { BucketName: 'nope' } })
    await refuses(t, client.putObject({ ...PUT, Key: 'é'.repeat(513) }), 'KeyTooLongError', {
      message: 'Your key is too long',
      fields: { Size: 1026, MaxSizeAllowed: 1024 },
    })
    await refuses(t, client.putObject({ ...PUT, StorageClass: 'COLD' as 'GLACIER' }), 'InvalidStorageClass', {
      message: 'The storage class you specified is not valid',
      fields: { StorageClassRequested: 'COLD' },
    })
    await refuses(t, client.putObject({ ...PUT, Metadata: { a: 'x'.repeat(2048) } }), 'MetadataTooLarge', {
      message: 'Your metadata headers exceed the maximum allowed metadata size',
      fields: { Size: 2049, MaxSizeAllowed: 2048 },
    })
    await refuses(t, client.putObject({ ...PUT, WebsiteRedirectLocation: 'page.html' }), 'InvalidRedirectLocation', {
      message: "The website redirect location must have a prefix of 'http://' or 'https://' or '/'.",
    })
    await refuses(t, client.putObject({ ...PUT, Tagging: 'a=1&a=2' }), 'InvalidArgument', {
      message: "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.",
      fields: { ArgumentName: 'x-amz-tagging', ArgumentValue: 'a=1&a=2' },
    })
    await refuses(t, client.putObject({ ...PUT, ContentMD5: 'bad' }), 'InvalidDigest', {
      message: 'The Content-MD5 you specified was invalid.',
      fields: { 'Content-MD5': 'bad' },
    })
    await refuses(t, client.putObject({ ...PUT, Body: 'x', ContentMD5: 'XrY7u+Ae7tCTyyK7j1rNww==' }), 'BadDigest', {
      message: 'The Content-MD5 you specified did not match what we received.',
      fields: { ExpectedDigest: 'XrY7u+Ae7tCTyyK7j1rNww==', CalculatedDigest: 'ndTkYSaMgDT1yFZOFVxnpg==' },
    })
    await refuses(t, client.putObject({ ...PUT, ACL: 'public-read' }), 'AccessControlListNotSupported', {
      message: 'The bucket does not allow ACLs',
    })
    t.same((await client.listObjectsV2({ Bucket: 'data' })).Contents, [])
  })

  t.test('answers for a plain upload what S3 does', async t => {
    const s3 = await startS3(t)
    t.strictSame(await s3.client.putObject({ ...PUT, Body: 'hello' }), {
      ETag: '"5d41402abc4b2a76b9719d911017c592"',
      ChecksumCRC64NVME: 'M3eFcAZSQlc=',
      ChecksumType: 'FULL_OBJECT',
      ServerSideEncryption: 'AES256',
    })
    const head = await s3.client.headObject(PUT)
    t.match(head, {
      ContentLength: 5,
      ContentType: 'binary/octet-stream',
      ETag: '"5d41402abc4b2a76b9719d911017c592"',
      AcceptRanges: 'bytes',
    })
    t.equal(head.StorageClass, undefined)
    t.equal(head.VersionId, undefined)
  })

  t.test('keeps headers, metadata, storage class and tags', async t => {
    const s3 = await startS3(t)
    const Expires = new Date('2030-01-01T00:00:00Z')
    const headers = {
      CacheControl: 'max-age=60',
      ContentDisposition: 'attachment; filename="a.txt"',
      ContentEncoding: 'gzip',
      ContentLanguage: 'de',
      ContentType: 'text/plain; charset=utf-8',
      WebsiteRedirectLocation: '/other',
    }
    await s3.client.putObject({
      ...PUT,
      ...headers,
      Expires,
      StorageClass: 'STANDARD_IA',
      Metadata: { Color: 'blue' },
      Tagging: 'a=1&b=%C3%A9',
    })
    const head = await s3.client.headObject(PUT)
    t.match(head, { ...headers, StorageClass: 'STANDARD_IA', Metadata: { color: 'blue' }, TagCount: 2 })
    t.same(head.Expires, Expires)
    t.same((await s3.client.getObjectTagging(PUT)).TagSet, [
      { Key: 'a', Value: '1' },
      { Key: 'b', Value: 'é' },
    ])
  })

  t.test('takes any body size, in memory and on disk', async t => {
    const s3 = await startS3(t)
    for (const size of [0, 1, 65_535, 65_536, 65_537, 3_000_000]) {
      const body = randomBytes(size)
      const { ETag } = await s3.client.putObject({ ...PUT, Body: body })
      t.equal(ETag, `"${createHash('md5').update(body).digest('hex')}"`)
      t.ok((await bytesOf(await s3.client.getObject(PUT))).equals(body), `${size} bytes come back`)
    }
  })

  t.test('takes keys with any byte as just keys', async t => {
    const s3 = await startS3(t)
    const keys = [
      '..',
      '../../etc/passwd',
      'a//b',
      '/lead',
      'trail/',
      '%2F',
      'a b+c',
      '🙂/ü',
      'x'.repeat(1024),
      '?query#hash',
      'a\\b',
      ' ',
      '.',
    ]
    for (const Key of keys) await s3.client.putObject({ Bucket: 'data', Key, Body: Key })
    for (const Key of keys) t.equal(await textOf(await s3.client.getObject({ Bucket: 'data', Key })), Key)
    const listed = (await s3.client.listObjectsV2({ Bucket: 'data' })).Contents?.map(o => o.Key)
    t.same(
      listed,
      keys.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
    )
    // The test's own HTTP client takes segments of dots away before it sends a path.
    for (const Key of keys.filter(key => !key.split('/').some(part => /^\.+$/.test(part)))) {
      const path = Key.split('/').map(encodeURIComponent).join('/')
      t.equal((await s3.http({ url: `/data/${path}` })).body, Key, `over the wire: ${Key.slice(0, 20)}`)
    }
  })

  t.test('takes aws-chunked bodies and trailers on the wire', async t => {
    const s3 = await startS3(t)
    const put = (trailer: string) =>
      s3.http({
        method: 'PUT',
        url: '/data/k',
        headers: {
          'content-encoding': 'aws-chunked',
          'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
          'x-amz-decoded-content-length': '5',
          'x-amz-trailer': 'x-amz-checksum-crc32',
        },
        body: `5\r\nhello\r\n0\r\nx-amz-checksum-crc32:${trailer}\r\n\r\n`,
      })
    const good = await put('NhCmhg==')
    t.strictSame([good.status, good.headers['x-amz-checksum-crc32'], good.headers['x-amz-checksum-type']], [200, 'NhCmhg==', 'FULL_OBJECT'])
    const head = await s3.client.headObject(PUT)
    t.strictSame([head.ContentLength, head.ContentEncoding], [5, undefined])
    const bad = await put('AAAAAA==')
    t.equal(bad.status, 400)
    t.match(bad.body, '<Code>BadDigest</Code><Message>The CRC32 you specified did not match the calculated checksum.</Message>')
    const malformed = await put('zzz')
    t.match(malformed.body, '<Code>InvalidRequest</Code><Message>Value for x-amz-checksum-crc32 header is invalid.</Message>')
  })

  t.test('takes a legal upload with an odd content type or none', async t => {
    const s3 = await startS3(t)
    for (const type of ['application/json', 'nonsense', 'multipart/form-data', 'a/b; c=;;']) {
      t.equal((await s3.http({ method: 'PUT', url: '/data/k', headers: { 'content-type': type }, body: '{' })).status, 200)
      t.equal((await s3.client.headObject(PUT)).ContentType, type)
    }
  })
})

t.test('conditional writes', async t => {
  t.test('are refused in S3’s words', async t => {
    const s3 = await startS3(t)
    const { client } = s3
    await refuses(t, client.putObject({ ...PUT, IfMatch: '"x"' }), 'NoSuchKey', { status: 404 })
    await client.putObject({ ...PUT, Body: 'one' })
    await refuses(t, client.putObject({ ...PUT, Body: 'two', IfNoneMatch: '*' }), 'PreconditionFailed', {
      message: 'At least one of the pre-conditions you specified did not hold',
      status: 412,
      fields: { Condition: 'If-None-Match' },
    })
    await refuses(t, client.putObject({ ...PUT, Body: 'two', IfMatch: '"x"' }), 'PreconditionFailed', { fields: { Condition: 'If-Match' } })
    await refuses(t, client.putObject({ ...PUT, Body: 'two', IfNoneMatch: '"x"' }), 'NotImplemented', {
      status: 501,
      fields: {
        Header: 'If-None-Match',
        additionalMessage: "We don't accept the provided value of If-None-Match header for this API",
      },
    })
    t.equal(await textOf(await client.getObject(PUT)), 'one')
  })

  t.test('go through when they hold', async t => {
    const s3 = await startS3(t)
    const { ETag } = await s3.client.putObject({ ...PUT, Body: 'one', IfNoneMatch: '*' })
    await s3.client.putObject({ ...PUT, Body: 'two', IfMatch: ETag })
    t.equal(await textOf(await s3.client.getObject(PUT)), 'two')
  })

  t.test('let exactly one of 64 writers win', async t => {
    const s3 = await startS3(t)
    const bodies = Array.from({ length: 64 }, (_, i) => Buffer.alloc(100_000, i))
    const results = await Promise.allSettled(bodies.map(Body => s3.client.putObject({ ...PUT, Body, IfNoneMatch: '*' })))
    t.equal(results.filter(r => r.status === 'fulfilled').length, 1)
    const winner = results.findIndex(r => r.status === 'fulfilled')
    t.ok((await bytesOf(await s3.client.getObject(PUT))).equals(bodies[winner]!))
  })
})

t.test('GetObject and HeadObject', async t => {
  t.test('refuse what is not there', async t => {
    const s3 = await startS3(t)
    await refuses(t, s3.client.getObject(PUT), 'NoSuchKey', {
      message: 'The specified key does not exist.',
      status: 404,
      fields: { Key: 'k' },
    })
    await refuses(t, s3.client.headObject(PUT), 'NotFound', { status: 404 })
    await refuses(t, s3.client.getObject({ ...PUT, VersionId: 'x' }), 'InvalidArgument', {
      message: 'Invalid version id specified',
      fields: { ArgumentName: 'versionId', ArgumentValue: 'x' },
    })
    await refuses(t, s3.client.getObject({ ...PUT, VersionId: 'v'.repeat(32) }), 'NoSuchVersion', {
      message: 'The specified version does not exist.',
      fields: { Key: 'k', VersionId: 'v'.repeat(32) },
    })
    const { status, body, headers } = await s3.http({ url: '/data/k' })
    t.equal(status, 404)
    t.match(
      body,
      /<Error><Code>NoSuchKey<\/Code><Message>The specified key does not exist.<\/Message><Key>k<\/Key><RequestId>[^<]+<\/RequestId><HostId>[^<]+<\/HostId><\/Error>/,
    )
    t.equal(headers['content-type'], 'application/xml')
    const head = await s3.http({ method: 'HEAD', url: '/data/k' })
    t.strictSame([head.status, head.body], [404, ''])
  })

  t.test('answer ranges', async t => {
    const s3 = await startS3(t)
    await s3.client.putObject({ ...PUT, Body: '0123456789' })
    const get = async (range: string) => {
      const { status, body, headers } = await s3.http({ url: '/data/k', headers: { range } })
      return [status, body, headers['content-range']]
    }
    t.strictSame(await get('bytes=2-4'), [206, '234', 'bytes 2-4/10'])
    t.strictSame(await get('bytes=7-'), [206, '789', 'bytes 7-9/10'])
    t.strictSame(await get('bytes=-3'), [206, '789', 'bytes 7-9/10'])
    t.strictSame(await get('bytes=-99'), [206, '0123456789', 'bytes 0-9/10'])
    t.strictSame(await get('bytes=5-99'), [206, '56789', 'bytes 5-9/10'])
    for (const whole of ['bytes=4-2', 'bytes=0-1,3-4', 'items=1-2', 'bytes=a-b'])
      t.strictSame(await get(whole), [200, '0123456789', undefined])
    await refuses(t, s3.client.getObject({ ...PUT, Range: 'bytes=10-' }), 'InvalidRange', {
      message: 'The requested range is not satisfiable',
      status: 416,
      fields: { RangeRequested: 'bytes=10-', ActualObjectSize: 10 },
    })
    await refuses(t, s3.client.getObject({ ...PUT, Range: 'bytes=-0' }), 'InvalidRange')
    const head = await s3.http({ method: 'HEAD', url: '/data/k', headers: { range: 'bytes=0-0' } })
    t.strictSame([head.status, head.headers['content-length'], head.headers['content-range']], [206, '1', 'bytes 0-0/10'])
  })

  t.test('answer ranges of an object on disk', async t => {
    const s3 = await startS3(t)
    const body = randomBytes(1_000_000)
    await s3.client.putObject({ ...PUT, Body: body })
    for (const [from, to] of [
      [0, 0],
      [262_143, 262_144],
      [999_999, 999_999],
      [5, 900_000],
    ] as const) {
      const got = await s3.client.getObject({ ...PUT, Range: `bytes=${from}-${to}` })
      t.equal(got.ContentLength, to - from + 1)
      t.ok((await bytesOf(got)).equals(body.subarray(from, to + 1)))
    }
  })

  t.test('answer conditions, a tag deciding over a date', async t => {
    const s3 = await startS3(t)
    const { ETag } = await s3.client.putObject({ ...PUT, Body: 'x', CacheControl: 'no-store' })
    const past = new Date('2020-01-01')
    const future = new Date('2040-01-01')
    const { client } = s3
    t.ok(await client.getObject({ ...PUT, IfMatch: ETag, IfUnmodifiedSince: past }))
    t.ok(await client.getObject({ ...PUT, IfNoneMatch: '"x"', IfModifiedSince: future }))
    t.ok(await client.getObject({ ...PUT, IfMatch: '*' }))
    await refuses(t, client.getObject({ ...PUT, IfMatch: '"x"' }), 'PreconditionFailed', { status: 412, fields: { Condition: 'If-Match' } })
    await refuses(t, client.getObject({ ...PUT, IfUnmodifiedSince: past }), 'PreconditionFailed', {
      fields: { Condition: 'If-Unmodified-Since' },
    })
    await refuses(t, client.getObject({ ...PUT, IfNoneMatch: `"x", ${ETag}` }), 'NotModified', { status: 304 })
    await refuses(t, client.getObject({ ...PUT, IfModifiedSince: s3.clock.date() }), 'NotModified')
    const wire = await s3.http({ url: '/data/k', headers: { 'if-none-match': ETag! } })
    t.strictSame([wire.status, wire.body, wire.headers.etag, wire.headers['cache-control']], [304, '', ETag, 'no-store'])
  })

  t.test('answer other headers when asked, to those who sign', async t => {
    const s3 = await startS3(t)
    await s3.client.putObject({ ...PUT, Body: 'x', ContentType: 'a/b' })
    const ask = {
      ResponseContentType: 'c/d',
      ResponseCacheControl: 'no-cache',
      ResponseContentDisposition: 'inline',
      ResponseContentLanguage: 'fr',
    }
    t.match(await s3.client.getObject({ ...PUT, ...ask }), {
      ContentType: 'c/d',
      CacheControl: 'no-cache',
      ContentDisposition: 'inline',
      ContentLanguage: 'fr',
    })
    const anyone = [{ Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: 'arn:aws:s3:::data/*' }]
    await s3.client.deletePublicAccessBlock({ Bucket: 'data' })
    await s3.client.putBucketPolicy({ Bucket: 'data', Policy: JSON.stringify({ Version: '2012-10-17', Statement: anyone }) })
    const wire = await s3.http({ url: '/data/k?response-content-type=c%2Fd', headers: { authorization: '' } })
    t.equal(wire.status, 400)
    t.match(wire.body, 'Request specific response headers cannot be used for anonymous GET requests.')
  })

  t.test('give back metadata by the rules of RFC 2047', async t => {
    const s3 = await startS3(t)
    const put = (value: string) => s3.http({ method: 'PUT', url: '/data/k', headers: { 'x-amz-meta-a': value }, body: '' })
    const get = async () => (await s3.http({ method: 'HEAD', url: '/data/k' })).headers['x-amz-meta-a']
    await put('plain')
    t.equal(await get(), 'plain')
    await put('=?UTF-8?B?w6Q=?=')
    t.equal(await get(), '=?UTF-8?B?w6Q=?=')
    await put('=?UTF-8?Q?=C3=A4_b?=')
    t.equal(await get(), `=?UTF-8?B?${Buffer.from('ä b').toString('base64')}?=`)
  })

  t.test('tell the checksum when asked, for the whole object', async t => {
    const s3 = await startS3(t)
    await s3.client.putObject({ ...PUT, Body: 'hello' })
    const ask = { ...PUT, ChecksumMode: 'ENABLED' } as const
    t.match(await s3.client.getObject(ask), { ChecksumCRC64NVME: 'M3eFcAZSQlc=', ChecksumType: 'FULL_OBJECT' })
    t.equal((await s3.client.headObject(PUT)).ChecksumCRC64NVME, undefined)
    t.equal((await s3.client.getObject({ ...ask, Range: 'bytes=0-1' })).ChecksumCRC64NVME, undefined)
  })
})

t.test('DeleteObject', async t => {
  t.test('checks its conditions', async t => {
    const s3 = await startS3(t)
    const { ETag } = await s3.client.putObject({ ...PUT, Body: 'x' })
    await refuses(t, s3.client.deleteObject({ ...PUT, IfMatch: '"y"' }), 'PreconditionFailed', { fields: { Condition: 'If-Match' } })
    t.same(await s3.client.deleteObject({ ...PUT, IfMatch: ETag }), {})
    await refuses(t, s3.client.deleteObject({ ...PUT, IfMatch: '*' }), 'PreconditionFailed')
    await refuses(t, s3.client.headObject(PUT), 'NotFound')
  })

  t.test('answers 204, whether or not there was an object', async t => {
    const s3 = await startS3(t)
    const { status, body } = await s3.http({ method: 'DELETE', url: '/data/never' })
    t.strictSame([status, body], [204, ''])
  })
})

t.test('DeleteObjects', async t => {
  t.test('refuses no keys, and more than a thousand', async t => {
    const s3 = await startS3(t)
    const remove = (n: number) =>
      s3.client.deleteObjects({ Bucket: 'data', Delete: { Objects: Array.from({ length: n }, (_, i) => ({ Key: `${i}` })) } })
    await refuses(t, remove(0), 'MalformedXML', {
      message: 'The XML you provided was not well-formed or did not validate against our published schema',
    })
    await refuses(t, remove(1001), 'MalformedXML')
    t.equal((await remove(1000)).Deleted?.length, 1000)
    const wire = await s3.http({ method: 'POST', url: '/data?delete', body: '<Delete><Object><Key>a</Key></Object></Delete>' })
    t.match(
      wire.body,
      '<Code>InvalidRequest</Code><Message>Missing required header for this request: Content-MD5 OR x-amz-checksum-*</Message>',
    )
  })

  t.test('deletes each key on its own, and is silent when asked', async t => {
    const s3 = await startS3(t)
    await s3.client.putObject({ ...PUT, Body: 'x' })
    const Objects = [{ Key: 'k' }, { Key: 'never' }, { Key: 'x'.repeat(1025) }]
    const { Deleted, Errors } = await s3.client.deleteObjects({ Bucket: 'data', Delete: { Objects } })
    t.strictSame(Deleted, [{ Key: 'k' }, { Key: 'never' }])
    t.match(Errors, [{ Key: 'x'.repeat(1025), Code: 'KeyTooLongError', Message: 'Your key is too long' }])
    t.same(await s3.client.deleteObjects({ Bucket: 'data', Delete: { Objects: [{ Key: 'k' }], Quiet: true } }), {})
  })

  t.test('tells of delete markers', async t => {
    const s3 = await startS3(t)
    await s3.client.putBucketVersioning({ Bucket: 'data', VersioningConfiguration: { Status: 'Enabled' } })
    const { VersionId } = await s3.client.putObject({ ...PUT, Body: 'x' })
    const made = await s3.client.deleteObjects({ Bucket: 'data', Delete: { Objects: [{ Key: 'k' }] } })
    const marker = made.Deleted?.[0]?.DeleteMarkerVersionId
    t.match(made.Deleted, [{ Key: 'k', DeleteMarker: true, DeleteMarkerVersionId: /^.{32}$/ }])
    const gone = await s3.client.deleteObjects({
      Bucket: 'data',
      Delete: {
        Objects: [
          { Key: 'k', VersionId: marker },
          { Key: 'k', VersionId },
        ],
      },
    })
    t.strictSame(gone.Deleted, [
      { Key: 'k', VersionId: marker, DeleteMarker: true, DeleteMarkerVersionId: marker },
      { Key: 'k', VersionId },
    ])
  })
})

t.test('a sub-resource that is not known answers 501 and makes nothing', async t => {
  const s3 = await startS3(t)
  for (const url of ['/data?nonsense', '/data/k?nonsense', '/fresh?policyy']) {
    const { status, body } = await s3.http({ method: 'PUT', url, body: 'x' })
    t.equal(status, 501, url)
    t.match(body, '<Code>NotImplemented</Code>')
  }
  t.same(
    (await s3.client.listBuckets({})).Buckets?.map(b => b.Name),
    ['data'],
  )
  t.same((await s3.client.listObjectsV2({ Bucket: 'data' })).Contents, [])
})
