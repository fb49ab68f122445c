import t from 'tap'
import { codeOf, refuses, startS3 } from './kit.js'

const B = { Bucket: 'data' }
const OTHER = '222222222222'
const RULE = { AllowedMethods: ['GET'], AllowedOrigins: ['*'] }
const VARY = 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method'

type S3Service = Awaited<ReturnType<typeof startS3>>

const put = ({ client }: S3Service, ...CORSRules: object[]) =>
  client.putBucketCors({ ...B, CORSConfiguration: { CORSRules: CORSRules as (typeof RULE)[] } })

t.test('PutBucketCors', async t => {
  t.test('refuses rules that S3 has not', async t => {
    const s3 = await startS3(t)
    await refuses(t, put(s3), 'MalformedXML')
    await refuses(t, put(s3, { AllowedMethods: ['GET'] }), 'MalformedXML')
    await refuses(t, put(s3, { AllowedOrigins: ['*'] }), 'MalformedXML')
    await refuses(t, put(s3, { ...RULE, MaxAgeSeconds: 1.5 }), 'MalformedXML')
    await refuses(t, s3.client.putBucketCors({ ...B, CORSConfiguration: undefined }), 'MissingRequestBodyError')
    const refuse = (change: object, message: string) =>
      refuses(t, put(s3, { ...RULE, ...change }), 'InvalidRequest', { status: 400, message })
    for (const method of ['PATCH', 'OPTIONS', 'get', '*'])
      await refuse({ AllowedMethods: ['GET', method] }, `Found unsupported HTTP method in CORS config. Unsupported method is ${method}`)
    await refuse({ AllowedOrigins: ['http://*.x.*'] }, 'AllowedOrigin "http://*.x.*" can not have more than one wildcard.')
    await refuse({ AllowedHeaders: ['*-*'] }, 'AllowedHeader "*-*" can not have more than one wildcard.')
    await refuse({ ExposeHeaders: ['x-*'] }, 'ExposeHeader "x-*" contains wildcard. We currently do not support wildcard for ExposeHeader.')
    await refuse({ ID: 'i'.repeat(256) }, 'The ID length should not exceed allowed limit of 255')
    await refuses(t, put(s3, ...Array.from({ length: 101 }, () => RULE)), 'InvalidRequest', {
      message: 'The number of CORS rules should not exceed allowed limit of 100 rules.',
    })
    await put(s3, ...Array.from({ length: 100 }, () => RULE))
  })

  t.test('behaves: rules are kept as they are', async t => {
    const s3 = await startS3(t)
    const whole = {
      ID: 'one',
      AllowedMethods: ['GET', 'PUT', 'POST', 'DELETE', 'HEAD'],
      AllowedOrigins: ['https://a.example', 'https://*.b.example'],
      AllowedHeaders: ['x-amz-*', 'content-type'],
      ExposeHeaders: ['ETag'],
      MaxAgeSeconds: 9,
    }
    await put(s3, whole, RULE)
    t.same(await s3.client.getBucketCors(B), { CORSRules: [whole, RULE] })
    await put(s3, RULE)
    t.same(await s3.client.getBucketCors(B), { CORSRules: [RULE] })
  })
})

