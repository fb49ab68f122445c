import type { HttpInfo } from '@ministack/gateway'
import { invalidRequest, s3Error } from './errors.js'
import type { Context } from './kit.js'
import type { Bucket } from './types.js'

/** The region in a host name such as `bucket.s3.eu-west-1.localhost`, and the domain after it. */
const ENDPOINT = /(?:^|\.)s3(?:-accesspoint)?(?:-fips)?(?:\.dualstack)?[.-]([a-z]{2,4}(?:-[a-z]+)+-\d+)\.(.+)$/
/** The region that a request's host names; undefined where it names none. */
export function hostRegion(http: HttpInfo | undefined): string | undefined {
  const host = http?.host.toLowerCase()
  return host?.includes('s3') ? ENDPOINT.exec(host)?.[1] : undefined
}

const SIGNED_REGION = /Credential=[^/,]*\/\d*\/([^/,]+)\//

/**
 * Refuses a request that came to the endpoint of another region than its bucket's, or was signed for another, and one by a transfer acceleration
 * host to a bucket without acceleration. A host without a region is the endpoint of the region that the request is signed for, but for S3's old
 * global hosts (`bucket.s3.host`): such a name leads to the bucket's region, whatever the signature says.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/Redirects.html
 *
 * @throws PermanentRedirect, AuthorizationHeaderMalformed, AuthorizationQueryParametersError, InvalidRequest
 */
export function checkEndpoint(ctx: Context, bucket: Readonly<Bucket>): void {
  const { http } = ctx
  if (!http) return
  const host = http.host.toLowerCase()
  const [, hostRegion, domain] = (host.includes('s3') && ENDPOINT.exec(host)) || []
  if (host.includes('.s3-accelerate.')) checkAcceleration(bucket)
  else if (hostRegion === undefined && ctx.region === bucket.region) return
  if (hostRegion !== undefined && hostRegion !== bucket.region) throw redirected(ctx, bucket, domain ?? host)
  const [signed, inQuery] = signedRegion(http)
  if (signed === undefined || signed === bucket.region) return
  const isGlobal = host.startsWith(`${bucket.name}.s3`) && /[.-]/.test(host[bucket.name.length + 3] ?? '')
  if (hostRegion === undefined && !isGlobal) {
    const name = `${bucket.name}.`
    throw redirected(ctx, bucket, host.startsWith(name) ? host.slice(name.length) : host)
  }
  throw malformedRegion(signed, bucket.region, inQuery)
}

/**
 * Refuses a request to the endpoint of one region that is signed for another, where no bucket says which is right.
 *
 * @throws AuthorizationHeaderMalformed, AuthorizationQueryParametersError
 */
export function checkSignedRegion({ http }: Context): void {
  const region = hostRegion(http)
  if (!http || region === undefined) return
  const [signed, inQuery] = signedRegion(http)
  if (signed !== undefined && signed !== region) throw malformedRegion(signed, region, inQuery)
}

function checkAcceleration({ config }: Readonly<Bucket>): void {
  const status = config.accelerate?.Status
  if (status === undefined) throw invalidRequest('S3 Transfer Acceleration is not configured on this bucket')
  if (status !== 'Enabled') throw invalidRequest('S3 Transfer Acceleration is disabled on this bucket')
}

/** The region that a request is signed for; undefined for one that isn't signed, or by version 2, which knows no regions. */
function signedRegion({ headers, query }: HttpInfo): [string | undefined, boolean] {
  const { authorization } = headers
  if (authorization !== undefined) return [SIGNED_REGION.exec(authorization as string)?.[1], false]
  return [query.get('X-Amz-Credential')?.split('/')[2], true]
}

function redirected(ctx: Context, bucket: Readonly<Bucket>, domain: string): Error {
  const own = ctx.config.host ?? domain
  const Endpoint = /^[\d.:[\]]+$/.test(own) ? own : `${bucket.name}.s3.${bucket.region}.${own}`
  return s3Error('PermanentRedirect', {
    fields: { Endpoint, Bucket: bucket.name },
    headers: { 'x-amz-bucket-region': bucket.region },
  })
}

/**
 * A signature for a region that the endpoint isn't in.
 *
 * @param inQuery whether it is a presigned URL's.
 */
export function malformedRegion(given: string, expected: string, inQuery = false): Error {
  const wrong = `the region '${given}' is wrong; expecting '${expected}'`
  const parts = { fields: { Region: expected }, headers: { 'x-amz-bucket-region': expected } }
  return inQuery
    ? s3Error('AuthorizationQueryParametersError', { ...parts, message: `Error parsing the X-Amz-Credential parameter; ${wrong}` })
    : s3Error('AuthorizationHeaderMalformed', { ...parts, message: `The authorization header is malformed; ${wrong}` })
}
