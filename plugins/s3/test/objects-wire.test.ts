import { createHash } from 'node:crypto'
import t from 'tap'
import { errorDocument, golden, NAMESPACE, startS3 } from './kit.js'

type Request = Parameters<Awaited<ReturnType<typeof startS3>>['http']>[0]

const ETAG = '"5d41402abc4b2a76b9719d911017c592"'
const QUOTED = ETAG.replaceAll('"', '&quot;')
const MODIFIED = 'Thu, 01 Jan 2026 00:00:00 GMT'
const VERSION = /^[A-Za-z0-9._-]{32}$/

async function start(t: Parameters<typeof startS3>[0], versioned = false) {
  const s3 = await startS3(t)
  if (versioned) await s3.client.putBucketVersioning({ Bucket: 'data', VersioningConfiguration: { Status: 'Enabled' } })
  await s3.client.putObject({ Bucket: 'data', Key: 'k', Body: 'hello', ContentType: 'text/plain', Metadata: { colour: 'red' } })
  const send = async (request: Request) => {
    const { status, headers, body } = await golden(s3.http(request))
    const { 'content-length': _, ...told } = headers
    return { status, headers: told, body }
  }
  return { client: s3.client, http: s3.http, send }
}

const XML = { 'content-type': 'application/xml' }
const SSE = { 'x-amz-server-side-encryption': 'AES256' }
const OBJECT = {
  'accept-ranges': 'bytes',
  'last-modified': MODIFIED,
  etag: ETAG,
  'content-type': 'text/plain',
  ...SSE,
  'x-amz-meta-colour': 'red',
}
const xml = (root: string, content: string) => `<${root} ${NAMESPACE}>${content}</${root}>`

t.test('PutObject on the wire', async t => {
  const { send } = await start(t)
  t.strictSame(await send({ method: 'PUT', url: '/data/new', body: 'hello' }), {
    status: 200,
    headers: { etag: ETAG, 'x-amz-checksum-crc64nvme': 'M3eFcAZSQlc=', 'x-amz-checksum-type': 'FULL_OBJECT', ...SSE },
    body: '',
  })
  const headers = { 'x-amz-checksum-sha256': 'LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=' }
  const summed = await send({ method: 'PUT', url: '/data/new?x-id=PutObject', body: 'hello', headers })
  t.strictSame(summed.headers, { etag: ETAG, ...headers, 'x-amz-checksum-type': 'FULL_OBJECT', ...SSE })
})

t.test('PutObject wants to be told the length', async t => {
  const { http, send } = await start(t)
  const bare = await startS3(t)
  const unsized = await golden(
    Object.getPrototypeOf(bare).http({ method: 'PUT', url: '/data/k', headers: { authorization: 'AWS test:x' } }),
  )
  t.strictSame(
    [unsized.status, unsized.body],
    [411, errorDocument('MissingContentLength', 'You must provide the Content-Length HTTP header.')],
  )
  t.equal((await http({ method: 'PUT', url: '/data/empty' })).status, 200, 'nought is a length')
  const chunked = await send({ method: 'PUT', url: '/data/k', body: 'x', headers: { 'transfer-encoding': 'chunked' } })
  const streamed = await send({
    method: 'PUT',
    url: '/data/k',
    body: '0\r\n\r\n',
    headers: { 'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER' },
  })
  t.match(streamed, { status: 411, body: '<Code>MissingContentLength</Code>' }, 'chunks must say what they make in all')
  const message = 'A header you provided implies functionality that is not implemented'
  t.strictSame([chunked.status, chunked.body], [501, errorDocument('NotImplemented', message, '<Header>Transfer-Encoding</Header>')])
})

