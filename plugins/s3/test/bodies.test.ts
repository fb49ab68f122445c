import { createHash, randomBytes } from 'node:crypto'
import { checksumOf } from '@ministack/gateway/protocol'
import t from 'tap'
import { startS3, textOf } from './kit.js'

const LIMIT = 64 * 1024
const md5 = (bytes: Uint8Array) => createHash('md5').update(bytes)

/** The bytes as `aws-chunked` in chunks of 1,000, with a CRC-32 in the trailer. */
function chunked(bytes: Buffer, checksum: string): { headers: Record<string, string>; body: Buffer } {
  const parts: (string | Buffer)[] = []
  for (let at = 0; at < bytes.length; at += 1000) {
    const chunk = bytes.subarray(at, at + 1000)
    parts.push(`${chunk.length.toString(16)}\r\n`, chunk, '\r\n')
  }
  parts.push(`0\r\nx-amz-checksum-crc32:${checksum}\r\n\r\n`)
  const headers = {
    'content-encoding': 'aws-chunked',
    'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
    'x-amz-decoded-content-length': String(bytes.length),
    'x-amz-trailer': 'x-amz-checksum-crc32',
  }
  return { headers, body: Buffer.concat(parts.map(part => Buffer.from(part))) }
}

for (const persist of [false, true]) {
  t.test(`a body is taken to the byte around the size that is read in one piece${persist ? ', where all are kept' : ''}`, async t => {
    const { client, http } = await startS3(t, persist ? { config: { s3Persist: true, s3DataDir: t.testdir() } } : {})
    for (const size of [0, 1, 1000, LIMIT - 1, LIMIT, LIMIT + 1, 3 * LIMIT]) {
      const bytes = randomBytes(size)
      const etag = `"${md5(bytes).digest('hex')}"`
      const whole = { 'x-amz-checksum-crc32': checksumOf('CRC32', bytes), 'content-md5': md5(bytes).digest('base64') }
      const signed = { 'x-amz-content-sha256': createHash('sha256').update(bytes).digest('hex') }
      for (const request of [
        { headers: {}, body: bytes },
        { headers: whole, body: bytes },
        { headers: signed, body: bytes },
        chunked(bytes, checksumOf('CRC32', bytes)),
      ]) {
        const { status, headers } = await http({ method: 'PUT', url: '/data/k', ...request })
        t.strictSame([status, headers.etag], [200, etag], `${size} bytes`)
        const got = await http({ url: '/data/k' })
        t.ok(Buffer.from(got.bytes).equals(bytes), `${size} bytes come back`)
      }
      t.equal((await client.headObject({ Bucket: 'data', Key: 'k' })).ContentLength, size)
    }
  })
}

t.test('a body with other digests than it says leaves the object as it was', async t => {
  const { client, http } = await startS3(t)
  await client.putObject({ Bucket: 'data', Key: 'k', Body: 'before' })
  for (const size of [100, 2 * LIMIT]) {
    const bytes = randomBytes(size)
    const other = randomBytes(10)
    const refusals = [
      [{ headers: { 'x-amz-checksum-crc32': checksumOf('CRC32', other) }, body: bytes }, 'BadDigest'],
      [{ headers: { 'content-md5': md5(other).digest('base64') }, body: bytes }, 'BadDigest'],
      [{ headers: { 'x-amz-content-sha256': '0'.repeat(64) }, body: bytes }, 'XAmzContentSHA256Mismatch'],
      [chunked(bytes, checksumOf('CRC32', other)), 'BadDigest'],
    ] as const
    for (const [request, code] of refusals) {
      const { status, body } = await http({ method: 'PUT', url: '/data/k', ...request })
      t.equal(status, 400)
      t.match(body, `<Code>${code}</Code>`, `${size} bytes`)
    }
  }
  t.equal(await textOf(await client.getObject({ Bucket: 'data', Key: 'k' })), 'before')
})

t.test('a checksum may come without its padding, and must be nothing else', async t => {
  const { http } = await startS3(t)
  const put = (checksum: string) => http({ method: 'PUT', url: '/data/k', headers: { 'x-amz-checksum-crc32': checksum }, body: 'hello' })
  t.equal((await put('NhCmhg==')).status, 200)
  for (const wrong of ['NhCmhh==', 'NhCm!hg==', 'NhCmhg===', 'NhCmhgA=', '']) {
    const { status, body } = await put(wrong)
    t.equal(status, 400, wrong)
    t.match(body, '<Code>InvalidRequest</Code>', wrong)
  }
})

t.test('a long list is whole, whatever its keys are', async t => {
  const { client, http } = await startS3(t)
  const keys = Array.from({ length: 1000 }, (_, n) => `${String(n).padStart(4, '0')} <é & 🙂>`)
  for (const Key of keys) await client.putObject({ Bucket: 'data', Key, Body: '' })
  const { body } = await http({ url: '/data?list-type=2' })
  t.match(body, /^<\?xml [^>]*>\n<ListBucketResult [\s\S]*<\/ListBucketResult>$/)
  t.strictSame(
    [...body.matchAll(/<Contents><Key>([^<]*)<\/Key>.*?<\/Contents>/g)].map(match => match[1]),
    keys.map(key => key.replace('&', '&amp;').replace('<', '&lt;').replace('>', '&gt;')),
  )
})
