import type { Step } from '../../src/scenarios.js'

const ETAG_OF_HELLO = '"5d41402abc4b2a76b9719d911017c592"'
const KMS_KEY = 'arn:aws:kms:eu-west-1:<account>:key/0d5f3a8e-0000-4000-8000-000000000000'

const bucket = (Bucket: string, more: object = {}): Step => ({
  operation: 'CreateBucket',
  input: { Bucket, CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' }, ...more },
  expect: { Location: new RegExp(Bucket) },
})

const K = { Bucket: 'objects', Key: 'ü 1+2%.txt' }
const part = (PartNumber: number, ETag: string) => ({ PartNumber, ETag })

const objects: readonly Step[] = [
  bucket('objects'),
  { operation: 'HeadBucket', input: { Bucket: 'objects' }, expect: { BucketRegion: 'eu-west-1' } },
  { operation: 'GetBucketLocation', input: { Bucket: 'objects' }, expect: { LocationConstraint: 'eu-west-1' } },
  { operation: 'ListBuckets', input: { Prefix: 'objects' }, expect: { Buckets: [{ Name: 'objects', CreationDate: String }] } },
  { operation: 'ListDirectoryBuckets', input: {}, expect: { Buckets: [] } },
  {
    operation: 'PutObject',
    input: { ...K, Body: 'hello', ContentType: 'text/plain', Metadata: { color: 'blue' }, Tagging: 'a=1' },
    expect: { ETag: ETAG_OF_HELLO, ServerSideEncryption: 'AES256' },
  },
  { operation: 'PutObject', input: { ...K, Body: 'other', IfNoneMatch: '*' }, fails: /PreconditionFailed/ },
  {
    operation: 'GetObject',
    input: K,
    expect: { Body: 'hello', ContentLength: 5, ContentType: 'text/plain', Metadata: { color: 'blue' }, ETag: ETAG_OF_HELLO, TagCount: 1 },
  },
  { operation: 'GetObject', input: { ...K, Range: 'bytes=1-2' }, expect: { Body: 'el', ContentRange: 'bytes 1-2/5' } },
  { operation: 'GetObjectTorrent', input: K, expect: { Body: /^d8:announce.*6:lengthi5e/s } },
  { operation: 'HeadObject', input: K, expect: { ContentLength: 5, ETag: ETAG_OF_HELLO, LastModified: String } },
  {
    operation: 'GetObjectAttributes',
    input: { ...K, ObjectAttributes: ['ETag', 'ObjectSize', 'StorageClass'] },
    expect: { ETag: ETAG_OF_HELLO.slice(1, -1), ObjectSize: 5, StorageClass: 'STANDARD' },
  },
  { operation: 'GetObjectTagging', input: K, expect: { TagSet: [{ Key: 'a', Value: '1' }] } },
  { operation: 'PutObjectTagging', input: { ...K, Tagging: { TagSet: [{ Key: 'b', Value: 'é' }] } } },
  { operation: 'GetObjectTagging', input: K, expect: { TagSet: [{ Key: 'b', Value: 'é' }] } },
  { operation: 'DeleteObjectTagging', input: K },
  { operation: 'GetObjectTagging', input: K, expect: { TagSet: [] } },
  { operation: 'PutObject', input: { Bucket: 'objects', Key: 'plain', Body: 'hello' } },
  {
    operation: 'CopyObject',
    input: { Bucket: 'objects', Key: 'copies/1', CopySource: 'objects/plain', StorageClass: 'GLACIER' },
    expect: { CopyObjectResult: { ETag: ETAG_OF_HELLO } },
  },
  { operation: 'GetObject', input: { Bucket: 'objects', Key: 'copies/1' }, fails: /InvalidObjectState/ },
  {
    operation: 'RestoreObject',
    input: { Bucket: 'objects', Key: 'copies/1', RestoreRequest: { Days: 2, GlacierJobParameters: { Tier: 'Expedited' } } },
  },
  {
    operation: 'HeadObject',
    input: { Bucket: 'objects', Key: 'copies/1' },
    expect: { StorageClass: 'GLACIER', Restore: /ongoing-request=/ },
  },
  { operation: 'UpdateObjectEncryption', input: { ...K, ObjectEncryption: { SSEKMS: { KMSKeyArn: KMS_KEY } } } },
  { operation: 'HeadObject', input: K, expect: { ETag: ETAG_OF_HELLO } },
  { operation: 'RenameObject', input: { Bucket: 'objects', Key: 'renamed', RenameSource: 'plain' } },
  { operation: 'GetObject', input: { Bucket: 'objects', Key: 'renamed' }, expect: { Body: 'hello' } },
  { operation: 'GetObject', input: { Bucket: 'objects', Key: 'plain' }, fails: /NoSuchKey/ },
  {
    operation: 'ListObjects',
    input: { Bucket: 'objects', Delimiter: '/', MaxKeys: 10 },
    expect: {
      CommonPrefixes: [{ Prefix: 'copies/' }],
      Contents: [
        { Key: 'renamed', Size: 5 },
        { Key: K.Key, ETag: ETAG_OF_HELLO },
      ],
    },
  },
  {
    operation: 'ListObjectsV2',
    input: { Bucket: 'objects', MaxKeys: 1 },
    expect: { IsTruncated: true, KeyCount: 1, Contents: [{ Key: 'copies/1' }] },
    save: { token: 'NextContinuationToken' },
  },
  {
    operation: 'ListObjectsV2',
    input: { Bucket: 'objects', ContinuationToken: '<token>' },
    expect: { IsTruncated: false, Contents: [{ Key: 'renamed' }, { Key: K.Key }] },
  },
  { operation: 'PutObject', input: { Bucket: 'objects', Key: 'table.csv', Body: 'name,n\nann,1\nbob,20\n' } },
  {
    operation: 'SelectObjectContent',
    input: {
      Bucket: 'objects',
      Key: 'table.csv',
      Expression: 'SELECT s.name FROM S3Object s WHERE CAST(s.n AS INT) > 5',
      ExpressionType: 'SQL',
      InputSerialization: { CSV: { FileHeaderInfo: 'USE' } },
      OutputSerialization: { JSON: {} },
    },
    expect: { Payload: '{"name":"bob"}\n' },
  },
  {
    operation: 'DeleteObjects',
    input: { Bucket: 'objects', Delete: { Objects: [{ Key: 'table.csv' }, { Key: 'nothing' }] } },
    expect: { Deleted: [{ Key: 'table.csv' }, { Key: 'nothing' }] },
  },
  { operation: 'DeleteObject', input: { Bucket: 'objects', Key: 'renamed' } },
  { operation: 'DeleteBucket', input: { Bucket: 'objects' }, fails: /BucketNotEmpty/ },
  { operation: 'DeleteObjects', input: { Bucket: 'objects', Delete: { Objects: [{ Key: K.Key }, { Key: 'copies/1' }], Quiet: true } } },
  { operation: 'DeleteBucket', input: { Bucket: 'objects' } },
  { operation: 'ListObjects', input: { Bucket: 'objects' }, fails: /NoSuchBucket/ },
]

const A = { Bucket: 'annotated', Key: 'k' }

const annotations: readonly Step[] = [
  bucket('annotated'),
  { operation: 'PutObject', input: { ...A, Body: 'x' } },
  {
    operation: 'PutObjectAnnotation',
    input: { ...A, AnnotationName: 'note', AnnotationPayload: 'é' },
    expect: { Key: 'k', AnnotationName: 'note' },
  },
  { operation: 'GetObjectAnnotation', input: { ...A, AnnotationName: 'note' }, expect: { AnnotationPayload: 'é', ContentLength: 2 } },
  { operation: 'ListObjectAnnotations', input: A, expect: { AnnotationCount: 1, Annotations: [{ AnnotationName: 'note', Size: 2 }] } },
  { operation: 'DeleteObjectAnnotation', input: { ...A, AnnotationName: 'note' } },
  { operation: 'GetObjectAnnotation', input: { ...A, AnnotationName: 'note' }, fails: /NoSuchAnnotation/ },
]

const M = { Bucket: 'uploads', Key: 'big' }
const U = { ...M, UploadId: '<upload>' }

const uploads: readonly Step[] = [
  bucket('uploads'),
  { operation: 'CreateMultipartUpload', input: { ...M, ContentType: 'x/y' }, expect: M, save: { upload: 'UploadId' } },
  { operation: 'UploadPart', input: { ...U, PartNumber: 2, Body: 'the end' }, expect: { ETag: String }, save: { two: 'ETag' } },
  { operation: 'PutObject', input: { Bucket: 'uploads', Key: 'source', Body: 'hello, world' } },
  {
    operation: 'UploadPartCopy',
    input: { ...U, PartNumber: 1, CopySource: 'uploads/source', CopySourceRange: 'bytes=0-4' },
    expect: { CopyPartResult: { ETag: ETAG_OF_HELLO } },
  },
  {
    operation: 'ListParts',
    input: U,
    expect: {
      Parts: [
        { PartNumber: 1, Size: 5 },
        { PartNumber: 2, Size: 7, ETag: '<two>' },
      ],
    },
  },
  { operation: 'ListMultipartUploads', input: { Bucket: 'uploads' }, expect: { Uploads: [{ Key: 'big', UploadId: '<upload>' }] } },
  {
    operation: 'CompleteMultipartUpload',
    input: { ...U, MultipartUpload: { Parts: [part(1, ETAG_OF_HELLO), part(2, '<two>')] } },
    fails: /EntityTooSmall/,
  },
  { operation: 'CompleteMultipartUpload', input: { ...U, MultipartUpload: { Parts: [part(2, '<two>')] } }, expect: { ETag: /-1"$/, ...M } },
  { operation: 'GetObject', input: M, expect: { Body: 'the end', ContentType: 'x/y', ETag: /-1"$/ } },
  { operation: 'CreateMultipartUpload', input: M, save: { upload: 'UploadId' } },
  { operation: 'AbortMultipartUpload', input: U },
  { operation: 'ListParts', input: U, fails: /NoSuchUpload/ },
  { operation: 'GetObject', input: M, expect: { ContentLength: 7 } },
]

const V = { Bucket: 'versions', Key: 'k' }

const versions: readonly Step[] = [
  bucket('versions', { ObjectLockEnabledForBucket: true }),
  { operation: 'GetBucketVersioning', input: { Bucket: 'versions' }, expect: { Status: 'Enabled' } },
  {
    operation: 'PutBucketVersioning',
    input: { Bucket: 'versions', VersioningConfiguration: { Status: 'Suspended' } },
    fails: /InvalidBucketState/,
  },
  {
    operation: 'PutObjectLockConfiguration',
    input: {
      Bucket: 'versions',
      ObjectLockConfiguration: { ObjectLockEnabled: 'Enabled', Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days: 1 } } },
    },
  },
  {
    operation: 'GetObjectLockConfiguration',
    input: { Bucket: 'versions' },
    expect: { ObjectLockConfiguration: { Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days: 1 } } } },
  },
  { operation: 'PutObject', input: { ...V, Body: 'first' }, save: { first: 'VersionId' } },
  { operation: 'PutObject', input: { ...V, Body: 'second' }, save: { second: 'VersionId' } },
  { operation: 'GetObjectRetention', input: V, expect: { Retention: { Mode: 'GOVERNANCE', RetainUntilDate: String } } },
  { operation: 'DeleteObject', input: { ...V, VersionId: '<first>' }, fails: /AccessDenied/ },
  {
    operation: 'PutObjectRetention',
    input: { ...V, VersionId: '<first>', Retention: { Mode: 'GOVERNANCE', RetainUntilDate: '2099-01-01T00:00:00Z' } },
  },
  { operation: 'GetObjectRetention', input: { ...V, VersionId: '<first>' }, expect: { Retention: { RetainUntilDate: /^2099-01-01/ } } },
  { operation: 'PutObjectLegalHold', input: { ...V, VersionId: '<first>', LegalHold: { Status: 'ON' } } },
  { operation: 'GetObjectLegalHold', input: { ...V, VersionId: '<first>' }, expect: { LegalHold: { Status: 'ON' } } },
  { operation: 'DeleteObject', input: { ...V, VersionId: '<first>', BypassGovernanceRetention: true }, fails: /AccessDenied/ },
  { operation: 'PutObjectLegalHold', input: { ...V, VersionId: '<first>', LegalHold: { Status: 'OFF' } } },
  { operation: 'DeleteObject', input: V, expect: { DeleteMarker: true }, save: { marker: 'VersionId' } },
  {
    operation: 'ListObjectVersions',
    input: { Bucket: 'versions' },
    expect: {
      Versions: [
        { VersionId: '<second>', Size: 6, IsLatest: false },
        { VersionId: '<first>', Size: 5, IsLatest: false },
      ],
      DeleteMarkers: [{ VersionId: '<marker>', IsLatest: true }],
    },
  },
  { operation: 'GetObject', input: { ...V, VersionId: '<first>' }, expect: { Body: 'first', VersionId: '<first>' } },
  { operation: 'DeleteObject', input: { ...V, VersionId: '<first>', BypassGovernanceRetention: true }, expect: { VersionId: '<first>' } },
]

const C = { Bucket: 'settings' }
const CORS = [{ AllowedMethods: ['GET'], AllowedOrigins: ['https://*.example.com'], MaxAgeSeconds: 60 }]
const AES = {
  ServerSideEncryptionConfiguration: {
    Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' }, BucketKeyEnabled: true }],
  },
}
const RULES = [{ ID: 'tidy', Status: 'Enabled', Filter: { Prefix: 'tmp/' }, Expiration: { Days: 3 } }]
const POLICY = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: 'arn:aws:s3:::settings/*' }],
})
const WEBSITE = { IndexDocument: { Suffix: 'index.html' }, ErrorDocument: { Key: 'error.html' } }
const BLOCKED = { BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true }

