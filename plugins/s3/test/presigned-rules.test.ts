import { createHash, createHmac } from 'node:crypto'
import t from 'tap'
import { errorDocument, golden, startS3 } from './kit.js'

const DAY = '20260101'
const AMZ_DATE = `${DAY}T000000Z`
const SCOPE = `${DAY}/us-east-1/s3/aws4_request`
const NOW = Date.parse('2026-01-01T00:00:00Z') / 1000
const WEEK = 604_800

const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest()
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

function sign(request: string, date = AMZ_DATE): string {
  let key: Buffer = Buffer.from('AWS4test')
  for (const part of SCOPE.split('/')) key = hmac(key, part)
  return hmac(key, `AWS4-HMAC-SHA256\n${date}\n${SCOPE}\n${sha256(request)}`).toString('hex')
}

/** A presigned GET of /data/k with these parameters in the place of the right ones; null leaves one out. */
function url4(changes: Record<string, string | null> = {}, signed: Record<string, string> = {}, method = 'GET', path = '/data/k'): string {
  const headers: Record<string, string> = { host: 'localhost:4566', ...signed }
  const names = Object.keys(headers).sort()
  const parameters: Record<string, string | null> = {
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': `test/${SCOPE}`,
    'X-Amz-Date': AMZ_DATE,
    'X-Amz-Expires': '60',
    'X-Amz-SignedHeaders': names.join(';'),
    ...changes,
  }
  const query = Object.entries(parameters)
    .flatMap(([name, value]) => (value === null ? [] : [`${name}=${encodeURIComponent(value)}`]))
    .sort()
    .join('&')
  const lines = names.map(name => `${name}:${headers[name]}\n`).join('')
  const signature = sign(`${method}\n${path}\n${query}\n${lines}\n${names.join(';')}\nUNSIGNED-PAYLOAD`)
  return `${path}?${query}${changes['X-Amz-Signature'] === null ? '' : `&X-Amz-Signature=${signature}`}`
}

function url2(changes: Record<string, string | null> = {}): string {
  const expires = changes.Expires ?? String(NOW + 60)
  const Signature = createHmac('sha1', 'test').update(`GET\n\n\n${expires}\n/data/k`).digest('base64')
  const parameters: Record<string, string | null> = { AWSAccessKeyId: 'test', Expires: expires, Signature, ...changes }
  const query = Object.entries(parameters).flatMap(([name, value]) => (value === null ? [] : [`${name}=${encodeURIComponent(value)}`]))
  return `/data/k?${query.join('&')}`
}

async function start(t: Parameters<typeof startS3>[0], verifySignatures = true) {
  const s3 = await startS3(t, { config: { verifySignatures } })
  await s3.client.putObject({ Bucket: 'data', Key: 'k', Body: 'hello' })
  const bare = Object.getPrototypeOf(s3) as typeof s3
  return { s3, get: (url: string, headers: Record<string, string> = {}, method = 'GET') => golden(bare.http({ url, headers, method })) }
}

t.test('a presigned URL of SigV4 refuses parameters that are none, whether or not signatures are verified', async t => {
  const six =
    'Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.'
  const cases: [Record<string, string | null>, string][] = [
    ...['X-Amz-Algorithm', 'X-Amz-Date', 'X-Amz-Expires', 'X-Amz-SignedHeaders', 'X-Amz-Signature', 'X-Amz-Credential'].map(
      name => [{ [name]: null }, six] as [Record<string, null>, string],
    ),
    [{ 'X-Amz-Algorithm': 'AWS4-MD5' }, 'X-Amz-Algorithm only supports &quot;AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256&quot;'],
    [{ 'X-Amz-Date': '2026-01-01' }, "X-Amz-Date must be in the ISO8601 Long Format &quot;yyyyMMdd'T'HHmmss'Z'&quot;"],
    [{ 'X-Amz-Expires': 'soon' }, 'X-Amz-Expires should be a number'],
    [{ 'X-Amz-Expires': '-1' }, 'X-Amz-Expires must be non-negative'],
    [
      { 'X-Amz-Expires': String(WEEK + 1) },
      'X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds',
    ],
    [
      { 'X-Amz-Date': '20260102T000000Z' },
      'Invalid credential date &quot;20260101&quot;. This date is not the same as X-Amz-Date: &quot;20260102&quot;.',
    ],
  ]
  for (const verify of [false, true]) {
    const { get } = await start(t, verify)
    for (const [changes, message] of cases) {
      const { status, body } = await get(url4(changes))
      t.strictSame([status, body], [400, errorDocument('AuthorizationQueryParametersError', message)], JSON.stringify(changes))
    }
    t.equal((await get(url4({ 'X-Amz-Expires': String(WEEK) }))).body, 'hello', 'a week is the longest life')
  }
})

