import type { AccessControlPolicy, Grant, ObjectOwnership, Permission } from '@aws-sdk/client-s3'
import { canonicalId } from './buckets.js'
import { invalidArgument, invalidRequest, s3Error } from './errors.js'
import type { Bucket } from './types.js'

/** The members by which a writer sets an ACL: a canned one, or grants. */
export interface AclInput {
  readonly ACL?: string | undefined
  readonly GrantFullControl?: string | undefined
  readonly GrantRead?: string | undefined
  readonly GrantReadACP?: string | undefined
  readonly GrantWrite?: string | undefined
  readonly GrantWriteACP?: string | undefined
}

const GROUPS = 'http://acs.amazonaws.com/groups'
export const ALL_USERS = `${GROUPS}/global/AllUsers`
export const AUTHENTICATED_USERS = `${GROUPS}/global/AuthenticatedUsers`
export const LOG_DELIVERY = `${GROUPS}/s3/LogDelivery`

/** The canonical user by which EC2 reads bundles of machine images; the same in every region. */
const EC2_BUNDLES = '6aa5a366c34c1cbe25dc49211496e913e0351eb0e8c37aa3477e40942ec6b97c'

const HEADERS = [
  ['GrantFullControl', 'FULL_CONTROL', 'x-amz-grant-full-control'],
  ['GrantRead', 'READ', 'x-amz-grant-read'],
  ['GrantReadACP', 'READ_ACP', 'x-amz-grant-read-acp'],
  ['GrantWrite', 'WRITE', 'x-amz-grant-write'],
  ['GrantWriteACP', 'WRITE_ACP', 'x-amz-grant-write-acp'],
] as const

/** Who owns new objects. A new bucket says `BucketOwnerEnforced`; one whose controls were deleted leaves objects to their writers. */
export function ownershipOf(bucket: Readonly<Bucket>): ObjectOwnership {
  return bucket.config.ownershipControls?.Rules?.[0]?.ObjectOwnership ?? 'ObjectWriter'
}

/** The ACL that nobody chose: full control for the owner. @param owner an account. */
export function privateAcl(owner: string): AccessControlPolicy {
  return { Owner: { ID: canonicalId(owner) }, Grants: [grantTo(owner, 'FULL_CONTROL')] }
}

/** Does a request set an ACL by its headers? */
export function hasAclHeaders(input: AclInput): boolean {
  return input.ACL !== undefined || HEADERS.some(([member]) => input[member] !== undefined)
}

/** Does an ACL grant anything to everyone, or to everyone with an AWS account? */
export function isPublicAcl(acl: AccessControlPolicy): boolean {
  return (acl.Grants ?? []).some(({ Grantee }) => Grantee?.URI === ALL_USERS || Grantee?.URI === AUTHENTICATED_USERS)
}

/** Does an ACL grant nothing to anyone but the owner? An ACL that nobody chose does so. */
export function isPrivate(acl: AccessControlPolicy | undefined, owner: string): boolean {
  return (acl?.Grants ?? []).every(({ Grantee }) => Grantee?.ID === canonicalId(owner))
}

/**
 * The ACL that a request's headers ask for; undefined when they don't.
 *
 * @param owner the account that owns the resource.
 * @param bucketOwner the account that owns the bucket it is in.
 * @throws InvalidArgument for a canned ACL or a grantee that there isn't, MethodNotAllowed for an address of e-mail, InvalidRequest for both kinds at once.
 */
export function aclFromHeaders(input: AclInput, owner: string, bucketOwner: string): AccessControlPolicy | undefined {
  const granted = HEADERS.filter(([member]) => input[member] !== undefined)
  if (input.ACL !== undefined) {
    if (granted.length > 0) throw invalidRequest('Specifying both Canned ACLs and Header Grants is not allowed')
    return { Owner: { ID: canonicalId(owner) }, Grants: cannedGrants(input.ACL, owner, bucketOwner) }
  }
  if (granted.length === 0) return undefined
  const Grants = granted.flatMap(([member, permission, header]) => parseGrantees(input[member] ?? '', permission, header))
  return { Owner: { ID: canonicalId(owner) }, Grants }
}