t.test('GetObject and HeadObject on the wire', async t => {
  const { send } = await start(t)
  t.strictSame(await send({ url: '/data/k' }), { status: 200, headers: OBJECT, body: 'hello' })
  t.strictSame(await send({ method: 'HEAD', url: '/data/k' }), { status: 200, headers: OBJECT, body: '' })
  t.strictSame(await send({ url: '/data/k', headers: { range: 'bytes=1-2' } }), {
    status: 206,
    headers: { ...OBJECT, 'content-range': 'bytes 1-2/5' },
    body: 'el',
  })
  t.strictSame(await send({ url: '/data/k', headers: { 'x-amz-checksum-mode': 'ENABLED' } }), {
    status: 200,
    headers: { ...OBJECT, 'x-amz-checksum-crc64nvme': 'M3eFcAZSQlc=', 'x-amz-checksum-type': 'FULL_OBJECT' },
    body: 'hello',
  })
  const asked = 'response-content-type=a%2Fb&response-cache-control=no-store&response-content-disposition=inline&response-expires=never'
  t.strictSame((await send({ url: `/data/k?${asked}&response-content-language=fr&response-content-encoding=x` })).headers, {
    ...OBJECT,
    'content-type': 'a/b',
    'cache-control': 'no-store',
    'content-disposition': 'inline',
    'content-language': 'fr',
    'content-encoding': 'x',
    expires: 'never',
  })
})

t.test('errors of GetObject on the wire, and of HeadObject without a body', async t => {
  const { send } = await start(t)
  const unsupported = 'x-amz-server-side-encryption header is not supported for this operation.'
  const cases: [Request, number, string][] = [
    [{ url: '/data/none' }, 404, errorDocument('NoSuchKey', 'The specified key does not exist.', '<Key>none</Key>')],
    [{ url: '/nope/k' }, 404, errorDocument('NoSuchBucket', 'The specified bucket does not exist', '<BucketName>nope</BucketName>')],
    [
      { url: '/data/k', headers: { range: 'bytes=5-' } },
      416,
      errorDocument(
        'InvalidRange',
        'The requested range is not satisfiable',
        '<RangeRequested>bytes=5-</RangeRequested><ActualObjectSize>5</ActualObjectSize>',
      ),
    ],
    [
      { url: '/data/k?partNumber=2' },
      416,
      errorDocument(
        'InvalidPartNumber',
        'The requested partnumber is not satisfiable',
        '<ActualPartCount>1</ActualPartCount><PartNumberRequested>2</PartNumberRequested>',
      ),
    ],
    ...['0', '10001', 'x', '1.5'].map(
      part =>
        [
          { url: `/data/none?partNumber=${part}` },
          400,
          errorDocument(
            'InvalidArgument',
            'Part number must be an integer between 1 and 10000, inclusive',
            `<ArgumentName>partNumber</ArgumentName><ArgumentValue>${part}</ArgumentValue>`,
          ),
        ] as [Request, number, string],
    ),
    [
      { url: '/data/k?versionId=' },
      400,
      errorDocument(
        'InvalidArgument',
        'Version id cannot be the empty string',
        '<ArgumentName>versionId</ArgumentName><ArgumentValue></ArgumentValue>',
      ),
    ],
    [
      { url: '/data/k', headers: { 'x-amz-server-side-encryption': 'AES256' } },
      400,
      errorDocument(
        'InvalidArgument',
        unsupported,
        '<ArgumentName>x-amz-server-side-encryption</ArgumentName><ArgumentValue>AES256</ArgumentValue>',
      ),
    ],
    ...['%E2%82%AC', 'a%0D%0Ab'].map(
      value =>
        [
          { url: `/data/k?response-content-disposition=${value}` },
          400,
          errorDocument(
            'InvalidArgument',
            'Header value cannot be represented using ISO-8859-1.',
            `<ArgumentName>response-content-disposition</ArgumentName><ArgumentValue>${decodeURIComponent(value).replace('\r', '&#xd;')}</ArgumentValue>`,
          ),
        ] as [Request, number, string],
    ),
    [{ url: '/data/%FF' }, 400, errorDocument('InvalidURI', "Couldn't parse the specified URI.", '<URI>%FF</URI>')],
    [{ url: '/data/k', headers: { 'x-amz-expected-bucket-owner': '111111111111' } }, 403, errorDocument('AccessDenied', 'Access Denied')],
  ]
  for (const [request, status, body] of cases) {
    t.strictSame(await send(request), { status, headers: XML, body }, request.url)
    t.strictSame(await send({ ...request, method: 'HEAD' }), { status, headers: XML, body: '' }, `HEAD ${request.url}`)
  }
})

