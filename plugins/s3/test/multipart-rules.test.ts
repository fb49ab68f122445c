import { createHash } from 'node:crypto'
import t from 'tap'
import { errorDocument, golden, NAMESPACE, refuses, startS3 } from './kit.js'

const B = { Bucket: 'data' }
const K = { ...B, Key: 'k' }
const MIB = 1024 * 1024
const GONE = 'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.'
const RANGE = 'Part number must be an integer between 1 and 10000, inclusive'

type Request = Parameters<Awaited<ReturnType<typeof startS3>>['http']>[0]

async function begun(t: Parameters<typeof startS3>[0], members: object = {}) {
  const s3 = await startS3(t)
  const { UploadId = '' } = await s3.client.createMultipartUpload({ ...K, ...members })
  const send = async (request: Request) => {
    const { status, headers, body } = await golden(s3.http(request))
    const { 'content-length': _, ...told } = headers
    return { status, headers: told, body: body.replaceAll(UploadId, 'ID') }
  }
  const at = `/data/k?uploadId=${UploadId}`
  const complete = (parts: string, headers: Record<string, string> = {}) =>
    send({ method: 'POST', url: at, headers, body: parts === '' ? '' : `<CompleteMultipartUpload>${parts}</CompleteMultipartUpload>` })
  return { client: s3.client, clock: s3.clock, upload: { ...K, UploadId }, at, send, complete }
}

const XML = { 'content-type': 'application/xml' }
const ETAG = '5d41402abc4b2a76b9719d911017c592'
const part = (number: number | string, etag = ETAG) => `<Part><PartNumber>${number}</PartNumber><ETag>${etag}</ETag></Part>`
const xml = (root: string, content: string) => `<${root} ${NAMESPACE}>${content}</${root}>`
const OWNER = /<(Owner|Initiator)><ID>[0-9a-f]{64}<\/ID><\/\1>/g

t.test('CreateMultipartUpload', async t => {
  t.test('refuses what PutObject refuses of an object', async t => {
    const { client } = await startS3(t)
    await refuses(t, client.createMultipartUpload({ Bucket: 'nope', Key: 'k' }), 'NoSuchBucket', { status: 404 })
    await refuses(t, client.createMultipartUpload({ ...B, Key: 'x'.repeat(1025) }), 'KeyTooLongError')
    await refuses(t, client.createMultipartUpload({ ...K, Tagging: 'a=1&a=2' }), 'InvalidArgument')
    await refuses(t, client.createMultipartUpload({ ...K, ACL: 'public-read' }), 'AccessControlListNotSupported')
    await refuses(t, client.createMultipartUpload({ ...K, ServerSideEncryption: 'x' as 'AES256' }), 'InvalidArgument')
    t.same((await client.listMultipartUploads(B)).Uploads, [])
  })

  t.test('on the wire', async t => {
    const { send } = await begun(t)
    const { headers, status, body } = await send({
      method: 'POST',
      url: '/data/k?uploads',
      headers: { 'x-amz-checksum-algorithm': 'SHA1' },
    })
    t.strictSame(
      [status, headers],
      [
        200,
        {
          'x-amz-checksum-algorithm': 'SHA1',
          'x-amz-checksum-type': 'COMPOSITE',
          'x-amz-server-side-encryption': 'AES256',
          ...XML,
        },
      ],
    )
    t.match(body, /^<InitiateMultipartUploadResult [^>]+><Bucket>data<\/Bucket><Key>k<\/Key><UploadId>[\w-]{64}<\/UploadId><\/Init/)
  })
})

