import { s3Error } from './errors.js'

/** What a POST policy allows. https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html */
export interface PostPolicy {
  /** Milliseconds since the epoch. */
  readonly expiration: number
  readonly conditions: readonly PostCondition[]
  /** Limits of the file's size, both included. */
  readonly minBytes: number
  readonly maxBytes: number
}

/** A condition on one field; its name in lower case. */
export interface PostCondition {
  readonly match: 'eq' | 'starts-with'
  readonly field: string
  readonly value: string
  /** As the policy's author wrote it, for the error. */
  readonly text: string
}

/** Fields that no condition has to name. */
const FREE_FIELDS = /^(x-amz-signature|x-amz-meta-x-ignore-.*|x-ignore-.*|awsaccesskeyid|signature|policy|file)$/

/**
 * Reads a policy field.
 *
 * @throws InvalidPolicyDocument
 */
export function parsePostPolicy(base64: string): PostPolicy {
  const document = documentOf(base64)
  if (typeof document.expiration !== 'string') throw invalid('Policy missing expiration.')
  const expiration = Date.parse(document.expiration)
  if (Number.isNaN(expiration)) throw invalid(`Invalid 'expiration' value: '${document.expiration}'`)
  if (!Array.isArray(document.conditions)) throw invalid('Policy missing conditions.')
  const conditions: PostCondition[] = []
  let minBytes = 0
  let maxBytes = Number.POSITIVE_INFINITY
  for (const condition of document.conditions as unknown[]) {
    if (Array.isArray(condition) && String(condition[0]).toLowerCase() === 'content-length-range') {
      minBytes = sizeOf(condition[1])
      maxBytes = sizeOf(condition[2])
    } else conditions.push(...conditionsOf(condition))
  }
  return { expiration, conditions, minBytes, maxBytes }
}

function documentOf(base64: string): Record<string, unknown> {
  try {
    const document: unknown = JSON.parse(Buffer.from(base64, 'base64').toString())
    if (typeof document === 'object' && document !== null && !Array.isArray(document)) return document as Record<string, unknown>
  } catch {
    // Answered below, as any other text that isn't a policy.
  }
  throw invalid('Invalid JSON.')
}

function sizeOf(value: unknown): number {
  const size = typeof value === 'string' && value !== '' ? Number(value) : value
  if (typeof size !== 'number' || !Number.isInteger(size) || size < 0)
    throw invalid('Invalid content-length-range: a size must be an integer.')
  return size
}

function* conditionsOf(condition: unknown): Generator<PostCondition> {
  if (Array.isArray(condition)) {
    const [match, field, value] = condition as unknown[]
    const name = String(match).toLowerCase()
    if (condition.length !== 3) throw invalid(`Invalid Condition: wrong number of arguments in ${JSON.stringify(condition)}`)
    if (name !== 'eq' && name !== 'starts-with') throw invalid(`Invalid Condition: unknown operation '${String(match)}'.`)
    if (typeof field !== 'string' || !field.startsWith('$'))
      throw invalid(`Invalid Condition: field names must start with '$': ${JSON.stringify(condition)}`)
    yield { match: name, field: field.slice(1).toLowerCase(), value: String(value), text: `["${name}", "${field}", "${String(value)}"]` }
    return
  }
  if (typeof condition !== 'object' || condition === null) throw invalid('Invalid Condition: a condition must be a list or an object.')
  const entries = Object.entries(condition)
  if (entries.length !== 1) throw invalid('Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.')
  for (const [field, value] of entries) {
    if (typeof value !== 'string') throw invalid('Invalid Simple-Condition: value must be a string.')
    yield { match: 'eq', field: field.toLowerCase(), value, text: `["eq", "$${field}", "${value}"]` }
  }
}

/**
 * Checks the fields of a form, names in lower case, against its policy.
 *
 * @throws AccessDenied
 */
export function checkPostPolicy(policy: PostPolicy, fields: ReadonlyMap<string, string>, bucket: string, now: number): void {
  if (now >= policy.expiration) throw denied('Policy expired.')
  for (const { match, field, value, text } of policy.conditions) {
    const given = field === 'bucket' ? bucket : (fields.get(field) ?? '')
    const holds =
      match === 'eq'
        ? given === value
        : field === 'content-type'
          ? given.split(',').every(type => type.startsWith(value))
          : given.startsWith(value)
    if (!holds) throw denied(`Policy Condition failed: ${text}`)
  }
  const named = new Set(policy.conditions.map(condition => condition.field))
  const extra = [...fields.keys()].filter(name => !named.has(name) && !FREE_FIELDS.test(name) && name !== 'bucket')
  if (extra.length > 0) throw denied(`Extra input fields: ${extra.join(', ')}`)
}

function invalid(reason: string): Error {
  return s3Error('InvalidPolicyDocument', { message: `Invalid Policy: ${reason}` })
}

function denied(reason: string): Error {
  return s3Error('AccessDenied', { message: `Invalid according to Policy: ${reason}` })
}