const settings: readonly Step[] = [
  bucket('settings'),
  { operation: 'PutBucketTagging', input: { ...C, Tagging: { TagSet: [{ Key: 'team', Value: 'blue' }] } } },
  { operation: 'GetBucketTagging', input: C, expect: { TagSet: [{ Key: 'team', Value: 'blue' }] } },
  { operation: 'DeleteBucketTagging', input: C },
  { operation: 'GetBucketTagging', input: C, fails: /NoSuchTagSet/ },
  { operation: 'PutBucketCors', input: { ...C, CORSConfiguration: { CORSRules: CORS } } },
  { operation: 'GetBucketCors', input: C, expect: { CORSRules: CORS } },
  { operation: 'DeleteBucketCors', input: C },
  { operation: 'GetBucketCors', input: C, fails: /NoSuchCORSConfiguration/ },
  { operation: 'PutBucketEncryption', input: { ...C, ...AES } },
  { operation: 'GetBucketEncryption', input: C, expect: AES },
  { operation: 'DeleteBucketEncryption', input: C },
  { operation: 'PutBucketLifecycleConfiguration', input: { ...C, LifecycleConfiguration: { Rules: RULES } } },
  { operation: 'GetBucketLifecycleConfiguration', input: C, expect: { Rules: RULES } },
  { operation: 'DeleteBucketLifecycle', input: C },
  { operation: 'GetBucketLifecycleConfiguration', input: C, fails: /NoSuchLifecycleConfiguration/ },
  { operation: 'GetPublicAccessBlock', input: C, expect: { PublicAccessBlockConfiguration: BLOCKED } },
  { operation: 'PutBucketPolicy', input: { ...C, Policy: POLICY }, fails: /AccessDenied/ },
  { operation: 'DeletePublicAccessBlock', input: C },
  { operation: 'GetPublicAccessBlock', input: C, fails: /NoSuchPublicAccessBlockConfiguration/ },
  { operation: 'PutBucketPolicy', input: { ...C, Policy: POLICY } },
  { operation: 'GetBucketPolicy', input: C, expect: { Policy: POLICY } },
  { operation: 'GetBucketPolicyStatus', input: C, expect: { PolicyStatus: { IsPublic: true } } },
  { operation: 'DeleteBucketPolicy', input: C },
  { operation: 'GetBucketPolicy', input: C, fails: /NoSuchBucketPolicy/ },
  { operation: 'PutPublicAccessBlock', input: { ...C, PublicAccessBlockConfiguration: { ...BLOCKED, BlockPublicPolicy: false } } },
  {
    operation: 'GetPublicAccessBlock',
    input: C,
    expect: { PublicAccessBlockConfiguration: { BlockPublicAcls: true, BlockPublicPolicy: false } },
  },
  {
    operation: 'GetBucketOwnershipControls',
    input: C,
    expect: { OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] } },
  },
  { operation: 'PutBucketAcl', input: { ...C, ACL: 'private' }, fails: /AccessControlListNotSupported/ },
  { operation: 'PutBucketOwnershipControls', input: { ...C, OwnershipControls: { Rules: [{ ObjectOwnership: 'ObjectWriter' }] } } },
  { operation: 'PutBucketAcl', input: { ...C, ACL: 'log-delivery-write' } },
  {
    operation: 'GetBucketAcl',
    input: C,
    expect: { Grants: [{ Permission: 'FULL_CONTROL' }, { Permission: 'WRITE' }, { Permission: 'READ_ACP' }] },
  },
  { operation: 'PutBucketAcl', input: { ...C, ACL: 'private' } },
  { operation: 'PutObject', input: { ...C, Key: 'acl', Body: 'x' } },
  { operation: 'PutObjectAcl', input: { ...C, Key: 'acl', ACL: 'authenticated-read' }, fails: /AccessDenied/ },
  { operation: 'PutObjectAcl', input: { ...C, Key: 'acl', ACL: 'bucket-owner-full-control' } },
  {
    operation: 'GetObjectAcl',
    input: { ...C, Key: 'acl' },
    expect: { Grants: [{ Grantee: { Type: 'CanonicalUser' }, Permission: 'FULL_CONTROL' }] },
  },
  { operation: 'DeleteBucketOwnershipControls', input: C },
  { operation: 'GetBucketOwnershipControls', input: C, fails: /OwnershipControlsNotFoundError/ },
  { operation: 'PutBucketWebsite', input: { ...C, WebsiteConfiguration: WEBSITE } },
  { operation: 'GetBucketWebsite', input: C, expect: WEBSITE },
  { operation: 'DeleteBucketWebsite', input: C },
  { operation: 'GetBucketWebsite', input: C, fails: /NoSuchWebsiteConfiguration/ },
  {
    operation: 'PutBucketLogging',
    input: { ...C, BucketLoggingStatus: { LoggingEnabled: { TargetBucket: 'settings', TargetPrefix: 'logs/' } } },
  },
  { operation: 'GetBucketLogging', input: C, expect: { LoggingEnabled: { TargetBucket: 'settings', TargetPrefix: 'logs/' } } },
  { operation: 'PutBucketRequestPayment', input: { ...C, RequestPaymentConfiguration: { Payer: 'Requester' } } },
  { operation: 'GetBucketRequestPayment', input: C, expect: { Payer: 'Requester' } },
  { operation: 'PutBucketAccelerateConfiguration', input: { ...C, AccelerateConfiguration: { Status: 'Enabled' } } },
  { operation: 'GetBucketAccelerateConfiguration', input: C, expect: { Status: 'Enabled' } },
  { operation: 'PutBucketAbac', input: { ...C, AbacStatus: { Status: 'Enabled' } } },
  { operation: 'GetBucketAbac', input: C, expect: { AbacStatus: { Status: 'Enabled' } } },
  {
    operation: 'PutBucketNotificationConfiguration',
    input: { ...C, NotificationConfiguration: { EventBridgeConfiguration: {} } },
  },
  { operation: 'GetBucketNotificationConfiguration', input: C, expect: { EventBridgeConfiguration: {} } },
]

