import { createHmac } from 'node:crypto'
import { CHECKSUM_ALGORITHMS, checksumOf, loadChecksum } from '@ministack/gateway/protocol'
import t from 'tap'
import { textOf } from './kit.js'
import { BOUNDARY, form, signed, startPost as start } from './post-kit.js'

const B = { Bucket: 'data' }

t.test('an upload by form is refused in S3’s words', async t => {
  const { post } = await start(t, true)
  const refuse = async (body: string, status: number, ...texts: string[]) => {
    const answer = await post(body)
    t.equal(answer.status, status, answer.body)
    for (const text of texts) t.match(answer.body, text)
  }
  t.match(
    (await post('x', { 'content-type': 'text/plain' })).body,
    '<Condition>Bucket POST must be of the enclosure-type multipart/form-data</Condition>',
  )
  await refuse(
    form({ acl: 'private' }),
    400,
    "Bucket POST must contain a field named 'key'.  If it is specified, please check the order of the fields.",
    '<ArgumentName>key</ArgumentName>',
  )
  await refuse(form({ key: 'k' }, null), 400, 'POST requires exactly one file upload per request.', '<ArgumentValue>0</ArgumentValue>')
  await refuse(form({ key: 'k' }), 403, '<Code>AccessDenied</Code>')
  await refuse(form({ key: 'k', policy: 'e30=' }), 400, "Bucket POST must contain a field named 'X-Amz-Algorithm'.")
  await refuse(form(signed({ key: 'k' }, { secret: 'wrong' })), 403, '<Code>SignatureDoesNotMatch</Code>')
  await refuse(form(signed({ key: 'k' }, { expiration: '2025-12-31T23:59:59Z' })), 403, 'Invalid according to Policy: Policy expired.')
  await refuse(
    form(signed({ key: 'k' }, { conditions: [['eq', '$key', 'other']] })),
    403,
    'Invalid according to Policy: Policy Condition failed: [&quot;eq&quot;, &quot;$key&quot;, &quot;other&quot;]',
  )
  await refuse(
    form(signed({ key: 'k', 'x-amz-meta-a': 'b' }, { conditions: [{ key: 'k' }] })),
    403,
    'Invalid according to Policy: Extra input fields: x-amz-meta-a',
  )
  await refuse(
    form(signed({ key: 'k' }, { conditions: [{ key: 'k' }, ['content-length-range', 1, 4]] })),
    400,
    '<Code>EntityTooLarge</Code>',
    '<MaxSizeAllowed>4</MaxSizeAllowed>',
  )
  await refuse(
    form(signed({ key: 'k' }, { conditions: [{ key: 'k' }, ['content-length-range', 6, 10]] })),
    400,
    '<Code>EntityTooSmall</Code>',
    '<MinSizeAllowed>6</MinSizeAllowed>',
  )
  await refuse(form({ ...signed({ key: 'k' }), policy: Buffer.from('{').toString('base64') }), 403, 'SignatureDoesNotMatch')
  await refuse(form({ 'x-ignore-it': 'x'.repeat(21 * 1024), key: 'k' }), 400, '<Code>MaxPostPreDataLengthExceededError</Code>')
})

