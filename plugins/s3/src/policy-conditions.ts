import type { HttpInfo, OneOrMore } from '@ministack/gateway'
import { accessPointArn } from './access-points.js'
import type { AuthorizationInput } from './authorization.js'
import type { Context } from './kit.js'
import type { Bucket, ObjectVersion, Tags } from './types.js'

/** The values of condition keys, by key in lower case. */
export type Conditions = Record<string, OneOrMore<string>>

const DAY_MS = 24 * 60 * 60 * 1000

/** The condition keys of S3 that tell a member of the input. */
const MEMBERS: Readonly<Record<string, string>> = {
  's3:delimiter': 'Delimiter',
  's3:if-match': 'IfMatch',
  's3:if-none-match': 'IfNoneMatch',
  's3:max-keys': 'MaxKeys',
  's3:object-lock-legal-hold': 'ObjectLockLegalHoldStatus',
  's3:object-lock-mode': 'ObjectLockMode',
  's3:prefix': 'Prefix',
  's3:versionid': 'VersionId',
  's3:x-amz-acl': 'ACL',
  's3:x-amz-copy-source': 'CopySource',
  's3:x-amz-grant-full-control': 'GrantFullControl',
  's3:x-amz-grant-read': 'GrantRead',
  's3:x-amz-grant-read-acp': 'GrantReadACP',
  's3:x-amz-grant-write': 'GrantWrite',
  's3:x-amz-grant-write-acp': 'GrantWriteACP',
  's3:x-amz-metadata-directive': 'MetadataDirective',
  's3:x-amz-server-side-encryption': 'ServerSideEncryption',
  's3:x-amz-server-side-encryption-aws-kms-key-id': 'SSEKMSKeyId',
  's3:x-amz-server-side-encryption-customer-algorithm': 'SSECustomerAlgorithm',
  's3:x-amz-storage-class': 'StorageClass',
  's3:x-amz-website-redirect-location': 'WebsiteRedirectLocation',
}

/** The operations by which an object comes to be, for `s3:ObjectCreationOperation`. Parts make none until they are put together. */
const CREATES = new Set(['PutObject', 'PostObject', 'CopyObject', 'CompleteMultipartUpload', 'RenameObject'])

/**
 * What a request says to the conditions of a policy.
 *
 * @param version the version that it is for, where there is one.
 */
export function conditionsOf(
  ctx: Context,
  bucket: Readonly<Bucket>,
  input: AuthorizationInput,
  action: string,
  version: ObjectVersion | undefined,
): Conditions {
  const now = ctx.clock.date()
  const conditions: Conditions = {
    'aws:currenttime': now.toISOString(),
    'aws:epochtime': String(Math.floor(now.getTime() / 1000)),
    'aws:securetransport': String(ctx.http?.secure ?? true),
    'aws:resourceaccount': bucket.account,
    'aws:requestedregion': ctx.region,
    's3:resourceaccount': bucket.account,
    // A list without a prefix is a list of the empty one.
    ...(action.startsWith('s3:ListBucket') && { 's3:prefix': '' }),
  }
  if (action === 's3:PutObject') conditions['s3:objectcreationoperation'] = String(CREATES.has(ctx.operation))
  for (const [key, member] of Object.entries(MEMBERS)) {
    const value = (input as Record<string, unknown>)[member]
    if (value !== undefined) conditions[key] = String(value)
  }
  addLock(conditions, input as LockMembers, now)
  if (input.point) addAccessPoint(conditions, ctx, input.point)
  if (ctx.http) addHttp(conditions, ctx.http, now, ctx.operation)
  if (bucket.config.abac === 'Enabled') {
    addTags(conditions, 's3:buckettag', bucket.tags)
    addTags(conditions, 'aws:resourcetag', bucket.tags)
  }
  if (version && !version.deleteMarker) addTags(conditions, 's3:existingobjecttag', version.tags)
  const tags = requestTags(input.Tagging)
  if (tags.length > 0) conditions['s3:requestobjecttagkeys'] = tags.map(({ Key }) => Key)
  addTags(conditions, 's3:requestobjecttag', tags)
  const resourceTags = requestTags({ TagSet: input.Tags })
  if (resourceTags.length > 0) conditions['aws:tagkeys'] = resourceTags.map(({ Key }) => Key)
  addTags(conditions, 'aws:requesttag', resourceTags)
  return conditions
}

