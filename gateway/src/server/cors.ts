import type { RequestHead } from '../routing/index.js'

/** What browsers need to see of AWS's answers. */
const EXPOSED =
  'etag, x-amz-request-id, x-amz-id-2, x-amzn-requestid, x-amzn-errortype, x-amzn-query-error, x-amz-version-id, x-amz-delete-marker, ' +
  'x-amz-server-side-encryption, x-amz-crc32, x-amz-function-error, x-amz-log-result, x-amz-executed-version, content-range, location'

/** Whether a browser asks first whether it may send a request. */
export function isPreflight(head: RequestHead): boolean {
  return head.method === 'OPTIONS' && head.headers.origin !== undefined && head.headers['access-control-request-method'] !== undefined
}

/** The answer to a preflight that no service takes: pages of every origin may call a local AWS. */
export function preflightHeaders(head: RequestHead): Record<string, string> {
  const headers: Record<string, string> = {
    'access-control-allow-origin': head.header('origin') ?? '*',
    'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS',
    'access-control-allow-headers': head.header('access-control-request-headers') ?? '*',
    'access-control-allow-credentials': 'true',
    'access-control-max-age': '600',
    vary: 'origin, access-control-request-method, access-control-request-headers',
  }
  if (head.headers['access-control-request-private-network'] === 'true') headers['access-control-allow-private-network'] = 'true'
  return headers
}

/** Lets a page see an answer, unless the service decided for itself (S3 with a bucket's own CORS rules varies by origin). */
export function allowOrigin(head: RequestHead, headers: Record<string, string | string[]>): void {
  const origin = head.header('origin')
  if (origin === undefined || headers['access-control-allow-origin'] !== undefined) return
  const { vary } = headers
  if (vary !== undefined && /(^|,)\s*origin\s*(,|$)/i.test(String(vary))) return
  headers['access-control-allow-origin'] = origin
  headers['access-control-allow-credentials'] = 'true'
  headers['access-control-expose-headers'] = EXPOSED
  headers.vary = vary === undefined ? 'origin' : `${vary}, origin`
}
