import { randomBytes } from 'node:crypto'
import type { Answer, HttpInfo } from '@ministack/gateway'
import { canonicalId } from './buckets.js'
import type { Context } from './kit.js'
import { deliver } from './service-delivery.js'
import type { Bucket } from './types.js'

/** How long lines are gathered before they become an object. AWS takes hours; this is soon enough to look at. */
const DELIVERY_MS = 60_000

/** The lines that wait for delivery, by the id of the bucket they tell of. */
export type PendingLogs = Map<string, string[]>

/** Notes a request to a bucket whose accesses are logged. */
export function logAccess(ctx: Context, bucket: Readonly<Bucket>, http: HttpInfo, answer: Answer): void {
  if (!bucket.config.logging?.LoggingEnabled) return
  const line = lineOf(ctx, bucket, http, answer)
  const pending = ctx.stores.pendingLogs.get(bucket.id)
  if (pending) {
    pending.push(line)
    return
  }
  ctx.stores.pendingLogs.set(bucket.id, [line])
  ctx.background.after(DELIVERY_MS, 's3 access log delivery', () => deliverLines(ctx, bucket))
}

/** Writes the lines of a bucket as one object of its target bucket. */
async function deliverLines(ctx: Context, { id, name, account, region }: Readonly<Bucket>): Promise<void> {
  const lines = ctx.stores.pendingLogs.get(id) ?? []
  ctx.stores.pendingLogs.delete(id)
  const buckets = ctx.stores.buckets.in({ account, region })
  const bucket = buckets.get(name)
  const logging = bucket?.config.logging?.LoggingEnabled
  const target = logging && buckets.get(logging.TargetBucket ?? '')
  if (!bucket || !target) return
  const delivery = { principal: 'logging.s3.amazonaws.com', what: 'an S3 access log', source: bucket, target }
  await deliver(ctx, delivery, keyOf(ctx, bucket), { body: lines.join('') })
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerLogs.html#server-log-keyname-format */
function keyOf(ctx: Context, bucket: Readonly<Bucket>): string {
  const { TargetPrefix = '', TargetObjectKeyFormat: format } = bucket.config.logging?.LoggingEnabled ?? {}
  const [date = '', time = ''] = ctx.clock.date().toISOString().slice(0, 19).split('T')
  const unique = randomBytes(8).toString('hex').toUpperCase()
  const name = `${date}-${time.replaceAll(':', '-')}-${unique}`
  if (!format?.PartitionedPrefix) return `${TargetPrefix}${name}`
  return `${TargetPrefix}${bucket.account}/${bucket.region}/${bucket.name}/${date.replaceAll('-', '/')}/${name}`
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/LogFormat.html */
function lineOf(ctx: Context, bucket: Readonly<Bucket>, http: HttpInfo, { status, headers, bytes, error }: Answer): string {
  const { caller, requestId } = ctx
  const key = keyPath(http.path)
  const found = key === '' ? undefined : ctx.stores.objects.in(bucket.id).current(decoded(key))
  const sent = http.method === 'HEAD' ? 0 : Number(headers['content-length'] ?? bytes ?? 0)
  const signed = http.headers.authorization ?? http.query.get('X-Amz-Algorithm') ?? http.query.get('Signature')
  const query = http.query.toString()
  const fields = [
    canonicalId(bucket.account),
    bucket.name,
    `[${timestamp(ctx.clock.date())}]`,
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
    '-',
    '-',
    quoted(http.headers.referer),
    quoted(http.headers['user-agent']),
    String(headers['x-amz-version-id'] ?? http.query.get('versionId') ?? '-'),
    String(headers['x-amz-id-2'] ?? '-'),
    signed === null ? '-' : String(signed).startsWith('AWS4') ? 'SigV4' : 'SigV2',
    '-',
    signed === null ? '-' : http.headers.authorization ? 'AuthHeader' : 'QueryString',
    http.host || '-',
    '-',
    '-',
    '-',
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
