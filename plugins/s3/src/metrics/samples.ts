import type { Answer, HttpInfo } from '@ministack/gateway'
import type { Context } from '../kit.js'
import { elapsedSince, sentBytes } from '../measures.js'
import type { RequestMetric, Sample } from './statistics.js'

const LISTS: ReadonlySet<string> = new Set(['ListObjects', 'ListObjectsV2', 'ListObjectVersions', 'ListMultipartUploads', 'ListParts'])

/**
 * The values that a request and its answer give. Times are there where they are known, as in access logs: how long a stream takes to read, and
 * when the last byte of a body came, is not.
 *
 * @param onObject is the request for an object?
 */
export function sampleOf(ctx: Context, http: HttpInfo, { status, headers, bytes, arrived }: Answer, onObject: boolean): Sample {
  const sample = new Map<RequestMetric, number>([['AllRequests', 1]])
  const kind = kindOf(ctx.operation, http.method, onObject)
  if (kind) sample.set(kind, 1)
  const sent = sentBytes(http, { headers, bytes })
  if (sent > 0) sample.set('BytesDownloaded', sent)
  const received = Number(http.headers['x-amz-decoded-content-length'] ?? http.headers['content-length'] ?? 0)
  if (received > 0) sample.set('BytesUploaded', received)
  sample.set('4xxErrors', Number(status >= 400 && status < 500))
  sample.set('5xxErrors', Number(status >= 500))
  const elapsed = elapsedSince(ctx, arrived)
  if (received === 0 && http.headers['transfer-encoding'] === undefined) sample.set('FirstByteLatency', elapsed)
  if (bytes !== undefined || http.method === 'HEAD') sample.set('TotalRequestLatency', elapsed)
  return sample
}

/** The metric that counts requests of this kind. */
function kindOf(operation: string, method: string, onObject: boolean): RequestMetric | undefined {
  if (LISTS.has(operation)) return 'ListRequests'
  if (operation === 'SelectObjectContent') return 'SelectRequests'
  if (operation === 'DeleteObjects') return 'DeleteRequests'
  if (method === 'HEAD') return 'HeadRequests'
  if (method === 'POST') return 'PostRequests'
  if (!onObject) return undefined
  return method === 'GET' ? 'GetRequests' : method === 'PUT' ? 'PutRequests' : method === 'DELETE' ? 'DeleteRequests' : undefined
}
