import type { PublicAccessBlockConfiguration } from '@aws-sdk/client-s3'
import { AccountScopedDict } from '@ministack/gateway'
import type { PendingLogs } from './access-log.js'
import type { Analysis, OpenActivity } from './analytics/observations.js'
import { BlobStore } from './blob-store.js'
import { BucketOwners } from './bucket-owners.js'
import type { ObjectEvent } from './events.js'
import type { PendingMetrics } from './metrics/request-metrics.js'
import { ObjectIndex } from './object-index.js'
import type { AccessPoint, Bucket } from './types.js'
import { UploadIndex } from './upload-index.js'

/** All that S3 knows. What can be durable is; the rest is made again from it at each start. */
export interface S3State {
  /** The buckets of each account, by name. */
  readonly buckets: AccountScopedDict<Bucket>
  /** The objects of each bucket, by the bucket's id. */
  readonly objects: ObjectIndex
  /** The multipart uploads that are under way. */
  readonly uploads: UploadIndex
  /** What each account blocks for all its buckets, under the key `block`. */
  readonly accountBlocks: AccountScopedDict<PublicAccessBlockConfiguration>
  /** The access points of each account and region, by name. */
  readonly accessPoints: AccountScopedDict<AccessPoint>
  /** What each bucket's analytics configurations have observed. */
  readonly analyses: AccountScopedDict<Analysis>
  /** What they observe today. */
  readonly openActivity: OpenActivity
  /** Request metrics that wait for the end of their minute. */
  readonly pendingMetrics: PendingMetrics
  readonly blobs: BlobStore
  /** Which accounts have a bucket of a name. */
  readonly owners: BucketOwners
  /** What RenameObject did for each client token, oldest first. */
  readonly renames: Map<string, string>
  /** Lines of access logs that wait for delivery. */
  readonly pendingLogs: PendingLogs
  /** The requests that only an ACL let in, for the access log. */
  readonly byAcl: WeakSet<object>
  /** Told of each change to an object, right after it. */
  readonly listeners: Set<(event: ObjectEvent) => void>
}

export function createState(): S3State {
  const blobs = new BlobStore()
  return {
    buckets: new AccountScopedDict('buckets', 'account'),
    objects: new ObjectIndex(blobs),
    uploads: new UploadIndex(blobs),
    accountBlocks: new AccountScopedDict('accountBlocks', 'account'),
    accessPoints: new AccountScopedDict('accessPoints', 'region'),
    analyses: new AccountScopedDict('analyses', 'account'),
    openActivity: new Map(),
    pendingMetrics: new Map(),
    blobs,
    owners: new BucketOwners(),
    renames: new Map(),
    pendingLogs: new Map(),
    byAcl: new WeakSet(),
    listeners: new Set(),
  }
}