t.test('an upload by form', async t => {
  t.test('makes an object with what its fields say', async t => {
    const { client, post } = await start(t, true)
    const fields = {
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the placeholder is S3's own.
      key: 'up/${filename}',
      'Content-Type': 'image/png',
      'x-amz-meta-colour': 'red',
      'Cache-Control': 'no-cache',
      tagging: '<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>',
      success_action_status: '201',
    }
    const conditions = [
      ['starts-with', '$key', 'up/'],
      ['starts-with', '$Content-Type', 'image/'],
      { 'x-amz-meta-colour': 'red' },
      ['starts-with', '$Cache-Control', ''],
      ['starts-with', '$tagging', ''],
      { success_action_status: '201' },
      ['content-length-range', 0, 100],
    ]
    const answer = await post(form(signed(fields, { conditions })))
    t.equal(answer.status, 201, answer.body)
    t.equal(
      answer.body,
      '<?xml version="1.0" encoding="UTF-8"?>\n<PostResponse><Location>http://localhost:4566/data/up%2Fcat.png</Location><Bucket>data</Bucket><Key>up/cat.png</Key><ETag>&quot;5d41402abc4b2a76b9719d911017c592&quot;</ETag></PostResponse>',
    )
    t.match(answer.headers, { location: 'http://localhost:4566/data/up%2Fcat.png', etag: '"5d41402abc4b2a76b9719d911017c592"' })
    const got = await client.getObject({ ...B, Key: 'up/cat.png' })
    t.match(got, { ContentType: 'image/png', Metadata: { colour: 'red' }, CacheControl: 'no-cache', TagCount: 1 })
    t.equal(await textOf(got), 'hello')
  })

  t.test('may bring text in the place of a file', async t => {
    const { client, post } = await start(t)
    const text = form(signed({ key: 'k' })).replace(/; filename=.*\r\nContent-Type: .*/, '')
    t.notMatch(text, 'filename=')
    t.equal((await post(text)).status, 204)
    t.equal(await textOf(await client.getObject({ ...B, Key: 'k' })), 'hello')
  })

  t.test('answers 204, 200 or a redirect', async t => {
    const { post } = await start(t)
    t.equal((await post(form(signed({ key: 'k' })))).status, 204)
    t.equal((await post(form(signed({ key: 'k', success_action_status: '200' })))).status, 200)
    const to = await post(form(signed({ key: 'k', success_action_redirect: 'http://a.example/done?x=1' })))
    t.match(
      { status: to.status, location: to.headers.location },
      { status: 303, location: 'http://a.example/done?x=1&bucket=data&key=k&etag=%225d41402abc4b2a76b9719d911017c592%22' },
    )
  })

  t.test('may go to the bucket’s own host', async t => {
    const { s3 } = await start(t)
    const headers = { host: 'data.s3.localhost:4566', 'content-type': `multipart/form-data; boundary=${BOUNDARY}` }
    const bare = Object.getPrototypeOf(s3) as typeof s3
    const answer = await bare.http({ method: 'POST', url: '/', headers, body: form(signed({ key: 'k' })) })
    t.match({ status: answer.status, location: answer.headers.location }, { status: 204, location: 'http://data.s3.localhost:4566/k' })
  })

  t.test('may be signed as of old', async t => {
    const { client, post } = await start(t, true)
    const policy = Buffer.from(
      JSON.stringify({ expiration: '2026-01-01T01:00:00Z', conditions: [{ bucket: 'data' }, { key: 'k' }] }),
    ).toString('base64')
    const signature = createHmac('sha1', 'test').update(policy).digest('base64')
    t.equal((await post(form({ key: 'k', AWSAccessKeyId: 'test', policy, signature }))).status, 204)
    t.equal((await post(form({ key: 'k', AWSAccessKeyId: 'test', policy, signature: 'AAAA' }))).status, 403)
    t.equal(await textOf(await client.getObject({ ...B, Key: 'k' })), 'hello')
  })

  t.test('may be anonymous where everyone may write', async t => {
    const { client, post } = await start(t)
    await client.deletePublicAccessBlock(B)
    await client.putBucketPolicy({
      ...B,
      Policy: JSON.stringify({ Statement: { Effect: 'Allow', Principal: '*', Action: 's3:PutObject', Resource: 'arn:aws:s3:::data/*' } }),
    })
    t.equal((await post(form({ key: 'k' }))).status, 204)
  })
})

t.test('a form may bring any checksum, and one that is wrong is refused', async t => {
  const { client, post } = await start(t)
  for (const algorithm of CHECKSUM_ALGORITHMS) {
    await loadChecksum(algorithm)
    const name = `x-amz-checksum-${algorithm.toLowerCase()}`
    const sent = (text: string) => post(form(signed({ key: 'k', [name]: checksumOf(algorithm, Buffer.from(text)) })))
    t.equal((await sent('hello')).status, 204, algorithm)
    const { [`Checksum${algorithm}` as const]: kept } = await client.headObject({ ...B, Key: 'k', ChecksumMode: 'ENABLED' })
    t.equal(kept, checksumOf(algorithm, Buffer.from('hello')))
    t.match((await sent('other')).body, '<Code>BadDigest</Code>')
  }
})