t.test('a presigned URL of SigV2 refuses parameters that are none', async t => {
  const { get } = await start(t)
  const three = 'Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters'
  for (const [changes, message] of [
    [{ Expires: null }, three],
    [{ AWSAccessKeyId: null }, three],
    [{ Signature: null }, three],
    [{ Expires: 'soon' }, 'Invalid date (should be seconds since epoch): soon'],
  ] as [Record<string, string | null>, string][]) {
    const { status, body } = await get(url2(changes))
    t.strictSame([status, body], [403, errorDocument('AccessDenied', message)], JSON.stringify(changes))
  }
  t.equal((await get(url2())).body, 'hello')
})

t.test('a presigned URL lives from its date to its end, to the second', async t => {
  const { s3, get } = await start(t, false)
  const early = url4({ 'X-Amz-Date': `${DAY}T001501Z` })
  const { status, body } = await get(early)
  t.strictSame([status, body], [403, errorDocument('AccessDenied', 'Request is not yet valid')])
  await s3.clock.advance(59_999)
  t.equal((await get(url4())).status, 200)
  await s3.clock.advance(1)
  const message = 'Request has expired'
  const times = '<Expires>2026-01-01T00:01:00Z</Expires><ServerTime>2026-01-01T00:01:00Z</ServerTime>'
  t.strictSame((await get(url4())).body, errorDocument('AccessDenied', message, `<X-Amz-Expires>60</X-Amz-Expires>${times}`))
  t.strictSame((await get(url2())).body, errorDocument('AccessDenied', message, times))
  t.equal((await get(early)).status, 200, 'and one whose date came near is valid now')
})

t.test('a presigned URL may carry Amazon’s headers in its query, as SDKs move them there', async t => {
  for (const verify of [false, true]) {
    const { s3, get } = await start(t, verify)
    const moved = {
      'x-amz-meta-colour': 'red',
      'x-amz-storage-class': 'STANDARD_IA',
      'x-amz-tagging': 'a=1',
      // What an SDK knew of the body: nothing.
      'x-amz-checksum-crc32': 'AAAAAA==',
      'x-amz-sdk-checksum-algorithm': 'CRC32',
    }
    const bare = Object.getPrototypeOf(s3) as typeof s3
    const put = await bare.http({ method: 'PUT', url: url4(moved, {}, 'PUT', '/data/new'), body: 'new' })
    t.equal(put.status, 200, put.body)
    t.match(await s3.client.headObject({ Bucket: 'data', Key: 'new' }), {
      Metadata: { colour: 'red' },
      StorageClass: 'STANDARD_IA',
      TagCount: 1,
      ContentLength: 3,
    })
    t.match((await get(url4({ 'x-amz-checksum-mode': 'ENABLED' }))).headers, { 'x-amz-checksum-type': 'FULL_OBJECT' })
    const copy = url4({ 'x-amz-copy-source': '/data/k' }, {}, 'PUT', '/data/copy')
    const copied = await bare.http({ method: 'PUT', url: copy, headers: { 'content-length': '0' } })
    t.match(copied.body, '<CopyObjectResult', 'even what makes it another operation')
    t.match((await get(url4({ 'x-amz-expected-bucket-owner': '111111111111' }))).body, '<Code>AccessDenied</Code>')
    if (verify) continue
    await s3.http({ method: 'PUT', url: '/data/plain?x-amz-meta-a=b', body: 'x' })
    t.equal((await s3.client.headObject({ Bucket: 'data', Key: 'plain' })).Metadata, undefined, 'which goes for presigned URLs alone')
  }
})

