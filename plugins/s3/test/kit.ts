import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import type { AwsError } from '@ministack/gateway'
import { type TestOptions, type TestRequest, type TestResponse, type TestService, testService } from '@ministack/gateway/testing'
import type { Test } from 'tap'
import plugin from '../src/index.js'

export type S3 = typeof import('@aws-sdk/client-s3')

/** S3 with a bucket called `data` and authorization switched on; raw requests come from its owner. */
export async function startS3(t: Test, options: TestOptions = {}): Promise<TestService<S3>> {
  const s3 = await testService<S3>(plugin, { ...options, config: { authorize: true, ...options.config } })
  t.teardown(() => s3.close())
  await s3.client.createBucket({ Bucket: 'data' })
  const http: typeof s3.http = request => {
    // The test's HTTP client says nothing of a body that is empty; S3 wants its length.
    const length: Record<string, string> = request.method === 'PUT' && !request.body ? { 'content-length': '0' } : {}
    return s3.http({ ...request, headers: { ...SIGNED, ...length, ...digestOf(request), ...request.headers } })
  }
  return Object.assign(Object.create(s3) as TestService<S3>, { http })
}

/** The digest that every client sends with a document, unless the request says something of it itself. */
function digestOf({ method, url, headers = {}, body = '' }: TestRequest): Record<string, string> {
  const told = Object.keys(headers).some(name => /^(content-md5|x-amz-(checksum-|trailer|content-sha256))/i.test(name))
  const document = method === 'PUT' && /^[^?]*\?(cors|lifecycle|legal-hold|object-lock|replication|retention|tagging)\b/.test(url)
  return told || !document ? {} : { 'content-md5': createHash('md5').update(body).digest('base64') }
}

/** Expects S3's error: its code, and message and body elements where they are given. */
export async function refuses(
  t: Test,
  call: Promise<unknown>,
  code: string,
  expected: { message?: string; status?: number; fields?: Record<string, unknown> } = {},
): Promise<void> {
  try {
    await call
    t.fail(`expected ${code}`)
  } catch (error) {
    const { code: got, message, status, fields } = error as AwsError
    const seen = {
      code: got,
      ...(expected.message !== undefined && { message }),
      ...(expected.status && { status }),
      ...(expected.fields && { fields }),
    }
    t.strictSame(seen, { code, ...expected })
  }
}

/** The bytes of a GetObject's body. */
export async function bytesOf(output: { Body?: unknown }): Promise<Buffer> {
  const { Body: body } = output
  if (body === undefined) return Buffer.alloc(0)
  return body instanceof Uint8Array ? Buffer.from(body) : typeof body === 'string' ? Buffer.from(body) : buffer(body as Readable)
}

export async function textOf(output: { Body?: unknown }): Promise<string> {
  return (await bytesOf(output)).toString()
}

/** The headers of a request that an account signs for a region, as far as the gateway looks at them while it doesn't verify signatures. */
export function signed({ account = 'test', region = 'us-east-1' }: { account?: string; region?: string } = {}) {
  return { authorization: `AWS4-HMAC-SHA256 Credential=${account}/20260101/${region}/s3/aws4_request, SignedHeaders=host, Signature=00` }
}

export const SIGNED = signed()

/** A request without a signature. */
export function visit(s3: TestService<S3>, request: TestRequest): Promise<TestResponse> {
  return (Object.getPrototypeOf(s3) as TestService<S3>).http(request)
}

/** The code of an answer's error. */
export function codeOf({ body }: TestResponse): string | undefined {
  return /<Code>([^<]*)<\/Code>/.exec(body)?.[1]
}

/** Headers that differ with each answer, belong to the connection, or come with every answer. */
const CHANGING = new Set(['x-amz-request-id', 'x-amz-id-2', 'server', 'date', 'connection', 'keep-alive', 'vary'])

/** An answer as it may be compared with what S3 would have sent: without the ids, dates and headers for browsers of its moment. */
export async function golden(answer: Promise<TestResponse>): Promise<{ status: number; headers: Record<string, unknown>; body: string }> {
  const { status, headers, body } = await answer
  const told = Object.entries(headers).filter(([name]) => !CHANGING.has(name) && !name.startsWith('access-control-'))
  const ids = /<RequestId>[^<]+<\/RequestId><HostId>[^<]+<\/HostId>/
  return { status, headers: Object.fromEntries(told), body: body.replace(XML, '').replace(ids, '<ids/>') }
}

const XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
export const NAMESPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'

/** An error's document as `golden` gives it. */
export function errorDocument(code: string, message: string, fields = ''): string {
  return `<Error><Code>${code}</Code><Message>${message}</Message>${fields}<ids/></Error>`
}
