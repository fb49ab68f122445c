import type { WebsiteConfiguration } from '@aws-sdk/client-s3'
import t from 'tap'
import { refuses, startS3 } from './kit.js'

const B = { Bucket: 'data' }
const HOST = { host: 'data.s3-website.us-east-1.localhost:4566' }

async function site(t: Parameters<typeof startS3>[0], website: WebsiteConfiguration = { IndexDocument: { Suffix: 'index.html' } }) {
  const s3 = await startS3(t)
  await s3.client.deletePublicAccessBlock(B)
  const Statement = [
    { Effect: 'Allow', Principal: '*', Action: ['s3:GetObject'], Resource: 'arn:aws:s3:::data/*' },
    { Effect: 'Allow', Principal: '*', Action: 's3:ListBucket', Resource: 'arn:aws:s3:::data' },
  ]
  await s3.client.putBucketPolicy({ ...B, Policy: JSON.stringify({ Version: '2012-10-17', Statement }) })
  await s3.client.putBucketWebsite({ ...B, WebsiteConfiguration: website })
  const put = (Key: string, more: object = {}) => s3.client.putObject({ ...B, Key, Body: `<${Key}>`, ContentType: 'text/html', ...more })
  const visit = (url: string, headers: Record<string, string> = {}, method = 'GET') =>
    s3.http({ method, url, headers: { ...HOST, ...headers } })
  return { ...s3, client: s3.client, put, visit }
}

t.test('PutBucketWebsite', async t => {
  const index = { IndexDocument: { Suffix: 'index.html' } }

  t.test('refuses what is no website', async t => {
    const { client } = await startS3(t)
    const refuse = (WebsiteConfiguration: WebsiteConfiguration | undefined, code: string, expected: Parameters<typeof refuses>[3] = {}) =>
      refuses(t, client.putBucketWebsite({ ...B, WebsiteConfiguration }), code, expected)
    await refuse(undefined, 'MissingRequestBodyError')
    await refuse({}, 'InvalidArgument', {
      status: 400,
      message: 'A value for IndexDocument Suffix must be provided if RedirectAllRequestsTo is empty',
      fields: { ArgumentName: 'IndexDocument', ArgumentValue: 'null' },
    })
    for (const Suffix of ['a/b', ''])
      await refuse({ IndexDocument: { Suffix } }, 'InvalidArgument', { message: 'The IndexDocument Suffix is not well formed' })
    await refuse({ ...index, ErrorDocument: { Key: '' } }, 'InvalidArgument', { message: 'The ErrorDocument Key is not well formed' })
    await refuse({ ...index, RedirectAllRequestsTo: { HostName: 'h' } }, 'MalformedXML')
    await refuse({ RedirectAllRequestsTo: { HostName: '' } }, 'InvalidArgument', { message: 'The HostName is not well formed' })
    await refuse({ RedirectAllRequestsTo: { HostName: 'h', Protocol: 'ftp' as 'http' } }, 'MalformedXML')
  })

  t.test('refuses routing rules that lead nowhere', async t => {
    const { client } = await startS3(t)
    const refuse = (rule: object, code: string, message?: string) =>
      refuses(t, client.putBucketWebsite({ ...B, WebsiteConfiguration: { ...index, RoutingRules: [rule as never] } }), code, {
        ...(message !== undefined && { message }),
      })
    await refuse({}, 'MalformedXML')
    await refuse({ Redirect: {} }, 'MalformedXML')
    await refuse(
      { Redirect: { ReplaceKeyWith: 'a', ReplaceKeyPrefixWith: 'b' } },
      'InvalidRequest',
      'You can only define ReplaceKeyPrefix or ReplaceKey but not both.',
    )
    for (const code of ['300', '200', '404', 'x']) {
      await refuse(
        { Redirect: { HostName: 'h', HttpRedirectCode: code } },
        'InvalidRequest',
        `The provided HTTP redirect code (${code}) is not valid. Valid codes are 3XX except 300.`,
      )
    }
    await refuse(
      { Condition: { HttpErrorCodeReturnedEquals: '200' }, Redirect: { HostName: 'h' } },
      'InvalidRequest',
      'The provided HTTP error code (200) is not valid. Valid codes are 4XX or 5XX.',
    )
    await refuse(
      { Condition: {}, Redirect: { HostName: 'h' } },
      'InvalidRequest',
      "Condition cannot be empty. To redirect all requests without a condition, the condition element shouldn't be present.",
    )
    const RoutingRules = Array.from({ length: 51 }, () => ({ Redirect: { HostName: 'h' } }))
    await refuses(t, client.putBucketWebsite({ ...B, WebsiteConfiguration: { ...index, RoutingRules } }), 'InvalidRequest', {
      message: '51 routing rules provided, the number of routing rules in a website configuration is limited to 50.',
    })
    await refuses(t, client.putBucketWebsite({ ...B, WebsiteConfiguration: { ...index, RoutingRules: [] } }), 'MalformedXML')
  })
})

