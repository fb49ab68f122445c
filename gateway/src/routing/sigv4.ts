import { createHash } from 'node:crypto'

/** Who signed a request, for which service and where, as the request itself says it; whether the signature is right is another matter. */
export interface Credential {
  readonly accessKeyId: string
  /** Empty for SigV2, which has none. */
  readonly date: string
  /** Empty when the signature doesn't name one. */
  readonly region: string
  /** The SigV4 service name; empty when the signature doesn't name one. */
  readonly service: string
}

/** Why a signature can't be read; AWS says so in words that differ between S3 and the rest. */
export interface SignatureProblem {
  readonly problem: string
  readonly s3: { readonly code: string; readonly message: string }
}

type Headers = Readonly<Record<string, string | string[] | undefined>>

const SIGV4 = 'AWS4-'
const SIGV2 = 'AWS '
const EXPECTED = '"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request"'

/**
 * Reads the signature of a request: the Authorization header (SigV4, SigV4a, SigV2) or the parameters of a presigned URL.
 * @returns undefined for a request that isn't signed the AWS way; other schemes (`Bearer`, `Basic`) are for the service to read.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function credentialOf(headers: Headers, rawQuery: string): Credential | SignatureProblem | undefined {
  const { authorization } = headers
  if (typeof authorization === 'string') {
    if (authorization.startsWith(SIGV4)) return fromHeader(authorization, headers)
    if (authorization.startsWith(SIGV2)) return fromSigV2(authorization)
  }
  if (rawQuery === '') return undefined
  if (rawQuery.includes('X-Amz-Credential=')) return fromPresigned(rawQuery, headers)
  if (rawQuery.includes('AWSAccessKeyId=') && rawQuery.includes('Signature=')) {
    // A Query API request of SigV2's days names its service by Action and Version; a presigned URL of that age is always S3's.
    const service = rawQuery.includes('SignatureVersion=') ? '' : 's3'
    return { accessKeyId: parameter(rawQuery, 'AWSAccessKeyId') ?? '', date: '', region: '', service }
  }
  return undefined
}

/** Tells a readable signature from one that isn't. */
export function isCredential(value: Credential | SignatureProblem | undefined): value is Credential {
  return value !== undefined && 'accessKeyId' in value
}

/** One parameter of a raw query, decoded; undefined when it isn't there, empty when its escapes are broken. */
export function parameter(rawQuery: string, name: string): string | undefined {
  let start = 0
  while (start <= rawQuery.length) {
    let end = rawQuery.indexOf('&', start)
    if (end === -1) end = rawQuery.length
    if (rawQuery.startsWith(name, start)) {
      const after = start + name.length
      if (after === end) return ''
      if (rawQuery[after] === '=') return decode(rawQuery.slice(after + 1, end))
    }
    start = end + 1
  }
  return undefined
}

function fromHeader(authorization: string, headers: Headers): Credential | SignatureProblem {
  const credential = component(authorization, 'Credential=')
  if (credential === undefined || !authorization.includes('Signature=') || !authorization.includes('SignedHeaders=')) {
    return incomplete(authorization, headers)
  }
  return (
    scopeOf(credential, authorization, headers) ?? {
      problem: `Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '${credential}'`,
      s3: {
        code: 'AuthorizationHeaderMalformed',
        message: `The authorization header is malformed; the Credential is mis-formatted; expecting ${EXPECTED}.`,
      },
    }
  )
}

/** `keyid/date/region/service/aws4_request`; SigV4a has no region there but a header. */
function scopeOf(credential: string, algorithm: string, headers: Headers): Credential | undefined {
  const a = credential.indexOf('/')
  const b = credential.indexOf('/', a + 1)
  const c = credential.indexOf('/', b + 1)
  if (a === -1 || b === -1 || c === -1) return undefined
  const d = credential.indexOf('/', c + 1)
  if (d === -1) {
    if (!algorithm.startsWith('AWS4-ECDSA')) return undefined
    const set = headers['x-amz-region-set']
    const first = typeof set === 'string' ? set.split(',', 1)[0]!.trim() : ''
    return {
      accessKeyId: credential.slice(0, a),
      date: credential.slice(a + 1, b),
      region: first.includes('*') ? '' : first,
      service: credential.slice(b + 1, c),
    }
  }
  if (credential.indexOf('/', d + 1) !== -1) return undefined
  return {
    accessKeyId: credential.slice(0, a),
    date: credential.slice(a + 1, b),
    region: credential.slice(b + 1, c),
    service: credential.slice(c + 1, d),
  }
}

function fromSigV2(authorization: string): Credential | SignatureProblem {
  const colon = authorization.indexOf(':', SIGV2.length)
  if (colon === -1) {
    return {
      problem: `'${authorization.slice(SIGV2.length)}' not a valid key:signature pair (missing colon) in Authorization header`,
      s3: { code: 'InvalidArgument', message: 'AWS authorization header is invalid.  Expected AwsAccessKeyId:signature' },
    }
  }
  return { accessKeyId: authorization.slice(SIGV2.length, colon).trim(), date: '', region: '', service: 's3' }
}

function fromPresigned(rawQuery: string, headers: Headers): Credential | SignatureProblem {
  const credential = parameter(rawQuery, 'X-Amz-Credential') ?? ''
  return (
    scopeOf(credential, parameter(rawQuery, 'X-Amz-Algorithm') ?? '', headers) ?? {
      problem: `Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '${credential}'`,
      s3: {
        code: 'AuthorizationQueryParametersError',
        message: `Error parsing the X-Amz-Credential parameter; the Credential is mis-formatted; expecting ${EXPECTED}.`,
      },
    }
  )
}

function component(authorization: string, name: string): string | undefined {
  const at = authorization.indexOf(name)
  if (at === -1) return undefined
  const start = at + name.length
  let end = authorization.indexOf(',', start)
  if (end === -1) end = authorization.length
  const space = authorization.indexOf(' ', start)
  return authorization.slice(start, space !== -1 && space < end ? space : end)
}

function incomplete(authorization: string, headers: Headers): SignatureProblem {
  const missing = ['Credential', 'Signature', 'SignedHeaders']
    .filter(name => !authorization.includes(`${name}=`))
    .map(name => `Authorization header requires '${name}' parameter. `)
  if (headers['x-amz-date'] === undefined && headers.date === undefined) {
    missing.push("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ")
  }
  const hash = createHash('sha256').update(authorization).digest('base64')
  return {
    problem: `${missing.join('')}(Hashed with SHA-256 and encoded with Base64) Authorization=${hash}`,
    s3: {
      code: 'AuthorizationHeaderMalformed',
      message:
        'The authorization header is malformed; the authorization header requires three components: Credential, SignedHeaders, and Signature.',
    },
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return ''
  }
}
