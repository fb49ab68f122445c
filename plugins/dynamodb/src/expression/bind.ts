import type { AwsError } from '@ministack/gateway'
import { validation } from '../errors.js'
import { type AttributeValue, compareValues, printValue, typeOf, type ValueType } from '../value/attribute-value.js'
import { type Call, type Condition, type DocumentPath, type ExpressionKind, type Operand, printPath, type Update } from './ast.js'
import { checkConflicts, checkOverlaps } from './paths.js'
import type { Placeholders } from './placeholders.js'

const ORDERED: ReadonlySet<ValueType> = new Set<ValueType>(['S', 'N', 'B'])
const SIZED: ReadonlySet<ValueType> = new Set<ValueType>(['S', 'B', 'SS', 'NS', 'BS', 'L', 'M'])
const PREFIXED: ReadonlySet<ValueType> = new Set<ValueType>(['S', 'B'])
const HOLDERS: ReadonlySet<ValueType> = new Set<ValueType>(['S', 'B', 'SS', 'NS', 'BS', 'L'])
const SETS: ReadonlySet<ValueType> = new Set<ValueType>(['SS', 'NS', 'BS'])
const ADDABLE: ReadonlySet<ValueType> = new Set<ValueType>(['N', 'SS', 'NS', 'BS'])
const TYPE_NAMES: readonly string[] = ['B', 'NULL', 'SS', 'BOOL', 'L', 'BS', 'N', 'NS', 'S', 'M'] satisfies ValueType[]
const LONG_NAMES: Readonly<Record<ValueType, string>> = {
  S: 'STRING',
  N: 'NUMBER',
  B: 'BINARY',
  SS: 'STRING_SET',
  NS: 'NUMBER_SET',
  BS: 'BINARY_SET',
  M: 'MAP',
  L: 'LIST',
  BOOL: 'BOOLEAN',
  NULL: 'NULL',
}

/** Puts a request's names and values into a parsed expression and checks what can be checked without an item. */
class Binder {
  readonly #kind: ExpressionKind
  readonly #placeholders: Placeholders

  constructor(kind: ExpressionKind, placeholders: Placeholders) {
    this.#kind = kind
    this.#placeholders = placeholders
  }

