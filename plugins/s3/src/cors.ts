import type { CORSRule } from '@aws-sdk/client-s3'
import type { HttpInfo } from '@ministack/gateway'
import type { Bucket } from './types.js'

/** What a browser says of a request to another origin. */
export interface CorsRequest {
  readonly origin: string
  readonly method: string
  /** The headers that it wants to send; only a preflight tells them. */
  readonly headers: readonly string[]
}

const VARY = 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method'

/** The methods that a rule may allow. */
export const CORS_METHODS = ['GET', 'PUT', 'POST', 'DELETE', 'HEAD']

/** A preflight's question; S3's words for what is missing when a request isn't one. */
export function preflightOf(headers: HttpInfo['headers']): CorsRequest | string {
  const origin = one(headers.origin)
  if (origin === undefined) return 'Insufficient information. Origin request header needed.'
  const method = one(headers['access-control-request-method'])
  if (method === undefined || !CORS_METHODS.includes(method)) return `Invalid Access-Control-Request-Method: ${method ?? 'null'}`
  const asked = one(headers['access-control-request-headers']) ?? ''
  const names = asked.split(',').map(name => name.trim().toLowerCase())
  return { origin, method, headers: names.filter(name => name !== '') }
}

/**
 * The headers by which a bucket's rules let a page of another origin in; undefined when no rule does.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html
 */
export function corsHeaders(bucket: Readonly<Bucket>, request: CorsRequest): Record<string, string> | undefined {
  for (const rule of bucket.config.cors ?? []) {
    const allowed = rule.AllowedOrigins?.find(pattern => fits(pattern, request.origin))
    if (allowed === undefined || !rule.AllowedMethods?.includes(request.method)) continue
    if (!request.headers.every(name => rule.AllowedHeaders?.some(pattern => fits(pattern.toLowerCase(), name)))) continue
    return headersOf(rule, allowed, request)
  }
  return undefined
}

function headersOf(rule: CORSRule, allowed: string, { origin, headers }: CorsRequest): Record<string, string> {
  const { AllowedMethods = [], ExposeHeaders = [], MaxAgeSeconds } = rule
  return {
    'access-control-allow-origin': allowed === '*' ? '*' : origin,
    'access-control-allow-methods': AllowedMethods.join(', '),
    ...(headers.length > 0 && { 'access-control-allow-headers': headers.join(', ') }),
    ...(ExposeHeaders.length > 0 && { 'access-control-expose-headers': ExposeHeaders.join(', ') }),
    ...(MaxAgeSeconds !== undefined && { 'access-control-max-age': String(MaxAgeSeconds) }),
    ...(allowed !== '*' && { 'access-control-allow-credentials': 'true' }),
    vary: VARY,
  }
}

/** The headers of an answer to a page of another origin: those of the matching rule, else none that let it in. */
export function answerHeaders(bucket: Readonly<Bucket>, { method, headers }: Pick<HttpInfo, 'method' | 'headers'>): Record<string, string> {
  const origin = one(headers.origin)
  if (origin === undefined || !bucket.config.cors) return {}
  return corsHeaders(bucket, { origin, method, headers: [] }) ?? { vary: VARY }
}

/** One star stands for any text. */
function fits(pattern: string, text: string): boolean {
  const star = pattern.indexOf('*')
  if (star < 0) return pattern === text
  const end = pattern.slice(star + 1)
  return text.length >= pattern.length - 1 && text.startsWith(pattern.slice(0, star)) && text.endsWith(end)
}

function one(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(',') : value
}