t.test('GetBucketWebsite and DeleteBucketWebsite', async t => {
  t.test('refuses where there is none', async t => {
    const s3 = await startS3(t)
    await refuses(t, s3.client.getBucketWebsite(B), 'NoSuchWebsiteConfiguration', {
      status: 404,
      message: 'The specified bucket does not have a website configuration',
      fields: { BucketName: 'data' },
    })
    await refuses(t, s3.client.deleteBucketWebsite({ Bucket: 'nope' }), 'NoSuchBucket')
    await refuses(t, s3.as({ account: '222222222222' }).getBucketWebsite(B), 'AccessDenied')
  })

  t.test('behaves: gives back what was put, until it is deleted', async t => {
    const { client } = await startS3(t)
    const website: WebsiteConfiguration = {
      IndexDocument: { Suffix: 'index.html' },
      ErrorDocument: { Key: 'error.html' },
      RoutingRules: [{ Condition: { KeyPrefixEquals: 'a/' }, Redirect: { ReplaceKeyPrefixWith: 'b/', HttpRedirectCode: '302' } }],
    }
    await client.putBucketWebsite({ ...B, WebsiteConfiguration: website })
    t.same(await client.getBucketWebsite(B), website)
    await client.deleteBucketWebsite(B)
    await refuses(t, client.getBucketWebsite(B), 'NoSuchWebsiteConfiguration')
    await client.deleteBucketWebsite(B)
  })

  t.test('wire: documents, and statuses without any', async t => {
    const s3 = await startS3(t)
    const send = (method: string, body?: string) => s3.http({ method, url: '/data?website', ...(body !== undefined && { body }) })
    const content =
      '<IndexDocument><Suffix>i.html</Suffix></IndexDocument><ErrorDocument><Key>e.html</Key></ErrorDocument><RoutingRules><RoutingRule><Redirect><HostName>h</HostName></Redirect><Condition><KeyPrefixEquals>a/</KeyPrefixEquals></Condition></RoutingRule></RoutingRules>'
    const put = await send('PUT', `<WebsiteConfiguration>${content}</WebsiteConfiguration>`)
    t.strictSame([put.status, put.body], [200, ''])
    t.equal(
      (await send('GET')).body,
      `<?xml version="1.0" encoding="UTF-8"?>\n<WebsiteConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${content}</WebsiteConfiguration>`,
    )
    t.equal((await send('DELETE')).status, 204)
    t.equal((await send('GET')).status, 404)
  })
})

