import { like, type OneOrMore, type PolicyDocument, type PolicyStatement, PolicySyntaxError, parsePolicy } from '@ministack/gateway'
import { s3Error } from './errors.js'
import { targetOf } from './s3-actions.js'

/** The longest bucket policy, in bytes. */
const MAX_BYTES = 20 * 1024

/**
 * Reads a bucket policy and checks what S3 checks of it.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-policies.html
 *
 * @param resource the ARN that its resources must be of: the bucket's.
 * @throws MalformedPolicy
 */
export function parseBucketPolicy(text: string | undefined, resource: string): PolicyDocument {
  if (text === undefined || !text.startsWith('{')) throw malformed("Policies must be valid JSON and the first byte must be '{'")
  if (Buffer.byteLength(text) > MAX_BYTES) throw malformed('Policy exceeds the maximum allowed document size.')
  const policy = parsed(text)
  const sids = policy.Statement.flatMap(({ Sid }) => (Sid === undefined ? [] : [Sid]))
  if (new Set(sids).size < sids.length) throw malformed('Statement IDs (SID) in a single policy must be unique.')
  for (const statement of policy.Statement) checkStatement(statement, resource)
  return policy
}

/** A stored policy, which was checked when it was put. */
export function storedPolicy(text: string): PolicyDocument {
  return parsePolicy(text, 'resource')
}

function parsed(text: string): PolicyDocument {
  try {
    return parsePolicy(text, 'resource')
  } catch (error) {
    if (!(error instanceof PolicySyntaxError)) throw error
    const invalidJson = error.message === 'This policy contains invalid Json'
    throw malformed(invalidJson ? "Policies must be valid JSON and the first byte must be '{'" : error.message)
  }
}

function checkStatement(statement: PolicyStatement, bucketArn: string): void {
  const actions = list(statement.Action ?? statement.NotAction)
  const resources = list(statement.Resource ?? statement.NotResource)
  for (const principal of [statement.Principal, statement.NotPrincipal]) checkPrincipal(principal)
  for (const action of actions) {
    if (action !== '*' && !/^s3:[A-Za-z*?]+$/i.test(action)) throw malformed('Policy has invalid action')
    if (!/[*?]/.test(action) && !targetOf(action)) throw malformed('Policy has invalid action')
  }
  for (const resource of resources) {
    if (resource !== bucketArn && !resource.startsWith(`${bucketArn}/`) && !like(resource, bucketArn) && resource !== `${bucketArn}*`) {
      throw malformed('Policy has invalid resource')
    }
  }
  if (actions.length === 0 || resources.length === 0) throw malformed('Policy statement must contain actions.')
  if (statement.Action === undefined || statement.Resource === undefined) return
  const onObjects = resources.some(resource => resource !== bucketArn)
  const onBucket = resources.some(resource => !resource.startsWith(`${bucketArn}/`))
  for (const action of actions) {
    if (/[*?]/.test(action)) continue
    if (targetOf(action) === 'object' ? !onObjects : !onBucket) throw malformed('Action does not apply to any resource(s) in statement')
  }
}

function checkPrincipal(principal: PolicyStatement['Principal']): void {
  if (principal === undefined || principal === '*') return
  const kinds = Object.entries(principal)
  if (kinds.length === 0) throw malformed('Invalid principal in policy')
  for (const [kind, names] of kinds) {
    if (!['AWS', 'Service', 'Federated', 'CanonicalUser'].includes(kind)) throw malformed('Invalid principal in policy')
    for (const name of list(names))
      if (!isPrincipal(kind, name))
        throw s3Error('MalformedPolicy', { message: 'Invalid principal in policy', fields: { Detail: `"${kind}" : "${name}"` } })
  }
}

function isPrincipal(kind: string, name: string): boolean {
  if (kind === 'AWS')
    return (
      name === '*' ||
      /^\d{12}$/.test(name) ||
      /^arn:[^:]+:(iam|sts)::\d{12}:(?!.*\*).+$/.test(name) ||
      /^A(ID|RO|GP)A[A-Z0-9]+$/.test(name) ||
      /^arn:[^:]+:iam::cloudfront:user\/.+$/.test(name)
    )
  if (kind === 'Service') return /^[a-z0-9.-]+\.amazonaws\.com(\.cn)?$/.test(name)
  if (kind === 'CanonicalUser') return /^[0-9a-f]{64}$/.test(name)
  return name.length > 0
}

/** Condition keys with which a statement for everyone isn't public, where they have a fixed value. */
const FIXING_KEYS = new Set(
  `aws:principalorgid aws:principalorgpaths aws:principalaccount aws:principalarn aws:sourcearn aws:sourcevpc aws:sourcevpce aws:sourceowner
   aws:sourceaccount aws:sourceorgid aws:sourceorgpaths aws:userid aws:sourceip aws:vpcsourceip s3:dataaccesspointaccount s3:dataaccesspointarn
   s3:x-amz-server-side-encryption-aws-kms-key-id`.split(/\s+/),
)

/**
 * Does a policy let everyone in?
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status
 */
export function isPublicPolicy(policy: PolicyDocument): boolean {
  return policy.Statement.some(statement => {
    if (statement.Effect !== 'Allow') return false
    const { Principal, NotPrincipal, Condition = {} } = statement
    const everyone = NotPrincipal !== undefined || Principal === '*' || list(Principal?.AWS).includes('*')
    return everyone && !Object.entries(Condition).some(([operator, keys]) => isFixed(operator, keys))
  })
}

function isFixed(operator: string, keys: Readonly<Record<string, OneOrMore<string | number | boolean>>>): boolean {
  if (!/^(ForAnyValue:|ForAllValues:)?(String(Equals|Like)|Arn(Equals|Like)|IpAddress)/.test(operator)) return false
  return Object.entries(keys).some(([key, values]) => {
    if (!FIXING_KEYS.has(key.toLowerCase())) return false
    return list(values).every(value =>
      key.toLowerCase() === 'aws:sourceip'
        ? !/\/0*[0-7]$/.test(String(value))
        : !/[*?$]/.test(String(value)) || (/arn$/i.test(key) && !/^arn:\*|^\*/.test(String(value))),
    )
  })
}

function list<T>(value: OneOrMore<T> | undefined): readonly T[] {
  return value === undefined ? [] : Array.isArray(value) ? value : [value as T]
}

function malformed(message: string): Error {
  return s3Error('MalformedPolicy', { message })
}
