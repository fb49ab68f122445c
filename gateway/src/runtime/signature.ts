import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

/** What a signature is made over. */
export interface SignedRequest {
  readonly method: string
  /** As sent, percent escapes untouched. */
  readonly path: string
  readonly rawQuery: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Uint8Array
}

/** The signature that a request carries. */
export interface Signature {
  readonly version: 4 | 2
  /** In the query (a presigned URL) or in the Authorization header. */
  readonly presigned: boolean
  readonly accessKeyId: string
  readonly signature: string
  /** `20260101T000000Z` for version 4; the Date header for version 2. */
  readonly date: string
  /** When a presigned URL ends, in milliseconds since the epoch. */
  readonly expiresAt: number | undefined
  /** `20260101/us-east-1/s3/aws4_request`; version 4 only. */
  readonly scope: string
  readonly signedHeaders: readonly string[]
}

/** Reads the signature of a request; undefined when it has none that can be read. */
export function readSignature(request: Omit<SignedRequest, 'body'>): Signature | undefined {
  const authorization = text(request.headers.authorization)
  if (authorization?.startsWith('AWS4-HMAC-SHA256')) return readHeader4(authorization, request)
  if (authorization?.startsWith('AWS ')) return readHeader2(authorization, request)
  if (request.rawQuery.includes('X-Amz-Signature=')) return readPresigned4(new URLSearchParams(request.rawQuery))
  if (request.rawQuery.includes('Signature=') && request.rawQuery.includes('AWSAccessKeyId='))
    return readPresigned2(new URLSearchParams(request.rawQuery))
  return undefined
}

function readHeader4(authorization: string, request: Omit<SignedRequest, 'body'>): Signature | undefined {
  const part = (name: string) => new RegExp(`[ ,]${name}=([^, ]+)`).exec(authorization)?.[1]
  const [accessKeyId, ...scope] = (part('Credential') ?? '').split('/')
  const signature = part('Signature')
  const signedHeaders = part('SignedHeaders')
  const date = text(request.headers['x-amz-date']) ?? text(request.headers.date)
  if (!accessKeyId || !signature || !signedHeaders || !date) return undefined
  const signed = signedHeaders.split(';')
  return { version: 4, presigned: false, accessKeyId, signature, date, expiresAt: undefined, scope: scope.join('/'), signedHeaders: signed }
}

function readPresigned4(query: URLSearchParams): Signature | undefined {
  const [accessKeyId, ...scope] = (query.get('X-Amz-Credential') ?? '').split('/')
  const date = query.get('X-Amz-Date')
  const signedHeaders = query.get('X-Amz-SignedHeaders')
  const signature = query.get('X-Amz-Signature')
  const started = date ? parseBasicDate(date) : undefined
  if (!accessKeyId || !date || !signedHeaders || !signature || started === undefined) return undefined
  // Only S3 asks for X-Amz-Expires; other services give a presigned request fifteen minutes.
  const expiresAt = started + Number(query.get('X-Amz-Expires') ?? 900) * 1000
  return {
    version: 4,
    presigned: true,
    accessKeyId,
    signature,
    date,
    expiresAt,
    scope: scope.join('/'),
    signedHeaders: signedHeaders.split(';'),
  }
}

function readHeader2(authorization: string, request: Omit<SignedRequest, 'body'>): Signature | undefined {
  const [accessKeyId, signature] = authorization.slice(4).split(':')
  if (!accessKeyId || !signature) return undefined
  // With x-amz-date the Date line of the string to sign is empty: the date stands among the amz headers.
  const date = request.headers['x-amz-date'] === undefined ? (text(request.headers.date) ?? '') : ''
  return { version: 2, presigned: false, accessKeyId, signature, date, expiresAt: undefined, scope: '', signedHeaders: [] }
}

function readPresigned2(query: URLSearchParams): Signature | undefined {
  const accessKeyId = query.get('AWSAccessKeyId')
  const signature = query.get('Signature')
  const date = query.get('Expires')
  if (!accessKeyId || !signature || !date) return undefined
  return { version: 2, presigned: true, accessKeyId, signature, date, expiresAt: Number(date) * 1000, scope: '', signedHeaders: [] }
}

/** `20260101T000000Z` in milliseconds since the epoch; undefined for any other form. */
export function parseBasicDate(date: string): number | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date)
  if (!match) return undefined
  const [y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0] = match.slice(1).map(Number)
  return Date.UTC(y, mo - 1, d, h, mi, s)
}

/** What the server computed, as AWS tells it in SignatureDoesNotMatch. */
export interface SignatureCheck {
  readonly matches: boolean
  readonly stringToSign: string
  readonly canonicalRequest: string
}

/**
 * Checks a signature against a secret.
 * @param resourcePath the path with the bucket in it, which version 2 signs also for a virtual-hosted bucket.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/RESTAuthentication.html
 */
