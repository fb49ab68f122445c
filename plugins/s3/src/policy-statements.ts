import { like, type OneOrMore, type PolicyDocument, type PolicyStatement, PolicySyntaxError, parsePolicy } from '@ministack/gateway'
import { hasConditionKey, isConditionKey } from './condition-keys.js'
import { s3Error } from './errors.js'
import { targetOf } from './s3-actions.js'

/** The longest bucket policy, in bytes. */
const MAX_BYTES = 20 * 1024

/**
 * Reads a bucket policy and checks what S3 checks of it.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-policies.html
 *
 * @param resource the ARN that its resources must be of: the bucket's or the access point's.
 * @throws MalformedPolicy
 */
export function parseResourcePolicy(text: string | undefined, resource: string): PolicyDocument {
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
    throw malformed(error.message)
  }
}

function checkStatement(statement: PolicyStatement, arn: string): void {
  const actions = list(statement.Action ?? statement.NotAction)
  const resources = list(statement.Resource ?? statement.NotResource)
  if (statement.NotPrincipal !== undefined && statement.Effect === 'Allow') throw malformed('Allow with NotPrincipal is not allowed.')
  checkPrincipal(statement.Principal ?? statement.NotPrincipal)
  for (const action of actions) if (!isAction(action)) throw malformed('Policy has invalid action')
  for (const resource of resources) if (!mayCover(resource, arn)) throw malformed('Policy has invalid resource')
  if (statement.Action !== undefined && statement.Resource !== undefined) {
    const onObjects = resources.some(resource => resource !== arn)
    const onBucket = resources.some(resource => !resource.startsWith(`${arn}/`))
    for (const action of actions) {
      if (/[*?]/.test(action)) continue
      if (targetOf(action) === 'object' ? !onObjects : !onBucket) throw malformed('Action does not apply to any resource(s) in statement')
    }
  }
  const keys = Object.values(statement.Condition ?? {}).flatMap(values => Object.keys(values))
  for (const key of keys) {
    if (!isConditionKey(key)) throw malformed('Policy has an invalid condition key')
    if (statement.Action !== undefined && !actions.some(action => hasConditionKey(action, key)))
      throw malformed('Conditions do not apply to combination of actions and resources in statement')
  }
}

/** Is this an action of S3, or a pattern that some may fit? */
function isAction(action: string): boolean {
  if (action === '*') return true
  return /[*?]/.test(action) ? /^s3:[A-Za-z*?]+$/i.test(action) : targetOf(action) !== undefined
}

/** Is a resource the bucket, something in it, or a pattern that the bucket or something in it may fit? */
function mayCover(resource: string, arn: string): boolean {
  const whole = resource.split('/').slice(0, arn.split('/').length).join('/')
  return resource === '*' || like(whole, arn)
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
    const { Principal, Condition = {} } = statement
    const everyone = Principal === '*' || list(Principal?.AWS).includes('*')
    return everyone && !Object.entries(Condition).some(([operator, keys]) => isFixed(operator, keys))
  })
}

function isFixed(operator: string, keys: Readonly<Record<string, OneOrMore<string | number | boolean>>>): boolean {
  if (!/^(ForAnyValue:|ForAllValues:)?(String(Equals|EqualsIgnoreCase|Like)|Arn(Equals|Like)|IpAddress)$/.test(operator)) return false
  return Object.entries(keys).some(
    ([key, values]) => FIXING_KEYS.has(key.toLowerCase()) && list(values).every(value => isNarrow(key.toLowerCase(), String(value))),
  )
}

/** Ranges of addresses wider than these are everyone's. */
const WIDEST_IPV4 = 8
const WIDEST_IPV6 = 32

/** Does a value of a condition name somebody? */
function isNarrow(key: string, value: string): boolean {
  if (key === 'aws:sourceip' || key === 'aws:vpcsourceip') {
    const [address = '', bits] = value.split('/')
    return bits === undefined || Number(bits) >= (address.includes(':') ? WIDEST_IPV6 : WIDEST_IPV4)
  }
  // Of an ARN the account must be told, of anything else all.
  const account = /arn$/.test(key) ? value.split(':')[4] : undefined
  return account !== undefined && account !== '' ? !/[*?$]/.test(account) : !/[*?$]/.test(value)
}

function list<T>(value: OneOrMore<T> | undefined): readonly T[] {
  return value === undefined ? [] : Array.isArray(value) ? value : [value as T]
}

function malformed(message: string): Error {
  return s3Error('MalformedPolicy', { message })
}