t.test('UploadPart', async t => {
  t.test('refuses numbers beyond 1 to 10,000, and uploads that aren’t there', async t => {
    const { at, send } = await begun(t)
    for (const number of ['0', '10001', '-1', 'one', '1.5']) {
      t.strictSame(await send({ method: 'PUT', url: `${at}&partNumber=${number}`, body: 'hello' }), {
        status: 400,
        headers: XML,
        body: errorDocument('InvalidArgument', RANGE, `<ArgumentName>partNumber</ArgumentName><ArgumentValue>${number}</ArgumentValue>`),
      })
    }
    t.strictSame(await send({ method: 'PUT', url: '/data/k?partNumber=1&uploadId=gone', body: 'hello' }), {
      status: 404,
      headers: XML,
      body: errorDocument('NoSuchUpload', GONE, '<UploadId>gone</UploadId>'),
    })
    const encrypted = await send({
      method: 'PUT',
      url: `${at}&partNumber=1`,
      body: 'x',
      headers: { 'x-amz-server-side-encryption': 'AES256' },
    })
    t.match(encrypted.body, 'x-amz-server-side-encryption header is not supported for this operation.')
    t.equal((await send({ method: 'PUT', url: '/nope/k?partNumber=0&uploadId=x', body: '' })).status, 404, 'the bucket comes first')
  })

  t.test('on the wire', async t => {
    const { at, send } = await begun(t)
    const sse = { 'x-amz-server-side-encryption': 'AES256' }
    t.strictSame(await send({ method: 'PUT', url: `${at}&partNumber=10000`, body: 'hello' }), {
      status: 200,
      headers: { etag: `"${ETAG}"`, ...sse },
      body: '',
    })
    const headers = { 'x-amz-checksum-crc32': 'NhCmhg==' }
    t.strictSame((await send({ method: 'PUT', url: `${at}&partNumber=1`, body: 'hello', headers })).headers, {
      etag: `"${ETAG}"`,
      ...headers,
      ...sse,
    })
  })
})

t.test('UploadPartCopy on the wire', async t => {
  const { client, at, send } = await begun(t)
  await client.putObject({ ...B, Key: 'source', Body: '..hello..' })
  const headers = { 'x-amz-copy-source': '/data/source', 'x-amz-copy-source-range': 'bytes=2-6' }
  t.strictSame(await send({ method: 'PUT', url: `${at}&partNumber=1`, headers }), {
    status: 200,
    headers: { 'x-amz-server-side-encryption': 'AES256', ...XML },
    body: xml('CopyPartResult', `<LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>&quot;${ETAG}&quot;</ETag>`),
  })
})

