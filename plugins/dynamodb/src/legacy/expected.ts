import type { ConditionalOperator, ExpectedAttributeValue } from '@aws-sdk/client-dynamodb'
import { invalidValues } from '../errors.js'
import type { Condition } from '../expression/ast.js'
import { asCondition, checkConditionalOperator, comparison, joinConditions } from './comparison.js'

/**
 * The legacy `Expected` of a write as a condition; undefined for none.
 * @throws ValidationException
 */
export function expectedCondition(
  expected: Readonly<Record<string, ExpectedAttributeValue>> | undefined,
  operator: ConditionalOperator | undefined,
): Condition | undefined {
  checkConditionalOperator(operator, expected)
  if (!expected) return undefined
  return joinConditions(
    Object.entries(expected).map(([name, test]) => expectation(name, test)),
    operator,
  )
}

function expectation(name: string, { Value, Exists, ComparisonOperator, AttributeValueList }: ExpectedAttributeValue): Condition {
  const refuse = (why: string) => invalidValues(`${why} for Attribute: ${name}`)
  if (ComparisonOperator !== undefined) {
    if (Exists !== undefined) throw refuse('Exists and ComparisonOperator cannot be used together')
    if (Value !== undefined && AttributeValueList !== undefined) throw refuse('Value and AttributeValueList cannot be used together')
    const values = Value === undefined ? AttributeValueList : [Value]
    if (values === undefined && ComparisonOperator !== 'NULL' && ComparisonOperator !== 'NOT_NULL') {
      throw refuse(`Value or AttributeValueList must be used with ComparisonOperator: ${ComparisonOperator}`)
    }
    return asCondition(name, comparison(ComparisonOperator, values))
  }
  if (AttributeValueList !== undefined) throw refuse('AttributeValueList can only be used with a ComparisonOperator')
  if (Exists === false) {
    if (Value !== undefined) throw refuse('Value cannot be used when Exists is false')
    return asCondition(name, comparison('NULL'))
  }
  if (Value === undefined) throw refuse(`Value must be provided when Exists is ${Exists === undefined ? 'null' : 'true'}`)
  return asCondition(name, comparison('EQ', [Value]))
}
