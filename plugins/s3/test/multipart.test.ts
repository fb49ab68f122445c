import { createHash, randomBytes } from 'node:crypto'
import t from 'tap'
import { bytesOf, refuses, startS3 } from './kit.js'

const K = { Bucket: 'data', Key: 'k' }
const MIB = 1024 * 1024

async function begun(t: Parameters<typeof startS3>[0], members: object = {}) {
  const { client, http } = await startS3(t)
  const { UploadId } = await client.createMultipartUpload({ ...K, ...members })
  const upload = { ...K, UploadId }
  const part = (PartNumber: number, Body: Uint8Array | string, more: object = {}) =>
    client.uploadPart({ ...upload, PartNumber, Body, ...more })
  const complete = (Parts: object[], more: object = {}) =>
    client.completeMultipartUpload({ ...upload, MultipartUpload: { Parts }, ...more })
  return { client, http, upload, part, complete }
}

t.test('CreateMultipartUpload refuses checksum types that don’t go with the algorithm', async t => {
  const { client } = await startS3(t)
  const create = (members: object) => client.createMultipartUpload({ ...K, ...members })
  await refuses(t, create({ ChecksumType: 'COMPOSITE' }), 'InvalidRequest', {
    message: 'The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.',
  })
  await refuses(t, create({ ChecksumType: 'COMPOSITE', ChecksumAlgorithm: 'CRC64NVME' }), 'InvalidRequest', {
    message: 'The COMPOSITE checksum type cannot be used with the crc64nvme checksum algorithm.',
  })
  await refuses(t, create({ ChecksumType: 'FULL_OBJECT', ChecksumAlgorithm: 'SHA256' }), 'InvalidRequest', {
    message: 'The FULL_OBJECT checksum type cannot be used with the sha256 checksum algorithm.',
  })
  await refuses(t, create({ ChecksumAlgorithm: 'MD4' }), 'InvalidRequest')
  t.match(await create({ ChecksumAlgorithm: 'CRC32' }), { ChecksumAlgorithm: 'CRC32', ChecksumType: 'COMPOSITE', UploadId: String })
})

t.test('UploadPart refuses a bad number, upload or checksum', async t => {
  const { client, upload, part } = await begun(t)
  for (const PartNumber of [0, 10_001]) {
    await refuses(t, part(PartNumber, ''), 'InvalidArgument', {
      message: 'Part number must be an integer between 1 and 10000, inclusive',
      fields: { ArgumentName: 'partNumber', ArgumentValue: PartNumber },
    })
  }
  const message = 'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.'
  await refuses(t, client.uploadPart({ ...upload, UploadId: 'x', PartNumber: 1, Body: '' }), 'NoSuchUpload', {
    message,
    status: 404,
    fields: { UploadId: 'x' },
  })
  await refuses(t, client.uploadPart({ ...upload, Key: 'other', PartNumber: 1, Body: '' }), 'NoSuchUpload')
  const sha = await begun(t, { ChecksumAlgorithm: 'SHA256' })
  await refuses(t, sha.part(1, 'hello', { ChecksumCRC32: 'NhCmhg==' }), 'InvalidRequest', {
    message: 'Checksum Type mismatch occurred, expected checksum Type: sha256, actual checksum Type: crc32',
  })
})