t.test('delete markers on the wire', async t => {
  const { send, client } = await start(t, true)
  const gone = await send({ method: 'DELETE', url: '/data/k' })
  t.match(gone, { status: 204, headers: { 'x-amz-delete-marker': 'true', 'x-amz-version-id': VERSION }, body: '' })
  const id = gone.headers['x-amz-version-id']
  const marker = { 'x-amz-delete-marker': 'true', 'x-amz-version-id': id }
  t.strictSame(await send({ url: '/data/k' }), {
    status: 404,
    headers: { ...marker, ...XML },
    body: errorDocument('NoSuchKey', 'The specified key does not exist.', '<Key>k</Key>'),
  })
  t.strictSame(await send({ method: 'HEAD', url: '/data/k' }), { status: 404, headers: { ...marker, ...XML }, body: '' })
  const named = { ...marker, allow: 'DELETE', 'last-modified': MODIFIED }
  t.strictSame(await send({ url: `/data/k?versionId=${id}` }), {
    status: 405,
    headers: { ...named, ...XML },
    body: errorDocument(
      'MethodNotAllowed',
      'The specified method is not allowed against this resource.',
      '<Method>GET</Method><ResourceType>DeleteMarker</ResourceType>',
    ),
  })
  t.strictSame(await send({ method: 'HEAD', url: `/data/k?versionId=${id}` }), { status: 405, headers: { ...named, ...XML }, body: '' })
  t.match(await send({ url: `/data/k?attributes`, headers: { 'x-amz-object-attributes': 'ETag' } }), { status: 404, headers: marker })
  t.strictSame(await send({ method: 'DELETE', url: `/data/k?versionId=${id}` }), { status: 204, headers: marker, body: '' })
  t.equal((await client.headObject({ Bucket: 'data', Key: 'k' })).ContentLength, 5)
})

t.test('DeleteObject and DeleteObjects on the wire', async t => {
  const { send } = await start(t)
  t.strictSame(await send({ method: 'DELETE', url: '/data/k' }), { status: 204, headers: {}, body: '' })
  const objects = '<Object><Key>k</Key></Object><Object><Key>a&#13;b</Key></Object><Object><Key>k</Key><VersionId>bad</VersionId></Object>'
  const document = `<Delete>${objects}</Delete>`
  const md5 = createHash('md5').update(document).digest('base64')
  const many = (headers: Record<string, string>, body = document) => send({ method: 'POST', url: '/data?delete', headers, body })
  t.strictSame(await many({ 'content-md5': 'd6W8pyhJ3Nn0NyQXdlF1Cg==' }), {
    status: 400,
    headers: XML,
    body: errorDocument(
      'BadDigest',
      'The Content-MD5 you specified did not match what we received.',
      `<ExpectedDigest>d6W8pyhJ3Nn0NyQXdlF1Cg==</ExpectedDigest><CalculatedDigest>${md5}</CalculatedDigest>`,
    ),
  })
  t.match((await many({ 'content-md5': 'short' })).body, '<Code>InvalidDigest</Code>')
  t.match((await many({ 'x-amz-checksum-crc32': 'AAAAAA==' })).body, 'The CRC32 you specified did not match the calculated checksum.')
  t.match((await many({ 'content-md5': '1B2M2Y8AsgTpgAmY7PhCfg==' }, '')).body, '<Code>MalformedXML</Code>')
  const done = await many({ 'content-md5': md5 })
  const refused = '<Key>k</Key><VersionId>bad</VersionId><Code>InvalidArgument</Code><Message>Invalid version id specified</Message>'
  t.strictSame(done, {
    status: 200,
    headers: XML,
    body: xml('DeleteResult', `<Deleted><Key>k</Key></Deleted><Deleted><Key>a&#xd;b</Key></Deleted><Error>${refused}</Error>`),
  })
})