t.test('a website', async t => {
  t.test('serves documents, with the index for a folder', async t => {
    const { put, visit } = await site(t)
    await put('index.html', { CacheControl: 'max-age=9', Metadata: { a: 'b' } })
    await put('docs/index.html')
    const home = await visit('/')
    t.match(
      { status: home.status, body: home.body, type: home.headers['content-type'] },
      { status: 200, body: '<index.html>', type: 'text/html' },
    )
    t.match(home.headers, { 'cache-control': 'max-age=9', 'x-amz-meta-a': 'b', etag: /^"[0-9a-f]{32}"$/, 'content-length': '12' })
    t.equal((await visit('/docs/')).body, '<docs/index.html>')
    const folder = await visit('/docs')
    t.match({ status: folder.status, location: folder.headers.location }, { status: 302, location: '/docs/' })
    t.match(folder.headers, { 'x-amz-error-code': 'Found', 'x-amz-error-message': 'Resource Found' })
    t.match(folder.body, '<h1>302 Moved Temporarily</h1>\n<ul>\n<li>Code: Found</li>\n<li>Message: Resource Found</li>\n')
    t.equal((await visit('/', { 'if-none-match': String(home.headers.etag) })).status, 304)
    const part = await visit('/', { range: 'bytes=1-5' })
    t.match({ status: part.status, body: part.body }, { status: 206, body: 'index' })
    const head = await visit('/', {}, 'HEAD')
    t.match({ status: head.status, body: head.body, length: head.headers['content-length'] }, { status: 200, body: '', length: '12' })
    const posted = await visit('/', {}, 'POST')
    t.equal(posted.status, 405)
    t.match(posted.body, '<li>Code: MethodNotAllowed</li>')
  })

  t.test('answers errors with a page, its own or S3’s', async t => {
    const { put, visit, client } = await site(t)
    const missing = await visit('/none?x=1')
    t.equal(missing.status, 404)
    t.match(
      missing.body,
      /^<html>\n<head><title>404 Not Found<\/title><\/head>\n<body>\n<h1>404 Not Found<\/h1>\n<ul>\n<li>Code: NoSuchKey<\/li>\n<li>Message: The specified key does not exist\.<\/li>\n<li>Key: none<\/li>\n<li>RequestId: \S+<\/li>\n<li>HostId: \S+<\/li>\n<\/ul>\n<hr\/>\n<\/body>\n<\/html>\n$/,
    )
    await client.putBucketWebsite({
      ...B,
      WebsiteConfiguration: { IndexDocument: { Suffix: 'index.html' }, ErrorDocument: { Key: 'error.html' } },
    })
    t.match((await visit('/none')).body, 'An Error Occurred While Attempting to Retrieve a Custom Error Document')
    t.match((await visit('/none')).body, '<li>Message: The specified key does not exist.</li>\n<li>Key: error.html</li>\n</ul>\n<hr/>')
    await put('error.html')
    const own = await visit('/none')
    t.match({ status: own.status, body: own.body }, { status: 404, body: '<error.html>' })
    t.match(own.headers, {
      'content-type': 'text/html',
      'x-amz-error-code': 'NoSuchKey',
      'x-amz-error-message': 'The specified key does not exist.',
      'x-amz-error-detail-key': 'none',
    })
    t.equal((await visit('/n%C3%BCll')).headers['x-amz-error-detail-key'], 'n%C3%BCll')
    await client.deleteBucketPolicy(B)
    t.equal((await visit('/')).status, 403)
    await client.deleteBucketWebsite(B)
    t.match((await visit('/')).body, '<li>Code: NoSuchWebsiteConfiguration</li>')
    t.match((await visit('/', { host: 'nowhere.s3-website-us-east-1.amazonaws.com' })).body, '<li>Code: NoSuchBucket</li>')
  })

  t.test('is at the endpoint of its region only', async t => {
    const { put, visit, client } = await site(t)
    await put('index.html')
    for (const host of ['data.s3-website-us-east-1.amazonaws.com', 'data.s3-website.us-east-1.localhost.localstack.cloud'])
      t.equal((await visit('/', { host })).status, 200, host)
    const wrong = await visit('/', { host: 'data.s3-website-eu-west-1.localhost:4566' })
    t.equal(wrong.status, 400)
    t.match(
      wrong.body,
      '<li>Code: IncorrectEndpoint</li>\n<li>Message: The specified bucket exists in another region. Please direct requests to the specified endpoint.</li>\n<li>Endpoint: data.s3-website.us-east-1.localhost:4566</li>',
    )
    await client.createBucket({ Bucket: 'my.site' })
    t.match((await visit('/', { host: 'my.site.s3-website.us-east-1.localhost' })).body, '<li>BucketName: my.site</li>')
  })

  t.test('redirects: all, by object, by rule', async t => {
    const RoutingRules = [
      { Condition: { KeyPrefixEquals: 'old/' }, Redirect: { ReplaceKeyPrefixWith: 'new/' } },
      {
        Condition: { HttpErrorCodeReturnedEquals: '404', KeyPrefixEquals: 'lost/' },
        Redirect: { HostName: 'found.example', Protocol: 'https' as const, ReplaceKeyWith: 'desk', HttpRedirectCode: '307' },
      },
    ]
    const { put, visit, client } = await site(t, { IndexDocument: { Suffix: 'index.html' }, RoutingRules })
    const goes = async (url: string) => {
      const { status, headers } = await visit(url)
      return [status, headers.location]
    }
    t.same(await goes('/old/a b'.replace(' ', '%20')), [301, `http://${HOST.host}/new/a%20b`])
    t.same(await goes('/lost/x'), [307, 'https://found.example/desk'])
    await put('moved', { WebsiteRedirectLocation: '/docs/' })
    t.same(await goes('/moved'), [301, '/docs/'])
    await client.putBucketWebsite({ ...B, WebsiteConfiguration: { RedirectAllRequestsTo: { HostName: 'example.com', Protocol: 'https' } } })
    t.same(await goes('/a?b=c'), [301, 'https://example.com/a?b=c'])
  })
})