t.test('a presigned URL of SigV2 signs the headers that its query carries', async t => {
  const { s3 } = await start(t)
  const bare = Object.getPrototypeOf(s3) as typeof s3
  const toSign = `PUT\n\ntext/x\n${NOW + 60}\nx-amz-meta-a:b\n/data/new`
  const signature = encodeURIComponent(createHmac('sha1', 'test').update(toSign).digest('base64'))
  // botocore repeats the type in the query, where it means nothing.
  const query = `AWSAccessKeyId=test&Expires=${NOW + 60}&Signature=${signature}&content-type=text%2Fx&x-amz-meta-a=b`
  const put = await bare.http({ method: 'PUT', url: `/data/new?${query}`, headers: { 'content-type': 'text/x' }, body: 'new' })
  t.equal(put.status, 200, put.body)
  t.match(await s3.client.headObject({ Bucket: 'data', Key: 'new' }), { Metadata: { a: 'b' }, ContentType: 'text/x' })
})

t.test('a request that is signed twice is refused', async t => {
  const { get } = await start(t, false)
  const { status, body } = await get(url4(), { authorization: 'AWS test:sig' })
  const message =
    'Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified'
  t.strictSame(
    [status, body],
    [
      400,
      errorDocument('InvalidArgument', message, '<ArgumentName>Authorization</ArgumentName><ArgumentValue>AWS test:sig</ArgumentValue>'),
    ],
  )
})

t.test('a signature covers what it says and must cover Amazon’s headers', async t => {
  const { get } = await start(t)
  t.equal((await get(url4({}, { 'x-amz-checksum-mode': 'ENABLED' }), { 'x-amz-checksum-mode': 'ENABLED' })).status, 200)
  const unsigned = await get(url4(), { 'x-amz-checksum-mode': 'ENABLED', 'x-amz-acl': 'private' })
  t.strictSame(
    [unsigned.status, unsigned.body],
    [
      403,
      errorDocument(
        'AccessDenied',
        'There were headers present in the request which were not signed',
        '<HeadersNotSigned>x-amz-checksum-mode, x-amz-acl</HeadersNotSigned>',
      ),
    ],
  )
  const changed = await get(url4({}, { 'x-amz-checksum-mode': 'ENABLED' }), { 'x-amz-checksum-mode': 'enabled' })
  t.equal(changed.status, 403)
  t.match(changed.body, '<Code>SignatureDoesNotMatch</Code>')
  t.match((await get(url4(), {}, 'DELETE')).body, '<Code>SignatureDoesNotMatch</Code>', 'a method of its own')
  t.match((await get(`${url4()}&versionId=null`)).body, '<Code>SignatureDoesNotMatch</Code>', 'a parameter more')
  t.match((await get(url4().replace('/data/k', '/data/l'))).body, '<Code>SignatureDoesNotMatch</Code>', 'another key')
})

t.test('a signature that doesn’t match is told with what the server computed', async t => {
  const { get } = await start(t)
  const { status, body } = await get(url2({ Signature: 'AAAA' }))
  const toSign = `GET\n\n\n${NOW + 60}\n/data/k`
  const bytes = [...Buffer.from(toSign)].map(byte => byte.toString(16).padStart(2, '0')).join(' ')
  const message = 'The request signature we calculated does not match the signature you provided. Check your key and signing method.'
  const fields = `<AWSAccessKeyId>test</AWSAccessKeyId><StringToSign>${toSign}</StringToSign><SignatureProvided>AAAA</SignatureProvided><StringToSignBytes>${bytes}</StringToSignBytes>`
  t.strictSame([status, body], [403, errorDocument('SignatureDoesNotMatch', message, fields)])
  const four = await get(url4().replace(/Signature=.{4}/, 'Signature=0000'))
  t.match(four.body, /<CanonicalRequest>GET\n\/data\/k\nX-Amz-Algorithm=.*<\/CanonicalRequest><CanonicalRequestBytes>47 45 54 0a /s)
})

