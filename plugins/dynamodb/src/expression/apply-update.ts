import { validation } from '../errors.js'
import { type AttributeValue, attribute, type Item, latin1, setAttribute } from '../value/attribute-value.js'
import { addNumbers } from '../value/decimal.js'
import type { DocumentPath, Operand, Update } from './ast.js'
import { valueAt } from './paths.js'

const WRONG_TYPE = 'An operand in the update expression has an incorrect data type'

/**
 * Makes the new item of a bound update. Every operand is read from the item as it was.
 * @throws ValidationException when the item doesn't have what the update needs.
 */
export function applyUpdate(item: Item, update: Update): Record<string, AttributeValue> {
  const values = update.set.map(({ value }) => operandValue(value, item))
  const draft = new Draft(item)
  const order = update.set.map((_, i) => i)
  // Elements past the end of a list are appended in the order of their indexes.
  if (update.set.length > 1) order.sort((a, b) => lastIndex(update.set[a]!.path) - lastIndex(update.set[b]!.path))
  for (const i of order) draft.set(update.set[i]!.path, values[i]!)
  for (const { path, value } of update.add) draft.set(path, added(valueAt(item, path), (value as { value: AttributeValue }).value))
  const removed = [...update.remove]
  for (const { path, value } of update.delete) {
    const left = without(valueAt(item, path), (value as { value: AttributeValue }).value)
    if (left === undefined) removed.push(path)
    else draft.set(path, left)
  }
  // The indexes in paths are those of the lists as they were: what is inside an element goes before the element, the last before the first.
  if (removed.length > 1) removed.sort((a, b) => b.length - a.length || lastIndex(b) - lastIndex(a))
  for (const path of removed) draft.remove(path)
  return draft.item
}

function lastIndex(path: DocumentPath): number {
  const last = path[path.length - 1]
  return typeof last === 'number' ? last : -1
}

/** A copy of an item on its way to the next one: containers on a changed path are copied once, all else is shared. */
class Draft {
  readonly item: Record<string, AttributeValue>
  readonly #own = new Set<object>()

  constructor(item: Item) {
    this.item = { ...item }
  }

  set(path: DocumentPath, value: AttributeValue): void {
    const last = path[path.length - 1]!
    const parent = this.#parent(path)
    if (Array.isArray(parent)) {
      if (typeof last !== 'number') throw invalidPath()
      parent[Math.min(last, parent.length)] = value
    } else {
      if (typeof last !== 'string') throw invalidPath()
      setAttribute(parent, last, value)
    }
  }

  remove(path: DocumentPath): void {
    const last = path[path.length - 1]!
    const parent = this.#parent(path)
    if (Array.isArray(parent)) {
      if (typeof last !== 'number') throw invalidPath()
      if (last < parent.length) parent.splice(last, 1)
    } else {
      if (typeof last !== 'string') throw invalidPath()
      delete parent[last]
    }
  }

  /** The container of a path's last step, free to change. */
  #parent(path: DocumentPath): Record<string, AttributeValue> | AttributeValue[] {
    let container: Record<string, AttributeValue> | AttributeValue[] = this.item
    for (let i = 0; i < path.length - 1; i++) {
      const step = path[i]!
      const child: AttributeValue | undefined = Array.isArray(container)
        ? typeof step === 'number'
          ? container[step]
          : undefined
        : typeof step === 'string'
          ? attribute(container, step)
          : undefined
      const inside: Record<string, AttributeValue> | AttributeValue[] | undefined = child?.M ?? child?.L
      if (inside === undefined) throw invalidPath()
      if (this.#own.has(inside)) {
        container = inside
        continue
      }
      const copy: Record<string, AttributeValue> | AttributeValue[] = Array.isArray(inside) ? inside.slice() : { ...inside }
      this.#own.add(copy)
      const value: AttributeValue = Array.isArray(copy) ? { L: copy } : { M: copy }
      if (Array.isArray(container)) container[step as number] = value
      else setAttribute(container, step as string, value)
      container = copy
    }
    return container
  }
}

function invalidPath() {
  return validation('The document path provided in the update expression is invalid for update')
}

function operandValue(operand: Operand, item: Item): AttributeValue {
  switch (operand.kind) {
    case 'value':
      return operand.value
    case 'path': {
      const value = valueAt(item, operand.path)
      if (value === undefined) throw validation('The provided expression refers to an attribute that does not exist in the item')
      return value
    }
    case 'arithmetic': {
      const left = operandValue(operand.left, item)
      const right = operandValue(operand.right, item)
      if (left.N === undefined || right.N === undefined) throw validation(WRONG_TYPE)
      return { N: addNumbers(left.N, right.N, operand.operator === '-') }
    }
    case 'call': {
      const [first, second] = operand.args as [Operand, Operand]
      if (operand.name === 'if_not_exists') return (first.kind === 'path' && valueAt(item, first.path)) || operandValue(second, item)
      const left = operandValue(first, item)
      const right = operandValue(second, item)
      if (left.L === undefined || right.L === undefined) throw validation(WRONG_TYPE)
      return { L: [...left.L, ...right.L] }
    }
    case 'placeholder':
      throw new TypeError('an unbound update')
  }
}

/** What ADD makes of a value: the sum of numbers, the union of sets. @throws ValidationException for other types. */
export function added(old: AttributeValue | undefined, value: AttributeValue): AttributeValue {
  if (old === undefined) return value
  if (old.N !== undefined && value.N !== undefined) return { N: addNumbers(old.N, value.N) }
  if (old.SS && value.SS) return { SS: [...new Set([...old.SS, ...value.SS])] }
  if (old.NS && value.NS) return { NS: [...new Set([...old.NS, ...value.NS])] }
  if (old.BS && value.BS) {
    const members = new Set(old.BS.map(latin1))
    return { BS: [...old.BS, ...value.BS.filter(member => !members.has(latin1(member)))] }
  }
  throw validation(WRONG_TYPE)
}

/** What DELETE leaves of a set; undefined for nothing. @throws ValidationException when the two aren't sets of one type. */
export function without(old: AttributeValue | undefined, value: AttributeValue): AttributeValue | undefined {
  if (old === undefined) return undefined
  if (old.SS && value.SS) {
    const left = old.SS.filter(member => !value.SS!.includes(member))
    return left.length > 0 ? { SS: left } : undefined
  }
  if (old.NS && value.NS) {
    const left = old.NS.filter(member => !value.NS!.includes(member))
    return left.length > 0 ? { NS: left } : undefined
  }
  if (old.BS && value.BS) {
    const gone = new Set(value.BS.map(latin1))
    const left = old.BS.filter(member => !gone.has(latin1(member)))
    return left.length > 0 ? { BS: left } : undefined
  }
  throw validation(WRONG_TYPE)
}
