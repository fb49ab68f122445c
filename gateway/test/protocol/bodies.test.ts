import { Readable } from 'node:stream'
import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import t from 'tap'
import { AwsError } from '../../src/authoring/errors.js'
import { decodeBody, inflateBody } from '../../src/protocol/index.js'

/** A body in pieces of a size. */
function pieces(body: string | Buffer, size: number): Readable {
  const bytes = Buffer.from(body)
  return Readable.from(
    (function* () {
      for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
    })(),
  )
}

async function decoded(
  headers: Record<string, string>,
  body: string | Buffer,
  size = 7,
): Promise<{ body: string; trailers: object | undefined }> {
  const result = decodeBody(headers, pieces(body, size))
  const bytes = Buffer.concat(await result.stream.toArray())
  return { body: bytes.toString(), trailers: result.trailers && { ...result.trailers } }
}

const SIGNED = { 'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD', 'x-amz-decoded-content-length': '11' }
const UNSIGNED = { 'content-encoding': 'aws-chunked', 'x-amz-decoded-content-length': '11', 'x-amz-trailer': 'x-amz-checksum-crc32' }

t.test('signed chunks and unsigned ones with trailers are taken apart, however they are cut', async t => {
  const signature = 'a'.repeat(64)
  const signed = `5;chunk-signature=${signature}\r\nhello\r\n6;chunk-signature=${signature}\r\n\r\nworl\r\n0;chunk-signature=${signature}\r\n\r\n`
  const unsigned = 'b\r\nhello world\r\n0\r\nx-amz-checksum-crc32:DUoRhQ==\r\n\r\n'
  for (const size of [1, 2, 3, 50, 1000]) {
    t.strictSame(await decoded(SIGNED, signed, size), { body: 'hello\r\nworl', trailers: {} })
    t.strictSame(await decoded(UNSIGNED, unsigned, size), { body: 'hello world', trailers: { 'x-amz-checksum-crc32': 'DUoRhQ==' } })
  }
  t.strictSame(await decoded({}, 'as it is'), { body: 'as it is', trailers: undefined })
})

t.test('what is no such body is refused', async t => {
  const whole = 'b\r\nhello world\r\n0\r\nx-amz-checksum-crc32:DUoRhQ==\r\n\r\n'
  await t.rejects(decoded(UNSIGNED, 'hello'), { code: 'IncompleteBody' })
  await t.rejects(decoded(UNSIGNED, 'zz\r\nhello world\r\n0\r\n\r\n'), { code: 'InvalidRequest' })
  await t.rejects(decoded(UNSIGNED, 'b\r\nhello worldX\r\n0\r\n\r\n'), { code: 'InvalidRequest' })
  await t.rejects(decoded(UNSIGNED, whole.slice(0, 12)), { code: 'IncompleteBody' })
  await t.rejects(decoded({ ...UNSIGNED, 'x-amz-decoded-content-length': '12' }, whole), { code: 'IncompleteBody' })
  await t.rejects(decoded({ ...UNSIGNED, 'x-amz-decoded-content-length': '3' }, whole), { code: 'IncompleteBody' })
  await t.rejects(decoded(UNSIGNED, 'b\r\nhello world\r\n0\r\n\r\n'), { code: 'MalformedTrailerError' })
  await t.rejects(decoded(UNSIGNED, 'b\r\nhello world\r\n0\r\nno colon\r\n\r\n'), { code: 'MalformedTrailerError' })
  await t.rejects(decoded(UNSIGNED, `${whole}more`), { code: 'InvalidRequest' })
  await t.rejects(decoded(UNSIGNED, 'b;'.padEnd(100_000, 'x'), 1000), { code: 'InvalidRequest' })
  t.throws(() => decodeBody({ ...UNSIGNED, 'x-amz-decoded-content-length': '-1' }, pieces('', 1)), { code: 'InvalidArgument' })
})

t.test('an error of the source is an error of the body', async t => {
  const source = new Readable({
    read() {
      this.destroy(new Error('hung up'))
    },
  })
  await t.rejects(decodeBody(UNSIGNED, source).stream.toArray(), { message: 'hung up' })
})

t.test('any bytes are taken apart or refused, and never more', async () => {
  await fc.assert(
    fc.asyncProperty(fc.stringMatching(/^[0-9ab\r\n;:x]*$/), async body => {
      try {
        await decoded({ 'content-encoding': 'aws-chunked' }, body, 3)
      } catch (error) {
        if (!(error instanceof AwsError)) throw error
      }
    }),
    { seed: 6, numRuns: 500 },
  )
})

t.test('compressed bodies are inflated up to a limit', async t => {
  const body = Buffer.from('hello')
  for (const [encoding, bytes] of [
    ['gzip', gzipSync(body)],
    ['deflate', deflateSync(body)],
    ['deflate', deflateRawSync(body)],
    ['identity', body],
  ] as const) {
    t.strictSame(await inflateBody({ 'content-encoding': encoding }, bytes, 100), body, encoding)
  }
  t.strictSame(await inflateBody({ 'content-encoding': 'gzip, gzip' }, gzipSync(gzipSync(body)), 100), body)
  t.equal(await inflateBody({}, body, 1), body)
  t.equal((await inflateBody({ 'content-encoding': 'gzip' }, Buffer.alloc(0), 1)).length, 0, "as CreateMultipartUpload names its object's")
  const bomb = gzipSync(Buffer.alloc(10_000_000))
  await t.rejects(inflateBody({ 'content-encoding': 'gzip' }, bomb, 100_000), { code: 'RequestEntityTooLarge', status: 413 })
  await t.rejects(inflateBody({ 'content-encoding': 'gzip' }, body, 100), { code: 'SerializationException' })
  await t.rejects(inflateBody({ 'content-encoding': 'constructor' }, body, 100), { code: 'UnsupportedMediaType', status: 415 })
})

t.test('a source that goes away before its end leaves no body hanging', async t => {
  const source = new Readable({ read() {} })
  source.push('b\r\nhello')
  const { stream } = decodeBody(UNSIGNED, source)
  setImmediate(() => source.destroy())
  await t.rejects(stream.toArray(), { code: 'IncompleteBody' })
})