t.test('CopyObject and RenameObject on the wire', async t => {
  const { send } = await start(t, true)
  const copied = await send({ method: 'PUT', url: '/data/copy', headers: { 'x-amz-copy-source': '/data/k' } })
  const sums = '<ChecksumType>FULL_OBJECT</ChecksumType><ChecksumCRC64NVME>M3eFcAZSQlc=</ChecksumCRC64NVME>'
  t.match(copied, {
    status: 200,
    headers: { 'x-amz-copy-source-version-id': VERSION, 'x-amz-version-id': VERSION, ...SSE, ...XML },
    body: xml('CopyObjectResult', `<LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>${QUOTED}</ETag>${sums}`),
  })
  const illegal = await send({ method: 'PUT', url: '/data/copy', headers: { 'x-amz-copy-source': '/data/copy' } })
  t.match(illegal.body, '<Code>InvalidRequest</Code><Message>This copy request is illegal because it is trying to copy an object to itself')
  t.strictSame(await send({ method: 'PUT', url: '/data/moved?renameObject', headers: { 'x-amz-rename-source': '/data/copy' } }), {
    status: 200,
    headers: {},
    body: '',
  })
  t.strictSame(await send({ method: 'PUT', url: '/data/moved?renameObject', headers: { 'x-amz-rename-source': 'none' } }), {
    status: 404,
    headers: XML,
    body: errorDocument('NoSuchKey', 'The specified key does not exist.', '<Key>none</Key>'),
  })
})

t.test('GetObjectAttributes on the wire', async t => {
  const { send } = await start(t)
  const ask = (attributes: string) => send({ url: '/data/k?attributes', headers: { 'x-amz-object-attributes': attributes } })
  const sum = '<Checksum><ChecksumCRC64NVME>M3eFcAZSQlc=</ChecksumCRC64NVME><ChecksumType>FULL_OBJECT</ChecksumType></Checksum>'
  t.strictSame(await ask('ETag, Checksum,ObjectParts,StorageClass,ObjectSize'), {
    status: 200,
    headers: { 'last-modified': MODIFIED, ...XML },
    body: xml(
      'GetObjectAttributesResponse',
      `<ETag>${ETAG.replaceAll('"', '')}</ETag>${sum}<StorageClass>STANDARD</StorageClass><ObjectSize>5</ObjectSize>`,
    ),
  })
  t.equal(
    (await ask('Colour')).body,
    errorDocument(
      'InvalidArgument',
      'Invalid attribute name specified.',
      '<ArgumentName>x-amz-object-attributes</ArgumentName><ArgumentValue>Colour</ArgumentValue>',
    ),
  )
  t.strictSame(await send({ url: '/data/k?attributes' }), {
    status: 400,
    headers: XML,
    body: errorDocument(
      'InvalidArgument',
      'The x-amz-object-attributes header specifying the attributes to be retrieved is either missing or empty',
      '<ArgumentName>x-amz-object-attributes</ArgumentName><ArgumentValue></ArgumentValue>',
    ),
  })
})

t.test('HeadBucket on the wire', async t => {
  const { send } = await start(t)
  t.strictSame(await send({ method: 'HEAD', url: '/data' }), {
    status: 200,
    headers: { ...XML, 'x-amz-bucket-arn': 'arn:aws:s3:::data', 'x-amz-bucket-region': 'us-east-1', 'x-amz-access-point-alias': 'false' },
    body: '',
  })
  t.strictSame(await send({ method: 'HEAD', url: '/nope' }), { status: 404, headers: XML, body: '' })
  t.strictSame(await send({ method: 'HEAD', url: '/data', headers: { 'x-amz-expected-bucket-owner': '111111111111' } }), {
    status: 403,
    headers: { ...XML, 'x-amz-bucket-region': 'us-east-1' },
    body: '',
  })
})
