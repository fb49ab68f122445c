import type { Expression, NameStep, PathStep } from './ast.js'
import { cast } from './casts.js'
import { selectError } from './errors.js'
import { FUNCTIONS, trim } from './functions.js'
import { likePattern } from './like.js'
import { calculate } from './operators.js'
import { compare, equals, isAbsent, type Value } from './values.js'

/** One record, as an input reads it. */
export type Row = Value

/** An expression that is ready to be asked of each record. */
export type Evaluate = (row: Row) => Value

/** What an expression is made ready with. */
export interface Scope {
  /** How a name and what follows it are found in a record. @throws MissingHeaders for one that can't be there. */
  resolve(root: NameStep, steps: readonly PathStep[]): Evaluate
  /** What an aggregate has come to. */
  aggregate(expression: Extract<Expression, { kind: 'aggregate' }>): Evaluate
  /** Milliseconds since the epoch at which the query began. */
  readonly now: number
}

/** Makes an expression ready. */
export function compile(expression: Expression, scope: Scope): Evaluate {
  const ready = (part: Expression) => compile(part, scope)
  switch (expression.kind) {
    case 'literal': {
      const value = expression.value as Value
      return () => value
    }
    case 'path':
      return scope.resolve(expression.root, expression.steps)
    case 'aggregate':
      return scope.aggregate(expression)
    case 'not': {
      const value = ready(expression.value)
      return row => not(truth(value(row)))
    }
    case 'negate': {
      const value = ready(expression.value)
      return row => calculate('-', 0, value(row))
    }
    case 'and':
    case 'or':
      return logic(expression.kind === 'or', ready(expression.left), ready(expression.right))
    case 'binary':
      return binary(expression, ready(expression.left), ready(expression.right))
    case 'between':
      return between(ready(expression.value), ready(expression.low), ready(expression.high))
    case 'in':
      return within(ready(expression.value), expression.list.map(ready))
    case 'like':
      return like(ready(expression.value), ready(expression.pattern), expression.escape && ready(expression.escape))
    case 'is': {
      const value = ready(expression.value)
      return expression.what === 'null' ? row => isAbsent(value(row)) : row => value(row) === undefined
    }
    case 'case':
      return choice(expression, scope)
    case 'cast': {
      const value = ready(expression.value)
      return row => cast(value(row), expression.type, expression.scale)
    }
    case 'trim': {
      const value = ready(expression.value)
      const chars = expression.chars && ready(expression.chars)
      return row => {
        const [text, unwanted] = [value(row), chars ? chars(row) : ' ']
        return isAbsent(text) ? text : isAbsent(unwanted) ? unwanted : trim(expression.side, text, unwanted)
      }
    }
    case 'call':
      return call(expression, scope)
  }
}

function call({ name, args, part }: Extract<Expression, { kind: 'call' }>, scope: Scope): Evaluate {
  const known = FUNCTIONS[name]
  if (!known) throw selectError('UnsupportedFunction')
  const ready = args.map(argument => compile(argument, scope))
  return row => {
    const values = ready.map(argument => argument(row))
    if (!known.absent && values.some(isAbsent)) return values.includes(undefined) ? undefined : null
    return known.run(values, part, scope.now)
  }
}

/** True, false, or undefined for what is neither. @throws InvalidDataType */
function truth(value: Value): boolean | undefined {
  if (isAbsent(value)) return undefined
  if (typeof value !== 'boolean') throw selectError('InvalidDataType')
  return value
}

function not(value: boolean | undefined): Value {
  return value === undefined ? null : !value
}

/** AND and OR with a third truth value, which is NULL. @param decides the value that makes the other side not matter. */
function logic(decides: boolean, left: Evaluate, right: Evaluate): Evaluate {
  return row => {
    const first = truth(left(row))
    if (first === decides) return decides
    const second = truth(right(row))
    if (second === decides) return decides
    return first === undefined || second === undefined ? null : !decides
  }
}

function binary({ operator }: Extract<Expression, { kind: 'binary' }>, left: Evaluate, right: Evaluate): Evaluate {
  const ordered = (holds: (order: number) => boolean): Evaluate => {
    return row => {
      const order = compare(left(row), right(row))
      return order === undefined ? null : holds(order)
    }
  }
  switch (operator) {
    case '=':
      return row => equals(left(row), right(row)) ?? null
    case '<>':
      return row => not(equals(left(row), right(row)))
    case '<':
      return ordered(order => order < 0)
    case '<=':
      return ordered(order => order <= 0)
    case '>':
      return ordered(order => order > 0)
    case '>=':
      return ordered(order => order >= 0)
    default:
      return row => calculate(operator, left(row), right(row))
  }
}

function between(value: Evaluate, low: Evaluate, high: Evaluate): Evaluate {
  return row => {
    const middle = value(row)
    const [fromLow, fromHigh] = [compare(middle, low(row)), compare(middle, high(row))]
    if ((fromLow !== undefined && fromLow < 0) || (fromHigh !== undefined && fromHigh > 0)) return false
    return fromLow === undefined || fromHigh === undefined ? null : true
  }
}

function within(value: Evaluate, list: readonly Evaluate[]): Evaluate {
  return row => {
    const wanted = value(row)
    let unknown = false
    for (const item of list) {
      const same = equals(wanted, item(row))
      if (same) return true
      unknown ||= same === undefined
    }
    return unknown ? null : false
  }
}

function like(value: Evaluate, pattern: Evaluate, escapeWith: Evaluate | undefined): Evaluate {
  let made: { pattern: string; escape: string | undefined; matcher: RegExp } | undefined
  return row => {
    const [text, form, mark] = [value(row), pattern(row), escapeWith?.(row)]
    if (isAbsent(text) || isAbsent(form) || (escapeWith && isAbsent(mark))) return null
    if (typeof text !== 'string' || typeof form !== 'string' || (mark !== undefined && typeof mark !== 'string'))
      throw selectError('LikeInvalidInputs')
    if (made?.pattern !== form || made.escape !== (mark ?? undefined)) {
      made = { pattern: form, escape: mark ?? undefined, matcher: likePattern(form, mark ?? undefined) }
    }
    return made.matcher.test(text)
  }
}

function choice({ subject, whens, otherwise }: Extract<Expression, { kind: 'case' }>, scope: Scope): Evaluate {
  const given = subject && compile(subject, scope)
  const branches = whens.map(({ when, result }) => ({ when: compile(when, scope), result: compile(result, scope) }))
  const rest = otherwise && compile(otherwise, scope)
  return row => {
    const value = given?.(row)
    for (const { when, result } of branches) {
      const holds = given ? equals(value, when(row)) : truth(when(row))
      if (holds) return result(row)
    }
    return rest ? rest(row) : null
  }
}

/** Is a condition met? What is NULL or MISSING isn't. */
export function isMet(condition: Evaluate | undefined, row: Row): boolean {
  return condition === undefined || truth(condition(row)) === true
}
