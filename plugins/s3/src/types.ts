import type {
  AccelerateConfiguration,
  AccessControlPolicy,
  AnalyticsConfiguration,
  BucketAbacStatus,
  BucketLoggingStatus,
  ChecksumAlgorithm,
  ChecksumType,
  CORSRule,
  IntelligentTieringConfiguration,
  InventoryConfiguration,
  LifecycleRule,
  MetricsConfiguration,
  NotificationConfiguration,
  ObjectLockConfiguration,
  ObjectLockMode,
  OwnershipControls,
  Payer,
  PublicAccessBlockConfiguration,
  ReplicationConfiguration,
  ServerSideEncryption,
  ServerSideEncryptionConfiguration,
  StorageClass,
  Tier,
  TransitionDefaultMinimumObjectSize,
  WebsiteConfiguration,
} from '@aws-sdk/client-s3'
import type { Chunk } from './chunks.js'

/** The sub-resources of a bucket, as they were put; one that is absent was never put or was deleted. */
export interface BucketConfiguration {
  abac?: BucketAbacStatus
  accelerate?: AccelerateConfiguration
  acl?: AccessControlPolicy
  analytics?: Record<string, AnalyticsConfiguration>
  cors?: CORSRule[]
  encryption?: ServerSideEncryptionConfiguration
  intelligentTiering?: Record<string, IntelligentTieringConfiguration>
  inventory?: Record<string, InventoryConfiguration>
  lifecycle?: { rules: LifecycleRule[]; transitionDefaultMinimumObjectSize?: TransitionDefaultMinimumObjectSize }
  logging?: BucketLoggingStatus
  metrics?: Record<string, MetricsConfiguration>
  notification?: NotificationConfiguration
  ownershipControls?: OwnershipControls
  /** The policy document as it was sent. */
  policy?: string
  publicAccessBlock?: PublicAccessBlockConfiguration
  replication?: ReplicationConfiguration
  requestPayment?: Payer
  website?: WebsiteConfiguration
}

/** A bucket. Change it only through `updateBucket`, so that the change is recorded. */
export interface Bucket {
  /** Never used twice, unlike the name: what the object and upload indexes know the bucket by. */
  readonly id: string
  readonly name: string
  readonly account: string
  readonly region: string
  /** How its maker called its region where that isn't the region's name; GetBucketLocation says so for ever. */
  readonly locationConstraint?: 'EU'
  /** Milliseconds since the epoch. */
  readonly created: number
  versioning?: 'Enabled' | 'Suspended'
  mfaDelete?: 'Enabled' | 'Disabled'
  /** Present once Object Lock is enabled, which is for good. */
  objectLock?: ObjectLockConfiguration
  tags?: Tags
  readonly config: BucketConfiguration
}

/** Tags in the order they were put. */
export type Tags = readonly { readonly Key: string; readonly Value: string }[]

export interface Checksum {
  readonly algorithm: ChecksumAlgorithm
  readonly type: ChecksumType
  /** Base64; a composite one ends with `-` and the number of parts. */
  readonly value: string
}

/** How an object is encrypted. Its bytes aren't, on this machine; what AWS would answer and demand is kept. */
export interface ObjectEncryption {
  readonly algorithm: ServerSideEncryption | 'SSE-C'
  /** ARN of the KMS key. */
  readonly kmsKeyId?: string
  readonly kmsContext?: string
  readonly bucketKey?: boolean
  /** SSE-C: the MD5 of the key that the client sent, base64. */
  readonly customerKeyMD5?: string
}

export interface Retention {
  readonly mode: ObjectLockMode
  /** Milliseconds since the epoch. */
  readonly until: number
}

/** Headers that are given back as they were put. */
export interface SystemHeaders {
  readonly CacheControl?: string
  readonly ContentDisposition?: string
  readonly ContentEncoding?: string
  readonly ContentLanguage?: string
  readonly ContentType: string
  /** Any text: S3 doesn't look at it. */
  readonly Expires?: string
  readonly WebsiteRedirectLocation?: string
}