t.test('an upload in parts out of order makes the object', async t => {
  const { client, part, complete } = await begun(t, { ContentType: 'a/b', Metadata: { m: '1' }, StorageClass: 'STANDARD_IA' })
  const bodies = [randomBytes(5 * MIB), randomBytes(5 * MIB + 3), randomBytes(10)]
  const parts = []
  for (const n of [3, 1, 2]) parts.push({ PartNumber: n, ETag: (await part(n, bodies[n - 1]!)).ETag })
  parts.sort((a, b) => a.PartNumber - b.PartNumber)
  const done = await complete(parts)
  const md5s = bodies.map(body => createHash('md5').update(body).digest())
  const etag = `"${createHash('md5').update(Buffer.concat(md5s)).digest('hex')}-3"`
  t.match(done, { Bucket: 'data', Key: 'k', ETag: etag, ChecksumType: 'FULL_OBJECT', ChecksumCRC64NVME: String, Location: String })
  const whole = await client.putObject({ Bucket: 'data', Key: 'same', Body: Buffer.concat(bodies) })
  t.equal(done.ChecksumCRC64NVME, whole.ChecksumCRC64NVME, 'the parts’ checksums are combined to the object’s')
  const got = await client.getObject(K)
  t.match(got, { ContentType: 'a/b', Metadata: { m: '1' }, StorageClass: 'STANDARD_IA', ETag: etag })
  t.ok((await bytesOf(got)).equals(Buffer.concat(bodies)))
  const range = await client.getObject({ ...K, Range: `bytes=${5 * MIB - 2}-${5 * MIB + 1}` })
  t.ok((await bytesOf(range)).equals(Buffer.concat(bodies).subarray(5 * MIB - 2, 5 * MIB + 2)), 'a range over parts')

  const second = await client.getObject({ ...K, PartNumber: 2 })
  t.match(second, { PartsCount: 3, ContentLength: 5 * MIB + 3, ContentRange: `bytes ${5 * MIB}-${10 * MIB + 2}/${10 * MIB + 13}` })
  t.ok((await bytesOf(second)).equals(bodies[1]!))
  await refuses(t, client.getObject({ ...K, PartNumber: 4 }), 'InvalidPartNumber', {
    message: 'The requested partnumber is not satisfiable',
    status: 416,
    fields: { ActualPartCount: 3, PartNumberRequested: 4 },
  })
  await refuses(t, client.getObject({ ...K, PartNumber: 1, Range: 'bytes=0-1' }), 'InvalidRequest', {
    message: 'Cannot specify both Range header and partNumber query parameter',
  })
})