t.test('a signed date may be a quarter of an hour off', async t => {
  const { s3, get } = await start(t)
  const http = (date: string) => {
    const request = `GET\n/data/k\n\nhost:localhost:4566\nx-amz-content-sha256:UNSIGNED-PAYLOAD\nx-amz-date:${date}\n\nhost;x-amz-content-sha256;x-amz-date\nUNSIGNED-PAYLOAD`
    const authorization = `AWS4-HMAC-SHA256 Credential=test/${SCOPE}, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=${sign(request, date)}`
    return get('/data/k', { 'x-amz-date': date, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD', authorization })
  }
  const old = (date: string) =>
    get('/data/k', { date, authorization: `AWS test:${createHmac('sha1', 'test').update(`GET\n\n\n${date}\n/data/k`).digest('base64')}` })
  await s3.clock.advance(15 * 60 * 1000)
  const httpDate = 'Thu, 01 Jan 2026 00:00:00 GMT'
  t.equal((await http(AMZ_DATE)).body, 'hello')
  t.equal((await old(httpDate)).body, 'hello')
  await s3.clock.advance(1000)
  const message = 'The difference between the request time and the current time is too large.'
  for (const [answer, date] of [
    [await http(AMZ_DATE), AMZ_DATE],
    [await old(httpDate), httpDate],
  ] as const) {
    const fields = `<RequestTime>${date}</RequestTime><ServerTime>2026-01-01T00:15:01Z</ServerTime><MaxAllowedSkewMilliseconds>900000</MaxAllowedSkewMilliseconds>`
    t.strictSame([answer.status, answer.body], [403, errorDocument('RequestTimeTooSkewed', message, fields)])
  }
  t.match((await old('')).body, '<Message>AWS authentication requires a valid Date or x-amz-date header</Message>')
})

t.test('an Authorization header that isn’t Amazon’s is refused, and a signature without a date', async t => {
  const { get } = await start(t)
  for (const authorization of ['Bearer token', 'Basic dXNlcjpwYXNz']) {
    const { status, body } = await get('/data/k', { authorization })
    const fields = `<ArgumentName>Authorization</ArgumentName><ArgumentValue>${authorization}</ArgumentValue>`
    t.strictSame([status, body], [400, errorDocument('InvalidArgument', 'Unsupported Authorization Type', fields)])
  }
  const authorization = `AWS4-HMAC-SHA256 Credential=test/${SCOPE}, SignedHeaders=host, Signature=00`
  const { status, body } = await get('/data/k', { authorization })
  t.strictSame([status, body], [403, errorDocument('AccessDenied', 'AWS authentication requires a valid Date or x-amz-date header')])
})

t.test('a signature of version 4 in a header says what the body is', async t => {
  const { get } = await start(t)
  const request = `GET\n/data/k\n\nhost:localhost:4566\nx-amz-date:${AMZ_DATE}\n\nhost;x-amz-date\n${createHash('sha256').digest('hex')}`
  const authorization = `AWS4-HMAC-SHA256 Credential=test/${SCOPE}, SignedHeaders=host;x-amz-date, Signature=${sign(request, AMZ_DATE)}`
  const { status, body } = await get('/data/k', { 'x-amz-date': AMZ_DATE, authorization })
  const message = 'Missing required header for this request: x-amz-content-sha256'
  t.strictSame([status, body], [400, errorDocument('InvalidRequest', message)])
})

t.test('a refusal of a HEAD has its status and no body', async t => {
  const { get } = await start(t)
  const { status, body } = await get(url4({ 'X-Amz-Expires': '-1' }), {}, 'HEAD')
  t.strictSame([status, body], [400, ''])
})
