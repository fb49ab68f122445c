import type { InventoryConfiguration, InventoryOptionalField } from '@aws-sdk/client-s3'
import { privateAcl } from '../acl.js'
import { canonicalId } from '../buckets.js'
import type { Context } from '../kit.js'
import { expiryOf, rulesOf, takes } from '../lifecycle-rules.js'
import { accessTier } from '../tiering.js'
import type { Bucket, ObjectData, ObjectEncryption, ObjectVersion } from '../types.js'

/** A version on its way into a report. */
export interface Listed {
  readonly ctx: Context
  readonly bucket: Readonly<Bucket>
  readonly version: ObjectVersion
  readonly latest: boolean
}

/** A column of a report: its names in CSV and in Parquet, its type in Parquet, and its value, empty where there is none. */
export interface Column {
  readonly name: string
  readonly column: string
  readonly type: 'VARCHAR' | 'BOOLEAN' | 'BIGINT' | 'TIMESTAMP_MS'
  value(listed: Listed): string
}

const HEAD: readonly Column[] = [
  { name: 'Bucket', column: 'bucket', type: 'VARCHAR', value: ({ bucket }) => bucket.name },
  { name: 'Key', column: 'key', type: 'VARCHAR', value: ({ version }) => version.key },
]

/** Only in reports of all versions. */
const VERSION: readonly Column[] = [
  {
    name: 'VersionId',
    column: 'version_id',
    type: 'VARCHAR',
    value: ({ version }) => (version.versionId === 'null' ? '' : version.versionId),
  },
  { name: 'IsLatest', column: 'is_latest', type: 'BOOLEAN', value: ({ latest }) => String(latest) },
  { name: 'IsDeleteMarker', column: 'is_delete_marker', type: 'BOOLEAN', value: ({ version }) => String(version.deleteMarker ?? false) },
]

/** The column of an optional field; a delete marker has a value only for when it was written and whose it is. */
function optional(
  name: InventoryOptionalField,
  column: string,
  type: Column['type'],
  value: (object: ObjectData, listed: Listed) => string | undefined,
): Column {
  return {
    name,
    column,
    type,
    value: listed => (listed.version.deleteMarker ? '' : (value(listed.version, listed) ?? '')),
  }
}

/** In the order of https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory-location.html */
const OPTIONAL: readonly Column[] = [
  optional('Size', 'size', 'BIGINT', ({ size }) => String(size)),
  {
    name: 'LastModifiedDate',
    column: 'last_modified_date',
    type: 'TIMESTAMP_MS',
    value: ({ version }) => new Date(version.modified).toISOString(),
  },
  optional('ETag', 'e_tag', 'VARCHAR', ({ etag }) => etag),
  optional('StorageClass', 'storage_class', 'VARCHAR', ({ storageClass }) => storageClass),
  optional('IsMultipartUploaded', 'is_multipart_uploaded', 'BOOLEAN', ({ parts }) => String(parts !== undefined)),
  optional('ReplicationStatus', 'replication_status', 'VARCHAR', ({ replication }) => replication),
  optional('EncryptionStatus', 'encryption_status', 'VARCHAR', ({ encryption }) => ENCRYPTION[encryption.algorithm] ?? 'NOT-SSE'),
  optional('ObjectLockRetainUntilDate', 'object_lock_retain_until_date', 'TIMESTAMP_MS', ({ retention }) => {
    return retention && new Date(retention.until).toISOString()
  }),
  optional('ObjectLockMode', 'object_lock_mode', 'VARCHAR', ({ retention }) => retention?.mode),
  optional('ObjectLockLegalHoldStatus', 'object_lock_legal_hold_status', 'VARCHAR', ({ legalHold }) => legalHold),
  optional('IntelligentTieringAccessTier', 'intelligent_tiering_access_tier', 'VARCHAR', (object, { ctx }) => accessTier(ctx, object)),
  optional('BucketKeyStatus', 'bucket_key_status', 'VARCHAR', ({ encryption }) => (encryption.bucketKey ? 'ENABLED' : 'DISABLED')),
  optional('ChecksumAlgorithm', 'checksum_algorithm', 'VARCHAR', ({ checksum }) => checksum?.algorithm),
  optional('ObjectAccessControlList', 'object_access_control_list', 'VARCHAR', aclText),
  {
    name: 'ObjectOwner',
    column: 'object_owner',
    type: 'VARCHAR',
    value: ({ version }) => canonicalId(version.owner),
  },
  optional('LifecycleExpirationDate', 'lifecycle_expiration_date', 'TIMESTAMP_MS', expiryText),
]

const ENCRYPTION: Readonly<Partial<Record<ObjectEncryption['algorithm'], string>>> = {
  AES256: 'SSE-S3',
  'SSE-C': 'SSE-C',
  'aws:kms': 'SSE-KMS',
  'aws:kms:dsse': 'DSSE-KMS',
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/objectacl.html */
function aclText({ acl, owner }: ObjectData): string {
  const grants = ((acl ?? privateAcl(owner)).Grants ?? []).map(({ Grantee, Permission }) => ({
    ...(Grantee?.ID !== undefined && { canonicalId: Grantee.ID }),
    ...(Grantee?.URI !== undefined && { uri: Grantee.URI }),
    type: Grantee?.Type,
    permission: Permission,
  }))
  return Buffer.from(JSON.stringify({ version: '2022-11-10', status: 'AVAILABLE', grants })).toString('base64')
}

function expiryText(object: ObjectData, { bucket, latest }: Listed): string | undefined {
  if (!latest) return undefined
  const times = rulesOf(bucket).flatMap(rule => (takes(rule, object) ? (expiryOf(rule, object) ?? []) : []))
  return times.length === 0 ? undefined : new Date(Math.min(...times)).toISOString()
}

/** The columns of a configuration's reports. */
export function columnsOf({ IncludedObjectVersions, OptionalFields = [] }: InventoryConfiguration): readonly Column[] {
  const wanted = new Set<string>(OptionalFields)
  return [...HEAD, ...(IncludedObjectVersions === 'All' ? VERSION : []), ...OPTIONAL.filter(({ name }) => wanted.has(name))]
}