t.test('CompleteMultipartUpload', async t => {
  t.test('refuses lists that are wrong', async t => {
    const { part, complete, upload } = await begun(t)
    await refuses(t, complete([]), 'MalformedXML')
    const one = await part(1, 'small')
    const two = await part(2, 'small')
    await refuses(
      t,
      complete([
        { PartNumber: 2, ETag: two.ETag },
        { PartNumber: 1, ETag: one.ETag },
      ]),
      'InvalidPartOrder',
      {
        message: 'The list of parts was not in ascending order. Parts must be ordered by part number.',
        fields: { UploadId: upload.UploadId },
      },
    )
    const message =
      "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag."
    await refuses(t, complete([{ PartNumber: 1, ETag: '"x"' }]), 'InvalidPart', {
      message,
      fields: { UploadId: upload.UploadId, PartNumber: 1, ETag: 'x' },
    })
    await refuses(t, complete([{ PartNumber: 3, ETag: one.ETag }]), 'InvalidPart')
    await refuses(
      t,
      complete([
        { PartNumber: 1, ETag: one.ETag },
        { PartNumber: 2, ETag: two.ETag },
      ]),
      'EntityTooSmall',
      {
        message: 'Your proposed upload is smaller than the minimum allowed size',
        fields: { ProposedSize: 5, MinSizeAllowed: 5 * MIB, PartNumber: 1, ETag: one.ETag?.replaceAll('"', '') },
      },
    )
    await refuses(t, complete([{ PartNumber: 1, ETag: one.ETag }], { MpuObjectSize: 6 }), 'InvalidRequest', {
      message: "The provided 'x-amz-mp-object-size' header value 6 does not match what was computed: 5",
    })
    t.ok(await complete([{ PartNumber: 1, ETag: one.ETag }]), 'and takes a small last part, leaving others out')
  })

  t.test('answers the same when it is asked twice, and no more once the object is another', async t => {
    const { client, part, complete } = await begun(t)
    const { ETag } = await part(1, 'x')
    const list = [{ PartNumber: 1, ETag }]
    const first = await complete(list)
    t.same(await complete(list), first)
    await client.putObject({ ...K, Body: 'other' })
    await refuses(t, complete(list), 'NoSuchUpload')
  })

  t.test('checks its conditions', async t => {
    const { client, part, complete } = await begun(t)
    const { ETag } = await part(1, 'x')
    await client.putObject({ ...K, Body: 'there' })
    await refuses(t, complete([{ PartNumber: 1, ETag }], { IfNoneMatch: '*' }), 'PreconditionFailed', {
      fields: { Condition: 'If-None-Match' },
    })
    t.ok(
      await complete([{ PartNumber: 1, ETag }], { IfMatch: '"d41d8cd98f00b204e9800998ecf8427e"' }).then(
        () => false,
        () => true,
      ),
    )
  })

  t.test('makes one version of many completions at once', async t => {
    const { client, part, complete } = await begun(t)
    await client.putBucketVersioning({ Bucket: 'data', VersioningConfiguration: { Status: 'Enabled' } })
    const { ETag } = await part(1, randomBytes(100_000))
    const results = await Promise.all(Array.from({ length: 16 }, () => complete([{ PartNumber: 1, ETag }])))
    t.equal(new Set(results.map(r => r.VersionId)).size, 1)
    t.equal((await client.listObjectVersions({ Bucket: 'data' })).Versions?.length, 1)
  })

  t.test('demands part checksums of a composite upload, and compares the whole', async t => {
    const { client, part, complete } = await begun(t, { ChecksumAlgorithm: 'SHA256' })
    const one = await part(1, randomBytes(5 * MIB))
    const two = await part(2, 'end')
    t.match(one.ChecksumSHA256, /=$/)
    const bare = [one, two].map(({ ETag }, i) => ({ PartNumber: i + 1, ETag }))
    await refuses(t, complete(bare), 'InvalidRequest', {
      message:
        'The upload was created using a sha256 checksum. The complete request must include the checksum for each part. It was missing for part 1 in the request.',
    })
    const parts = [one, two].map(({ ETag, ChecksumSHA256 }, i) => ({ PartNumber: i + 1, ETag, ChecksumSHA256 }))
    await refuses(t, complete([{ ...parts[0], ChecksumSHA256: parts[1]?.ChecksumSHA256 }]), 'InvalidPart')
    await refuses(t, complete(parts, { ChecksumType: 'FULL_OBJECT' }), 'InvalidRequest', {
      message: 'The upload was created using the COMPOSITE checksum mode. The complete request must use the same checksum mode.',
    })
    await refuses(t, complete(parts, { ChecksumSHA256: `${createHash('sha256').digest('base64')}-2` }), 'BadDigest', {
      message: 'The SHA256 you specified did not match the calculated checksum.',
    })
    const sums = Buffer.concat([one, two].map(p => Buffer.from(p.ChecksumSHA256 ?? '', 'base64')))
    const done = await complete(parts)
    t.match(done, { ChecksumSHA256: `${createHash('sha256').update(sums).digest('base64')}-2`, ChecksumType: 'COMPOSITE' })
    const attributes = await client.getObjectAttributes({
      ...K,
      ObjectAttributes: ['ObjectParts', 'Checksum', 'ETag', 'ObjectSize', 'StorageClass'],
    })
    t.match(attributes, {
      ETag: done.ETag?.replaceAll('"', ''),
      ObjectSize: 5 * MIB + 3,
      StorageClass: 'STANDARD',
      Checksum: { ChecksumSHA256: done.ChecksumSHA256, ChecksumType: 'COMPOSITE' },
      ObjectParts: {
        TotalPartsCount: 2,
        Parts: [
          { PartNumber: 1, Size: 5 * MIB, ChecksumSHA256: one.ChecksumSHA256 },
          { PartNumber: 2, Size: 3 },
        ],
      },
    })
  })

  t.test('combines full-object checksums of every CRC', async t => {
    for (const ChecksumAlgorithm of ['CRC32', 'CRC32C', 'CRC64NVME'] as const) {
      const { client, part, complete } = await begun(t, { ChecksumAlgorithm, ChecksumType: 'FULL_OBJECT' })
      const bodies = [randomBytes(5 * MIB), randomBytes(1000)]
      const parts = []
      for (const [i, body] of bodies.entries()) parts.push({ PartNumber: i + 1, ETag: (await part(i + 1, body)).ETag })
      const done = await complete(parts)
      const whole = await client.putObject({ Bucket: 'data', Key: 'same', Body: Buffer.concat(bodies), ChecksumAlgorithm })
      t.ok(done[`Checksum${ChecksumAlgorithm}`])
      t.equal(done[`Checksum${ChecksumAlgorithm}`], whole[`Checksum${ChecksumAlgorithm}`])
    }
  })
})

