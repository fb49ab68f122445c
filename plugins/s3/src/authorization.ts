import type { AccessControlPolicy, Permission } from '@aws-sdk/client-s3'
import { type Caller, evaluatePolicy, type PolicyDocument } from '@ministack/gateway'
import { accessPointArn } from './access-points.js'
import { ALL_USERS, AUTHENTICATED_USERS, ownershipOf, privateAcl } from './acl.js'
import { canonicalId } from './buckets.js'
import { s3Error } from './errors.js'
import type { Context } from './kit.js'
import { conditionsOf } from './policy-conditions.js'
import { isPublicPolicy, storedPolicy } from './policy-statements.js'
import { isBlocked } from './public-access.js'
import { type ActionInput, actionsOf, targetOf } from './s3-actions.js'
import type { AccessPoint, Bucket, ObjectVersion } from './types.js'

/** What of an operation's input decides who may do it. */
export interface AuthorizationInput extends ActionInput {
  /** Tags that the resource gets. */
  readonly Tags?: readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[] | undefined
  readonly Key?: string | undefined
  readonly RequestPayer?: string | undefined
  /** The action, where it isn't the operation's: a copy reads its source. */
  readonly action?: string | undefined
  /** The access point that the request came by. */
  readonly point?: Readonly<AccessPoint> | undefined
}

/** The policy operations that the root of a bucket's account can't be denied, so that nobody locks themselves out. */
const ALWAYS_ROOTS = new Set(['s3:GetBucketPolicy', 's3:PutBucketPolicy', 's3:DeleteBucketPolicy'])

/**
 * Checks that the caller may do what it asks for, where authorization is switched on. The bucket's own account may do everything that its bucket policy doesn't deny. Everyone
 * else, anonymous callers too, needs a bucket policy or an ACL that allows it, as far as the public access block lets those count.
 * Work that no request asked for (a timer's) isn't checked.
 *
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/how-s3-evaluates-access-control.html
 *
 * @param point the access point that the request came by.
 * @throws AccessDenied
 */
export function authorize(ctx: Context, bucket: Readonly<Bucket>, input: AuthorizationInput, point?: Readonly<AccessPoint>): void {
  if (!ctx.config.authorize) return
  const own = isOwn(ctx.caller, bucket)
  const { policy } = bucket.config
  if (own && !point && policy === undefined && ownershipOf(bucket) === 'BucketOwnerEnforced') return
  // Each key of a DeleteObjects is checked by itself.
  if (ctx.operation === '' || (ctx.operation === 'DeleteObjects' && input.Key === undefined)) return
  const actions = input.action ? [input.action] : actionsOf(ctx.operation === 'DeleteObjects' ? 'DeleteObject' : ctx.operation, input)
  const document = policy === undefined ? undefined : storedPolicy(policy)
  for (const action of actions) {
    if (point) checkAccessPoint(ctx, bucket, point, input, action)
    check(ctx, bucket, point ? { ...input, point } : input, action, document)
  }
  if (!own && bucket.config.requestPayment === 'Requester' && (ctx.caller.type === 'anonymous' || !isPaying(ctx, input))) {
    throw s3Error('AccessDenied')
  }
}

/** Does the requester say that it pays? Every operation has the header, whether its model has it or not; a presigned URL says it in its query. */
function isPaying({ http }: Context, input: AuthorizationInput): boolean {
  const said = input.RequestPayer ?? http?.headers['x-amz-request-payer'] ?? http?.query.get('x-amz-request-payer')
  return said === 'requester'
}

/** Is the caller one of the bucket's own account? A service that calls for the account counts as one. */
function isOwn(caller: Caller, bucket: Readonly<Bucket>): boolean {
  return caller.type !== 'anonymous' && caller.account === bucket.account
}

/** @throws AccessDenied for a caller without a name, where no bucket says who may. */
export function refuseAnonymous(ctx: Context): void {
  if (ctx.config.authorize && ctx.caller.type === 'anonymous') throw s3Error('AccessDenied')
}