const inventory = {
  Id: 'all',
  IsEnabled: true,
  IncludedObjectVersions: 'Current',
  Schedule: { Frequency: 'Daily' },
  Destination: { S3BucketDestination: { Bucket: 'arn:aws:s3:::named', Format: 'CSV' } },
}
const tiering = { Id: 'all', Status: 'Enabled', Tierings: [{ Days: 90, AccessTier: 'ARCHIVE_ACCESS' }] }
const analytics = { Id: 'all', StorageClassAnalysis: {} }
const metrics = { Id: 'all', Filter: { Prefix: 'p/' } }
const N = { Bucket: 'named' }

/** Puts, gets, lists and deletes one of the configurations that have an id. */
function named(kind: string, configuration: object, missing: RegExp): Step[] {
  const [one, all] = [`${kind}Configuration`, `${kind}ConfigurationList`]
  const Id = { ...N, Id: 'all' }
  return [
    { operation: `PutBucket${one}`, input: { ...Id, [one]: configuration } },
    { operation: `GetBucket${one}`, input: Id, expect: { [one]: configuration } },
    { operation: `ListBucket${one}s`, input: N, expect: { IsTruncated: false, [all]: [configuration] } },
    { operation: `DeleteBucket${one}`, input: Id },
    { operation: `GetBucket${one}`, input: Id, fails: missing },
  ]
}