/**
 * Refuses an ACL where ACLs are off; the two that say nothing new are let through.
 *
 * @param code what S3 calls it: another name for a bucket that is being made.
 * @throws AccessControlListNotSupported, InvalidBucketAclWithObjectOwnership
 */
export function checkAclAllowed(
  input: AclInput,
  bucket: Readonly<Bucket>,
  code: 'AccessControlListNotSupported' | 'InvalidBucketAclWithObjectOwnership' = 'AccessControlListNotSupported',
): void {
  if (ownershipOf(bucket) !== 'BucketOwnerEnforced') return
  const harmless = input.ACL === undefined || input.ACL === 'private' || input.ACL === 'bucket-owner-full-control'
  const grants = HEADERS.some(([member, permission]) => {
    const value = input[member]
    return value !== undefined && !(permission === 'FULL_CONTROL' && value.includes(canonicalId(bucket.account)))
  })
  if (!harmless || grants) throw s3Error(code)
}

/** Who owns a new object: its writer only where the bucket leaves it to them. */
export function objectOwner(input: AclInput, bucket: Readonly<Bucket>, writer: string): string {
  const ownership = ownershipOf(bucket)
  if (ownership === 'ObjectWriter') return writer
  return ownership === 'BucketOwnerPreferred' && input.ACL !== 'bucket-owner-full-control' ? writer : bucket.account
}

function cannedGrants(acl: string, owner: string, bucketOwner: string): Grant[] {
  const full = grantTo(owner, 'FULL_CONTROL')
  switch (acl) {
    case 'private':
      return [full]
    case 'public-read':
      return [full, grantToGroup(ALL_USERS, 'READ')]
    case 'public-read-write':
      return [full, grantToGroup(ALL_USERS, 'READ'), grantToGroup(ALL_USERS, 'WRITE')]
    case 'authenticated-read':
      return [full, grantToGroup(AUTHENTICATED_USERS, 'READ')]
    case 'aws-exec-read':
      return [full, { Grantee: { Type: 'CanonicalUser', ID: EC2_BUNDLES }, Permission: 'READ' }]
    case 'bucket-owner-read':
      return owner === bucketOwner ? [full] : [full, grantTo(bucketOwner, 'READ')]
    case 'bucket-owner-full-control':
      return owner === bucketOwner ? [full] : [full, grantTo(bucketOwner, 'FULL_CONTROL')]
    case 'log-delivery-write':
      return [full, grantToGroup(LOG_DELIVERY, 'WRITE'), grantToGroup(LOG_DELIVERY, 'READ_ACP')]
    default:
      throw invalidArgument('', 'x-amz-acl', acl)
  }
}

function parseGrantees(value: string, Permission: Permission, header: string): Grant[] {
  return value.split(',').map(part => {
    const match = /^\s*(id|uri|emailAddress)\s*=\s*"?([^"]*)"?\s*$/i.exec(part)
    if (!match) throw invalidArgument('Argument format not recognized', header, value)
    const [, kind = '', name = ''] = match
    if (kind.toLowerCase() === 'id') {
      if (!/^[0-9a-f]{64}$/.test(name)) throw invalidArgument('Invalid id', header, value)
      return { Grantee: { Type: 'CanonicalUser', ID: name }, Permission }
    }
    if (kind.toLowerCase() === 'uri') {
      if (![ALL_USERS, AUTHENTICATED_USERS, LOG_DELIVERY].includes(name)) throw invalidArgument('Invalid group uri', header, value)
      return grantToGroup(name, Permission)
    }
    throw noEmailGrants()
  })
}

/** Grants to addresses of e-mail ended on 1 October 2025: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketAcl.html */
export function noEmailGrants(): Error {
  return s3Error('MethodNotAllowed', { message: 'Email grantees are no longer supported.' })
}

function grantTo(account: string, Permission: Permission): Grant {
  return { Grantee: { Type: 'CanonicalUser', ID: canonicalId(account) }, Permission }
}

function grantToGroup(URI: string, Permission: Permission): Grant {
  return { Grantee: { Type: 'Group', URI }, Permission }
}