export function checkSignature(request: SignedRequest, signature: Signature, secret: string, resourcePath = request.path): SignatureCheck {
  if (signature.version === 2) {
    const stringToSign = stringToSign2(request, signature, resourcePath)
    const matches = (text: string) => equal(createHmac('sha1', secret).update(text).digest('base64'), signature.signature)
    // botocore signs a bucket's own path with a slash at its end, however it sends it.
    const bare = /^\/[^/]+$/.test(resourcePath)
    const held = matches(stringToSign) || (bare && matches(stringToSign2(request, signature, `${resourcePath}/`)))
    return { matches: held, stringToSign, canonicalRequest: '' }
  }
  const canonicalRequest = canonicalRequest4(request, signature)
  const stringToSign = `AWS4-HMAC-SHA256\n${signature.date}\n${signature.scope}\n${sha256(canonicalRequest)}`
  let key: Buffer = Buffer.from(`AWS4${secret}`)
  for (const part of signature.scope.split('/')) key = createHmac('sha256', key).update(part).digest()
  return {
    matches: equal(createHmac('sha256', key).update(stringToSign).digest('hex'), signature.signature),
    stringToSign,
    canonicalRequest,
  }
}

function canonicalRequest4(request: SignedRequest, { presigned, scope, signedHeaders }: Signature): string {
  const s3 = scope.split('/')[2] === 's3'
  const headers = signedHeaders.map(name => `${name}:${canonicalHeader(request.headers[name])}\n`).join('')
  const sent = text(request.headers['x-amz-content-sha256']) ?? /(?:^|&)X-Amz-Content-Sha256=([\w-]+)/.exec(request.rawQuery)?.[1]
  const hash = sent ?? (presigned && s3 ? 'UNSIGNED-PAYLOAD' : sha256(request.body))
  // S3 signs the path as it is sent; every other service escapes the escapes once more.
  const path = s3 ? request.path : request.path.split('/').map(uriEncode).join('/')
  return `${request.method}\n${path || '/'}\n${canonicalQuery(request.rawQuery)}\n${headers}\n${signedHeaders.join(';')}\n${hash}`
}

function canonicalQuery(rawQuery: string): string {
  if (!rawQuery) return ''
  return rawQuery
    .split('&')
    .map(pair => {
      const at = pair.indexOf('=')
      return at < 0 ? [uriEncode(decode(pair)), ''] : [uriEncode(decode(pair.slice(0, at))), uriEncode(decode(pair.slice(at + 1)))]
    })
    .filter(([name]) => name !== 'X-Amz-Signature' && name !== '')
    .sort(([a = '', x = ''], [b = '', y = '']) => (a < b ? -1 : a > b ? 1 : x < y ? -1 : x > y ? 1 : 0))
    .map(([name, value]) => `${name}=${value}`)
    .join('&')
}

function canonicalHeader(value: string | string[] | undefined): string {
  return (Array.isArray(value) ? value.join(',') : (value ?? '')).trim().replace(/ +/g, ' ')
}

/** The sub-resources and response overrides that version 2 signs, in their order. */
const SIGNED_BY_2 = new Set(
  `accelerate acl analytics cors defaultObjectAcl delete encryption inventory legal-hold lifecycle location logging metrics notification object-lock
   partNumber policy policyStatus publicAccessBlock replication requestPayment response-cache-control response-content-disposition
   response-content-encoding response-content-language response-content-type response-expires restore retention select select-type tagging torrent
   uploadId uploads versionId versioning versions website`.split(/\s+/),
)

function stringToSign2(request: SignedRequest, { date }: Signature, resourcePath: string): string {
  const amz = Object.keys(request.headers)
    .filter(name => name.startsWith('x-amz-'))
    .sort()
    .map(name => `${name}:${canonicalHeader(request.headers[name])}\n`)
    .join('')
  const signed = [...new URLSearchParams(request.rawQuery)]
    .filter(([name]) => SIGNED_BY_2.has(name))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => (value === '' ? name : `${name}=${value}`))
  const resource = resourcePath + (signed.length > 0 ? `?${signed.join('&')}` : '')
  const header = (name: string) => text(request.headers[name]) ?? ''
  return `${request.method}\n${header('content-md5')}\n${header('content-type')}\n${date}\n${amz}${resource}`
}

function uriEncode(value: string): string {
  return encodeURIComponent(value).replace(/[!'()*]/g, char => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value.replace(/\+/g, ' '))
  } catch {
    return value
  }
}

function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex')
}

function text(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value
}

function equal(a: string, b: string): boolean {
  const x = Buffer.from(a)
  const y = Buffer.from(b)
  return x.length === y.length && timingSafeEqual(x, y)
}
