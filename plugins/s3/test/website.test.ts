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

t.test('website configurations', async t => {
  const { client } = await startS3(t)
  await refuses(t, client.getBucketWebsite(B), 'NoSuchWebsiteConfiguration', {
    status: 404,
    message: 'The specified bucket does not have a website configuration',
    fields: { BucketName: 'data' },
  })
  const put = (WebsiteConfiguration: WebsiteConfiguration) => client.putBucketWebsite({ ...B, WebsiteConfiguration })
  await refuses(t, put({}), 'InvalidArgument', {
    message: 'A value for IndexDocument Suffix must be provided if RedirectAllRequestsTo is empty',
    fields: { ArgumentName: 'IndexDocument', ArgumentValue: 'null' },
  })
  await refuses(t, put({ IndexDocument: { Suffix: 'a/b' } }), 'InvalidArgument', { message: 'The IndexDocument Suffix is not well formed' })
  await refuses(
    t,
    put({ IndexDocument: { Suffix: 'i' }, RoutingRules: [{ Redirect: { ReplaceKeyWith: 'a', ReplaceKeyPrefixWith: 'b' } }] }),
    'InvalidRequest',
    {
      message: 'You can only define ReplaceKeyPrefix or ReplaceKey but not both.',
    },
  )
  await refuses(
    t,
    put({ IndexDocument: { Suffix: 'i' }, RoutingRules: [{ Redirect: { HostName: 'h', HttpRedirectCode: '300' } }] }),
    'InvalidRequest',
    {
      message: 'The provided HTTP redirect code (300) is not valid. Valid codes are 3XX except 300.',
    },
  )
  await refuses(t, put({ IndexDocument: { Suffix: 'i' }, RedirectAllRequestsTo: { HostName: 'h' } }), 'MalformedXML')
  const website = { IndexDocument: { Suffix: 'index.html' }, ErrorDocument: { Key: 'error.html' } }
  await put(website)
  t.same(await client.getBucketWebsite(B), website)
  await client.deleteBucketWebsite(B)
  await refuses(t, client.getBucketWebsite(B), 'NoSuchWebsiteConfiguration')
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
    await put('error.html')
    const own = await visit('/none')
    t.match({ status: own.status, body: own.body }, { status: 404, body: '<error.html>' })
    await client.deleteBucketPolicy(B)
    t.equal((await visit('/')).status, 403)
    await client.deleteBucketWebsite(B)
    t.match((await visit('/')).body, '<li>Code: NoSuchWebsiteConfiguration</li>')
    t.match((await visit('/', { host: 'nowhere.s3-website-us-east-1.amazonaws.com' })).body, '<li>Code: NoSuchBucket</li>')
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
