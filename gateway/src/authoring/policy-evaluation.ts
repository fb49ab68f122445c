import { BlockList, isIP, isIPv6 } from 'node:net'
import { parseArn } from '../runtime/arn.js'
import type { Caller } from '../runtime/context.js'
import type { OneOrMore, PolicyDocument, PolicyStatement } from './policy.js'

/** A request as policies see it. */
export interface PolicyRequest {
  readonly caller: Caller
  /** `s3:GetObject` */
  readonly action: string
  /** The ARN of what the action is done to. */
  readonly resource: string
  /** Condition keys (`aws:SourceArn`, `s3:prefix`), in lower case; several values for a multivalued key. */
  readonly conditions?: Readonly<Record<string, OneOrMore<string>>>
}

/** What a policy says of a request: an explicit deny wins over any allow. */
export type PolicyDecision = 'allow' | 'deny' | 'none'

/** Evaluates one policy. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html */
export function evaluatePolicy(policy: PolicyDocument, request: PolicyRequest): PolicyDecision {
  let allowed = false
  for (const statement of policy.Statement) {
    if (!applies(statement, request)) continue
    if (statement.Effect === 'Deny') return 'deny'
    allowed = true
  }
  return allowed ? 'allow' : 'none'
}

function applies(statement: PolicyStatement, request: PolicyRequest): boolean {
  const { Principal, NotPrincipal, Action, NotAction, Resource, NotResource, Condition } = statement
  if (Principal !== undefined && !matchesPrincipal(Principal, request.caller)) return false
  if (NotPrincipal !== undefined && matchesPrincipal(NotPrincipal, request.caller)) return false
  if (Action !== undefined && !list(Action).some(a => like(a.toLowerCase(), request.action.toLowerCase()))) return false
  if (NotAction !== undefined && list(NotAction).some(a => like(a.toLowerCase(), request.action.toLowerCase()))) return false
  if (Resource !== undefined && !list(Resource).some(r => like(substitute(r, request), request.resource))) return false
  if (NotResource !== undefined && list(NotResource).some(r => like(substitute(r, request), request.resource))) return false
  return Condition === undefined || holds(Condition, request)
}

function matchesPrincipal(principal: NonNullable<PolicyStatement['Principal']>, caller: Caller): boolean {
  if (principal === '*') return true
  for (const [kind, names] of Object.entries(principal)) {
    for (const name of list(names)) {
      if (name === '*') return true
      if (kind === 'AWS' && caller.type !== 'service' && caller.type !== 'anonymous') {
        // An account's id or root stands for every principal of the account.
        if (name === caller.account || name === caller.arn) return true
        const arn = parseArn(name)
        if (arn?.service === 'iam' && arn.resource === 'root' && arn.account === caller.account) return true
        if (arn?.service === 'iam' && roleOf(caller.arn) === name) return true
        // A unique id, as IAM writes the name of a principal that is gone.
        if (name === caller.userId || caller.userId.startsWith(`${name}:`)) return true
      }
      if (kind === 'Service' && caller.type === 'service' && name === caller.arn) return true
      if (kind === 'Federated' && caller.type === 'federated' && name === caller.arn) return true
    }
  }
  return false
}

/** The role behind an assumed-role session's ARN: sessions are named by their role in policies. */
function roleOf(arn: string): string | undefined {
  const match = /^arn:([^:]+):sts::(\d{12}):assumed-role\/([^/]+)\//.exec(arn)
  return match ? `arn:${match[1]}:iam::${match[2]}:role/${match[3]}` : undefined
}

function holds(condition: NonNullable<PolicyStatement['Condition']>, request: PolicyRequest): boolean {
  for (const [operator, keys] of Object.entries(condition)) {
    for (const [key, wanted] of Object.entries(keys)) {
      const actual = conditionValue(key.toLowerCase(), request)
      if (
        !test(
          operator,
          list(wanted)
            .map(String)
            .map(w => substitute(w, request)),
          actual,
        )
      )
        return false
    }
  }
  return true
}

