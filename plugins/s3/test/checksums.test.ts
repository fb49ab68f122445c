import { createHash, randomBytes } from 'node:crypto'
import { CHECKSUM_ALGORITHMS as ALGORITHMS, checksumOf, loadChecksum } from '@ministack/gateway/protocol'
import t from 'tap'
import { refuses, startS3 } from './kit.js'

const K = { Bucket: 'data', Key: 'k' }

t.test('every checksum is verified, kept and told', async t => {
  const { client } = await startS3(t)
  const Body = randomBytes(100_000)
  for (const algorithm of ALGORITHMS) {
    await loadChecksum(algorithm)
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

t.test('names of algorithms that there aren’t are refused on the wire', async t => {
  const { http } = await startS3(t)
  const put = (headers: Record<string, string>) => http({ method: 'PUT', url: '/data/k', headers, body: 'hello' })
  t.match(await put({ 'x-amz-checksum-crc7': 'NhCmhg==' }), {
    status: 400,
    body: '<Code>InvalidRequest</Code><Message>The algorithm type you specified in x-amz-checksum- header is invalid.</Message>',
  })
  t.match(await put({ 'x-amz-sdk-checksum-algorithm': 'CRC7', 'x-amz-checksum-crc32': 'NhCmhg==' }), {
    status: 400,
    body: '<Code>InvalidRequest</Code><Message>Value for x-amz-sdk-checksum-algorithm header is invalid.</Message>',
  })
  t.equal((await put({ 'x-amz-sdk-checksum-algorithm': 'CRC32', 'x-amz-checksum-crc32': 'NhCmhg==' })).status, 200)
  t.equal((await put({ 'x-amz-checksum-algorithm': 'CRC32' })).status, 200, 'no value of a checksum')
})

t.test('a signed digest that is neither a digest nor one of the words for none is refused', async t => {
  const { http } = await startS3(t)
  const message = `x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD, STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER or a valid sha256 value.`
  const fields = '<ArgumentName>x-amz-content-sha256</ArgumentName><ArgumentValue>abc</ArgumentValue>'
  for (const url of ['/data/k', '/data?tagging']) {
    const put = (digest: string) => http({ method: 'PUT', url, headers: { 'x-amz-content-sha256': digest }, body: 'hello' })
    t.match(await put('abc'), { status: 400, body: `<Code>InvalidArgument</Code><Message>${message}</Message>${fields}` })
    t.notMatch((await put('UNSIGNED-PAYLOAD')).body, 'InvalidArgument')
  }
})

t.test('xxHash is what the service computes too, most significant byte first', async t => {
  const { client } = await startS3(t)
  const put = (ChecksumAlgorithm: 'XXHASH64' | 'XXHASH3' | 'XXHASH128') => client.putObject({ ...K, Body: '', ChecksumAlgorithm })
  t.match(await put('XXHASH64'), { ChecksumXXHASH64: Buffer.from('ef46db3751d8e999', 'hex').toString('base64') })
  t.match(await put('XXHASH3'), { ChecksumXXHASH3: Buffer.from('2d06800538d394c2', 'hex').toString('base64') })
  t.match(await put('XXHASH128'), { ChecksumXXHASH128: Buffer.from('99aa06d3014798d86001c324468d497f', 'hex').toString('base64') })
})

t.test('every checksum may come in a trailer', async t => {
  const { client, http } = await startS3(t)
  for (const algorithm of ALGORITHMS) {
    await loadChecksum(algorithm)
    const name = `x-amz-checksum-${algorithm.toLowerCase()}`
    const put = (value: string) =>
      http({
        method: 'PUT',
        url: '/data/k',
        headers: {
          'content-encoding': 'aws-chunked',
          'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
          'x-amz-decoded-content-length': '5',
          'x-amz-trailer': name,
        },
        body: `5\r\nhello\r\n0\r\n${name}:${value}\r\n\r\n`,
      })
    const value = checksumOf(algorithm, Buffer.from('hello'))
    const { status, headers } = await put(value)
    t.equal(status, 200, algorithm)
    t.equal(headers[name], value)
    const refused = await put(checksumOf(algorithm, Buffer.from('other')))
    t.match(refused.body, `<Code>BadDigest</Code><Message>The ${algorithm} you specified did not match the calculated checksum.</Message>`)
    t.match(await client.headObject({ ...K, ChecksumMode: 'ENABLED' }), { [`Checksum${algorithm}`]: value })
    t.equal((await client.headObject(K))[`Checksum${algorithm}`], undefined)
  }
})

t.test('an upload in parts has a composite checksum of every algorithm but CRC64NVME, a full one of CRCs alone', async t => {
  const { client } = await startS3(t)
  for (const algorithm of ALGORITHMS) {
    await loadChecksum(algorithm)
    const member = `Checksum${algorithm}` as const
    const begin = (ChecksumType: 'COMPOSITE' | 'FULL_OBJECT') =>
      client.createMultipartUpload({ ...K, ChecksumAlgorithm: algorithm, ChecksumType })
    if (!algorithm.startsWith('CRC')) {
      await refuses(t, begin('FULL_OBJECT'), 'InvalidRequest', {
        message: `The FULL_OBJECT checksum type cannot be used with the ${algorithm.toLowerCase()} checksum algorithm.`,
      })
    }
    if (algorithm === 'CRC64NVME') continue
    const { UploadId } = await begin('COMPOSITE')
    const sum = checksumOf(algorithm, Buffer.from('part'))
    const part = { ...K, UploadId, PartNumber: 1, Body: 'part' }
    await refuses(t, client.uploadPart({ ...part, [member]: checksumOf(algorithm, Buffer.from('other')) }), 'BadDigest')
    const { ETag } = await client.uploadPart({ ...part, [member]: sum })
    const Parts = [{ PartNumber: 1, ETag, [member]: sum }]
    const done = await client.completeMultipartUpload({ ...K, UploadId, MultipartUpload: { Parts } })
    const composite = `${checksumOf(algorithm, Buffer.from(sum, 'base64'))}-1`
    t.match(done, { [member]: composite, ChecksumType: 'COMPOSITE' })
    t.match(await client.getObjectAttributes({ ...K, ObjectAttributes: ['Checksum', 'ObjectParts'] }), {
      Checksum: { [member]: composite, ChecksumType: 'COMPOSITE' },
      ObjectParts: { Parts: [{ PartNumber: 1, [member]: sum }] },
    })
    t.match(await client.copyObject({ Bucket: 'data', Key: 'copy', CopySource: 'data/k', ChecksumAlgorithm: algorithm }), {
      CopyObjectResult: { [member]: sum, ChecksumType: 'FULL_OBJECT' },
    })
  }
})

t.test('a part that is copied has the checksum of its upload', async t => {
  const { client } = await startS3(t)
  const { UploadId } = await client.createMultipartUpload({ ...K, ChecksumAlgorithm: 'XXHASH64' })
  await client.putObject({ Bucket: 'data', Key: 'source', Body: 'part' })
  const { CopyPartResult } = await client.uploadPartCopy({ ...K, UploadId, PartNumber: 1, CopySource: 'data/source' })
  await loadChecksum('XXHASH64')
  t.equal(CopyPartResult?.ChecksumXXHASH64, checksumOf('XXHASH64', Buffer.from('part')))
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
