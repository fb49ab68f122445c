import { validation } from '../errors.js'
import { type AttributeValue, attribute, type Item, setAttribute } from '../value/attribute-value.js'
import { type Condition, type DocumentPath, type ExpressionKind, type Operand, printPath } from './ast.js'

/** What a path leads to in an item. */
export function valueAt(item: Item, path: DocumentPath): AttributeValue | undefined {
  let value = attribute(item, path[0] as string)
  for (let i = 1; i < path.length && value !== undefined; i++) {
    const step = path[i]!
    if (typeof step === 'number') value = value.L?.[step]
    else value = value.M && attribute(value.M, step)
  }
  return value
}

/**
 * One path may not be the beginning of another.
 * @throws ValidationException naming the first two that are.
 */
export function checkOverlaps(kind: ExpressionKind, paths: readonly DocumentPath[]): void {
  const pair = findPair(paths, (a, b, common) => common === Math.min(a.length, b.length))
  if (pair) throw pathError(kind, 'overlap', pair)
}

/**
 * No two paths may use the same part of an item as a map and as a list.
 * @throws ValidationException naming the first two that do.
 */
export function checkConflicts(kind: ExpressionKind, paths: readonly DocumentPath[]): void {
  const pair = findPair(paths, (a, b, common) => common < Math.min(a.length, b.length) && typeof a[common] !== typeof b[common])
  if (pair) throw pathError(kind, 'conflict', pair)
}

function pathError(kind: ExpressionKind, how: 'overlap' | 'conflict', [one, two]: readonly [DocumentPath, DocumentPath]) {
  return validation(
    `Invalid ${kind}: Two document paths ${how} with each other; must remove or rewrite one of these paths; path one: ${printPath(one)}, path two: ${printPath(two)}`,
  )
}

/** The first pair (in order of the second) that `matches`, told how many steps the two have in common. */
function findPair(
  paths: readonly DocumentPath[],
  matches: (a: DocumentPath, b: DocumentPath, common: number) => boolean,
): readonly [DocumentPath, DocumentPath] | undefined {
  for (let j = 1; j < paths.length; j++) {
    for (let i = 0; i < j; i++) {
      const a = paths[i]!
      const b = paths[j]!
      let common = 0
      while (common < a.length && common < b.length && a[common] === b[common]) common++
      if (matches(a, b, common)) return [a, b]
    }
  }
  return undefined
}

/** The parts of an item that paths lead to, each in its place; list elements close up in order of their indexes. */
export function project(item: Item, paths: readonly DocumentPath[]): Record<string, AttributeValue> {
  const out: Record<string, AttributeValue> = {}
  const nested: DocumentPath[] = []
  for (const path of paths) {
    if (path.length > 1) nested.push(path)
    else {
      const value = attribute(item, path[0] as string)
      if (value !== undefined) setAttribute(out, path[0] as string, value)
    }
  }
  for (const [name, rest] of byFirstStep(nested)) {
    const value = attribute(item, name as string)
    const part = value && projectValue(value, rest)
    if (part !== undefined) setAttribute(out, name as string, part)
  }
  return out
}

function projectValue(value: AttributeValue, paths: readonly DocumentPath[]): AttributeValue | undefined {
  if (paths.some(path => path.length === 0)) return value
  if (value.M) {
    const part: Record<string, AttributeValue> = {}
    for (const [step, rest] of byFirstStep(paths)) {
      const child = typeof step === 'string' ? attribute(value.M, step) : undefined
      const found = child && projectValue(child, rest)
      if (found !== undefined) setAttribute(part, step as string, found)
    }
    return Object.keys(part).length > 0 ? { M: part } : undefined
  }
  if (value.L) {
    const part: AttributeValue[] = []
    for (const [step, rest] of [...byFirstStep(paths)].sort(([a], [b]) => Number(a) - Number(b))) {
      const child = typeof step === 'number' ? value.L[step] : undefined
      const found = child && projectValue(child, rest)
      if (found !== undefined) part.push(found)
    }
    return part.length > 0 ? { L: part } : undefined
  }
  return undefined
}

function byFirstStep(paths: readonly DocumentPath[]): Map<string | number, DocumentPath[]> {
  const groups = new Map<string | number, DocumentPath[]>()
  for (const path of paths) {
    const group = groups.get(path[0]!)
    if (group) group.push(path.slice(1))
    else groups.set(path[0]!, [path.slice(1)])
  }
  return groups
}

/** The attributes that a condition reads, by the names they begin with. */
export function* attributesOf(condition: Condition | Operand): Iterable<string> {
  switch (condition.kind) {
    case 'path':
      yield condition.path[0] as string
      return
    case 'and':
    case 'or':
    case 'compare':
    case 'arithmetic':
      yield* attributesOf(condition.left)
      yield* attributesOf(condition.right)
      return
    case 'not':
      yield* attributesOf(condition.condition)
      return
    case 'between':
      for (const part of [condition.operand, condition.low, condition.high]) yield* attributesOf(part)
      return
    case 'in':
      for (const part of [condition.operand, ...condition.list]) yield* attributesOf(part)
      return
    case 'call':
      for (const part of condition.args) yield* attributesOf(part)
  }
}
