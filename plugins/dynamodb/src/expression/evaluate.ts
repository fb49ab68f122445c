import { type AttributeValue, compareValues, type Item, latin1, typeOf, valuesEqual } from '../value/attribute-value.js'
import { utf8Length } from '../value/size.js'
import type { Call, Comparator, Condition, Operand } from './ast.js'
import { valueAt } from './paths.js'

/** Whether a bound condition holds for an item; an item that isn't there is an empty one. */
export function evaluate(condition: Condition, item: Item): boolean {
  switch (condition.kind) {
    case 'and':
      return evaluate(condition.left, item) && evaluate(condition.right, item)
    case 'or':
      return evaluate(condition.left, item) || evaluate(condition.right, item)
    case 'not':
      return !evaluate(condition.condition, item)
    case 'compare':
      return compare(condition.operator, resolve(condition.left, item), resolve(condition.right, item))
    case 'between': {
      const value = resolve(condition.operand, item)
      return compare('>=', value, resolve(condition.low, item)) && compare('<=', value, resolve(condition.high, item))
    }
    case 'in': {
      const value = resolve(condition.operand, item)
      return value !== undefined && condition.list.some(o => compare('=', value, resolve(o, item)))
    }
    case 'call':
      return evaluateCall(condition, item)
  }
}

/** What an operand of a condition stands for; undefined when the item doesn't have it. */
function resolve(operand: Operand, item: Item): AttributeValue | undefined {
  if (operand.kind === 'value') return operand.value
  if (operand.kind === 'path') return valueAt(item, operand.path)
  if (operand.kind === 'call' && operand.name === 'size') return sizeOf(resolve(operand.args[0]!, item))
  throw new TypeError(`no operand of a condition: ${operand.kind}`)
}

/** Compares as DynamoDB does: different types are unequal and unordered; what isn't there differs from everything. */
export function compare(operator: Comparator, left: AttributeValue | undefined, right: AttributeValue | undefined): boolean {
  if (operator === '<>') return left === undefined || right === undefined ? left !== right : !valuesEqual(left, right)
  if (left === undefined || right === undefined) return false
  if (operator === '=') return valuesEqual(left, right)
  const order = compareValues(left, right)
  if (order === undefined) return false
  return operator === '<' ? order < 0 : operator === '<=' ? order <= 0 : operator === '>' ? order > 0 : order >= 0
}

function evaluateCall(call: Call, item: Item): boolean {
  const first = resolve(call.args[0]!, item)
  if (call.name === 'attribute_exists') return first !== undefined
  if (call.name === 'attribute_not_exists') return first === undefined
  const second = resolve(call.args[1]!, item)
  if (first === undefined || second === undefined) return false
  if (call.name === 'attribute_type') return typeOf(first) === second.S
  return call.name === 'begins_with' ? beginsWith(first, second) : contains(first, second)
}

/** Whether text or bytes begin with others. */
export function beginsWith(value: AttributeValue, prefix: AttributeValue): boolean {
  if (value.S !== undefined) return prefix.S !== undefined && value.S.startsWith(prefix.S)
  if (value.B === undefined || prefix.B === undefined) return false
  return value.B.length >= prefix.B.length && Buffer.compare(value.B.subarray(0, prefix.B.length), prefix.B) === 0
}

/** Whether text or bytes have a part, a set a member, or a list an element. */
export function contains(value: AttributeValue, part: AttributeValue): boolean {
  if (value.S !== undefined) return part.S !== undefined && value.S.includes(part.S)
  if (value.B !== undefined) return part.B !== undefined && latin1(value.B).includes(latin1(part.B))
  if (value.SS !== undefined) return part.S !== undefined && value.SS.includes(part.S)
  if (value.NS !== undefined) return part.N !== undefined && value.NS.includes(part.N)
  if (value.BS !== undefined) return part.B !== undefined && value.BS.some(member => Buffer.compare(member, part.B!) === 0)
  return value.L?.some(element => valuesEqual(element, part)) ?? false
}

/** The function `size`: bytes of text and bytes, members of collections. */
export function sizeOf(value: AttributeValue | undefined): AttributeValue | undefined {
  if (value === undefined) return undefined
  let size: number | undefined
  if (value.S !== undefined) size = utf8Length(value.S)
  else if (value.B !== undefined) size = value.B.byteLength
  else if (value.M !== undefined) size = Object.keys(value.M).length
  else size = (value.L ?? value.SS ?? value.NS ?? value.BS)?.length
  return size === undefined ? undefined : { N: String(size) }
}
