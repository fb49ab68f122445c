import { canonicalId } from './buckets.js'
import type { FailedReplication, ObjectEvent, ObjectEventName } from './events.js'
import type { Context } from './kit.js'
import { hostId } from './request-ids.js'
import type { Bucket, ObjectVersion } from './types.js'

/** What an event tells, taken at the moment it happens. */
export interface ObjectChange {
  readonly name: ObjectEventName
  readonly at: Date
  readonly bucket: Readonly<Bucket>
  readonly version: ObjectVersion
  readonly failure: FailedReplication | undefined
  readonly requestId: string
  /** Who did it: `AWS:{user id}`, or S3 itself. */
  readonly principal: string
  readonly requester: string
  readonly sourceIp: string
  /** Rises with each event: of two events of one key, the later has the greater. */
  readonly sequencer: string
}

/** What S3 does by itself, later than any request. */
const BY_S3 = /^(Lifecycle|IntelligentTiering|ObjectRestore:(Completed|Delete)|Replication)/

/** Notes down an event. */
export function changeOf({ name, ctx, bucket, version, failure }: ObjectEvent): ObjectChange {
  const byS3 = BY_S3.test(name)
  const { caller } = ctx
  return {
    name,
    at: ctx.clock.date(),
    bucket,
    version,
    failure,
    requestId: ctx.requestId,
    principal: byS3 ? 's3.amazonaws.com' : caller.type === 'anonymous' ? 'Anonymous' : `AWS:${caller.userId}`,
    requester: byS3 ? 's3.amazonaws.com' : caller.account,
    sourceIp: byS3 ? 's3.amazonaws.com' : (ctx.http?.remoteAddress ?? '127.0.0.1'),
    sequencer: sequencerOf(ctx),
  }
}

function sequencerOf(ctx: Context): string {
  const time = ctx.clock.now().toString(16).padStart(12, '0')
  const count = (ctx.stores.objects.nextSeq() % 0x10000).toString(16).padStart(4, '0')
  return `00${time}${count}`.toUpperCase()
}

/** Events of kinds that were added to S3 later have a later version of the record. */
function recordVersion(name: ObjectEventName): string {
  if (name.startsWith('Replication')) return '2.2'
  return /^Object(Created|Removed)|^ObjectRestore:(Post|Completed)/.test(name) ? '2.1' : '2.3'
}

/**
 * The message that queues, topics and functions get.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 */
export function notificationMessage(change: ObjectChange, configurationId: string): string {
  const { name, at, bucket, version, failure, requestId, principal, sourceIp, sequencer } = change
  const isRemoval = name === 'ObjectRemoved:Delete' || name === 'LifecycleExpiration:Delete'
  const record = {
    eventVersion: recordVersion(name),
    eventSource: 'aws:s3',
    awsRegion: bucket.region,
    eventTime: at.toISOString(),
    eventName: name,
    userIdentity: { principalId: principal },
    requestParameters: { sourceIPAddress: sourceIp },
    responseElements: { 'x-amz-request-id': requestId, 'x-amz-id-2': hostId(change) },
    s3: {
      s3SchemaVersion: '1.0',
      configurationId,
      bucket: { name: bucket.name, ownerIdentity: { principalId: canonicalId(bucket.account) }, arn: `arn:aws:s3:::${bucket.name}` },
      object: {
        key: urlEncoded(version.key),
        ...(!version.deleteMarker && !isRemoval && { size: version.size, eTag: version.etag }),
        ...(version.deleteMarker && { eTag: EMPTY_ETAG }),
        ...(bucket.versioning && { versionId: version.versionId }),
        sequencer,
      },
    },
    ...(name === 'LifecycleTransition' && {
      lifecycleEventData: { transitionEventData: { destinationStorageClass: version.deleteMarker ? '' : version.storageClass } },
    }),
    ...(name === 'IntelligentTiering' && {
      intelligentTieringEventData: { destinationAccessTier: version.deleteMarker ? '' : version.archive },
    }),
    ...(name === 'ObjectRestore:Completed' && { glacierEventData: { restoreEventData: restoreData(version) } }),
    ...(failure && { replicationEventData: failure }),
  }
  return JSON.stringify({ Records: [record] })
}

/** What S3 tells of a delete marker: the MD5 of nothing. */
const EMPTY_ETAG = 'd41d8cd98f00b204e9800998ecf8427e'

function restoreData(version: ObjectVersion) {
  if (version.deleteMarker || !version.restore) return {}
  return {
    lifecycleRestorationExpiryTime: new Date(version.restore.expires).toISOString(),
    lifecycleRestoreStorageClass: version.storageClass,
  }
}

