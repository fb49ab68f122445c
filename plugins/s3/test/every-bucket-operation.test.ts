import t from 'tap'
import { codeOf, signed, startS3, visit } from './kit.js'

const OTHER = '222222222222'
const ID = 'id=one'

/** The operations on a bucket by what tells them apart on the wire. */
const REQUESTS: readonly (readonly [method: string, query: string])[] = [
  ['HEAD', ''],
  ['DELETE', ''],
  ['GET', 'location'],
  ...['abac', 'accelerate', 'acl', 'requestPayment', 'versioning', 'logging', 'notification', 'object-lock'].flatMap(
    query =>
      [
        ['GET', query],
        ['PUT', query],
      ] as const,
  ),
  ...['cors', 'encryption', 'lifecycle', 'ownershipControls', 'policy', 'publicAccessBlock', 'replication', 'tagging', 'website'].flatMap(
    query =>
      [
        ['GET', query],
        ['PUT', query],
        ['DELETE', query],
      ] as const,
  ),
  ['GET', 'policyStatus'],
  ...['analytics', 'intelligent-tiering', 'inventory', 'metrics'].flatMap(
    query =>
      [
        ['GET', query],
        ['GET', `${query}&${ID}`],
        ['PUT', `${query}&${ID}`],
        ['DELETE', `${query}&${ID}`],
      ] as const,
  ),
  ['GET', 'list-type=2'],
  ['GET', 'prefix=a'],
  ['GET', 'versions'],
  ['GET', 'uploads'],
]

t.test('every operation on a bucket', async t => {
  const s3 = await startS3(t)
  await s3.http({ method: 'PUT', url: '/other' })
  const send = (bucket: string, method: string, query: string, headers: Record<string, string> = {}) =>
    s3.http({ method, url: `/${bucket}?${query}`, headers: { ...headers } })

  for (const [method, query] of REQUESTS) {
    const name = `${method} ?${query}`
    const location = query === 'location'
    const error = (response: Awaited<ReturnType<typeof send>>) => [response.status, method === 'HEAD' ? undefined : codeOf(response)]
    const code = (text: string) => (method === 'HEAD' ? undefined : text)

    t.test(`refuses: ${name}`, async t => {
      t.same(error(await send('nowhere', method, query)), [404, code('NoSuchBucket')], 'a bucket that isn’t there')
      t.same(error(await send('data', method, query, signed({ account: OTHER }))), [403, code('AccessDenied')], 'another account')
      t.equal((await visit(s3, { method, url: `/data?${query}` })).status, 403, 'nobody')
      const expecting = (owner: string) => send('data', method, query, { 'x-amz-expected-bucket-owner': owner })
      t.same(error(await expecting(OTHER)), [403, code('AccessDenied')], 'another owner than expected')
      t.same(error(await expecting('me')), [400, code('InvalidBucketOwnerAWSAccountID')])
      const away = await send('data', method, query, signed({ region: 'eu-west-1' }))
      if (!location)
        t.same([error(away), away.headers['x-amz-bucket-region']], [[301, code('PermanentRedirect')], 'us-east-1'], 'another region')
    })
  }
})
