import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import type { Random } from '../../src/random.js'
import { type BadRequest, type Target, write } from './request.js'
import { allTargets, jsonTargets, xmlTargets } from './targets.js'

const TYPES = [
  '',
  'text/plain',
  'text/html',
  'application/json',
  'application/x-amz-json-9.9',
  'application/x-www-form-urlencoded',
  'multipart/form-data',
  'multipart/form-data; boundary=',
  'application/cbor',
  'application/xml',
  'application/octet-stream',
  'application/json; charset=utf-16',
  'application/json;;;',
  '/',
  'x',
  ';',
  'a/b/c',
  'application/vnd.amazon.eventstream',
  '*/*',
  'null',
  '__proto__',
  `application/${'x'.repeat(2000)}`,
  'application/x-amz-json-1.0, application/xml',
  'text/xml; charset="',
]

const SIGNATURES: readonly string[] = [
  'AWS4-HMAC-SHA256',
  'AWS4-HMAC-SHA256 ',
  'AWS4-HMAC-SHA256 Credential=',
  'AWS4-HMAC-SHA256 Credential=a',
  'AWS4-HMAC-SHA256 Credential=a/b/c, SignedHeaders=host, Signature=0',
  'AWS4-HMAC-SHA256 Credential=////, SignedHeaders=host, Signature=0',
  'AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1, SignedHeaders=host, Signature=0',
  'AWS4-HMAC-SHA256 Credential=a/b/c/d/e/f/g/h, SignedHeaders=;;, Signature=zz',
  'AWS4-HMAC-SHA256 SignedHeaders=host, Signature=0',
  'AWS4-HMAC-SHA256 Signature=',
  'AWS4-HMAC-SHA256 Credential',
  `AWS4-HMAC-SHA256 Credential=${'a'.repeat(3000)}, SignedHeaders=host, Signature=0`,
  'AWS4-HMAC-SHA256 ,,,,',
  'AWS4-HMAC-SHA256 ====',
]

/** Signatures of other kinds, for other services, or for none that there is: whose they are to answer is the router's to say. */
const STRANGE_SIGNATURES: readonly string[] = [
  'Basic dGVzdDp0ZXN0',
  'Basic',
  'Bearer x',
  'AWS',
  'AWS x',
  'AWS :',
  'AWS test:',
  'AWS4-ECDSA-P256-SHA256 Credential=a/b/c/d, SignedHeaders=host, Signature=0',
  'Digest username="x"',
  '\u00ff\u00fe',
  'null',
  '{}',
  'aws4-hmac-sha256 credential=a/20260101/us-east-1/sqs/aws4_request',
  'AWS4-HMAC-SHA512 Credential=test/20260101/us-east-1/sqs/aws4_request, SignedHeaders=host, Signature=0',
  'AWS4-HMAC-SHA256 Credential=test/99999999/us-east-1/sqs/aws4_request, SignedHeaders=host, Signature=0',
  'AWS4-HMAC-SHA256 Credential=test/20260101/not a region/sqs/aws4_request, SignedHeaders=host, Signature=0',
  'AWS4-HMAC-SHA256 Credential=__proto__/20260101/us-east-1/__proto__/aws4_request, SignedHeaders=host, Signature=0',
  'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/constructor/aws4_request, SignedHeaders=host, Signature=0',
]

