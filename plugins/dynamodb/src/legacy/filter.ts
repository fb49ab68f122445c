import type { ConditionalOperator, Condition as LegacyCondition } from '@aws-sdk/client-dynamodb'
import { validation } from '../errors.js'
import type { Condition } from '../expression/ast.js'
import type { KeyTest } from '../expression/key-condition.js'
import { asCondition, checkConditionalOperator, comparison, joinConditions } from './comparison.js'

/**
 * The legacy `QueryFilter` or `ScanFilter` as a condition; undefined for none.
 * @throws ValidationException
 */
export function filterCondition(
  filter: Readonly<Record<string, LegacyCondition>> | undefined,
  operator: ConditionalOperator | undefined,
): Condition | undefined {
  checkConditionalOperator(operator, filter)
  if (!filter) return undefined
  return joinConditions(
    Object.entries(filter).map(([name, { ComparisonOperator, AttributeValueList }]) =>
      asCondition(name, comparison(ComparisonOperator!, AttributeValueList)),
    ),
    operator,
  )
}

const KEY_OPERATORS: Partial<Record<string, KeyTest['operator']>> = {
  EQ: '=',
  LT: '<',
  LE: '<=',
  GT: '>',
  GE: '>=',
  BEGINS_WITH: 'begins_with',
  BETWEEN: 'between',
}

/**
 * The legacy `KeyConditions` as tests of key attributes.
 * @throws ValidationException
 */
export function legacyKeyTests(conditions: Readonly<Record<string, LegacyCondition>>): Map<string, KeyTest> {
  const tests = new Map<string, KeyTest>()
  const entries = Object.entries(conditions)
  for (const [name, { ComparisonOperator, AttributeValueList }] of entries) {
    const { values } = comparison(ComparisonOperator!, AttributeValueList)
    const operator = KEY_OPERATORS[ComparisonOperator!]
    if (!operator) throw validation('Attempted conditional constraint is not an indexable operation')
    tests.set(name, operator === 'between' ? { operator, value: values[0]!, high: values[1]! } : { operator, value: values[0]! })
  }
  return tests
}