  #error(message: string): AwsError {
    return validation(`Invalid ${this.#kind}: ${message}`)
  }

  path(path: DocumentPath): DocumentPath {
    return this.#placeholders.path(this.#kind, path)
  }

  condition(node: Condition): Condition {
    switch (node.kind) {
      case 'and':
      case 'or':
        return { kind: node.kind, left: this.condition(node.left), right: this.condition(node.right) }
      case 'not':
        return { kind: 'not', condition: this.condition(node.condition) }
      case 'compare': {
        const left = this.operand(node.left)
        const right = this.operand(node.right)
        if (node.operator !== '=' && node.operator !== '<>') {
          this.#checkType(node.operator, left, ORDERED)
          this.#checkType(node.operator, right, ORDERED)
        }
        this.#checkDistinct(node.operator, left, [right])
        return { kind: 'compare', operator: node.operator, left, right }
      }
      case 'between':
        return this.#between(this.operand(node.operand), this.operand(node.low), this.operand(node.high))
      case 'in': {
        const operand = this.operand(node.operand)
        const list = node.list.map(o => this.operand(o))
        this.#checkDistinct('IN', operand, list)
        return { kind: 'in', operand, list }
      }
      case 'call':
        return this.#call(node)
    }
  }

  operand(node: Operand): Operand {
    switch (node.kind) {
      case 'path':
        return { kind: 'path', path: this.path(node.path) }
      case 'placeholder':
        return { kind: 'value', value: this.value(node.name) }
      case 'call':
        return this.#call(node)
      case 'arithmetic': {
        const left = this.operand(node.left)
        const right = this.operand(node.right)
        for (const side of [left, right]) this.#checkType(node.operator, side, NUMBERS)
        return { kind: 'arithmetic', operator: node.operator, left, right }
      }
      case 'value':
        return node
    }
  }

  value(name: string): AttributeValue {
    return this.#placeholders.value(this.#kind, name)
  }

  #between(operand: Operand, low: Operand, high: Operand): Condition {
    for (const side of [operand, low, high]) this.#checkType('BETWEEN', side, ORDERED)
    if (low.kind === 'value' && high.kind === 'value') {
      const shown = `lower bound operand: AttributeValue: ${printValue(low.value)}, upper bound operand: AttributeValue: ${printValue(high.value)}`
      const order = compareValues(low.value, high.value)
      if (order === undefined) {
        throw this.#error(`The BETWEEN operator requires same data type for lower and upper bounds; ${shown}`)
      }
      if (order > 0) {
        throw this.#error(`The BETWEEN operator requires upper bound to be greater than or equal to lower bound; ${shown}`)
      }
    }
    this.#checkDistinct('BETWEEN', operand, [low, high])
    return { kind: 'between', operand, low, high }
  }

  #call(node: Call): Call {
    const args = node.args.map(arg => this.operand(arg))
    switch (node.name) {
      case 'attribute_type':
        this.#checkAttributeType(args[1]!)
        break
      case 'size':
        this.#checkType('size', args[0]!, SIZED)
        break
      case 'begins_with':
        this.#checkType('begins_with', args[0]!, PREFIXED)
        this.#checkType('begins_with', args[1]!, PREFIXED)
        this.#checkDistinct('begins_with', args[0]!, [args[1]!])
        break
      case 'contains':
        this.#checkType('contains', args[0]!, HOLDERS)
        this.#checkDistinct('contains', args[0]!, [args[1]!])
        break
      case 'list_append':
        this.#checkType('list_append', args[0]!, LISTS)
        this.#checkType('list_append', args[1]!, LISTS)
        break
    }
    return { kind: 'call', name: node.name, args }
  }

  #checkAttributeType(operand: Operand): void {
    this.#checkType('attribute_type', operand, STRINGS)
    if (operand.kind !== 'value') return
    const type = operand.value.S!
    if (!TYPE_NAMES.includes(type)) {
      throw this.#error(`Invalid attribute type name found; type: ${type}, valid types: {${TYPE_NAMES.join(',')}}`)
    }
  }

  #checkType(operator: string, operand: Operand, allowed: ReadonlySet<ValueType>): void {
    const type = staticType(operand)
    if (type === undefined || allowed.has(type)) return
    throw this.#error(`Incorrect operand type for operator or function; operator or function: ${operator}, operand type: ${type}`)
  }

  #checkDistinct(operator: string, first: Operand, rest: readonly Operand[]): void {
    if (first.kind !== 'path') return
    if (!rest.some(other => other.kind === 'path' && samePath(other.path, first.path))) return
    throw this.#error(
      `The first operand must be distinct from the remaining operands for this operator or function; operator: ${operator}, first operand: ${printPath(first.path)}`,
    )
  }

  update(update: Update): Update {
    const bound: Update = {
      set: update.set.map(({ path, value }) => ({ path: this.path(path), value: this.operand(value) })),
      remove: update.remove.map(path => this.path(path)),
      add: update.add.map(({ path, value }) => ({ path: this.path(path), value: this.#member('ADD', value, ADDABLE) })),
      delete: update.delete.map(({ path, value }) => ({ path: this.path(path), value: this.#member('DELETE', value, SETS) })),
    }
    checkUpdatedPaths(bound)
    return bound
  }

  #member(operator: 'ADD' | 'DELETE', node: Operand, allowed: ReadonlySet<ValueType>): Operand {
    const operand = this.operand(node)
    const type = staticType(operand)!
    if (!allowed.has(type)) {
      throw this.#error(
        `Incorrect operand type for operator or function; operator: ${operator}, operand type: ${LONG_NAMES[type]}, typeSet: ALLOWED_FOR_${operator}_OPERAND`,
      )
    }
    return operand
  }
}

const NUMBERS: ReadonlySet<ValueType> = new Set<ValueType>(['N'])
const STRINGS: ReadonlySet<ValueType> = new Set<ValueType>(['S'])
const LISTS: ReadonlySet<ValueType> = new Set<ValueType>(['L'])

/** The type of an operand, where it doesn't depend on the item. */
function staticType(operand: Operand): ValueType | undefined {
  if (operand.kind === 'value') return typeOf(operand.value)
  if (operand.kind === 'arithmetic') return 'N'
  if (operand.kind !== 'call') return undefined
  if (operand.name === 'size') return 'N'
  return operand.name === 'list_append' ? 'L' : undefined
}

function samePath(a: DocumentPath, b: DocumentPath): boolean {
  return a.length === b.length && a.every((step, i) => step === b[i])
}

/** The paths that an update changes, each once. @throws ValidationException when two of them get in each other's way. */
export function checkUpdatedPaths(update: Update): void {
  const paths = updatedPaths(update)
  if (paths.length < 2) return
  checkOverlaps('UpdateExpression', paths)
  checkConflicts('UpdateExpression', paths)
}

/** The paths that an update changes. */
export function updatedPaths(update: Update): DocumentPath[] {
  return [...update.set.map(a => a.path), ...update.remove, ...update.add.map(a => a.path), ...update.delete.map(a => a.path)]
}

/** A parsed condition with the request's names and values in it. @throws ValidationException with AWS's text. */
export function bindCondition(kind: ExpressionKind, condition: Condition, placeholders: Placeholders): Condition {
  return new Binder(kind, placeholders).condition(condition)
}

/** A parsed update with the request's names and values in it. @throws ValidationException with AWS's text. */
export function bindUpdate(update: Update, placeholders: Placeholders): Update {
  return new Binder('UpdateExpression', placeholders).update(update)
}

/** A parsed projection with the request's names in it. @throws ValidationException for names that aren't there and paths that overlap. */
export function bindProjection(paths: readonly DocumentPath[], placeholders: Placeholders): DocumentPath[] {
  const bound = paths.map(path => placeholders.path('ProjectionExpression', path))
  if (bound.length > 1) {
    checkOverlaps('ProjectionExpression', bound)
    checkConflicts('ProjectionExpression', bound)
  }
  return bound
}
