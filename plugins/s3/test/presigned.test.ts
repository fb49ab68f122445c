import { createHash, createHmac } from 'node:crypto'
import t from 'tap'
import { startS3 } from './kit.js'

const SCOPE = '20260101/us-east-1/s3/aws4_request'

/** A URL presigned by SigV4, made step by step as AWS's documentation has it. */
function presign4(method: string, path: string, seconds: number, secret = 'test', host = 'localhost:4566'): string {
  const query = `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${encodeURIComponent(`test/${SCOPE}`)}&X-Amz-Date=20260101T000000Z&X-Amz-Expires=${seconds}&X-Amz-SignedHeaders=host`
  const request = `${method}\n${path}\n${query}\nhost:${host}\n\nhost\nUNSIGNED-PAYLOAD`
  const toSign = `AWS4-HMAC-SHA256\n20260101T000000Z\n${SCOPE}\n${createHash('sha256').update(request).digest('hex')}`
  let key: Buffer = Buffer.from(`AWS4${secret}`)
  for (const part of SCOPE.split('/')) key = createHmac('sha256', key).update(part).digest()
  return `${path}?${query}&X-Amz-Signature=${createHmac('sha256', key).update(toSign).digest('hex')}`
}

/** The same by SigV2. */
function presign2(method: string, path: string, expires: number, secret = 'test'): string {
  const signature = createHmac('sha1', secret).update(`${method}\n\n\n${expires}\n${path}`).digest('base64')
  return `${path}?AWSAccessKeyId=test&Expires=${expires}&Signature=${encodeURIComponent(signature)}`
}

const NOW = Date.parse('2026-01-01T00:00:00Z') / 1000

t.test('presigned URLs', async t => {
  for (const verifySignatures of [false, true]) {
    t.test(
      verifySignatures ? 'are checked to the letter where signatures are verified' : 'end when they say, whatever else is verified',
      async t => {
        const s3 = await startS3(t, { config: { verifySignatures } })
        const bare = Object.getPrototypeOf(s3) as typeof s3
        await s3.client.putObject({ Bucket: 'data', Key: 'a b', Body: 'hello' })
        const get = (url: string, headers = {}) => bare.http({ url, headers })
        t.equal((await get(presign4('GET', '/data/a%20b', 60))).body, 'hello')
        t.equal((await get(presign2('GET', '/data/a%20b', NOW + 60))).body, 'hello')
        t.equal(
          (await get(presign4('GET', '/a%20b', 60, 'test', 'data.s3.localhost:4566'), { host: 'data.s3.localhost:4566' })).body,
          'hello',
        )
        const put = await bare.http({ method: 'PUT', url: presign4('PUT', '/data/new', 60), body: 'new' })
        t.equal(put.status, 200)
        if (verifySignatures) {
          for (const url of [
            presign4('GET', '/data/a%20b', 60, 'wrong'),
            presign2('GET', '/data/a%20b', NOW + 60, 'wrong'),
            presign4('PUT', '/data/a%20b', 60),
          ]) {
            const refused = await get(url)
            t.equal(refused.status, 403)
            t.match(refused.body, '<Code>SignatureDoesNotMatch</Code>')
          }
        }
        const late4 = presign4('GET', '/data/a%20b', 60)
        const late2 = presign2('GET', '/data/a%20b', NOW + 60)
        await s3.clock.advance(60_000)
        for (const url of [late4, late2]) {
          const refused = await get(url)
          t.equal(refused.status, 403)
          t.match(refused.body, '<Code>AccessDenied</Code><Message>Request has expired</Message>')
          t.match(refused.body, '<Expires>2026-01-01T00:01:00')
        }
      },
    )
  }
})

t.test('requests signed by SigV2 as botocore does it, with a slash after the bucket', async t => {
  const s3 = await startS3(t, { config: { verifySignatures: true } })
  const bare = Object.getPrototypeOf(s3) as typeof s3
  const date = 'Thu, 01 Jan 2026 00:00:00 GMT'
  for (const [resource, secret, status] of [
    ['/data/', 'test', 200],
    ['/data', 'test', 200],
    ['/data/', 'wrong', 403],
  ] as const) {
    const signature = createHmac('sha1', secret).update(`GET\n\n\n${date}\n${resource}`).digest('base64')
    t.equal(
      (await bare.http({ url: '/data', headers: { date, authorization: `AWS test:${signature}` } })).status,
      status,
      `${resource} ${secret}`,
    )
  }
})