/** What a writer says of an object beside its bytes. */
export interface ObjectProperties {
  readonly headers: SystemHeaders
  readonly metadata: Readonly<Record<string, string>>
  readonly storageClass: StorageClass
  readonly encryption: ObjectEncryption
  readonly tags?: Tags
  readonly retention?: Retention
  readonly legalHold?: 'ON' | 'OFF'
  /** Only when it isn't the default, which is full control for the owner. */
  readonly acl?: AccessControlPolicy
  /** The account that owns it. */
  readonly owner: string
}

/** A tier of INTELLIGENT_TIERING whose objects can be read only after a RestoreObject. */
export type ArchiveTier = 'ARCHIVE_ACCESS' | 'DEEP_ARCHIVE_ACCESS'

/** A part of an object that was uploaded in parts. */
export interface ObjectPart {
  readonly partNumber: number
  readonly size: number
  readonly checksum?: string
}

/** A named text that was attached to an object: https://docs.aws.amazon.com/AmazonS3/latest/userguide/annotations-overview.html */
export interface Annotation {
  readonly name: string
  readonly etag: string
  readonly size: number
  readonly modified: number
  readonly chunks: readonly Chunk[]
  readonly checksum: Checksum
}

interface VersionBase {
  readonly key: string
  /** `null` for what was written while the bucket wasn't versioned or its versioning was suspended. */
  readonly versionId: string
  /** Rises with each write, over all buckets. */
  readonly seq: number
  /** Milliseconds since the epoch. */
  readonly modified: number
}

/** One version of an object that has content. Never changed in place: a change is a new record under the same version id. */
export interface ObjectData extends VersionBase, ObjectProperties {
  readonly deleteMarker?: undefined
  /** Without quotes. */
  readonly etag: string
  readonly size: number
  readonly chunks: readonly Chunk[]
  readonly checksum?: Checksum
  /** By name, in S3's order of keys. */
  readonly annotations?: readonly Annotation[]
  /** Present when it was uploaded in parts. */
  readonly parts?: readonly ObjectPart[]
  /** The multipart upload that it came from: one that is completed twice with the same parts is answered twice. */
  readonly uploadId?: string
  /** State of a RestoreObject: milliseconds since the epoch at which the copy is there, and at which it goes; and what was asked for. */
  readonly restore?: { readonly ready: number; readonly expires: number; readonly days?: number; readonly tier?: Tier }
  /** In INTELLIGENT_TIERING: when it was read last, in milliseconds since the epoch; absent until then. */
  readonly accessed?: number
  /** In INTELLIGENT_TIERING: the archive tier that it is in. */
  readonly archive?: ArchiveTier
  readonly replication?: 'PENDING' | 'COMPLETED' | 'FAILED' | 'REPLICA'
}

export interface DeleteMarker extends VersionBase {
  readonly deleteMarker: true
  /** The account that owns it. */
  readonly owner: string
}

export type ObjectVersion = ObjectData | DeleteMarker

/** A multipart upload that was begun. */
export interface Upload {
  readonly uploadId: string
  readonly bucketId: string
  readonly key: string
  readonly seq: number
  readonly initiated: number
  /** ARN of who began it. */
  readonly initiator: string
  /** What the object will be. */
  readonly properties: ObjectProperties
  readonly checksumAlgorithm?: ChecksumAlgorithm
  readonly checksumType?: ChecksumType
}

export interface UploadedPart {
  readonly partNumber: number
  readonly etag: string
  readonly size: number
  readonly modified: number
  readonly chunks: readonly Chunk[]
  /** Base64, by the upload's algorithm, or CRC64NVME where it named none. */
  readonly checksum: string
  /** What the part brought where the upload named no algorithm. */
  readonly own?: { readonly algorithm: ChecksumAlgorithm; readonly value: string }
}

/** An access point: a name of its own, and a policy, for a bucket. */
export interface AccessPoint {
  readonly name: string
  readonly account: string
  readonly region: string
  readonly bucket: string
  readonly bucketAccount: string
  readonly alias: string
  readonly vpcId?: string
  readonly publicAccessBlock: PublicAccessBlockConfiguration
  /** Milliseconds since the epoch. */
  readonly created: number
  policy?: string
  tags?: Tags
}