/** Keys stand in messages as form data has them: a space is a plus. Slashes stay. */
function urlEncoded(key: string): string {
  return encodeURIComponent(key)
    .replace(/[!'()~]/g, char => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+')
    .replaceAll('%2F', '/')
}

/** The message that a queue or topic gets when it becomes a destination. */
export function testMessage(ctx: Context, bucket: Readonly<Bucket>): string {
  return JSON.stringify({
    Service: 'Amazon S3',
    Event: 's3:TestEvent',
    Time: ctx.clock.date().toISOString(),
    Bucket: bucket.name,
    RequestId: ctx.requestId,
    HostId: hostId(ctx),
  })
}

/** Names of EventBridge's events. What has none isn't told to EventBridge. */
const DETAIL_TYPES: Readonly<Partial<Record<ObjectEventName, string>>> = {
  'ObjectCreated:Put': 'Object Created',
  'ObjectCreated:Post': 'Object Created',
  'ObjectCreated:Copy': 'Object Created',
  'ObjectCreated:CompleteMultipartUpload': 'Object Created',
  'ObjectRemoved:Delete': 'Object Deleted',
  'ObjectRemoved:DeleteMarkerCreated': 'Object Deleted',
  'ObjectRestore:Post': 'Object Restore Initiated',
  'ObjectRestore:Completed': 'Object Restore Completed',
  'ObjectRestore:Delete': 'Object Restore Expired',
  'ObjectTagging:Put': 'Object Tags Added',
  'ObjectTagging:Delete': 'Object Tags Deleted',
  'ObjectAcl:Put': 'Object ACL Updated',
  'LifecycleExpiration:Delete': 'Object Deleted',
  'LifecycleExpiration:DeleteMarkerCreated': 'Object Deleted',
  LifecycleTransition: 'Object Storage Class Changed',
  IntelligentTiering: 'Object Access Tier Changed',
}

/** How objects come about, as EventBridge is told. */
const REASONS: Readonly<Partial<Record<ObjectEventName, string>>> = {
  'ObjectCreated:Put': 'PutObject',
  'ObjectCreated:Post': 'POST Object',
  'ObjectCreated:Copy': 'CopyObject',
  'ObjectCreated:CompleteMultipartUpload': 'CompleteMultipartUpload',
}

/** Is EventBridge told of an event? */
export function isForEventBridge(name: ObjectEventName): boolean {
  return DETAIL_TYPES[name] !== undefined
}

/**
 * An entry of EventBridge's PutEvents.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
 */
export function eventBridgeEntry(change: ObjectChange) {
  const { name, at, bucket, version, requestId, requester, sourceIp, sequencer } = change
  const type = DETAIL_TYPES[name]
  const deleted = type === 'Object Deleted'
  const detail = {
    version: '0',
    bucket: { name: bucket.name },
    object: {
      key: version.key,
      ...(!deleted && !version.deleteMarker && { size: version.size }),
      ...(version.deleteMarker ? { etag: EMPTY_ETAG } : !deleted && { etag: version.etag }),
      ...(bucket.versioning && { 'version-id': version.versionId }),
      sequencer,
    },
    'request-id': requestId,
    requester,
    ...(requester !== 's3.amazonaws.com' && { 'source-ip-address': sourceIp }),
    ...reasonOf(change),
  }
  return { Time: at, Source: 'aws.s3', DetailType: type, Resources: [`arn:aws:s3:::${bucket.name}`], Detail: JSON.stringify(detail) }
}

function reasonOf({ name, version }: ObjectChange): Record<string, string> {
  const byLifecycle = name.startsWith('Lifecycle')
  const reason = REASONS[name]
  if (reason) return { reason }
  if (name.endsWith(':DeleteMarkerCreated')) {
    return { reason: byLifecycle ? 'Lifecycle Expiration' : 'DeleteObject', 'deletion-type': 'Delete Marker Created' }
  }
  if (name === 'ObjectRemoved:Delete' || name === 'LifecycleExpiration:Delete') {
    return { reason: byLifecycle ? 'Lifecycle Expiration' : 'DeleteObject', 'deletion-type': 'Permanently Deleted' }
  }
  if (version.deleteMarker) return {}
  if (name === 'LifecycleTransition') return { 'destination-storage-class': version.storageClass }
  if (name === 'IntelligentTiering') return { 'destination-access-tier': version.archive ?? '' }
  if (name === 'ObjectRestore:Post') return { 'source-storage-class': version.storageClass }
  if (name === 'ObjectRestore:Completed') {
    return {
      ...(version.restore && { 'restore-expiry-time': `${new Date(version.restore.expires).toISOString().slice(0, 19)}Z` }),
      'source-storage-class': version.storageClass,
    }
  }
  return {}
}
