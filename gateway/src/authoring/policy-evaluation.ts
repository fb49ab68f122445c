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

function conditionValue(key: string, { caller, conditions }: PolicyRequest): readonly string[] | undefined {
  const given = conditions?.[key]
  if (given !== undefined) return list(given)
  if (caller.type !== 'anonymous') {
    if (key === 'aws:principalarn') return [caller.arn]
    if (key === 'aws:principalaccount') return [caller.account]
    if (key === 'aws:userid') return [caller.userId]
  }
  if (key === 'aws:principaltype') return [caller.type]
  const tag = key.startsWith('aws:principaltag/') ? caller.tags?.[key.slice('aws:principaltag/'.length)] : undefined
  return tag === undefined ? undefined : [tag]
}

const NEGATED = /^(String|Arn|Numeric|Date|Binary)Not|^NotIpAddress/

function test(operator: string, wanted: readonly string[], actual: readonly string[] | undefined): boolean {
  const set = /^(ForAllValues|ForAnyValue):/.exec(operator)?.[1]
  let name = set ? operator.slice(set.length + 1) : operator
  const ifExists = name.endsWith('IfExists')
  if (ifExists) name = name.slice(0, -'IfExists'.length)
  if (name === 'Null') return wanted.some(w => (w === 'true') === (actual === undefined))
  if (actual === undefined) return ifExists || set === 'ForAllValues' || NEGATED.test(name)
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
  ArnEquals: like,
  ArnLike: like,
  ArnNotEquals: not(like),
  ArnNotLike: not(like),
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

function inRange(range: string, address: string): boolean {
  const [base = '', bits = '32'] = range.split('/')
  const wanted = ipv4(base)
  const actual = ipv4(address.replace(/^::ffff:/, ''))
  if (wanted === undefined || actual === undefined) return base === address
  const shift = 32 - Number(bits)
  return shift >= 32 || wanted >>> shift === actual >>> shift
}

function ipv4(text: string): number | undefined {
  const parts = text.split('.').map(Number)
  if (parts.length !== 4 || parts.some(p => !Number.isInteger(p) || p < 0 || p > 255)) return undefined
  return ((parts[0]! << 24) | (parts[1]! << 16) | (parts[2]! << 8) | parts[3]!) >>> 0
}

/** Replaces policy variables, `${aws:username}`; one that isn't known stays and so matches nothing. */
function substitute(text: string, request: PolicyRequest): string {
  if (!text.includes('${')) return text
  return text.replace(/\$\{([^}]+)\}/g, (whole, name: string) => {
    if (name === '*' || name === '?' || name === '$') return name
    return conditionValue(name.toLowerCase(), request)?.[0] ?? whole
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