/** Odd headers on good bodies, and bodies in encodings that don't hold. */
export function* badHeaders(random: Random): Generator<BadRequest> {
  for (const target of allTargets) {
    const { form } = target
    const answered = (what: string, headers: Record<string, string | undefined>, body?: Buffer): BadRequest => ({
      name: `${target.name}: ${what}`,
      send: [write(target, { headers, ...(body && { body }) })],
      expect: { kind: 'answered', form },
    })
    for (const type of TYPES) {
      // The type is what says which protocol a request speaks: another one may be answered in another form, but must be answered.
      yield {
        name: `${target.name}: content-type ${type.slice(0, 60)}`,
        send: [write(target, { headers: { 'content-type': type } })],
        expect: { kind: 'answered', form: 'any' },
      }
    }
    for (const value of [...SIGNATURES, ...STRANGE_SIGNATURES]) {
      const any: BadRequest['expect'] = { kind: 'answered', form: 'any' }
      yield { ...answered(value.slice(0, 60), { authorization: value }), expect: any }
    }
    for (const [name, value] of [
      ['x-amz-date', 'yesterday'],
      ['x-amz-date', '99999999T999999Z'],
      ['x-amz-security-token', '\u00ff'],
      ['x-amz-content-sha256', 'nope'],
      ['content-md5', 'nope'],
      ['x-amz-checksum-crc32', '!!!!'],
      ['x-amz-sdk-checksum-algorithm', 'NOPE'],
      ['x-amz-trailer', 'x-amz-checksum-crc32'],
      ['x-amz-decoded-content-length', '-5'],
      ['host', ''],
      ['host', '[::1'],
      ['host', 'a..b'],
      ['host', `${'h'.repeat(3000)}.localhost`],
      ['host', '%zz'],
      ['host', '../..'],
      ['origin', '\u00ff\u00fe'],
      ['range', 'bytes=9-1,,,'],
      ['if-modified-since', 'never'],
      ['x-forwarded-for', '__proto__'],
      ['x-amz-user-agent', '\u0080'.repeat(500)],
      ['accept', ''],
      ['accept-encoding', 'identity;q=0, *;q=0'],
    ] as const) {
      yield {
        ...answered(`${name}: ${value.slice(0, 30)}`, { [name]: value }),
        ...(name === 'host' && { expect: { kind: 'answered', form: 'any' } }),
      }
    }
    yield* badEncodings(target, random)
  }
  yield* badPresigned()
  yield* badChunkedUploads(random)
}

const ZEROS = Buffer.alloc(64 * 1024 * 1024)
const BOMB = gzipSync(ZEROS)
const NESTED = gzipSync(BOMB)

function* badEncodings(target: Target, random: Random): Generator<BadRequest> {
  const bodies: readonly [string, string, Buffer][] = [
    ['a gzip bomb', 'gzip', BOMB],
    ['a gzip bomb in gzip', 'gzip, gzip', NESTED],
    ['half of a gzip stream', 'gzip', gzipSync(target.body).subarray(0, 15)],
    ['gzip that is none', 'gzip', target.body],
    ['gzip with a wrong checksum', 'gzip', Buffer.concat([gzipSync(target.body).subarray(0, -8), Buffer.alloc(8)])],
    ['empty gzip', 'gzip', Buffer.alloc(0)],
    ['random gzip', 'gzip', Buffer.concat([Buffer.of(0x1f, 0x8b, 8, 0), random.bytes(100)])],
    ['a deflate bomb', 'deflate', deflateSync(ZEROS)],
    ['brotli', 'br', brotliCompressSync(target.body)],
    ['an unknown encoding', 'nope', target.body],
    ['many encodings', 'gzip,'.repeat(200), target.body],
  ]
  for (const [what, encoding, body] of bodies) {
    const kind = what === 'an unknown encoding' || what === 'many encodings' || what === 'empty gzip' ? 'answered' : 'refused'
    yield {
      name: `${target.name}: ${what}`,
      send: [write(target, { headers: { 'content-encoding': encoding }, body })],
      // S3 keeps a Content-Encoding with the object and doesn't undo it.
      expect: { kind: target.form === 'restXml' || encoding === 'br' || encoding === 'deflate' ? 'answered' : kind, form: target.form },
    }
  }
}

function* badPresigned(): Generator<BadRequest> {
  const target: Target = { ...xmlTargets[0]!, name: 'presigned', method: 'GET', body: Buffer.alloc(0) }
  const queries = [
    'X-Amz-Algorithm=AWS4-HMAC-SHA256',
    'X-Amz-Credential=x',
    'X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a/b',
    'X-Amz-Algorithm=NOPE&X-Amz-Credential=test/20260101/us-east-1/s3/aws4_request',
    'X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=test%zz',
    'X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=test/20260101/us-east-1/s3/aws4_request&X-Amz-Expires=-1&X-Amz-Date=x',
    'X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=test/20260101/us-east-1/s3/aws4_request&X-Amz-Expires=99999999999',
    'AWSAccessKeyId=&Signature=&Expires=',
    'AWSAccessKeyId=test&Signature=x&Expires=never',
    'X-Amz-Signature=0',
  ]
  for (const query of queries) {
    yield {
      name: `presigned: ${query.slice(0, 70)}`,
      send: [write(target, { path: `/b/k?${query}`, headers: { authorization: undefined } })],
      expect: { kind: 'answered', form: 'restXml' },
    }
  }
}