t.test('CompleteMultipartUpload', async t => {
  t.test('refuses a list that is none, in this order', async t => {
    const { client, upload, complete } = await begun(t)
    for (const PartNumber of [1, 2]) await client.uploadPart({ ...upload, PartNumber, Body: 'hello' })
    const refused = async (parts: string, body: string, headers: Record<string, string> = {}) =>
      t.strictSame(await complete(parts, headers), { status: 400, headers: XML, body })
    await refused('', errorDocument('InvalidRequest', 'You must specify at least one part'))
    const malformed = 'The XML you provided was not well-formed or did not validate against our published schema'
    await refused(' ', errorDocument('MalformedXML', malformed))
    for (const half of ['<PartNumber>one</PartNumber><ETag>x</ETag>', '<PartNumber>1</PartNumber>', `<ETag>${ETAG}</ETag>`])
      await refused(`<Part>${half}</Part>`, errorDocument('MalformedXML', malformed))
    await refused(
      part(0),
      errorDocument(
        'InvalidArgument',
        'PartNumber must be &gt;= 1',
        '<ArgumentName>PartNumber</ArgumentName><ArgumentValue>0</ArgumentValue>',
      ),
    )
    const order = 'The list of parts was not in ascending order. Parts must be ordered by part number.'
    for (const list of [part(2) + part(1), part(1) + part(1)])
      await refused(list, errorDocument('InvalidPartOrder', order, '<UploadId>ID</UploadId>'))
    const invalid =
      "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag."
    for (const [number, etag] of [
      [3, ETAG],
      [1, 'other'],
    ] as const)
      await refused(
        part(number, etag),
        errorDocument('InvalidPart', invalid, `<UploadId>ID</UploadId><PartNumber>${number}</PartNumber><ETag>${etag}</ETag>`),
      )
    await refused(
      part(1) + part(2),
      errorDocument(
        'EntityTooSmall',
        'Your proposed upload is smaller than the minimum allowed size',
        `<ProposedSize>5</ProposedSize><MinSizeAllowed>${5 * MIB}</MinSizeAllowed><PartNumber>1</PartNumber><ETag>${ETAG}</ETag>`,
      ),
    )
    const size = { 'x-amz-mp-object-size': '6' }
    const mismatch = "The provided 'x-amz-mp-object-size' header value 6 does not match what was computed: 5"
    await refused(part(1), errorDocument('InvalidRequest', mismatch), size)
    await refused(part(1), errorDocument('InvalidRequest', 'Value for x-amz-mp-object-size header is invalid.'), {
      'x-amz-mp-object-size': '-5',
    })
    t.equal((await client.listParts(upload)).Parts?.length, 2, 'and the upload is as it was')
  })

  t.test('on the wire, with the address as the client reached it', async t => {
    const { client, upload, complete, send } = await begun(t)
    await client.uploadPart({ ...upload, PartNumber: 7, Body: 'hello' })
    const done = await complete(part(7, `&quot;${ETAG}&quot;`), { 'x-amz-mp-object-size': '5' })
    const etag = `${createHash('md5').update(ETAG, 'hex').digest('hex')}-1`
    const result = (location: string) =>
      xml(
        'CompleteMultipartUploadResult',
        `<Location>${location}</Location><Bucket>data</Bucket><Key>k</Key><ETag>&quot;${etag}&quot;</ETag><ChecksumCRC64NVME>M3eFcAZSQlc=</ChecksumCRC64NVME><ChecksumType>FULL_OBJECT</ChecksumType>`,
      )
    t.strictSame(done, {
      status: 200,
      headers: { 'x-amz-server-side-encryption': 'AES256', ...XML },
      body: result('http://localhost:4566/data/k'),
    })
    const url = `/k?uploadId=${upload.UploadId}`
    const body = `<CompleteMultipartUpload>${part(7)}</CompleteMultipartUpload>`
    const again = await send({ method: 'POST', url, headers: { host: 'data.s3.localhost:4566' }, body })
    t.equal(again.body, result('http://data.s3.localhost:4566/k'), 'twice is once more the same')
    t.match(await client.headObject({ ...K, PartNumber: 1 }), { PartsCount: 1, ETag: `"${etag}"` })
  })

  t.test('takes 10,000 parts, and no more', async t => {
    const { client, upload } = await begun(t)
    const Parts = Array.from({ length: 10_001 }, (_, i) => ({ PartNumber: i + 1, ETag: ETAG }))
    await refuses(t, client.completeMultipartUpload({ ...upload, MultipartUpload: { Parts } }), 'MalformedXML')
    await refuses(t, client.completeMultipartUpload({ ...upload, MultipartUpload: { Parts: Parts.slice(0, 10_000) } }), 'InvalidPart', {
      fields: { UploadId: upload.UploadId, PartNumber: 1, ETag: ETAG },
    })
  })

  t.test('numbers the object’s parts anew, however far apart theirs are', async t => {
    const { client, upload } = await begun(t)
    await client.putObject({ ...B, Key: 'source', Body: Buffer.alloc(5 * MIB, 1) })
    const Parts: { PartNumber: number; ETag: string | undefined }[] = []
    // Copies share the source's bytes, so that the 100 MB take none.
    const { CopyPartResult } = await client.uploadPartCopy({ ...upload, PartNumber: 1, CopySource: 'data/source' })
    Parts.push({ PartNumber: 1, ETag: CopyPartResult?.ETag })
    for (let PartNumber = 2; PartNumber <= 20; PartNumber++) {
      const copied = await client.uploadPartCopy({ ...upload, PartNumber: PartNumber * 500, CopySource: 'data/source' })
      Parts.push({ PartNumber: PartNumber * 500, ETag: copied.CopyPartResult?.ETag })
    }
    const { ETag } = await client.completeMultipartUpload({ ...upload, MultipartUpload: { Parts } })
    t.match(ETag, /-20"$/)
    t.match(await client.headObject({ ...K, PartNumber: 20 }), { PartsCount: 20, ContentLength: 5 * MIB })
  })
})

t.test('AbortMultipartUpload', async t => {
  t.test('refuses an upload that isn’t there, is another key’s or another’s than was meant', async t => {
    const { client, upload, clock, send, at } = await begun(t)
    t.strictSame(await send({ method: 'DELETE', url: '/data/k?uploadId=gone' }), {
      status: 404,
      headers: XML,
      body: errorDocument('NoSuchUpload', GONE, '<UploadId>gone</UploadId>'),
    })
    await refuses(t, client.abortMultipartUpload({ ...upload, Key: 'other' }), 'NoSuchUpload')
    await refuses(t, client.abortMultipartUpload({ ...upload, IfMatchInitiatedTime: new Date(0) }), 'PreconditionFailed', {
      status: 412,
      fields: { Condition: 'x-amz-if-match-initiated-time' },
    })
    t.same(await client.abortMultipartUpload({ ...upload, IfMatchInitiatedTime: clock.date() }), {})
    t.equal((await send({ method: 'DELETE', url: at })).status, 404)
  })

  t.test('on the wire', async t => {
    const { at, send } = await begun(t)
    t.strictSame(await send({ method: 'DELETE', url: at }), { status: 204, headers: {}, body: '' })
  })
})

t.test('CompleteMultipartUpload counts parts through where their checksums are put together', async t => {
  const { client } = await startS3(t)
  for (const [ChecksumType, code] of [
    ['COMPOSITE', 'InvalidPartOrder'],
    ['FULL_OBJECT', undefined],
    [undefined, undefined],
  ] as const) {
    const { UploadId } = await client.createMultipartUpload({ ...K, ...(ChecksumType && { ChecksumType, ChecksumAlgorithm: 'CRC32' }) })
    const upload = { ...K, UploadId }
    const { ETag, ChecksumCRC32 } = await client.uploadPart({ ...upload, PartNumber: 2, Body: 'hello', ChecksumCRC32: 'NhCmhg==' })
    const done = client.completeMultipartUpload({ ...upload, MultipartUpload: { Parts: [{ PartNumber: 2, ETag, ChecksumCRC32 }] } })
    if (code) await refuses(t, done, code, { status: 400, fields: { UploadId } })
    else t.match(await done, { Key: 'k' }, String(ChecksumType))
  }
})

t.test('ListParts', async t => {
  t.test('refuses numbers that are none', async t => {
    const { at, send } = await begun(t)
    const argument = (name: string, value: string, message: string) =>
      errorDocument('InvalidArgument', message, `<ArgumentName>${name}</ArgumentName><ArgumentValue>${value}</ArgumentValue>`)
    const none = (name: string) => `Provided ${name} not an integer or within integer range`
    t.equal((await send({ url: `${at}&max-parts=x` })).body, argument('max-parts', 'x', none('max-parts')))
    t.equal((await send({ url: `${at}&max-parts=2147483648` })).body, argument('max-parts', '2147483648', none('max-parts')))
    const negative = 'Argument max-parts must be an integer between 0 and 2147483647'
    t.equal((await send({ url: `${at}&max-parts=-1` })).body, argument('max-parts', '-1', negative))
    t.equal((await send({ url: `${at}&part-number-marker=x` })).body, argument('part-number-marker', 'x', none('part-number-marker')))
    t.equal((await send({ url: '/data/k?uploadId=gone' })).status, 404)
  })

  t.test('on the wire', async t => {
    const { client, upload, at, send } = await begun(t, { ChecksumAlgorithm: 'CRC32' })
    for (const PartNumber of [1, 2]) await client.uploadPart({ ...upload, PartNumber, Body: 'hello', ChecksumAlgorithm: 'CRC32' })
    const { status, body } = await send({ url: `${at}&max-parts=1` })
    const listed = `<Part><PartNumber>1</PartNumber><LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>&quot;${ETAG}&quot;</ETag><Size>5</Size><ChecksumCRC32>NhCmhg==</ChecksumCRC32></Part>`
    t.equal(status, 200)
    t.equal(
      body.replace(OWNER, '<$1/>'),
      xml(
        'ListPartsResult',
        `<Bucket>data</Bucket><Key>k</Key><UploadId>ID</UploadId><Initiator/><Owner/><StorageClass>STANDARD</StorageClass><PartNumberMarker>0</PartNumberMarker><NextPartNumberMarker>1</NextPartNumberMarker><MaxParts>1</MaxParts><IsTruncated>true</IsTruncated><ChecksumAlgorithm>CRC32</ChecksumAlgorithm><ChecksumType>COMPOSITE</ChecksumType>${listed}`,
      ),
    )
    t.match((await send({ url: `${at}&max-parts=5000` })).body, '<MaxParts>1000</MaxParts>')
    t.match((await send({ url: `${at}&max-parts=0` })).body, '<MaxParts>0</MaxParts>')
  })
})

t.test('ListMultipartUploads', async t => {
  t.test('refuses numbers and encodings that are none', async t => {
    const { client, send } = await begun(t)
    await refuses(t, client.listMultipartUploads({ Bucket: 'nope' }), 'NoSuchBucket')
    const refused = async (query: string, message: string) =>
      t.match((await send({ url: `/data?uploads&${query}` })).body, `<Message>${message}</Message>`)
    await refused('max-uploads=x', 'Provided max-uploads not an integer or within integer range')
    await refused('max-uploads=-1', 'Argument max-uploads must be an integer between 0 and 2147483647')
    await refused('encoding-type=hex', 'Invalid Encoding Method specified in Request')
  })

  t.test('on the wire', async t => {
    const { client, send } = await begun(t)
    await client.createMultipartUpload({ ...B, Key: 'a b/1' })
    const { status, body } = await send({ url: '/data?uploads&delimiter=%2F&encoding-type=url&prefix=&max-uploads=2000' })
    t.equal(status, 200)
    const upload = `<Upload><Key>k</Key><UploadId>ID</UploadId><Initiator/><Owner/><StorageClass>STANDARD</StorageClass><Initiated>2026-01-01T00:00:00.000Z</Initiated></Upload>`
    t.equal(
      body.replace(OWNER, '<$1/>'),
      xml(
        'ListMultipartUploadsResult',
        `<Bucket>data</Bucket><KeyMarker></KeyMarker><UploadIdMarker></UploadIdMarker><NextKeyMarker>k</NextKeyMarker><NextUploadIdMarker>ID</NextUploadIdMarker><Delimiter>/</Delimiter><Prefix></Prefix><EncodingType>url</EncodingType><MaxUploads>1000</MaxUploads><IsTruncated>false</IsTruncated>${upload}<CommonPrefixes><Prefix>a+b/</Prefix></CommonPrefixes>`,
      ),
    )
  })

  t.test('on the wire: tells the last upload, and nothing where there is none, though the list ends', async t => {
    const { client, send } = await begun(t)
    await client.createMultipartUpload({ ...B, Key: 'p/1' })
    t.match(
      (await send({ url: '/data?uploads&prefix=k' })).body,
      '<NextKeyMarker>k</NextKeyMarker><NextUploadIdMarker>ID</NextUploadIdMarker>',
    )
    const none = '<NextKeyMarker></NextKeyMarker><NextUploadIdMarker></NextUploadIdMarker>'
    t.match((await send({ url: '/data?uploads&prefix=p&delimiter=%2F' })).body, none, 'common prefixes alone')
    t.match((await send({ url: '/data?uploads&prefix=z' })).body, none)
  })
})