function check(
  ctx: Context,
  bucket: Readonly<Bucket>,
  input: AuthorizationInput,
  action: string,
  policy: PolicyDocument | undefined,
): void {
  const { caller } = ctx
  const own = isOwn(caller, bucket)
  const onObject = targetOf(action) === 'object' && input.Key !== undefined
  const version = onObject ? versionOf(ctx, bucket, input) : undefined
  const arn = `arn:${ctx.partition}:s3:::${bucket.name}`
  const resource = onObject ? `${arn}/${input.Key}` : arn
  const decision = policy ? decide(ctx, bucket, policy, { input, action, resource, version }) : 'none'
  if (decision === 'deny' && !(own && caller.type === 'root' && ALWAYS_ROOTS.has(action))) {
    const message = `User: ${caller.arn} is not authorized to perform: ${action} on resource: "${resource}" with an explicit deny in a resource-based policy`
    throw s3Error('AccessDenied', own ? { message } : {})
  }
  if (own && (!version || version.owner === bucket.account || ownershipOf(bucket) === 'BucketOwnerEnforced')) return
  // The owner of a bucket may always delete what others wrote to it.
  if (own && action.startsWith('s3:DeleteObject')) return
  if (decision !== 'allow' && !allowedByAcl(ctx, bucket, action, version)) throw s3Error('AccessDenied')
  if (onObject && !version && READS.test(action)) refuseUnlessListable(ctx, bucket, input, policy)
}

/** What comes by an access point needs its policy's leave too, unless it is of the access point's own account. */
function checkAccessPoint(
  ctx: Context,
  bucket: Readonly<Bucket>,
  point: Readonly<AccessPoint>,
  input: AuthorizationInput,
  action: string,
): void {
  const { caller } = ctx
  // Nobody who comes over HTTP comes from within a VPC.
  if (point.vpcId !== undefined && ctx.http) throw s3Error('AccessDenied')
  const onObject = targetOf(action) === 'object' && input.Key !== undefined
  const arn = accessPointArn(ctx, point)
  const policy = point.policy === undefined ? undefined : storedPolicy(point.policy)
  const resource = onObject ? `${arn}/object/${input.Key}` : arn
  const conditions = conditionsOf(ctx, bucket, { ...input, point }, action, onObject ? versionOf(ctx, bucket, input) : undefined)
  const decision = policy ? evaluatePolicy(withAccounts(policy, caller), { caller, action, resource, conditions }) : 'none'
  if (decision === 'deny') throw s3Error('AccessDenied')
  if (caller.type !== 'anonymous' && caller.account === point.account) return
  const ofAccount = ctx.stores.accountBlocks.in(point).get('block')?.RestrictPublicBuckets
  const restricted = policy && isPublicPolicy(policy) && (point.publicAccessBlock.RestrictPublicBuckets || ofAccount)
  if (decision !== 'allow' || restricted) throw s3Error('AccessDenied')
}

const READS = /^s3:(Get|List)/

/** That a key isn't there is told only to those who may list the bucket. */
function refuseUnlessListable(ctx: Context, bucket: Readonly<Bucket>, input: AuthorizationInput, policy: PolicyDocument | undefined): void {
  check(ctx, bucket, { ...input, Key: undefined }, 's3:ListBucket', policy)
}

function versionOf(
  ctx: Context,
  bucket: Readonly<Bucket>,
  { Key: key = '', VersionId: versionId }: AuthorizationInput,
): ObjectVersion | undefined {
  const objects = ctx.stores.objects.in(bucket.id)
  return versionId === undefined ? objects.current(key) : objects.version(key, versionId)
}

interface Question {
  readonly input: AuthorizationInput
  readonly action: string
  readonly resource: string
  readonly version: ObjectVersion | undefined
}