/** `aws-chunked` uploads whose chunks don't hold. */
function* badChunkedUploads(random: Random): Generator<BadRequest> {
  const target: Target = { ...xmlTargets[0]!, name: 'aws-chunked', method: 'PUT', path: '/bad-input/key' }
  const chunks: readonly string[] = [
    '',
    '5',
    '5\r\n',
    '5\r\nhello',
    '5\r\nhello\r\n',
    'zz\r\nhello\r\n0\r\n\r\n',
    '-1\r\n\r\n',
    'ffffffffffffffff\r\nhello',
    '5;chunk-signature=\r\nhello\r\n0;chunk-signature=\r\n\r\n',
    '6\r\nhello\r\n0\r\n\r\n',
    '4\r\nhello\r\n0\r\n\r\n',
    '5\r\nhello\r\n0\r\nx-amz-checksum-crc32:nope\r\n\r\n',
    '0\r\n',
    `${';'.repeat(20_000)}\r\n`,
    '0x5\r\nhello\r\n0\r\n\r\n',
    '5\nhello\n0\n\n',
  ]
  for (const sha of ['STREAMING-UNSIGNED-PAYLOAD-TRAILER', 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD', 'STREAMING-NOPE']) {
    for (const chunk of [...chunks, random.bytes(50).toString('latin1')]) {
      const headers = {
        'x-amz-content-sha256': sha,
        'content-encoding': 'aws-chunked',
        'x-amz-decoded-content-length': '5',
        'x-amz-trailer': 'x-amz-checksum-crc32',
      }
      yield {
        name: `${sha}: ${JSON.stringify(chunk.slice(0, 30))}`,
        send: [write(target, { headers, body: Buffer.from(chunk, 'latin1') })],
        expect: { kind: 'answered', form: 'restXml' },
      }
    }
  }
}

/** Bodies that are too long, too slow, or never whole. */
export function* badTransfers(limit: number): Generator<BadRequest> {
  const samples = [
    jsonTargets[0]!,
    jsonTargets[4]!,
    ...allTargets.filter(t => t.form === 'query' || t.form === 'ec2' || t.form === 'cbor'),
    allTargets.find(t => t.form === 'restJson')!,
  ]
  for (const target of samples) {
    const { form } = target
    const refused = (what: string, send: BadRequest['send'], end = false): BadRequest => ({
      name: `${target.name}: ${what}`,
      send,
      end,
      expect: { kind: 'refused', form },
    })
    for (const length of [limit + 1, 2 ** 31, 2 ** 40, Number.MAX_SAFE_INTEGER]) {
      yield refused(`a declared length of ${length}`, [write(target, { headers: { 'content-length': `${length}` }, rawTail: target.body })])
    }
    yield refused('more than the limit, in one piece', [
      write(target, { headers: { 'content-length': `${limit + 1}` }, rawTail: Buffer.alloc(limit + 1, 0x20) }),
    ])
    const mega = Buffer.concat([Buffer.from('100000\r\n'), Buffer.alloc(0x100000, 0x20), Buffer.from('\r\n')])
    const chunked = write(target, { headers: { 'transfer-encoding': 'chunked' }, rawTail: Buffer.alloc(0) })
    yield refused('more than the limit, in chunks', [chunked, ...Array<Buffer>(Math.ceil(limit / 0x100000) + 1).fill(mega)])
    yield refused('a body that stops half-way', [
      write(target, { rawTail: target.body.subarray(0, 10), headers: { 'content-length': `${target.body.length}` } }),
    ])
    yield {
      name: `${target.name}: a body that is cut off`,
      send: [write(target, { rawTail: target.body.subarray(0, 10), headers: { 'content-length': `${target.body.length}` } })],
      end: true,
      expect: { kind: 'broken' },
    }
    yield refused('chunks that stop', [chunked, Buffer.from('5\r\nhello\r\n')])
    const drip = [...target.body.subarray(0, 12)].flatMap(byte => [Buffer.of(byte), 40])
    yield {
      name: `${target.name}: a byte at a time`,
      send: [
        write(target, { rawTail: Buffer.alloc(0), headers: { 'content-length': `${target.body.length}` } }),
        ...drip,
        target.body.subarray(12, -1),
        Buffer.of(0),
      ],
      expect: { kind: 'answered', form },
    }
    yield {
      name: `${target.name}: a promise of more (Expect)`,
      send: [write(target, { rawTail: Buffer.alloc(0), headers: { 'content-length': `${limit + 1}`, expect: '100-continue' } })],
      expect: { kind: 'refused', form },
    }
  }
}
