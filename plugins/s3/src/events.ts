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
  | 'LifecycleExpiration:Delete'
  | 'LifecycleExpiration:DeleteMarkerCreated'
  | 'LifecycleTransition'
  | 'IntelligentTiering'

/** Something that happened to an object. */
export interface ObjectEvent {
  readonly name: ObjectEventName
  readonly ctx: Context
  readonly bucket: Readonly<Bucket>
  /** The version that was made, changed or removed. */
  readonly version: ObjectVersion
}

/** Tells the state's listeners (notifications, replication) of a change that has been made. */
export function emit(ctx: Context, name: ObjectEventName, bucket: Readonly<Bucket>, version: ObjectVersion): void {
  for (const listener of ctx.stores.listeners) listener({ name, ctx, bucket, version })
}