function decide(ctx: Context, bucket: Readonly<Bucket>, policy: PolicyDocument, { input, action, resource, version }: Question) {
  const { caller } = ctx
  const decision = evaluatePolicy(withAccounts(policy, caller), {
    caller,
    action,
    resource,
    conditions: conditionsOf(ctx, bucket, input, action, version),
  })
  if (decision !== 'allow' || caller.type === 'service' || isOwn(caller, bucket)) return decision
  return isPublicPolicy(policy) && isBlocked(ctx, bucket, 'RestrictPublicBuckets') ? 'none' : decision
}

/** Canonical users are accounts by another name. */
function withAccounts(policy: PolicyDocument, { account, type }: Caller): PolicyDocument {
  const id = type === 'anonymous' ? '' : canonicalId(account)
  return {
    ...policy,
    Statement: policy.Statement.map(statement => {
      const { Principal } = statement
      if (Principal === undefined || typeof Principal === 'string' || !Principal.CanonicalUser) return statement
      const { CanonicalUser: users, AWS = [], ...others } = Principal
      return [users].flat().includes(id) ? { ...statement, Principal: { ...others, AWS: [AWS, account].flat() } } : statement
    }),
  }
}

/** What an ACL must grant for an action, on the bucket's ACL or the object's. */
const ACL_PERMISSIONS: Readonly<Record<string, readonly ['bucket' | 'object', Permission]>> = {
  's3:AbortMultipartUpload': ['bucket', 'WRITE'],
  's3:DeleteObject': ['bucket', 'WRITE'],
  's3:DeleteObjectVersion': ['bucket', 'WRITE'],
  's3:GetBucketAcl': ['bucket', 'READ_ACP'],
  's3:GetObject': ['object', 'READ'],
  's3:GetObjectAcl': ['object', 'READ_ACP'],
  's3:GetObjectVersion': ['object', 'READ'],
  's3:GetObjectVersionAcl': ['object', 'READ_ACP'],
  's3:ListBucket': ['bucket', 'READ'],
  's3:ListBucketMultipartUploads': ['bucket', 'READ'],
  's3:ListBucketVersions': ['bucket', 'READ'],
  's3:ListMultipartUploadParts': ['bucket', 'READ'],
  's3:PutBucketAcl': ['bucket', 'WRITE_ACP'],
  's3:PutObject': ['bucket', 'WRITE'],
  's3:PutObjectAcl': ['object', 'WRITE_ACP'],
  's3:PutObjectVersionAcl': ['object', 'WRITE_ACP'],
}

function allowedByAcl(ctx: Context, bucket: Readonly<Bucket>, action: string, version: ObjectVersion | undefined): boolean {
  // Who may write an object owns it, and says by its ACL who else may read it.
  const ofNewObject = action === 's3:PutObjectAcl' && ctx.operation !== 'PutObjectAcl'
  const [kind, permission] = ACL_PERMISSIONS[ofNewObject ? 's3:PutObject' : action] ?? []
  if (!permission || ownershipOf(bucket) === 'BucketOwnerEnforced') return false
  if (kind === 'bucket') return grants(ctx, bucket, bucket.config.acl ?? privateAcl(bucket.account), permission)
  // A missing object is nobody's: whether that may be known is for the bucket's ACL to say.
  if (!version) return grants(ctx, bucket, bucket.config.acl ?? privateAcl(bucket.account), 'READ')
  const acl = version.deleteMarker ? undefined : version.acl
  return grants(ctx, bucket, acl ?? privateAcl(version.owner), permission)
}

function grants(ctx: Context, bucket: Readonly<Bucket>, acl: AccessControlPolicy, permission: Permission): boolean {
  const { caller } = ctx
  const ignorePublic = isBlocked(ctx, bucket, 'IgnorePublicAcls')
  const known = caller.type !== 'anonymous'
  return (acl.Grants ?? []).some(({ Grantee, Permission }) => {
    if (Permission !== permission && Permission !== 'FULL_CONTROL') return false
    if (Grantee?.ID !== undefined) return known && Grantee.ID === canonicalId(caller.account)
    if (ignorePublic) return false
    return Grantee?.URI === ALL_USERS || (known && Grantee?.URI === AUTHENTICATED_USERS)
  })
}