t.test('GetBucketCors and DeleteBucketCors', async t => {
  t.test('refuses where there are none, and strangers', async t => {
    const s3 = await startS3(t)
    await refuses(t, s3.client.getBucketCors(B), 'NoSuchCORSConfiguration', {
      status: 404,
      message: 'The CORS configuration does not exist',
      fields: { BucketName: 'data' },
    })
    await refuses(t, s3.client.getBucketCors({ Bucket: 'nope' }), 'NoSuchBucket')
    await refuses(t, s3.as({ account: OTHER }).getBucketCors(B), 'AccessDenied')
    await refuses(t, s3.as({ account: OTHER }).deleteBucketCors(B), 'AccessDenied')
  })

  t.test('behaves: what is deleted is gone', async t => {
    const s3 = await startS3(t)
    await put(s3, RULE)
    await s3.client.deleteBucketCors(B)
    await refuses(t, s3.client.getBucketCors(B), 'NoSuchCORSConfiguration')
    await s3.client.deleteBucketCors(B)
  })

  t.test('wire: documents, and statuses without any', async t => {
    const s3 = await startS3(t)
    const send = (method: string, body?: string) => s3.http({ method, url: '/data?cors', ...(body !== undefined && { body }) })
    const rule =
      '<CORSRule><AllowedMethod>GET</AllowedMethod><AllowedMethod>PUT</AllowedMethod><AllowedOrigin>*</AllowedOrigin><ID>r</ID><AllowedHeader>*</AllowedHeader><ExposeHeader>ETag</ExposeHeader><MaxAgeSeconds>5</MaxAgeSeconds></CORSRule>'
    const done = await send('PUT', `<CORSConfiguration>${rule}</CORSConfiguration>`)
    t.strictSame([done.status, done.body], [200, ''])
    t.equal(
      (await send('GET')).body,
      `<?xml version="1.0" encoding="UTF-8"?>\n<CORSConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${rule}</CORSConfiguration>`,
    )
    const gone = await send('DELETE')
    t.strictSame([gone.status, gone.body], [204, ''])
    t.match((await send('GET')).body, '<Code>NoSuchCORSConfiguration</Code>')
    t.equal(codeOf(await send('PUT', '<CORSConfiguration>')), 'MalformedXML')
    t.equal(codeOf(await send('PUT', rule)), 'MalformedXML')
  })
})

