import type { ConditionalOperator, ExpectedAttributeValue, ReturnValuesOnConditionCheckFailure } from '@aws-sdk/client-dynamodb'
import { AwsError } from '@ministack/gateway'
import { invalidValues, validation } from './errors.js'
import type { Condition, DocumentPath } from './expression/ast.js'
import { evaluate } from './expression/evaluate.js'
import { Placeholders } from './expression/placeholders.js'
import type { Context } from './kit.js'
import { expectedCondition } from './legacy/expected.js'
import type { Item } from './value/attribute-value.js'

/** What the requests with expressions have in common. */

type Parameters = Readonly<Record<string, unknown>>

const given = (parameters: Parameters) => Object.keys(parameters).filter(name => parameters[name] !== undefined)

/** @throws ValidationException when a request has both legacy parameters and expressions. */
export function checkMixing(legacy: Parameters, expressions: Parameters): void {
  const old = given(legacy)
  if (old.length === 0) return
  const present = given(expressions)
  if (present.length === 0) return
  throw validation(
    `Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {${old.join(', ')}} Expression parameters: {${present.join(', ')}}`,
  )
}

interface PlaceholderInput {
  readonly ExpressionAttributeNames?: Record<string, string> | undefined
  readonly ExpressionAttributeValues?: Item | undefined
}

/** Requests without placeholders share this: it holds nothing and nothing is added to it. */
const NONE = new Placeholders(undefined, undefined)

/**
 * A request's placeholders.
 * @param expressions the expressions that the operation takes, by name, as given.
 * @throws ValidationException for names or values without an expression, and for ones that can't be.
 */
export function placeholders(input: PlaceholderInput, expressions: Parameters): Placeholders {
  const { ExpressionAttributeNames: names, ExpressionAttributeValues: values } = input
  if (!names && !values) return NONE
  if (names && given(expressions).length === 0) throw validation('ExpressionAttributeNames can only be specified when using expressions')
  if (values) {
    // A projection has no use for values.
    const users = Object.keys(expressions).filter(name => name !== 'ProjectionExpression')
    if (users.every(name => expressions[name] === undefined)) {
      throw validation(
        `ExpressionAttributeValues can only be specified when using expressions: ${users.join(' and ')} ${users.length > 1 ? 'are' : 'is'} null`,
      )
    }
  }
  return new Placeholders(names, values)
}

interface ProjectionInput extends PlaceholderInput {
  readonly AttributesToGet?: readonly string[] | undefined
  readonly ProjectionExpression?: string | undefined
}

/**
 * The paths that a read asks for; undefined for everything.
 * @throws ValidationException
 */
export function projection(ctx: Context, input: ProjectionInput): DocumentPath[] | undefined {
  const { AttributesToGet, ProjectionExpression } = input
  if (AttributesToGet) {
    checkMixing({ AttributesToGet }, { ProjectionExpression })
    checkAttributesToGet(AttributesToGet)
  }
  const named = placeholders(input, { ProjectionExpression })
  if (ProjectionExpression === undefined) return AttributesToGet?.map(name => [name])
  const paths = ctx.stores.expressions.projection(ProjectionExpression, named)
  named.checkUsed()
  return paths
}

/** @throws ValidationException for a name that is there twice. */
export function checkAttributesToGet(names: readonly string[]): void {
  const twice = names.find((name, i) => names.indexOf(name) < i)
  if (twice !== undefined) throw invalidValues(`Duplicate value in attribute name: ${twice}`)
}

interface ConditionInput extends PlaceholderInput {
  readonly Expected?: Record<string, ExpectedAttributeValue> | undefined
  readonly ConditionalOperator?: ConditionalOperator | undefined
  readonly ConditionExpression?: string | undefined
}

/**
 * The condition of a write that has no other expression, legacy or not; undefined for none.
 * @throws ValidationException
 */
export function writeCondition(ctx: Context, input: ConditionInput): Condition | undefined {
  const { Expected, ConditionalOperator, ConditionExpression } = input
  if (Expected || ConditionalOperator) checkMixing({ Expected, ConditionalOperator }, { ConditionExpression })
  const bound = placeholders(input, { ConditionExpression })
  if (ConditionExpression === undefined) return expectedCondition(Expected, ConditionalOperator)
  const condition = ctx.stores.expressions.condition('ConditionExpression', ConditionExpression, bound)
  bound.checkUsed()
  return condition
}

const NOTHING: Item = {}

/**
 * @param item the item as it is; undefined when there is none.
 * @throws ConditionalCheckFailedException, with the item if that was asked for.
 */
export function checkCondition(
  condition: Condition | undefined,
  item: Item | undefined,
  onFailure: ReturnValuesOnConditionCheckFailure | undefined,
): void {
  if (!condition || evaluate(condition, item ?? NOTHING)) return
  throw new AwsError('ConditionalCheckFailedException', 'The conditional request failed', {
    ...(onFailure === 'ALL_OLD' && item && { fields: { Item: item } }),
  })
}
