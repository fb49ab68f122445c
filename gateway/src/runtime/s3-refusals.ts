import { AwsError } from '../authoring/errors.js'
import { parseBasicDate, type Signature, type SignatureCheck } from './signature.js'

type Headers = Readonly<Record<string, string | string[] | undefined>>

/** How far a signed request's date may be from the server's. */
export const MAX_SKEW_MS = 15 * 60 * 1000
/** The longest life of a presigned URL: a week, in seconds. */
const MAX_EXPIRES = 604_800
const V4_PARAMETERS = ['X-Amz-Algorithm', 'X-Amz-Credential', 'X-Amz-Signature', 'X-Amz-Date', 'X-Amz-SignedHeaders', 'X-Amz-Expires']

/**
 * Checks the form of a presigned URL, which S3 does before it looks at the signature.
 * @throws AwsError AuthorizationQueryParametersError (SigV4), AccessDenied (SigV2), InvalidArgument for a request that is signed twice.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 */
export function checkPresignedForm(query: URLSearchParams, headers: Headers): void {
  const v4 = query.has('X-Amz-Algorithm') || query.has('X-Amz-Signature') || query.has('X-Amz-Credential')
  const v2 = query.has('Signature') || query.has('AWSAccessKeyId')
  if (!v4 && !v2) return
  if (headers.authorization) {
    throw new AwsError(
      'InvalidArgument',
      'Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified',
      { status: 400, fields: { ArgumentName: 'Authorization', ArgumentValue: headers.authorization } },
    )
  }
  if (v4) checkForm4(query)
  else checkForm2(query)
}

function checkForm4(query: URLSearchParams): void {
  if (V4_PARAMETERS.some(name => !query.get(name))) {
    throw badParameter(
      'Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.',
    )
  }
  const text = (name: string) => query.get(name) ?? ''
  if (!/^AWS4-(HMAC-SHA256|ECDSA-P256-SHA256)$/.test(text('X-Amz-Algorithm'))) {
    throw badParameter('X-Amz-Algorithm only supports "AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256"')
  }
  const date = text('X-Amz-Date')
  if (parseBasicDate(date) === undefined) throw badParameter("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"")
  const expires = text('X-Amz-Expires')
  if (!/^[+-]?\d+$/.test(expires)) throw badParameter('X-Amz-Expires should be a number')
  if (Number(expires) < 0) throw badParameter('X-Amz-Expires must be non-negative')
  if (Number(expires) > MAX_EXPIRES) {
    throw badParameter(
      'X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds',
    )
  }
  const [, day = ''] = text('X-Amz-Credential').split('/')
  if (!date.startsWith(`${day}T`)) {
    throw badParameter(`Invalid credential date "${day}". This date is not the same as X-Amz-Date: "${date.slice(0, 8)}".`)
  }
}

function checkForm2(query: URLSearchParams): void {
  if (!query.get('Signature') || !query.get('AWSAccessKeyId') || !query.get('Expires')) {
    throw denied('Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters')
  }
  const expires = query.get('Expires') ?? ''
  if (!/^\d+$/.test(expires)) throw denied(`Invalid date (should be seconds since epoch): ${expires}`)
}

/** What S3 says of a signed request whose date it can't find. */
export function missingDate(): AwsError {
  return denied('AWS authentication requires a valid Date or x-amz-date header')
}

/** @throws AwsError InvalidArgument for an Authorization header of another kind than Amazon's. */
export function checkScheme({ authorization }: Headers): void {
  if (!authorization || String(authorization).startsWith('AWS')) return
  throw new AwsError('InvalidArgument', 'Unsupported Authorization Type', {
    status: 400,
    fields: { ArgumentName: 'Authorization', ArgumentValue: authorization },
  })
}

/** @throws AwsError AccessDenied for a presigned URL that has ended or hasn't begun. */
export function checkPresignedTime({ version, date, expiresAt = 0 }: Signature, now: number): void {
  if (now >= expiresAt) {
    const started = version === 4 ? (parseBasicDate(date) ?? 0) : undefined
    throw denied('Request has expired', {
      ...(started !== undefined && { 'X-Amz-Expires': (expiresAt - started) / 1000 }),
      Expires: seconds(expiresAt),
      ServerTime: seconds(now),
    })
  }
  if (version === 4 && (parseBasicDate(date) ?? now) > now + MAX_SKEW_MS) throw denied('Request is not yet valid')
}

/** @throws AwsError InvalidRequest where a header's signature of version 4 doesn't say what the body is. */
export function checkBodyHeader({ version }: Signature, headers: Headers): void {
  if (version !== 4 || headers['x-amz-content-sha256'] !== undefined) return
  throw new AwsError('InvalidRequest', 'Missing required header for this request: x-amz-content-sha256', { status: 400 })
}

/** @throws AwsError RequestTimeTooSkewed for a signed date that is more than 15 minutes off, AccessDenied without a date. */
export function checkSkew({ version, date }: Signature, headers: Headers, now: number): void {
  const text = date || String(headers['x-amz-date'] ?? '')
  const time = parseBasicDate(text) ?? Date.parse(text)
  if (Number.isNaN(time)) {
    if (version === 4) return
    throw missingDate()
  }
  if (Math.abs(now - time) <= MAX_SKEW_MS) return
  throw new AwsError('RequestTimeTooSkewed', 'The difference between the request time and the current time is too large.', {
    status: 403,
    fields: { RequestTime: text, ServerTime: seconds(now), MaxAllowedSkewMilliseconds: MAX_SKEW_MS },
  })
}

/** Checks that a signature of version 4 covers the host and all of Amazon's headers. @throws AwsError AccessDenied */
export function checkSignedHeaders({ version, signedHeaders }: Signature, headers: Headers): void {
  if (version !== 4) return
  const unsigned = Object.keys(headers).filter(name => (name === 'host' || name.startsWith('x-amz-')) && !signedHeaders.includes(name))
  if (unsigned.length === 0) return
  throw denied('There were headers present in the request which were not signed', { HeadersNotSigned: unsigned.join(', ') })
}

/** S3 tells what it computed, as text and as bytes, so that a client's author finds the difference. */
export function signatureMismatch({ accessKeyId, signature }: Signature, { stringToSign, canonicalRequest }: SignatureCheck): AwsError {
  return new AwsError(
    'SignatureDoesNotMatch',
    'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
    {
      status: 403,
      fields: {
        AWSAccessKeyId: accessKeyId,
        StringToSign: stringToSign,
        SignatureProvided: signature,
        StringToSignBytes: hexBytes(stringToSign),
        ...(canonicalRequest && { CanonicalRequest: canonicalRequest, CanonicalRequestBytes: hexBytes(canonicalRequest) }),
      },
    },
  )
}

function badParameter(message: string): AwsError {
  return new AwsError('AuthorizationQueryParametersError', message, { status: 400 })
}

function denied(message: string, fields?: Readonly<Record<string, unknown>>): AwsError {
  return new AwsError('AccessDenied', message, { status: 403, ...(fields && { fields }) })
}

/** A time as S3's errors tell it: to the second. */
function seconds(time: number): string {
  return `${new Date(time).toISOString().slice(0, -5)}Z`
}

function hexBytes(text: string): string {
  return Buffer.from(text)
    .toString('hex')
    .replace(/..(?=.)/g, '$& ')
}
