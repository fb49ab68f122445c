import { isConditionOperator } from './policy-evaluation.js'

/** One value or several: policy documents allow both wherever there may be several. */
export type OneOrMore<T> = T | readonly T[]

/** A statement as its author wrote it. */
export interface PolicyStatement {
  readonly Sid?: string
  readonly Effect: 'Allow' | 'Deny'
  readonly Principal?: '*' | Readonly<Record<string, OneOrMore<string>>>
  readonly NotPrincipal?: '*' | Readonly<Record<string, OneOrMore<string>>>
  readonly Action?: OneOrMore<string>
  readonly NotAction?: OneOrMore<string>
  readonly Resource?: OneOrMore<string>
  readonly NotResource?: OneOrMore<string>
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, OneOrMore<string | number | boolean>>>>>
}

/** A policy document. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html */
export interface PolicyDocument {
  readonly Version?: '2012-10-17' | '2008-10-17'
  readonly Id?: string
  readonly Statement: readonly PolicyStatement[]
}

/** Why a text isn't a policy; services wrap the reason in their own code (`MalformedPolicy`, `MalformedPolicyDocument`, `InvalidAttributeValue`). */
export class PolicySyntaxError extends Error {}

/** What IAM says of a policy whose parts have the wrong JSON types. */
const SYNTAX = 'Invalid policy syntax.'

const STATEMENT_KEYS = new Set([
  'Sid',
  'Effect',
  'Principal',
  'NotPrincipal',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Condition',
])

/** What kind of policy a text must be: a resource policy names principals, an identity policy must not. */
export type PolicyKind = 'resource' | 'identity'

/**
 * Reads a policy document and checks its grammar.
 * @throws PolicySyntaxError with the reason.
 */
export function parsePolicy(text: string, kind: PolicyKind): PolicyDocument {
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch {
    throw new PolicySyntaxError('This policy contains invalid Json')
  }
  if (!isObject(document)) throw new PolicySyntaxError(SYNTAX)
  for (const key of Object.keys(document)) {
    if (key !== 'Version' && key !== 'Id' && key !== 'Statement') throw new PolicySyntaxError(`Unknown field ${key}`)
  }
  const { Version, Statement } = document
  if (Version !== undefined && Version !== '2012-10-17' && Version !== '2008-10-17') {
    throw new PolicySyntaxError('The policy must contain a valid version string')
  }
  if (Statement === undefined) throw new PolicySyntaxError('Missing required field Statement')
  const statements = (Array.isArray(Statement) ? Statement : [Statement]) as unknown[]
  if (statements.length === 0) throw new PolicySyntaxError('Could not parse the policy: Statement is empty!')
  for (const statement of statements) checkStatement(statement, kind)
  return { ...document, Statement: statements } as unknown as PolicyDocument
}

function checkStatement(statement: unknown, kind: PolicyKind): void {
  if (!isObject(statement)) throw new PolicySyntaxError(SYNTAX)
  for (const key of Object.keys(statement)) if (!STATEMENT_KEYS.has(key)) throw new PolicySyntaxError(`Unknown field ${key}`)
  const { Sid, Effect, Condition } = statement
  if (Sid !== undefined && typeof Sid !== 'string') throw new PolicySyntaxError(SYNTAX)
  if (Effect === undefined) throw new PolicySyntaxError('Missing required field Effect')
  if (Effect !== 'Allow' && Effect !== 'Deny') throw new PolicySyntaxError(`Invalid effect: ${String(Effect)}`)
  exactlyOne(statement, 'Action', 'NotAction')
  if (kind === 'resource') exactlyOne(statement, 'Principal', 'NotPrincipal')
  else if ('Principal' in statement || 'NotPrincipal' in statement)
    throw new PolicySyntaxError('Policy document should not specify a principal.')
  exactlyOne(statement, 'Resource', 'NotResource')
  for (const key of ['Action', 'NotAction', 'Resource', 'NotResource']) {
    const value = statement[key]
    if (value === undefined) continue
    if (!isStrings(value)) throw new PolicySyntaxError(SYNTAX)
    if (value === '' || value.length === 0) throw new PolicySyntaxError(`Missing required field ${key} cannot be empty!`)
  }
  for (const key of ['Principal', 'NotPrincipal']) {
    const principal = statement[key]
    if (principal === undefined || principal === '*') continue
    if (!isObject(principal) || !Object.values(principal).every(isStrings)) throw new PolicySyntaxError('Invalid principal in policy')
  }
  if (Condition !== undefined) checkCondition(Condition)
}

function checkCondition(condition: unknown): void {
  if (!isObject(condition)) throw new PolicySyntaxError(SYNTAX)
  for (const [operator, keys] of Object.entries(condition)) {
    if (!isConditionOperator(operator)) throw new PolicySyntaxError(`Invalid Condition type : ${operator}`)
    if (!isObject(keys)) throw new PolicySyntaxError(SYNTAX)
    for (const values of Object.values(keys)) {
      if (!(Array.isArray(values) ? values : [values]).every(isScalar)) throw new PolicySyntaxError(SYNTAX)
    }
  }
}

function exactlyOne(statement: Record<string, unknown>, key: string, notKey: string): void {
  if (key in statement && notKey in statement) throw new PolicySyntaxError(`Statement has both ${key} and ${notKey}`)
  if (!(key in statement) && !(notKey in statement)) throw new PolicySyntaxError(`Missing required field ${key}`)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isScalar(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
}

function isStrings(value: unknown): value is OneOrMore<string> {
  return typeof value === 'string' || (Array.isArray(value) && value.every(item => typeof item === 'string'))
}
