import type { ComparisonOperator, ConditionalOperator } from '@aws-sdk/client-dynamodb'
import { invalidValues, validation } from '../errors.js'
import type { Comparator, Condition, Operand } from '../expression/ast.js'
import { type AttributeValue, compareValues, typeOf, type ValueType } from '../value/attribute-value.js'
import { normalizeValue } from '../value/normalize.js'

/** One comparison of the legacy parameters. */
export interface Comparison {
  readonly operator: ComparisonOperator
  readonly values: readonly AttributeValue[]
}

const COMPARATORS: Partial<Record<ComparisonOperator, Comparator>> = { EQ: '=', NE: '<>', LT: '<', LE: '<=', GT: '>', GE: '>=' }
const SCALARS: readonly ValueType[] = ['S', 'N', 'B']
const ALLOWED: Partial<Record<ComparisonOperator, readonly ValueType[]>> = {
  LT: SCALARS,
  LE: SCALARS,
  GT: SCALARS,
  GE: SCALARS,
  BETWEEN: SCALARS,
  IN: SCALARS,
  CONTAINS: [...SCALARS, 'BOOL', 'NULL'],
  NOT_CONTAINS: [...SCALARS, 'BOOL', 'NULL'],
  BEGINS_WITH: ['S', 'B'],
}

/**
 * Checks a comparison of `Expected`, `KeyConditions`, `QueryFilter` or `ScanFilter`.
 * @throws ValidationException for a wrong number or wrong types of values.
 */
export function comparison(operator: ComparisonOperator, list: readonly AttributeValue[] = []): Comparison {
  const values = list.map(normalizeValue)
  const enough =
    operator === 'NULL' || operator === 'NOT_NULL'
      ? values.length === 0
      : operator === 'BETWEEN'
        ? values.length === 2
        : operator === 'IN'
          ? values.length > 0
          : values.length === 1
  if (!enough) throw invalidValues(`Invalid number of argument(s) for the ${operator} ComparisonOperator`)
  const allowed = ALLOWED[operator]
  for (const value of values) {
    const type = typeOf(value)
    if (allowed && !allowed.includes(type))
      throw invalidValues(`ComparisonOperator ${operator} is not valid for ${type} AttributeValue type`)
  }
  if (values.some(value => typeOf(value) !== typeOf(values[0]!))) {
    throw invalidValues('AttributeValues inside AttributeValueList must be of same type')
  }
  if (operator === 'BETWEEN' && compareValues(values[0]!, values[1]!)! > 0) {
    throw validation('The BETWEEN condition was provided a range where the lower bound is greater than the upper bound')
  }
  return { operator, values }
}

/** A comparison of one attribute as a condition. */
export function asCondition(name: string, { operator, values }: Comparison): Condition {
  const path: Operand = { kind: 'path', path: [name] }
  const operands: Operand[] = values.map(value => ({ kind: 'value', value }))
  const comparator = COMPARATORS[operator]
  if (comparator) return { kind: 'compare', operator: comparator, left: path, right: operands[0]! }
  switch (operator) {
    case 'BETWEEN':
      return { kind: 'between', operand: path, low: operands[0]!, high: operands[1]! }
    case 'IN':
      return { kind: 'in', operand: path, list: operands }
    case 'NULL':
      return { kind: 'call', name: 'attribute_not_exists', args: [path] }
    case 'NOT_NULL':
      return { kind: 'call', name: 'attribute_exists', args: [path] }
    case 'NOT_CONTAINS':
      return { kind: 'not', condition: { kind: 'call', name: 'contains', args: [path, ...operands] } }
    case 'CONTAINS':
      return { kind: 'call', name: 'contains', args: [path, ...operands] }
    default:
      return { kind: 'call', name: 'begins_with', args: [path, ...operands] }
  }
}

/** @throws ValidationException for an operator with too little to join. */
export function checkConditionalOperator(operator: ConditionalOperator | undefined, conditions: object | undefined): void {
  if (!operator) return
  if (!conditions) throw validation('ConditionalOperator cannot be used without Filter or Expected')
  if (Object.keys(conditions).length < 2) {
    throw validation('ConditionalOperator can only be used when Filter or Expected has two or more elements')
  }
}

/** Joins conditions with AND, or what `ConditionalOperator` says. */
export function joinConditions(conditions: readonly Condition[], operator: ConditionalOperator | undefined): Condition | undefined {
  const kind = operator === 'OR' ? 'or' : 'and'
  return conditions.length === 0 ? undefined : conditions.reduce((left, right) => ({ kind, left, right }))
}
