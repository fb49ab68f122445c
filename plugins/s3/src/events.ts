import type { Context } from './kit.js'
import type { Bucket, ObjectVersion } from './types.js'

/** Names of event notifications, without `s3:`; see https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html */
export type ObjectEventName =
  | 'ObjectCreated:Put'
  | 'ObjectCreated:Post'
  | 'ObjectCreated:Copy'
  | 'ObjectCreated:CompleteMultipartUpload'
  | 'ObjectRemoved:Delete'
  | 'ObjectRemoved:DeleteMarkerCreated'
  | 'ObjectRestore:Post'
  | 'ObjectRestore:Completed'
  | 'ObjectRestore:Delete'
  | 'ObjectTagging:Put'
  | 'ObjectTagging:Delete'
  | 'ObjectAcl:Put'
  | 'ObjectAnnotation:Put'
  | 'ObjectAnnotation:Delete'
  | 'LifecycleExpiration:Delete'
  | 'LifecycleExpiration:DeleteMarkerCreated'
  | 'LifecycleTransition'
  | 'IntelligentTiering'
  | 'Replication:OperationFailedReplication'

/** A replication that failed, as notifications tell of it. */
export interface FailedReplication {
  readonly replicationRuleId: string
  /** The ARN of the bucket. */
  readonly destinationBucket: string
  readonly s3Operation: 'OBJECT_PUT' | 'OBJECT_PUT_TAGGING' | 'OBJECT_PUT_ACL'
  /** When the object was written or changed, in ISO 8601. */
  readonly requestTime: string
  /** https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-failure-codes.html */
  readonly failureReason: string
}

/** Something that happened to an object. */
export interface ObjectEvent {
  readonly name: ObjectEventName
  readonly ctx: Context
  readonly bucket: Readonly<Bucket>
  /** The version that was made, changed or removed. */
  readonly version: ObjectVersion
  readonly failure?: FailedReplication | undefined
}

/**
 * Tells the state's listeners (notifications, replication) of a change that has been made.
 *
 * @param failure what a replication failed by, where that is the event.
 */
export function emit(
  ctx: Context,
  name: ObjectEventName,
  bucket: Readonly<Bucket>,
  version: ObjectVersion,
  failure?: FailedReplication,
): void {
  for (const listener of ctx.stores.listeners) listener({ name, ctx, bucket, version, failure })
}