/** What `aws:PrincipalType` calls the kinds of callers. */
const PRINCIPAL_TYPES: Readonly<Partial<Record<Caller['type'], string>>> = {
  root: 'Account',
  user: 'User',
  role: 'AssumedRole',
  federated: 'FederatedUser',
  anonymous: 'Anonymous',
}

/** The keys that every request has: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html */
function conditionValue(key: string, { caller, conditions }: PolicyRequest): readonly string[] | undefined {
  const given = conditions?.[key]
  if (given !== undefined) return list(given)
  const value = callerValue(key, caller)
  return value === undefined ? undefined : [value]
}

function callerValue(key: string, { account, arn, userId, type, tags }: Caller): string | undefined {
  const principal = type !== 'anonymous' && type !== 'service'
  switch (key) {
    case 'aws:principalarn':
      return principal ? (roleOf(arn) ?? arn) : undefined
    case 'aws:principalaccount':
      return principal ? account : undefined
    case 'aws:userid':
      return principal ? userId : undefined
    case 'aws:username':
      return type === 'user' ? arn.slice(arn.lastIndexOf('/') + 1) : undefined
    case 'aws:principaltype':
      return PRINCIPAL_TYPES[type]
    case 'aws:principalisawsservice':
      return String(type === 'service')
    case 'aws:principalservicename':
      return type === 'service' ? arn : undefined
    case 'aws:viaawsservice':
      return 'false'
    default:
      return key.startsWith('aws:principaltag/') ? tagOf(tags, key.slice('aws:principaltag/'.length)) : undefined
  }
}

/** A tag by its key, whose case doesn't matter in a condition. */
function tagOf(tags: Caller['tags'], name: string): string | undefined {
  return Object.entries(tags ?? {}).find(([key]) => key.toLowerCase() === name)?.[1]
}

const NEGATED = /^(String|Arn|Numeric|Date|Binary)Not|^NotIpAddress/

/** An operator taken apart: `ForAnyValue:StringLikeIfExists`. */
function parseOperator(operator: string): { set: string | undefined; name: string; ifExists: boolean } {
  const [, set, name = '', ifExists] = /^(?:(ForAllValues|ForAnyValue):)?(.*?)(IfExists)?$/.exec(operator) ?? []
  return { set, name, ifExists: ifExists !== undefined }
}

/** Is this an operator of conditions? https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html */
export function isConditionOperator(operator: string): boolean {
  const { name, ifExists } = parseOperator(operator)
  return name === 'Null' ? !ifExists : Object.hasOwn(COMPARISONS, name)
}

function test(operator: string, wanted: readonly string[], actual: readonly string[] | undefined): boolean {
  const { set, name, ifExists } = parseOperator(operator)
  if (name === 'Null') return wanted.some(w => (w === 'true') === (actual === undefined))
  if (actual === undefined) return ifExists || set === 'ForAllValues' || (set === undefined && NEGATED.test(name))
  const compare = COMPARISONS[name]
  if (!compare) return false
  const one = (value: string) => (NEGATED.test(name) ? wanted.every(w => compare(w, value)) : wanted.some(w => compare(w, value)))
  return set === 'ForAllValues' ? actual.every(one) : actual.some(one)
}

const not = (compare: (wanted: string, actual: string) => boolean) => (wanted: string, actual: string) => !compare(wanted, actual)
const numeric = (compare: (a: number, w: number) => boolean) => (wanted: string, actual: string) => compare(Number(actual), Number(wanted))
const dated = (compare: (a: number, w: number) => boolean) => (wanted: string, actual: string) => compare(instant(actual), instant(wanted))
const same = (wanted: string, actual: string) => wanted === actual
const sameFolded = (wanted: string, actual: string) => wanted.toLowerCase() === actual.toLowerCase()

