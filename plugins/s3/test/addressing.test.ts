import t from 'tap'
import { codeOf, refuses, signed, startS3, visit } from './kit.js'

type Control = typeof import('@aws-sdk/client-s3-control')

const IRELAND = { CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' as const } }

/** S3 with `data` in us-east-1, and `away` and `dotted.name` in eu-west-1, each with an object called `k`. */
async function startTwoRegions(t: Parameters<typeof startS3>[0], options?: Parameters<typeof startS3>[1]) {
  const s3 = await startS3(t, options)
  await s3.client.createBucket({ Bucket: 'away', ...IRELAND })
  await s3.client.createBucket({ Bucket: 'dotted.name', ...IRELAND })
  for (const Bucket of ['data', 'away', 'dotted.name']) await s3.client.putObject({ Bucket, Key: 'k', Body: `in ${Bucket}` })
  return s3
}

t.test('hosts', async t => {
  t.test('behaves: a bucket is found by every host name that S3 gives it', async t => {
    const s3 = await startTwoRegions(t)
    const hosts = [
      ['data', 'data.localhost'],
      ['data', 'data.localhost:4566'],
      ['data', 'DATA.localhost:4566'],
      ['data', 'data.s3.localhost:4566'],
      ['data', 'data.s3.us-east-1.localhost:4566'],
      ['data', 'data.s3-us-east-1.localhost:4566'],
      ['data', 'data.s3.dualstack.us-east-1.localhost:4566'],
      ['data', 'data.s3-fips.us-east-1.localhost:4566'],
      ['data', 'data.s3-fips.dualstack.us-east-1.localhost:4566'],
      ['data', 'data.s3-external-1.amazonaws.com'],
      ['data', 'data.s3.amazonaws.com'],
      ['data', 'data.s3.us-east-1.amazonaws.com'],
      ['data', 'data.localhost.localstack.cloud:4566'],
      ['data', 'data.s3.localhost.localstack.cloud:4566'],
      ['data', 'data.s3.us-east-1.localhost.localstack.cloud:4566'],
      ['away', 'away.s3.eu-west-1.localhost:4566'],
      ['away', 'away.localhost:4566'],
      ['dotted.name', 'dotted.name.localhost:4566'],
      ['dotted.name', 'dotted.name.s3.localhost:4566'],
      ['dotted.name', 'dotted.name.s3.eu-west-1.localhost:4566'],
    ] as const
    for (const [bucket, host] of hosts) {
      const region = bucket === 'data' ? 'us-east-1' : 'eu-west-1'
      t.equal((await s3.http({ url: '/k', headers: { host, ...signed({ region }) } })).body, `in ${bucket}`, host)
    }
    for (const host of ['localhost:4566', 's3.localhost:4566', 's3.us-east-1.localhost:4566', 's3-us-east-1.localhost', '127.0.0.1:4566']) {
      t.equal((await s3.http({ url: '/data/k', headers: { host } })).body, 'in data', `${host} with the bucket in the path`)
    }
    t.equal((await s3.http({ url: '/dotted.name/k', headers: signed({ region: 'eu-west-1' }) })).body, 'in dotted.name')
  })

  t.test('behaves: MINISTACK_HOST is such a name too', async t => {
    const s3 = await startTwoRegions(t, { config: { host: 'aws.test:9000' } })
    for (const host of ['data.aws.test:9000', 'data.s3.aws.test:9000', 'data.s3.us-east-1.aws.test:9000']) {
      t.equal((await s3.http({ url: '/k', headers: { host } })).body, 'in data', host)
    }
  })

  t.test('wire: a bucket in the host name is one in the path', async t => {
    const s3 = await startS3(t)
    const host = 'made.s3.localhost:4566'
    t.equal((await s3.http({ method: 'PUT', url: '/', headers: { host } })).headers.location, '/made')
    t.equal((await s3.http({ method: 'PUT', url: '/folder/ü%20%2B', headers: { host }, body: 'x' })).status, 200)
    t.match((await s3.http({ url: '/?list-type=2', headers: { host } })).body, '<Key>folder/ü +</Key>')
    t.equal((await s3.http({ method: 'HEAD', url: '/', headers: { host } })).status, 200)
  })
})

t.test('transfer acceleration hosts', async t => {
  const put = (s3: Awaited<ReturnType<typeof startS3>>, Status: 'Enabled' | 'Suspended') =>
    s3.client.putBucketAccelerateConfiguration({ Bucket: 'data', AccelerateConfiguration: { Status } })
  const get = (s3: Awaited<ReturnType<typeof startS3>>, host: string) => s3.http({ url: '/k', headers: { host } })

  t.test('refuses: buckets that are not accelerated', async t => {
    const s3 = await startTwoRegions(t)
    const never = await get(s3, 'data.s3-accelerate.localhost:4566')
    t.equal(never.status, 400)
    t.match(never.body, '<Code>InvalidRequest</Code><Message>S3 Transfer Acceleration is not configured on this bucket</Message>')
    await put(s3, 'Enabled')
    await put(s3, 'Suspended')
    t.match((await get(s3, 'data.s3-accelerate.localhost:4566')).body, 'S3 Transfer Acceleration is disabled on this bucket')
  })

  t.test('behaves: they reach one that is', async t => {
    const s3 = await startTwoRegions(t)
    await put(s3, 'Enabled')
    for (const host of ['data.s3-accelerate.localhost:4566', 'data.s3-accelerate.dualstack.amazonaws.com'])
      t.equal((await get(s3, host)).body, 'in data', host)
  })
})

t.test('buckets of other regions', async t => {
  t.test('refuses: path style is redirected for good', async t => {
    const s3 = await startTwoRegions(t)
    const { status, headers, body } = await s3.http({ url: '/away/k' })
    t.equal(status, 301)
    t.equal(headers['x-amz-bucket-region'], 'eu-west-1')
    t.equal(headers.location, undefined, 'S3 sends no address to follow')
    t.match(
      body,
      /^<\?xml version="1\.0" encoding="UTF-8"\?>\n<Error><Code>PermanentRedirect<\/Code><Message>The bucket you are attempting to access must be addressed using the specified endpoint\. Please send all future requests to this endpoint\.<\/Message><Endpoint>away\.s3\.eu-west-1\.localhost:4566<\/Endpoint><Bucket>away<\/Bucket><RequestId>[^<]+<\/RequestId><HostId>[^<]+<\/HostId><\/Error>$/,
    )
    const regional = await s3.http({ url: '/k', headers: { host: 'away.s3.us-east-1.localhost:4566' } })
    t.match([regional.status, codeOf(regional)], [301, 'PermanentRedirect'], 'the endpoint of another region')
    const virtual = await s3.http({ url: '/k', headers: { host: 'away.localhost:4566' } })
    t.match([virtual.status, codeOf(virtual)], [301, 'PermanentRedirect'], 'what the SDKs make of an endpoint of one’s own')
    t.match(virtual.body, '<Endpoint>away.s3.eu-west-1.localhost:4566</Endpoint>')
    t.match(regional.body, '<Endpoint>away.s3.eu-west-1.localhost:4566</Endpoint>')
    const unsigned = await visit(s3, { url: '/k', headers: { host: 'away.s3.us-east-1.localhost:4566' } })
    t.equal(unsigned.status, 301, 'whoever asks')
    t.match((await s3.http({ url: '/away/k', headers: { host: '127.0.0.1:4566' } })).body, '<Endpoint>127.0.0.1:4566</Endpoint>')
    for (const request of [
      { method: 'PUT', url: '/away/new', body: 'x' },
      { method: 'DELETE', url: '/away' },
      { url: '/away?acl' },
      { method: 'PUT', url: '/away?tagging', body: '<Tagging><TagSet/></Tagging>' },
    ])
      t.equal((await s3.http(request)).status, 301, `${request.method ?? 'GET'} ${request.url}`)
  })

  t.test('refuses: a global virtual host leads to the region, so the signature is what is wrong', async t => {
    const s3 = await startTwoRegions(t)
    for (const host of ['away.s3.localhost:4566', 'away.s3.amazonaws.com', 'away.s3.eu-west-1.localhost:4566']) {
      const { status, headers, body } = await s3.http({ url: '/k', headers: { host } })
      t.same([status, headers['x-amz-bucket-region']], [400, 'eu-west-1'], host)
      t.match(
        body,
        "<Code>AuthorizationHeaderMalformed</Code><Message>The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'eu-west-1'</Message><Region>eu-west-1</Region>",
      )
    }
    const query = 'X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=test/20260101/us-east-1/s3/aws4_request&X-Amz-Date=20260101T000000Z'
    const presigned = await visit(s3, {
      url: `/k?${query}&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=00`,
      headers: { host: 'away.s3.localhost' },
    })
    t.equal(presigned.status, 400)
    t.match(
      presigned.body,
      "<Code>AuthorizationQueryParametersError</Code><Message>Error parsing the X-Amz-Credential parameter; the region 'us-east-1' is wrong; expecting 'eu-west-1'</Message><Region>eu-west-1</Region>",
    )
  })

  t.test('refuses: a signature for another region than the endpoint’s, where there is no bucket to tell', async t => {
    const s3 = await startS3(t)
    for (const request of [{ url: '/' }, { method: 'PUT', url: '/made' }]) {
      const { body } = await s3.http({ ...request, headers: { host: 's3.eu-west-1.localhost:4566' } })
      t.match(
        body,
        "<Code>AuthorizationHeaderMalformed</Code><Message>The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'eu-west-1'</Message><Region>eu-west-1</Region>",
      )
    }
  })

  t.test('behaves: HeadBucket and GetBucketLocation tell the region from anywhere', async t => {
    const s3 = await startTwoRegions(t)
    const head = await s3.http({ method: 'HEAD', url: '/away' })
    t.same([head.status, head.headers['x-amz-bucket-region'], head.body], [301, 'eu-west-1', ''])
    t.match((await s3.http({ url: '/away?location' })).body, '>eu-west-1</LocationConstraint>')
    const unsigned = await visit(s3, { method: 'HEAD', url: '/away' })
    t.same([unsigned.status, unsigned.headers['x-amz-bucket-region']], [403, 'eu-west-1'], 'even from those who may not enter')
    const list = await s3.http({ url: '/data' })
    t.equal(list.headers['x-amz-bucket-region'], 'us-east-1')
  })

  t.test('behaves: a copy may come from another region, and services reach every one', async t => {
    const s3 = await startTwoRegions(t)
    const copied = await s3.http({ method: 'PUT', url: '/data/copy', headers: { 'x-amz-copy-source': 'away/k' } })
    t.equal(copied.status, 200)
    t.equal((await s3.http({ url: '/data/copy' })).body, 'in away')
    t.ok(await s3.client.headObject({ Bucket: 'away', Key: 'k' }), 'a call from inside')
  })
})

t.test('two accounts with one bucket name', async t => {
  const [one, two] = ['111111111111', '222222222222']
  const start = async (t: Parameters<typeof startS3>[0], global = false) => {
    const s3 = await startS3(t, { config: { s3GlobalNamespace: global } })
    const put = (account: string) => s3.http({ method: 'PUT', url: '/shared-name', headers: signed({ account }) })
    return { s3, answers: [await put(one), await put(two)] }
  }

  t.test('refuses: the second, and a stranger, where names are global', async t => {
    const { answers } = await start(t, true)
    t.same(
      answers.map(({ status }) => status),
      [200, 409],
    )
    t.match(answers[1]?.body, '<Code>BucketAlreadyExists</Code><Message>The requested bucket name is not available.')
    t.match(answers[1]?.body, '<BucketName>shared-name</BucketName>')
  })

  t.test('behaves: each account has its own, and a third has neither', async t => {
    const { s3 } = await start(t)
    for (const account of [one, two])
      await s3.http({ method: 'PUT', url: '/shared-name/k', headers: signed({ account }), body: `of ${account}` })
    for (const account of [one, two])
      t.equal((await s3.http({ url: '/shared-name/k', headers: signed({ account }) })).body, `of ${account}`)
    t.equal(codeOf(await s3.http({ url: '/shared-name/k', headers: signed({ account: '333333333333' }) })), 'NoSuchBucket')
    await s3.http({ method: 'DELETE', url: '/shared-name/k', headers: signed({ account: one }) })
    t.equal((await s3.http({ method: 'DELETE', url: '/shared-name', headers: signed({ account: one }) })).status, 204)
    t.equal((await s3.http({ url: '/shared-name/k', headers: signed({ account: two }) })).status, 200, 'the other is untouched')
  })
})

t.test('access points', async t => {
  const start = async (t: Parameters<typeof startS3>[0]) => {
    const s3 = await startTwoRegions(t)
    const control = s3.service<Control>('s3control')
    const made = await control.createAccessPoint({ AccountId: '000000000000', Name: 'my-point', Bucket: 'data' })
    return { s3, alias: made.Alias ?? '', arn: made.AccessPointArn ?? '' }
  }

  t.test('refuses: one that is not there', async t => {
    const { s3 } = await start(t)
    const host = 'none-000000000000.s3-accesspoint.us-east-1.localhost:4566'
    t.equal(codeOf(await s3.http({ url: '/k', headers: { host } })), 'NoSuchAccessPoint')
    const wrong = await s3.http({ url: '/k', headers: { host: 'my-point-111111111111.localhost:4566' } })
    t.equal(codeOf(wrong), 'NoSuchBucket', 'a name without the words of an access point may be a bucket’s')
    await refuses(t, s3.client.getObject({ Bucket: 'arn:aws:s3:us-east-1:000000000000:accesspoint/none', Key: 'k' }), 'NoSuchAccessPoint')
  })

  t.test('behaves: one is found by its host names, its ARN and its alias', async t => {
    const { s3, alias, arn } = await start(t)
    for (const host of [
      'my-point-000000000000.s3-accesspoint.us-east-1.localhost:4566',
      'my-point-000000000000.s3-accesspoint.us-east-1.amazonaws.com',
      'my-point-000000000000.s3-accesspoint.dualstack.us-east-1.localhost:4566',
      'my-point-000000000000.s3-accesspoint-fips.us-east-1.localhost:4566',
      'my-point-000000000000.s3-accesspoint-fips.dualstack.us-east-1.localhost:4566',
      // What the SDKs make of an ARN and an endpoint of one's own.
      'my-point-000000000000.localhost:4566',
      `${alias}.localhost:4566`,
      `${alias}.s3.us-east-1.localhost:4566`,
    ])
      t.equal((await s3.http({ url: '/k', headers: { host } })).body, 'in data', host)
    t.equal((await s3.http({ url: `/${alias}/k` })).body, 'in data')
    t.equal((await s3.http({ url: `/${encodeURIComponent(arn)}/k` })).body, 'in data')
    t.equal((await s3.client.headBucket({ Bucket: alias })).AccessPointAlias, true)
    t.equal((await s3.client.headBucket({ Bucket: 'data' })).AccessPointAlias, false)
  })

  t.test('wire: every data operation takes one for a bucket', async t => {
    const { s3 } = await start(t)
    const host = 'my-point-000000000000.s3-accesspoint.us-east-1.localhost:4566'
    const send = (method: string, url: string, body?: string) => s3.http({ method, url, headers: { host }, ...(body && { body }) })
    t.equal((await send('PUT', '/new', 'x')).status, 200)
    t.equal((await send('HEAD', '/new')).status, 200)
    t.match((await send('GET', '/?list-type=2')).body, '<Key>new</Key>')
    t.equal((await send('PUT', '/new?tagging', '<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>')).status, 200)
    t.match((await send('POST', '/big?uploads')).body, '<UploadId>')
    t.equal((await send('DELETE', '/new')).status, 204)
    t.equal((await s3.http({ url: '/k', headers: { host, ...signed({ region: 'eu-west-1' }) } })).status, 400, 'signed for another region')
  })
})
