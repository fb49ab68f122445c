import type { AccessControlPolicy, Grant, Grantee, Permission } from '@aws-sdk/client-s3'
import {
  type AclInput,
  ALL_USERS,
  AUTHENTICATED_USERS,
  aclFromHeaders,
  hasAclHeaders,
  isPublicAcl,
  LOG_DELIVERY,
  noEmailGrants,
  ownershipOf,
} from './acl.js'
import { canonicalId } from './buckets.js'
import { invalidArgument, s3Error } from './errors.js'
import type { Context } from './kit.js'
import { blockedAs, isBlocked } from './public-access.js'
import type { Bucket } from './types.js'

/** The most grants of an ACL. */
const MAX_GRANTS = 100
const PERMISSIONS: readonly Permission[] = ['FULL_CONTROL', 'READ', 'READ_ACP', 'WRITE', 'WRITE_ACP']

/** The input of PutBucketAcl and PutObjectAcl: headers or a document, not both. */
export interface AclChange extends AclInput {
  readonly AccessControlPolicy?: AccessControlPolicy | undefined
  /** The object, for PutObjectAcl. */
  readonly Key?: string | undefined
}

/**
 * The ACL that a PutBucketAcl or PutObjectAcl asks for.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html
 *
 * @param owner the account that owns the bucket or object.
 * @throws AccessControlListNotSupported where ACLs are off, UnexpectedContent, MissingSecurityHeader, MalformedACLError, InvalidArgument, MethodNotAllowed,
 * AccessDenied for a public ACL where those are blocked.
 */
export function requestedAcl(ctx: Context, bucket: Readonly<Bucket>, owner: string, input: AclChange): AccessControlPolicy {
  const document = input.AccessControlPolicy
  const headers = hasAclHeaders(input)
  if (document && headers) throw s3Error('UnexpectedContent')
  if (ownershipOf(bucket) === 'BucketOwnerEnforced') throw s3Error('AccessControlListNotSupported')
  if (!document && !headers) throw s3Error('MissingSecurityHeader', { fields: { MissingHeaderName: 'x-amz-acl' } })
  const acl = document ? checkedDocument(document, owner) : aclFromHeaders(input, owner, bucket.account)!
  refusePublicAcl(ctx, bucket, acl, input.Key)
  return acl
}

/**
 * Refuses an ACL for everyone where the bucket or its account blocks those.
 *
 * @param key the object that it is for; undefined for the bucket.
 * @throws AccessDenied
 */
export function refusePublicAcl(
  ctx: Context,
  bucket: Readonly<Bucket>,
  acl: AccessControlPolicy | undefined,
  key: string | undefined,
): void {
  if (!acl || !isPublicAcl(acl) || !isBlocked(ctx, bucket, 'BlockPublicAcls')) return
  const resource = `arn:${ctx.partition}:s3:::${bucket.name}${key === undefined ? '' : `/${key}`}`
  throw blockedAs(ctx, key === undefined ? 's3:PutBucketAcl' : 's3:PutObjectAcl', resource, 'BlockPublicAcls')
}

function checkedDocument({ Owner, Grants }: AccessControlPolicy, owner: string): AccessControlPolicy {
  if (!Owner?.ID || !Grants || Grants.length > MAX_GRANTS) throw s3Error('MalformedACLError')
  if (Owner.ID !== canonicalId(owner)) throw s3Error('AccessDenied')
  return { Owner: { ID: Owner.ID }, Grants: Grants.map(checkedGrant) }
}

/** A grant of a document. @throws MalformedACLError, InvalidArgument, MethodNotAllowed for an address of e-mail */
export function checkedGrant({ Grantee, Permission }: Grant): Grant {
  if (!Grantee || !Permission || !PERMISSIONS.includes(Permission)) throw s3Error('MalformedACLError')
  return { Grantee: checkedGrantee(Grantee), Permission }
}

/** @throws MalformedACLError, InvalidArgument, MethodNotAllowed for an address of e-mail */
export function checkedGrantee({ Type, ID, URI, EmailAddress }: Grantee): Grantee {
  switch (Type) {
    case 'CanonicalUser':
      if (!ID) throw s3Error('MalformedACLError')
      if (!/^[0-9a-f]{64}$/.test(ID)) throw invalidArgument('Invalid id', 'CanonicalUser/ID', ID)
      return { Type, ID }
    case 'Group':
      if (!URI) throw s3Error('MalformedACLError')
      if (![ALL_USERS, AUTHENTICATED_USERS, LOG_DELIVERY].includes(URI)) throw invalidArgument('Invalid group uri', 'Group/URI', URI)
      return { Type, URI }
    case 'AmazonCustomerByEmail':
      if (!EmailAddress) throw s3Error('MalformedACLError')
      throw noEmailGrants()
    default:
      throw s3Error('MalformedACLError')
  }
}
