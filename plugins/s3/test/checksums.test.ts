import { createHash, randomBytes } from 'node:crypto'
import { checksumOf } from '@ministack/gateway/protocol'
import t from 'tap'
import { refuses, startS3 } from './kit.js'

const K = { Bucket: 'data', Key: 'k' }
const ALGORITHMS = ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256', 'SHA512', 'MD5'] as const

t.test('every checksum is verified, kept and told', async t => {
  const { client } = await startS3(t)
  const Body = randomBytes(100_000)
  for (const algorithm of ALGORITHMS) {
    const member = `Checksum${algorithm}`
    const value = checksumOf(algorithm, Body)
    t.match(await client.putObject({ ...K, Body, [member]: value }), { [member]: value, ChecksumType: 'FULL_OBJECT' })
    t.match(await client.headObject({ ...K, ChecksumMode: 'ENABLED' }), { [member]: value })
    t.same((await client.listObjectsV2({ Bucket: 'data' })).Contents?.[0]?.ChecksumAlgorithm, [algorithm])
    t.match(await client.getObjectAttributes({ ...K, ObjectAttributes: ['Checksum'] }), {
      Checksum: { [member]: value, ChecksumType: 'FULL_OBJECT' },
    })
    await refuses(t, client.putObject({ ...K, Body, [member]: checksumOf(algorithm, Buffer.from('other')) }), 'BadDigest', {
      message: `The ${algorithm} you specified did not match the calculated checksum.`,
      status: 400,
    })
    await refuses(t, client.putObject({ ...K, Body, [member]: 'short' }), 'InvalidRequest', {
      message: `Value for x-amz-checksum-${algorithm.toLowerCase()} header is invalid.`,
    })
  }
})

t.test('two checksums at once are refused', async t => {
  const { client } = await startS3(t)
  await refuses(t, client.putObject({ ...K, Body: 'hello', ChecksumCRC32: 'NhCmhg==', ChecksumSHA1: 'x' }), 'InvalidRequest', {
    message: 'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.',
  })
})

t.test('an algorithm without a value is refused on the wire', async t => {
  const { http } = await startS3(t)
  const { status, body } = await http({ method: 'PUT', url: '/data/k', headers: { 'x-amz-sdk-checksum-algorithm': 'SHA256' }, body: 'x' })
  t.equal(status, 400)
  t.match(body, 'x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.')
})

t.test('an algorithm that is not there is refused by name', async t => {
  const { client } = await startS3(t)
  await refuses(t, client.putObject({ ...K, Body: 'x', ChecksumAlgorithm: 'XXHASH3' }), 'NotImplemented', { status: 501 })
})

t.test('a copy has its source’s checksum, or the one that is asked for', async t => {
  const { client } = await startS3(t)
  const Body = randomBytes(70_000)
  await client.putObject({ ...K, Body, ChecksumSHA1: checksumOf('SHA1', Body) })
  const copy = (more: object) => client.copyObject({ Bucket: 'data', Key: 'copy', CopySource: 'data/k', ...more })
  t.match(await copy({}), { CopyObjectResult: { ChecksumSHA1: checksumOf('SHA1', Body) } })
  t.match(await copy({ ChecksumAlgorithm: 'CRC32C' }), {
    CopyObjectResult: { ChecksumCRC32C: checksumOf('CRC32C', Body), ChecksumType: 'FULL_OBJECT' },
  })
})

t.test('the digest that a signature covers is compared', async t => {
  const { http } = await startS3(t)
  const put = (sha256: string) => http({ method: 'PUT', url: '/data/k', headers: { 'x-amz-content-sha256': sha256 }, body: 'hello' })
  t.equal((await put(createHash('sha256').update('hello').digest('hex'))).status, 200)
  t.equal((await put('UNSIGNED-PAYLOAD')).status, 200)
  const { status, body } = await put('0'.repeat(64))
  t.equal(status, 400)
  t.match(
    body,
    "<Code>XAmzContentSHA256Mismatch</Code><Message>The provided 'x-amz-content-sha256' header does not match what was computed.</Message>",
  )
  t.match(body, `<ClientComputedContentSHA256>${'0'.repeat(64)}</ClientComputedContentSHA256>`)
})

t.test('a body that is shorter than it says leaves nothing', async t => {
  const { client, http } = await startS3(t)
  const { status, body } = await http({
    method: 'PUT',
    url: '/data/k',
    headers: {
      'content-encoding': 'aws-chunked',
      'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
      'x-amz-decoded-content-length': '10',
    },
    body: '5\r\nhello\r\n0\r\n\r\n',
  })
  t.equal(status, 400)
  t.match(body, '<Code>IncompleteBody</Code>')
  await refuses(t, client.headObject(K), 'NotFound')
})
