import type { AwsError } from '@ministack/gateway'
import { validation } from '../errors.js'
import type { AttributeValue } from '../value/attribute-value.js'
import type { Comparator, Condition, DocumentPath, Operand } from './ast.js'

/** How a key attribute must compare; what KeyConditionExpression and the legacy KeyConditions both come down to. */
export type KeyTest =
  | { readonly operator: '=' | '<' | '<=' | '>' | '>=' | 'begins_with'; readonly value: AttributeValue }
  | { readonly operator: 'between'; readonly value: AttributeValue; readonly high: AttributeValue }

/** Tests by the name of the key attribute. */
export type KeyTests = ReadonlyMap<string, KeyTest>

const MIRRORED: Readonly<Record<Comparator, Comparator>> = { '=': '=', '<>': '<>', '<': '>', '<=': '>=', '>': '<', '>=': '<=' }

/**
 * Takes a bound key condition apart.
 * @throws ValidationException for what a key condition can't have: OR, NOT, other functions, nested paths, two tests of one key.
 */
export function keyTests(condition: Condition): Map<string, KeyTest> {
  const tests = new Map<string, KeyTest>()
  collect(condition, tests)
  return tests
}

function collect(node: Condition, tests: Map<string, KeyTest>): void {
  switch (node.kind) {
    case 'and':
      collect(node.left, tests)
      collect(node.right, tests)
      return
    case 'or':
    case 'not':
    case 'in':
      throw unsupportedOperator(node.kind.toUpperCase())
    case 'compare': {
      if (node.operator === '<>') throw unsupportedOperator(node.operator)
      for (const side of [node.left, node.right]) if (side.kind === 'call') throw unsupportedOperator(side.name)
      if (node.left.kind === 'path' && node.right.kind === 'path') throw invalidCondition('Multiple attribute names used in one condition')
      const mirrored = node.left.kind === 'value'
      const key = mirrored ? node.right : node.left
      const value = mirrored ? node.left : node.right
      if (key.kind !== 'path' || value.kind !== 'value') throw invalidCondition('No key attribute specified')
      const operator = mirrored ? MIRRORED[node.operator] : node.operator
      add(tests, key.path, { operator: operator as '=', value: value.value })
      return
    }
    case 'between': {
      const { operand, low, high } = node
      for (const part of [operand, low, high]) if (part.kind === 'call') throw unsupportedOperator(part.name)
      if (low.kind === 'path' || high.kind === 'path') {
        if (operand.kind === 'path') throw invalidCondition('Multiple attribute names used in one condition')
        throw invalidCondition('BETWEEN operator must have the key attribute as its first operand')
      }
      if (operand.kind !== 'path') throw invalidCondition('No key attribute specified')
      add(tests, operand.path, { operator: 'between', value: literal(low), high: literal(high) })
      return
    }
    case 'call': {
      if (node.name !== 'begins_with') throw unsupportedOperator(node.name)
      const [key, prefix] = node.args as [Operand, Operand]
      if (key.kind === 'path' && prefix.kind === 'path') throw invalidCondition('Multiple attribute names used in one condition')
      if (prefix.kind === 'path') throw invalidCondition('begins_with operator must have the key attribute as its first operand')
      if (key.kind !== 'path') throw invalidCondition('No key attribute specified')
      add(tests, key.path, { operator: 'begins_with', value: literal(prefix) })
      return
    }
  }
}

function literal(operand: Operand): AttributeValue {
  if (operand.kind !== 'value') throw new TypeError('an unbound key condition')
  return operand.value
}

function add(tests: Map<string, KeyTest>, path: DocumentPath, test: KeyTest): void {
  if (path.length > 1) throw validation('KeyConditionExpressions cannot have conditions on nested attributes')
  const name = path[0] as string
  if (tests.has(name)) throw validation('KeyConditionExpressions must only contain one condition per key')
  tests.set(name, test)
}

function unsupportedOperator(operator: string): AwsError {
  return validation(`Invalid operator used in KeyConditionExpression: ${operator}`)
}

function invalidCondition(why: string): AwsError {
  return validation(`Invalid condition in KeyConditionExpression: ${why}`)
}
