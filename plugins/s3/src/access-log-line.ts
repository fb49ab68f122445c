import type { Answer, HttpInfo } from '@ministack/gateway'
import { accessPointArn } from './access-points.js'
import { canonicalId } from './buckets.js'
import type { Context } from './kit.js'
import { elapsedSince, sentBytes } from './measures.js'
import type { AccessPoint, Bucket } from './types.js'

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/**
 * The line of an access log that tells of a request. Times are there where they are known: how long a stream takes to read, and when the last
 * byte of a body came, is not.
 *
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/LogFormat.html
 *
 * @param point the access point that the request came by.
 */
export function accessLogLine(
  ctx: Context,
  bucket: Readonly<Bucket>,
  http: HttpInfo,
  { status, headers, bytes, error, arrived }: Answer,
  point: Readonly<AccessPoint> | undefined,
): string {
  const { caller, requestId } = ctx
  const key = keyPath(http.path)
  const found = key === '' ? undefined : ctx.stores.objects.in(bucket.id).current(decoded(key))
  const sent = sentBytes(http, { headers, bytes })
  const signed = http.headers.authorization ?? http.query.get('X-Amz-Algorithm') ?? http.query.get('Signature')
  const query = http.query.toString()
  const elapsed = String(elapsedSince(ctx, arrived))
  const isStreamed = bytes === undefined && http.method !== 'HEAD'
  const hasBody = Number(http.headers['content-length'] ?? 0) > 0 || http.headers['transfer-encoding'] !== undefined
  const fields = [
    canonicalId(bucket.account),
    bucket.name,
    `[${timestamp(new Date(arrived))}]`,
    http.remoteAddress ?? '-',
    caller.type === 'anonymous' ? '-' : caller.type === 'root' ? canonicalId(caller.account) : caller.arn,
    requestId,
    operationOf(ctx.operation, http, key !== ''),
    key || '-',
    quoted(`${http.method} ${http.path}${query ? `?${query}` : ''} HTTP/1.1`),
    String(status),
    error ?? '-',
    sent > 0 ? String(sent) : '-',
    found && !found.deleteMarker ? String(found.size) : '-',
    isStreamed ? '-' : elapsed,
    hasBody ? '-' : elapsed,
    quoted(http.headers.referer),
    quoted(http.headers['user-agent']),
    String(headers['x-amz-version-id'] ?? http.query.get('versionId') ?? '-'),
    String(headers['x-amz-id-2'] ?? '-'),
    signed === null ? '-' : String(signed).startsWith('AWS4') ? 'SigV4' : 'SigV2',
    '-',
    signed === null ? '-' : http.headers.authorization ? 'AuthHeader' : 'QueryString',
    http.host || '-',
    '-',
    point ? accessPointArn(ctx, point) : '-',
    ctx.stores.byAcl.has(ctx) ? 'Yes' : '-',
  ]
  return `${fields.join(' ')}\n`
}

function timestamp(date: Date): string {
  const two = (value: number) => String(value).padStart(2, '0')
  const day = `${two(date.getUTCDate())}/${MONTHS[date.getUTCMonth()]}/${date.getUTCFullYear()}`
  return `${day}:${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())} +0000`
}

/** Names of operations on sub-resources that aren't the sub-resource's own in capitals. */
const RESOURCES: Readonly<Record<string, string>> = {
  delete: 'MULTI_OBJECT_DELETE',
  logging: 'LOGGING_STATUS',
  policy: 'BUCKETPOLICY',
  policyStatus: 'BUCKET_POLICY_STATUS',
  publicAccessBlock: 'PUBLIC_ACCESS_BLOCK',
  requestPayment: 'REQUEST_PAYMENT',
  uploads: 'UPLOADS',
  versions: 'BUCKETVERSIONS',
}

/** Sub-resources by the name of the query parameter that asks for them. */
const SUBRESOURCES =
  /^(acl|accelerate|analytics|cors|delete|encryption|intelligent-tiering|inventory|legal-hold|lifecycle|location|logging|metrics|notification|object-lock|ownershipControls|policy|policyStatus|publicAccessBlock|replication|requestPayment|restore|retention|select|tagging|torrent|uploads|versioning|versions|website|attributes)$/

function operationOf(operation: string, { method, query }: HttpInfo, onObject: boolean): string {
  if (operation === 'CopyObject') return 'REST.COPY.OBJECT'
  if (operation === 'UploadPartCopy') return 'REST.COPY.PART'
  if (query.has('uploadId')) return `REST.${method}.${method === 'PUT' ? 'PART' : 'UPLOAD'}`
  const subresource = [...query.keys()].find(name => SUBRESOURCES.test(name))
  if (subresource === undefined) return `REST.${method}.${onObject ? 'OBJECT' : 'BUCKET'}`
  const name = RESOURCES[subresource] ?? subresource.replaceAll('-', '_').toUpperCase()
  return `REST.${method}.${onObject && subresource === 'tagging' ? 'OBJECT_TAGGING' : name}`
}

/** The key in a path, percent escapes untouched. */
function keyPath(path: string): string {
  const slash = path.indexOf('/', 1)
  return slash < 0 ? '' : path.slice(slash + 1)
}

function decoded(key: string): string {
  try {
    return decodeURIComponent(key)
  } catch {
    return key
  }
}

function quoted(value: string | string[] | undefined): string {
  return value === undefined ? '"-"' : `"${String(value).replaceAll('"', '%22')}"`
}