const configurations: readonly Step[] = [
  bucket('named'),
  ...named('Analytics', analytics, /NoSuchConfiguration/),
  ...named('IntelligentTiering', tiering, /NoSuchConfiguration/),
  ...named('Inventory', inventory, /NoSuchConfiguration/),
  ...named('Metrics', metrics, /NoSuchConfiguration/),
]

const enabled = (Bucket: string): Step => ({
  operation: 'PutBucketVersioning',
  input: { Bucket, VersioningConfiguration: { Status: 'Enabled' } },
})
const REPLICATION = {
  Role: 'arn:aws:iam::<account>:role/replicate',
  Rules: [
    {
      ID: 'all',
      Priority: 1,
      Status: 'Enabled',
      Filter: { Prefix: '' },
      DeleteMarkerReplication: { Status: 'Disabled' },
      Destination: { Bucket: 'arn:aws:s3:::replica' },
    },
  ],
}

const replication: readonly Step[] = [
  bucket('original'),
  bucket('replica'),
  { operation: 'PutBucketReplication', input: { Bucket: 'original', ReplicationConfiguration: REPLICATION }, fails: /InvalidRequest/ },
  enabled('original'),
  enabled('replica'),
  { operation: 'PutBucketReplication', input: { Bucket: 'original', ReplicationConfiguration: REPLICATION } },
  { operation: 'GetBucketReplication', input: { Bucket: 'original' }, expect: { ReplicationConfiguration: REPLICATION } },
  { operation: 'PutObject', input: { Bucket: 'original', Key: 'k', Body: 'twice' } },
  { operation: 'HeadObject', input: { Bucket: 'original', Key: 'k' }, until: ['ReplicationStatus', 'COMPLETED'] },
  { operation: 'GetObject', input: { Bucket: 'replica', Key: 'k' }, expect: { Body: 'twice', ReplicationStatus: 'REPLICA' } },
  { operation: 'DeleteBucketReplication', input: { Bucket: 'original' } },
  { operation: 'GetBucketReplication', input: { Bucket: 'original' }, fails: /ReplicationConfigurationNotFoundError/ },
]

/** Requests that together are every operation. Those of one scenario come one after another; the scenarios know nothing of each other. */
export const SCENARIOS: Readonly<Record<string, readonly Step[]>> = {
  objects,
  annotations,
  uploads,
  versions,
  settings,
  configurations,
  replication,
}
