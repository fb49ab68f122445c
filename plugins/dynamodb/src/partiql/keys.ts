import { validation } from '../errors.js'
import type { Condition, DocumentPath, Operand } from '../expression/ast.js'
import type { KeyTest } from '../expression/key-condition.js'
import type { KeyAttribute, KeySchema } from '../storage/key-schema.js'
import type { OpenTable } from '../tables/open-tables.js'
import { type AttributeValue, type Item, valuesEqual } from '../value/attribute-value.js'

/** What the WHERE of a statement says of keys. */

const MIRRORED = { '=': '=', '<': '>', '<=': '>=', '>': '<', '>=': '<=' } as const

/** The conditions that must all hold. */
function* conjuncts(condition: Condition | undefined): Iterable<Condition> {
  if (condition?.kind !== 'and') {
    if (condition) yield condition
    return
  }
  yield* conjuncts(condition.left)
  yield* conjuncts(condition.right)
}

function isAttribute(operand: Operand | undefined, name: string): boolean {
  return operand?.kind === 'path' && operand.path.length === 1 && operand.path[0] === name
}

/** The values of which an attribute must have one; undefined when the condition doesn't say. */
function valuesOf(condition: Condition, name: string): AttributeValue[] | undefined {
  switch (condition.kind) {
    case 'compare': {
      if (condition.operator !== '=') return undefined
      const { left, right } = condition
      if (isAttribute(left, name) && right.kind === 'value') return [right.value]
      return isAttribute(right, name) && left.kind === 'value' ? [left.value] : undefined
    }
    case 'in': {
      if (!isAttribute(condition.operand, name)) return undefined
      const values: AttributeValue[] = []
      for (const operand of condition.list) {
        if (operand.kind !== 'value') return undefined
        values.push(operand.value)
      }
      return values
    }
    case 'or': {
      const left = valuesOf(condition.left, name)
      const right = left && valuesOf(condition.right, name)
      return right && [...left, ...right]
    }
    default:
      return undefined
  }
}

/** How a sort key must compare, as far as an index can tell; undefined when the condition doesn't say. */
function rangeTest(condition: Condition, name: string): KeyTest | undefined {
  switch (condition.kind) {
    case 'compare': {
      const { operator, left, right } = condition
      if (operator === '<>') return undefined
      if (isAttribute(left, name) && right.kind === 'value') return { operator, value: right.value }
      return isAttribute(right, name) && left.kind === 'value' ? { operator: MIRRORED[operator], value: left.value } : undefined
    }
    case 'between': {
      const { operand, low, high } = condition
      if (!isAttribute(operand, name) || low.kind !== 'value' || high.kind !== 'value') return undefined
      return { operator: 'between', value: low.value, high: high.value }
    }
    case 'call': {
      const [path, prefix] = condition.args
      if (condition.name !== 'begins_with' || !isAttribute(path, name) || prefix?.kind !== 'value') return undefined
      return { operator: 'begins_with', value: prefix.value }
    }
    default:
      return undefined
  }
}

/**
 * The key conditions of the queries that a SELECT comes to, one for each partition; undefined when it must scan.
 * What they leave through is for the filter, which is the whole condition.
 */
export function partitionTests(schema: KeySchema, where: Condition | undefined): Map<string, KeyTest>[] | undefined {
  const all = [...conjuncts(where)]
  const [first, ...rest] = schema.hash
  const partitions = firstOf(all, condition => valuesOf(condition, first!.name))
  if (!partitions) return undefined
  const fixed = new Map<string, KeyTest>()
  for (const { name } of rest) {
    const values = firstOf(all, condition => valuesOf(condition, name))
    if (values?.length !== 1) return undefined
    fixed.set(name, { operator: '=', value: values[0]! })
  }
  addRange(fixed, schema.range, all)
  const distinct = partitions.filter((value, i) => partitions.findIndex(other => valuesEqual(other, value)) === i)
  return distinct.map(value => new Map<string, KeyTest>([[first!.name, { operator: '=', value }], ...fixed]))
}

/** The tests of the sort key attributes, up to the first that isn't an equality. */
function addRange(tests: Map<string, KeyTest>, range: readonly KeyAttribute[], all: readonly Condition[]): void {
  for (const { name, type } of range) {
    const found = all.map(condition => rangeTest(condition, name)).filter(test => test !== undefined)
    // A test of another type can't be put to the index; the filter lets nothing through.
    const usable = found.filter(test => isUsable(test, type))
    const test = usable.find(({ operator }) => operator === '=') ?? usable[0]
    if (!test) return
    tests.set(name, test)
    if (test.operator !== '=') return
  }
}

function isUsable(test: KeyTest, type: KeyAttribute['type']): boolean {
  const whole = (value: AttributeValue) => value[type] !== undefined && value[type].length > 0
  return whole(test.value) && (test.operator !== 'between' || whole(test.high)) && (test.operator !== 'begins_with' || type !== 'N')
}

function firstOf<T>(conditions: readonly Condition[], find: (condition: Condition) => T | undefined): T | undefined {
  for (const condition of conditions) {
    const found = find(condition)
    if (found !== undefined) return found
  }
  return undefined
}

/** The primary key that a condition fixes by equalities; undefined when it doesn't fix all of it. */
export function fixedKey({ schema }: OpenTable, where: Condition | undefined): Item | undefined {
  const key: Record<string, AttributeValue> = {}
  const all = [...conjuncts(where)]
  for (const { name } of schema.attributes) {
    const values = firstOf(all, condition => (condition.kind === 'compare' ? valuesOf(condition, name) : undefined))
    if (!values) return undefined
    key[name] = values[0]!
  }
  return key
}

/** The same. @throws ValidationException when the key isn't fixed. */
export function requiredKey(table: OpenTable, where: Condition | undefined): Item {
  const key = fixedKey(table, where)
  if (!key) throw validation('Where clause does not contain a mandatory equality on all key attributes')
  return key
}

/** The name that a column has in the result: the last of its names, with the indexes after it. */
export function columnName(path: DocumentPath): string {
  let at = path.length - 1
  while (typeof path[at] === 'number') at--
  return `${path[at]}${path
    .slice(at + 1)
    .map(i => `[${i}]`)
    .join('')}`
}
