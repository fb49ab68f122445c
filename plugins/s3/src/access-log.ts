import { randomBytes } from 'node:crypto'
import type { TargetGrant } from '@aws-sdk/client-s3'
import type { Answer, HttpInfo, Unit } from '@ministack/gateway'
import { accessLogLine } from './access-log-line.js'
import { type AclInput, ownershipOf } from './acl.js'
import { canonicalId } from './buckets.js'
import type { Context } from './kit.js'
import { deliver } from './service-delivery.js'
import type { S3State } from './state.js'
import type { AccessPoint, Bucket } from './types.js'

/** How long lines are gathered before they become an object. AWS takes hours; this is soon enough to look at. */
const DELIVERY_MS = 60_000

interface LogLine {
  /** When the request came, in milliseconds since the epoch. */
  readonly at: number
  readonly text: string
}

/** The lines that wait for delivery, by the id of the bucket they tell of. */
export type PendingLogs = Map<string, LogLine[]>

/** Notes a request to a bucket whose accesses are logged. */
export function logAccess(
  ctx: Context,
  bucket: Readonly<Bucket>,
  http: HttpInfo,
  answer: Answer,
  point: Readonly<AccessPoint> | undefined,
): void {
  if (!bucket.config.logging?.LoggingEnabled) return
  const line = { at: answer.arrived, text: accessLogLine(ctx, bucket, http, answer, point) }
  const pending = ctx.stores.pendingLogs.get(bucket.id)
  if (pending) {
    pending.push(line)
    return
  }
  ctx.stores.pendingLogs.set(bucket.id, [line])
  ctx.background.after(DELIVERY_MS, 's3 access log delivery', () => deliverLines(ctx, bucket))
}

/** Writes all lines that still wait, before the state is put away. A failure is logged. */
export async function deliverPendingLogs(unit: Unit<S3State>): Promise<void> {
  const { state, log } = unit
  if (state.pendingLogs.size === 0) return
  for (const [, buckets] of state.buckets.scopes()) {
    for (const bucket of [...buckets.values()].filter(({ id }) => state.pendingLogs.has(id))) {
      try {
        await deliverLines(unit.context({ account: bucket.account, region: bucket.region }), bucket)
      } catch (error) {
        log.warn('an S3 access log could not be delivered', { bucket: bucket.name, error })
      }
    }
  }
}

/** Writes the lines of a bucket into its target bucket: as one object, or one for each day where its keys tell days of events. */
async function deliverLines(ctx: Context, { id, name, account, region }: Readonly<Bucket>): Promise<void> {
  const lines = ctx.stores.pendingLogs.get(id) ?? []
  ctx.stores.pendingLogs.delete(id)
  const buckets = ctx.stores.buckets.in({ account, region })
  const bucket = buckets.get(name)
  const logging = bucket?.config.logging?.LoggingEnabled
  const target = logging && buckets.get(logging.TargetBucket ?? '')
  if (!bucket || !target) return
  const delivery = { principal: 'logging.s3.amazonaws.com', what: 'an S3 access log', source: bucket, target }
  const acl = aclOf(logging.TargetGrants ?? [], target)
  for (const [key, body] of objectsOf(ctx, bucket, lines)) await deliver(ctx, delivery, key, { ...acl, body })
}

/** The objects that lines become, by key: https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerLogs.html#server-log-keyname-format */
function objectsOf(ctx: Context, bucket: Readonly<Bucket>, lines: readonly LogLine[]): Map<string, string> {
  const { TargetPrefix = '', TargetObjectKeyFormat: format } = bucket.config.logging?.LoggingEnabled ?? {}
  const partitioned = format?.PartitionedPrefix
  const byDay = partitioned !== undefined && partitioned.PartitionDateSource !== 'DeliveryTime'
  const delivered = ctx.clock.date().toISOString().slice(0, 19)
  const unique = randomBytes(8).toString('hex').toUpperCase()
  const objects = new Map<string, string>()
  for (const { at, text } of lines) {
    const moment = byDay ? `${new Date(at).toISOString().slice(0, 10)}T00:00:00` : delivered
    const [date = '', time = ''] = moment.split('T')
    const folder = partitioned ? `${bucket.account}/${bucket.region}/${bucket.name}/${date.replaceAll('-', '/')}/` : ''
    const key = `${TargetPrefix}${folder}${date}-${time.replaceAll(':', '-')}-${unique}`
    objects.set(key, (objects.get(key) ?? '') + text)
  }
  return objects
}

/** The ACL of log objects: what the configuration grants, beside the owner's full control. Nothing where ACLs are off by now. */
function aclOf(grants: readonly TargetGrant[], target: Readonly<Bucket>): AclInput {
  if (grants.length === 0 || ownershipOf(target) === 'BucketOwnerEnforced') return {}
  const to = (permission: TargetGrant['Permission']) =>
    grants
      .filter(({ Permission }) => Permission === permission)
      .map(({ Grantee }) => (Grantee?.ID === undefined ? `uri="${Grantee?.URI}"` : `id="${Grantee.ID}"`))
  const [read, write] = [to('READ'), to('WRITE')]
  return {
    GrantFullControl: [`id="${canonicalId(target.account)}"`, ...to('FULL_CONTROL')].join(', '),
    ...(read.length > 0 && { GrantRead: read.join(', ') }),
    ...(write.length > 0 && { GrantWrite: write.join(', ') }),
  }
}