t.test('UploadPartCopy', async t => {
  t.test('copies ranges of other objects as parts', async t => {
    const { client, upload, complete } = await begun(t)
    const body = randomBytes(6 * MIB)
    await client.putObject({ Bucket: 'data', Key: 'source', Body: body })
    const copy = (PartNumber: number, CopySourceRange?: string) =>
      client.uploadPartCopy({ ...upload, PartNumber, CopySource: 'data/source', CopySourceRange })
    const one = await copy(1, `bytes=0-${5 * MIB - 1}`)
    const two = await copy(2, `bytes=${5 * MIB}-${6 * MIB - 1}`)
    await client.deleteObject({ Bucket: 'data', Key: 'source' })
    await complete([one, two].map((p, i) => ({ PartNumber: i + 1, ETag: p.CopyPartResult?.ETag })))
    t.ok((await bytesOf(await client.getObject(K))).equals(body))
  })

  t.test('refuses ranges that are none', async t => {
    const { client, upload } = await begun(t)
    await client.putObject({ Bucket: 'data', Key: 'source', Body: '0123' })
    const copy = (CopySourceRange: string) =>
      client.uploadPartCopy({ ...upload, PartNumber: 1, CopySource: 'data/source', CopySourceRange })
    await refuses(t, copy('bytes=0-9'), 'InvalidArgument', {
      message: 'Range specified is not valid for source object of size: 4',
      fields: { ArgumentName: 'x-amz-copy-source-range', ArgumentValue: 'bytes=0-9' },
    })
    for (const range of ['bytes=2-', 'bytes=-1', '0-1', 'bytes=3-2']) {
      await refuses(t, copy(range), 'InvalidArgument', {
        message:
          'The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy',
      })
    }
  })
})

t.test('AbortMultipartUpload ends an upload', async t => {
  const { client, http, upload, part } = await begun(t)
  await part(1, randomBytes(100_000))
  const { status } = await http({ method: 'DELETE', url: `/data/k?uploadId=${upload.UploadId}` })
  t.equal(status, 204)
  await refuses(t, client.abortMultipartUpload(upload), 'NoSuchUpload')
  await refuses(t, client.listParts(upload), 'NoSuchUpload')
})

t.test('ListParts pages by number, and a part sent again takes the place of the old', async t => {
  const { client, upload, part } = await begun(t)
  for (const n of [5, 1, 3]) await part(n, `${n}`)
  await part(3, 'again')
  const first = await client.listParts({ ...upload, MaxParts: 2 })
  t.match(first, {
    IsTruncated: true,
    NextPartNumberMarker: '3',
    PartNumberMarker: '0',
    MaxParts: 2,
    Bucket: 'data',
    Key: 'k',
    StorageClass: 'STANDARD',
  })
  t.same(
    first.Parts?.map(p => [p.PartNumber, p.Size]),
    [
      [1, 1],
      [3, 5],
    ],
  )
  const rest = await client.listParts({ ...upload, PartNumberMarker: first.NextPartNumberMarker })
  t.same([rest.Parts?.map(p => p.PartNumber), rest.IsTruncated], [[5], false])
})

