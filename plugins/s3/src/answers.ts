import type { Answer } from '@ministack/gateway'
import { logAccess } from './access-log.js'
import { bucketNamed } from './buckets.js'
import { answerHeaders } from './cors.js'
import type { Context } from './kit.js'
import { countRequest } from './metrics/request-metrics.js'

/** Operations whose answers, errors too, tell where the bucket is. */
const TELL_REGION = new Set(['HeadBucket', 'ListObjects', 'ListObjectsV2', 'ListObjectVersions'])

/** What a bucket's configuration says of every answer: who may see it in a browser, who pays for it, and that it is logged and counted. */
export function answered(ctx: Context, answer: Answer): void {
  const { http } = ctx
  if (!http) return
  const [, name = ''] = http.path.split('/', 2)
  const { bucket, point } = bucketNamed(ctx, name)
  if (!bucket) return
  if (TELL_REGION.has(ctx.operation)) answer.headers['x-amz-bucket-region'] = bucket.region
  const { cors, logging, metrics, requestPayment } = bucket.config
  if (cors && http.headers.origin !== undefined) Object.assign(answer.headers, answerHeaders(bucket, http))
  if (requestPayment === 'Requester' && !answer.error && http.headers['x-amz-request-payer'] === 'requester') {
    answer.headers['x-amz-request-charged'] = 'requester'
  }
  if (logging) logAccess(ctx, bucket, http, answer, point)
  if (metrics) countRequest(ctx, bucket, http, answer, point)
}