t.test('preflights', async t => {
  const ask = (s3: S3Service, headers: Record<string, string>, url = '/data/k') => s3.http({ method: 'OPTIONS', url, headers })
  const question = (origin: string, method = 'PUT', more: Record<string, string> = {}) => ({
    origin,
    'access-control-request-method': method,
    ...more,
  })

  t.test('refuses what is no question', async t => {
    const s3 = await startS3(t)
    await put(s3, RULE)
    const refused = async (headers: Record<string, string>) => {
      const { status, body } = await ask(s3, headers)
      return [status, /<Message>(.*)<\/Message>/.exec(body)?.[1]]
    }
    t.same(await refused({}), [400, 'Insufficient information. Origin request header needed.'])
    t.same(await refused({ origin: 'https://a.example' }), [400, 'Invalid Access-Control-Request-Method: null'])
    t.same(await refused(question('https://a.example', 'PATCH')), [400, 'Invalid Access-Control-Request-Method: PATCH'])
  })

  t.test('refuses origins, methods and headers that no rule allows', async t => {
    const s3 = await startS3(t)
    await put(s3, { AllowedMethods: ['PUT'], AllowedOrigins: ['https://*.example'], AllowedHeaders: ['x-amz-*'] })
    t.equal((await ask(s3, question('https://evil.test'))).status, 403)
    t.equal((await ask(s3, question('https://a.example', 'GET'))).status, 403)
    t.equal(
      (await ask(s3, question('https://a.example', 'PUT', { 'access-control-request-headers': 'x-amz-date, authorization' }))).status,
      403,
    )
    t.equal((await ask(s3, question('http://a.example'))).status, 403, 'the scheme counts')
    t.equal((await ask(s3, question('https://.example'))).status, 200, 'a star stands for nothing too')
  })

  t.test('behaves: the first rule that fits answers', async t => {
    const s3 = await startS3(t)
    await put(
      s3,
      { AllowedMethods: ['GET'], AllowedOrigins: ['https://a.example'], MaxAgeSeconds: 1 },
      { AllowedMethods: ['GET', 'PUT'], AllowedOrigins: ['*'], AllowedHeaders: ['*'], MaxAgeSeconds: 2 },
    )
    const first = await ask(s3, question('https://a.example', 'GET'))
    t.match(first.headers, {
      'access-control-allow-origin': 'https://a.example',
      'access-control-allow-credentials': 'true',
      'access-control-max-age': '1',
    })
    const second = await ask(s3, question('https://a.example', 'PUT'))
    t.match(second.headers, { 'access-control-allow-origin': '*', 'access-control-max-age': '2' })
    t.equal(second.headers['access-control-allow-credentials'], undefined, 'not with a star')
    await s3.client.deleteBucketCors(B)
    const open = await ask(s3, question('https://any.example'))
    t.equal(
      open.headers['access-control-allow-origin'],
      'https://any.example',
      'a bucket without rules lets every page in, as all of MiniStack does',
    )
  })

  t.test('behaves: buckets are found by every kind of host', async t => {
    const s3 = await startS3(t)
    await put(s3, { AllowedMethods: ['PUT'], AllowedOrigins: ['https://a.example'] })
    const control = s3.service<typeof import('@aws-sdk/client-s3-control')>('s3control')
    const { Alias } = await control.createAccessPoint({ AccountId: '000000000000', Name: 'door', ...B })
    for (const [host, url] of [
      ['data.localhost:4566', '/k'],
      ['data.s3.localhost:4566', '/k'],
      ['data.s3.us-east-1.localhost:4566', '/k'],
      ['data.s3-accelerate.localhost:4566', '/k'],
      ['data.s3-website.us-east-1.localhost:4566', '/k'],
      ['s3.localhost:4566', '/data/k'],
      ['s3.us-east-1.localhost:4566', '/data/k'],
      ['door-000000000000.s3-accesspoint.us-east-1.localhost:4566', '/k'],
      ['localhost:4566', `/${Alias}/k`],
    ] as const) {
      t.equal((await ask(s3, { ...question('https://a.example'), host }, url)).status, 200, `${host}${url}`)
      t.equal((await ask(s3, { ...question('https://evil.test'), host }, url)).status, 403, `${host}${url}`)
    }
  })

  t.test('wire: the answers, whole', async t => {
    const s3 = await startS3(t)
    await put(s3, {
      AllowedMethods: ['PUT', 'GET'],
      AllowedOrigins: ['https://*.example'],
      AllowedHeaders: ['*'],
      ExposeHeaders: ['ETag', 'x-amz-version-id'],
      MaxAgeSeconds: 30,
    })
    const allowed = await ask(s3, question('https://app.example', 'PUT', { 'access-control-request-headers': 'Content-Type, x-amz-date' }))
    t.strictSame([allowed.status, allowed.body], [200, ''])
    t.match(allowed.headers, {
      'access-control-allow-origin': 'https://app.example',
      'access-control-allow-methods': 'PUT, GET',
      'access-control-allow-headers': 'content-type, x-amz-date',
      'access-control-expose-headers': 'ETag, x-amz-version-id',
      'access-control-max-age': '30',
      'access-control-allow-credentials': 'true',
      vary: VARY,
    })
    const ids = ({ headers }: typeof allowed) =>
      ['x-amz-request-id', 'x-amz-id-2', 'server', 'x-amzn-requestid'].map(name => typeof headers[name])
    t.same(ids(allowed), ['string', 'string', 'string', 'undefined'], 'S3’s own ids')
    t.same(ids(await ask(s3, question('https://evil.test'))), ['string', 'string', 'string', 'undefined'])
    const object = await ask(s3, question('https://evil.test'))
    t.match(
      object.body,
      /^<\?xml version="1\.0" encoding="UTF-8"\?>\n<Error><Code>AccessForbidden<\/Code><Message>CORSResponse: This CORS request is not allowed\. This is usually because the evalution of Origin, request method \/ Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's CORS spec\.<\/Message><Method>PUT<\/Method><ResourceType>OBJECT<\/ResourceType><RequestId>[^<]+<\/RequestId><HostId>[^<]+<\/HostId><\/Error>$/,
    )
    t.match((await ask(s3, question('https://evil.test'), '/data?list-type=2')).body, '<ResourceType>BUCKET</ResourceType>')
  })
})

t.test('answers to pages of other origins', async t => {
  const s3 = await startS3(t)
  await put(s3, { AllowedMethods: ['GET'], AllowedOrigins: ['https://*.example'], ExposeHeaders: ['ETag'] })
  await s3.client.putObject({ ...B, Key: 'k', Body: 'x' })
  const get = async (origin: string, url = '/data/k', method = 'GET') => (await s3.http({ method, url, headers: { origin } })).headers
  t.match(await get('https://app.example'), {
    'access-control-allow-origin': 'https://app.example',
    'access-control-allow-methods': 'GET',
    'access-control-expose-headers': 'ETag',
    'access-control-allow-credentials': 'true',
    vary: VARY,
  })
  t.equal((await get('https://app.example', '/data/none'))['access-control-allow-origin'], 'https://app.example', 'errors too')
  const refused = await get('https://evil.test')
  t.same([refused['access-control-allow-origin'], refused.vary], [undefined, VARY], 'a page that no rule lets in reads nothing')
  t.equal((await get('https://app.example', '/data/k', 'HEAD'))['access-control-allow-origin'], undefined, 'the method counts')
})