t.test('ListMultipartUploads pages by key and upload, with common prefixes', async t => {
  const { client } = await startS3(t)
  const ids: Record<string, string[]> = {}
  for (const Key of ['b', 'a/1', 'a/2', 'c', 'b']) {
    const { UploadId = '' } = await client.createMultipartUpload({ Bucket: 'data', Key })
    ids[Key] = [...(ids[Key] ?? []), UploadId]
  }
  const all = await client.listMultipartUploads({ Bucket: 'data' })
  t.same(
    all.Uploads?.map(u => u.UploadId),
    [...ids['a/1']!, ...ids['a/2']!, ...ids.b!, ...ids.c!],
  )
  const seen: (string | undefined)[] = []
  let markers: { KeyMarker?: string; UploadIdMarker?: string } = {}
  for (let pages = 0; pages < 9; pages++) {
    const page = await client.listMultipartUploads({ Bucket: 'data', MaxUploads: 2, Delimiter: '/', ...markers })
    seen.push(...(page.CommonPrefixes ?? []).map(p => p.Prefix), ...(page.Uploads ?? []).map(u => u.UploadId))
    if (!page.IsTruncated) break
    markers = { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker }
  }
  t.same(seen, ['a/', ...ids.b!, ...ids.c!])
  t.same((await client.listMultipartUploads({ Bucket: 'data', Prefix: 'a' })).Uploads?.length, 2)
  t.same(
    (await client.listMultipartUploads({ Bucket: 'data', KeyMarker: 'b' })).Uploads?.map(u => u.Key),
    ['c'],
  )
})

t.test('a multipart upload on the wire', async t => {
  const { http } = await startS3(t)
  const created = await http({ method: 'POST', url: '/data/k?uploads' })
  t.match(
    created.body,
    '<InitiateMultipartUploadResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Bucket>data</Bucket><Key>k</Key><UploadId>',
  )
  const id = /<UploadId>([^<]+)/.exec(created.body)?.[1]
  const part = await http({ method: 'PUT', url: `/data/k?partNumber=1&uploadId=${id}`, body: 'hello' })
  t.strictSame([part.status, part.headers.etag], [200, '"5d41402abc4b2a76b9719d911017c592"'])
  const done = await http({
    method: 'POST',
    url: `/data/k?uploadId=${id}`,
    body: '<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>&quot;5d41402abc4b2a76b9719d911017c592&quot;</ETag></Part></CompleteMultipartUpload>',
  })
  t.match(
    done.body,
    '<CompleteMultipartUploadResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Location>http://localhost:4566/data/k</Location>',
  )
  const missing = await http({
    method: 'POST',
    url: '/data/k?uploadId=gone',
    body: '<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>x</ETag></Part></CompleteMultipartUpload>',
  })
  t.match(missing.body, /<Code>NoSuchUpload<\/Code>.*<UploadId>gone<\/UploadId>/)
})

t.test('an upload that names no algorithm takes the checksums that its parts bring', async t => {
  const { client, part, complete } = await begun(t)
  const bodies = [randomBytes(5 * MIB), Buffer.from('hello')]
  const one = await part(1, bodies[0]!)
  const two = await part(2, bodies[1]!, { ChecksumCRC32: 'NhCmhg==' })
  t.equal(two.ChecksumCRC32, 'NhCmhg==')
  await refuses(t, part(3, 'hello', { ChecksumCRC32: 'AAAAAA==' }), 'BadDigest')
  const parts = (ChecksumCRC32: string) => [
    { PartNumber: 1, ETag: one.ETag },
    { PartNumber: 2, ETag: two.ETag, ChecksumCRC32 },
  ]
  await refuses(t, complete(parts('AAAAAA==')), 'InvalidPart')
  const done = await complete(parts('NhCmhg=='))
  const whole = await client.putObject({ Bucket: 'data', Key: 'same', Body: Buffer.concat(bodies) })
  t.match(done, { ChecksumCRC64NVME: whole.ChecksumCRC64NVME, ChecksumType: 'FULL_OBJECT' })
})
