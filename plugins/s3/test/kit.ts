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
  const http: typeof s3.http = request => s3.http({ ...request, headers: { ...SIGNED, ...request.headers } })
  return Object.assign(Object.create(s3) as TestService<S3>, { http })
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