function addTags(conditions: Conditions, prefix: string, tags: Tags | undefined): void {
  for (const { Key, Value } of tags ?? []) conditions[`${prefix}/${Key}`.toLowerCase()] = Value
}

/** The tags that a request brings: a header's or a document's. */
function requestTags(tagging: unknown): { Key: string; Value: string }[] {
  if (typeof tagging === 'string') return [...new URLSearchParams(tagging)].map(([Key, Value]) => ({ Key, Value }))
  const { TagSet = [] } = (tagging ?? {}) as { TagSet?: { Key?: string; Value?: string }[] }
  return TagSet.map(({ Key = '', Value = '' }) => ({ Key, Value }))
}

/** The members by which a lock comes with an object, or by itself. */
interface LockMembers {
  readonly ObjectLockRetainUntilDate?: Date
  readonly Retention?: { readonly Mode?: string; readonly RetainUntilDate?: Date }
  readonly LegalHold?: { readonly Status?: string }
}

function addLock(conditions: Conditions, { ObjectLockRetainUntilDate, Retention, LegalHold }: LockMembers, now: Date): void {
  const until = ObjectLockRetainUntilDate ?? Retention?.RetainUntilDate
  if (until) {
    conditions['s3:object-lock-retain-until-date'] = until.toISOString()
    conditions['s3:object-lock-remaining-retention-days'] = String(Math.ceil((until.getTime() - now.getTime()) / DAY_MS))
  }
  if (Retention?.Mode !== undefined) conditions['s3:object-lock-mode'] = Retention.Mode
  if (LegalHold?.Status !== undefined) conditions['s3:object-lock-legal-hold'] = LegalHold.Status
}

function addAccessPoint(conditions: Conditions, ctx: Context, point: NonNullable<AuthorizationInput['point']>): void {
  conditions['s3:dataaccesspointarn'] = accessPointArn(ctx, point)
  conditions['s3:dataaccesspointaccount'] = point.account
  conditions['s3:accesspointnetworkorigin'] = point.vpcId ? 'VPC' : 'Internet'
  addTags(conditions, 's3:accesspointtag', point.tags)
}

function addHttp(conditions: Conditions, { headers, query, remoteAddress }: HttpInfo, now: Date, operation: string): void {
  conditions['aws:sourceip'] = (remoteAddress ?? '127.0.0.1').replace(/^::ffff:(?=\d+\.)/, '')
  addHeader(conditions, 'aws:useragent', headers['user-agent'])
  addHeader(conditions, 'aws:referer', headers.referer)
  addHeader(conditions, 's3:x-amz-content-sha256', headers['x-amz-content-sha256'])
  const authorization = headers.authorization as string | undefined
  const presigned = query.has('X-Amz-Signature') || query.has('Signature')
  if (authorization === undefined && !presigned) {
    // A form carries its signature in its body, which was read by now.
    if (operation === 'PostObject') conditions['s3:authtype'] = 'POST'
    return
  }
  conditions['s3:authtype'] = presigned && authorization === undefined ? 'REST-QUERY-STRING' : 'REST-HEADER'
  const two = authorization?.startsWith('AWS ') ?? query.has('Signature')
  conditions['s3:signatureversion'] = two ? 'AWS' : 'AWS4-HMAC-SHA256'
  const signed = basicDate(query.get('X-Amz-Date') ?? headers['x-amz-date'])
  if (signed !== undefined) conditions['s3:signatureage'] = String(now.getTime() - signed)
}

function addHeader(conditions: Conditions, key: string, value: string | string[] | undefined): void {
  if (value !== undefined) conditions[key] = value
}

/** `20260101T000000Z` in milliseconds since the epoch. */
function basicDate(text: string | string[] | undefined): number | undefined {
  const [, ...parts] = (typeof text === 'string' && /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text)) || []
  const [year, month, day, hours, minutes, seconds] = parts.map(Number)
  return year === undefined ? undefined : Date.UTC(year, (month ?? 1) - 1, day, hours, minutes, seconds)
}
