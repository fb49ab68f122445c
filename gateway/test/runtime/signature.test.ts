import { createHash, createHmac } from 'node:crypto'
import { SignatureV4 } from '@smithy/signature-v4'
import t from 'tap'
import { checkSignature, readSignature, type SignedRequest } from '../../src/runtime/signature.js'

/** The hash that the SDK's signer is given; with a secret it is an HMAC. */
class Sha256 {
  readonly #hash
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash =
      secret === undefined
        ? createHash('sha256')
        : createHmac('sha256', typeof secret === 'string' ? secret : new Uint8Array(secret as ArrayBuffer))
  }
  update(data: Uint8Array | string): void {
    this.#hash.update(data)
  }
  async digest(): Promise<Uint8Array> {
    return new Uint8Array(this.#hash.digest())
  }
  reset(): void {}
}

const signer = (service: string) =>
  new SignatureV4({
    service,
    region: 'us-east-1',
    sha256: Sha256 as never,
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
    uriEscapePath: service !== 's3',
  })

const signingDate = new Date('2026-01-01T00:00:00Z')
const text = (query: Record<string, unknown> = {}) =>
  Object.entries(query)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`)
    .join('&')

t.test("a request that the SDK's signer signed matches; with another body, path, header or secret it doesn't", async t => {
  for (const service of ['sqs', 's3']) {
    const signed = await signer(service).sign(
      {
        method: 'PUT',
        protocol: 'http:',
        hostname: 'localhost',
        path: '/a%20b/c+d',
        query: { 'x y': 'z=1', a: '' },
        headers: { host: 'localhost:4566', 'x-amz-meta-a': '  two   spaces ' },
        body: 'hello',
      },
      { signingDate },
    )
    const request: SignedRequest = {
      method: 'PUT',
      path: '/a%20b/c+d',
      rawQuery: text({ 'x y': 'z=1', a: '' }),
      headers: signed.headers,
      body: Buffer.from('hello'),
    }
    const signature = readSignature(request)!
    t.match(signature, { version: 4, presigned: false, accessKeyId: 'AKIDEXAMPLE', expiresAt: undefined })
    t.equal(checkSignature(request, signature, 'secret').matches, true, service)
    t.equal(checkSignature(request, signature, 'other').matches, false)
    t.equal(checkSignature({ ...request, path: '/other' }, signature, 'secret').matches, false)
    t.equal(checkSignature({ ...request, rawQuery: '' }, signature, 'secret').matches, false)
    t.equal(checkSignature({ ...request, headers: { ...request.headers, 'x-amz-meta-a': 'b' } }, signature, 'secret').matches, false)
  }
})

t.test('a presigned URL matches and says when it ends', async t => {
  const signed = await signer('s3').presign(
    {
      method: 'GET',
      protocol: 'http:',
      hostname: 'localhost',
      path: '/data/k%C3%A9y',
      headers: { host: 'localhost:4566', 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' },
    },
    { signingDate, expiresIn: 60 },
  )
  const request: SignedRequest = {
    method: 'GET',
    path: '/data/k%C3%A9y',
    rawQuery: text(signed.query as Record<string, unknown>),
    headers: { host: 'localhost:4566' },
    body: Buffer.alloc(0),
  }
  const signature = readSignature(request)!
  t.equal(signature.presigned, true)
  t.equal(signature.expiresAt, signingDate.getTime() + 60_000)
  t.equal(checkSignature(request, signature, 'secret').matches, true)
  t.equal(checkSignature({ ...request, method: 'PUT' }, signature, 'secret').matches, false)
})

t.test("version 2 gives the signatures of AWS's own examples", async t => {
  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/RESTAuthentication.html
  const secret = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'
  const get: SignedRequest = {
    method: 'GET',
    path: '/photos/puppy.jpg',
    rawQuery: '',
    headers: { date: 'Tue, 27 Mar 2007 19:36:42 +0000', authorization: 'AWS AKIAIOSFODNN7EXAMPLE:qgk2+6Sv9/oM7G3qLEjTH1a1l1g=' },
    body: Buffer.alloc(0),
  }
  t.equal(checkSignature(get, readSignature(get)!, secret, '/awsexamplebucket1/photos/puppy.jpg').matches, true)
  const url: SignedRequest = {
    method: 'GET',
    path: '/photos/puppy.jpg',
    rawQuery: 'AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Signature=NpgCjnDzrM%2BWFzoENXmpNDUsSn8%3D&Expires=1175139620',
    headers: {},
    body: Buffer.alloc(0),
  }
  const signature = readSignature(url)!
  t.match(signature, { version: 2, presigned: true, expiresAt: 1175139620_000 })
  t.equal(checkSignature(url, signature, secret, '/johnsmith/photos/puppy.jpg').matches, true)
})

t.test('what cannot be read as a signature is none', async t => {
  for (const authorization of ['AWS4-HMAC-SHA256', 'AWS4-HMAC-SHA256 Credential=a', 'AWS ', 'AWS key', 'Bearer x', '']) {
    t.equal(readSignature({ method: 'GET', path: '/', rawQuery: '', headers: { authorization } }), undefined, authorization)
  }
  t.equal(readSignature({ method: 'GET', path: '/', rawQuery: 'X-Amz-Signature=x&X-Amz-Date=tomorrow', headers: {} }), undefined)
})