const COMPARISONS: Readonly<Record<string, (wanted: string, actual: string) => boolean>> = {
  StringEquals: same,
  StringNotEquals: not(same),
  StringEqualsIgnoreCase: sameFolded,
  StringNotEqualsIgnoreCase: not(sameFolded),
  StringLike: like,
  StringNotLike: not(like),
  ArnEquals: arnLike,
  ArnLike: arnLike,
  ArnNotEquals: not(arnLike),
  ArnNotLike: not(arnLike),
  NumericEquals: numeric((a, w) => a === w),
  NumericNotEquals: numeric((a, w) => a !== w),
  NumericLessThan: numeric((a, w) => a < w),
  NumericLessThanEquals: numeric((a, w) => a <= w),
  NumericGreaterThan: numeric((a, w) => a > w),
  NumericGreaterThanEquals: numeric((a, w) => a >= w),
  DateEquals: dated((a, w) => a === w),
  DateNotEquals: dated((a, w) => a !== w),
  DateLessThan: dated((a, w) => a < w),
  DateLessThanEquals: dated((a, w) => a <= w),
  DateGreaterThan: dated((a, w) => a > w),
  DateGreaterThanEquals: dated((a, w) => a >= w),
  Bool: sameFolded,
  BinaryEquals: same,
  IpAddress: inRange,
  NotIpAddress: not(inRange),
}

function instant(text: string): number {
  return /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text)
}

/** Each of an ARN's six parts is matched by itself, so that a star doesn't reach over a colon. */
function arnLike(pattern: string, text: string): boolean {
  const wanted = arnParts(pattern)
  const actual = arnParts(text)
  // What isn't an ARN at all, a lone star, is matched whole.
  if (actual.length !== 6 || !pattern.startsWith('arn:')) return like(pattern, text)
  return wanted.length === 6 && wanted.every((part, i) => like(part, actual[i] ?? ''))
}

function arnParts(arn: string): string[] {
  const parts = arn.split(':')
  return parts.length > 6 ? [...parts.slice(0, 5), parts.slice(5).join(':')] : parts
}

/** @param range an address of either family, with or without the number of bits that count. */
function inRange(range: string, given: string): boolean {
  const address = given.replace(/^::ffff:(?=\d+\.)/, '')
  const [base = '', bits] = range.split('/')
  const family = isIPv6(base) ? 'ipv6' : 'ipv4'
  const whole = family === 'ipv6' ? 128 : 32
  const prefix = bits === undefined ? whole : Number(bits)
  if (isIP(base) === 0 || isIP(base) !== isIP(address) || !(prefix >= 0 && prefix <= whole)) return false
  const network = new BlockList()
  network.addSubnet(base, prefix, family)
  return network.check(address, family)
}

/** Replaces policy variables, `${aws:username}` or `${aws:username, 'default'}`; one that isn't known stays and so matches nothing. */
function substitute(text: string, request: PolicyRequest): string {
  if (!text.includes('${')) return text
  return text.replace(/\$\{([^}]+)\}/g, (whole, name: string) => {
    if (name === '*' || name === '?' || name === '$') return name
    const [, key = name, other] = /^(.*?)\s*,\s*'(.*)'$/.exec(name) ?? []
    return conditionValue(key.toLowerCase(), request)?.[0] ?? other ?? whole
  })
}

/** Matches `*` and `?` in linear time: the last star is the only place to go back to. */
export function like(pattern: string, text: string): boolean {
  let p = 0
  let t = 0
  let star = -1
  let mark = 0
  while (t < text.length) {
    if (p < pattern.length && pattern[p] === '*') {
      star = p++
      mark = t
    } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === text[t])) {
      p++
      t++
    } else if (star >= 0) {
      p = star + 1
      t = ++mark
    } else return false
  }
  while (pattern[p] === '*') p++
  return p === pattern.length
}

function list<T>(value: OneOrMore<T>): readonly T[] {
  return Array.isArray(value) ? value : [value as T]
}
