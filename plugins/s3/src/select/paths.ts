import type { NameStep, PathStep } from './ast.js'
import { selectError } from './errors.js'
import type { TokenReader } from './lexer.js'
import { isStruct, type Value } from './values.js'

/** The steps that follow a name. @throws ParseInvalidPathComponent */
export function readPath(tokens: TokenReader): PathStep[] {
  const steps: PathStep[] = []
  for (;;) {
    if (tokens.takeSymbol('.')) {
      const step = tokens.next()
      if (step.kind === 'word') steps.push({ kind: 'name', name: step.text, quoted: false })
      else if (step.kind === 'quoted') steps.push({ kind: 'name', name: step.value, quoted: true })
      else if (step.text === '*') steps.push({ kind: 'values' })
      else throw selectError('ParseInvalidPathComponent')
    } else if (tokens.takeSymbol('[')) {
      const step = tokens.next()
      if (step.kind === 'number' && /^\d+$/.test(step.text)) steps.push({ kind: 'index', index: Number(step.text) })
      else if (step.kind === 'string') steps.push({ kind: 'name', name: step.value, quoted: true })
      else if (step.text === '*') steps.push({ kind: 'elements' })
      else throw selectError('ParseInvalidPathComponent')
      tokens.expectSymbol(']')
    } else return steps
  }
}

/** The member of that name: as it is written, or by letters alone where the name isn't quoted. @throws AmbiguousFieldName */
export function memberOf(value: Value, { name, quoted }: NameStep): Value {
  if (!isStruct(value)) return undefined
  if (Object.hasOwn(value, name)) return value[name]
  if (quoted) return undefined
  const lower = name.toLowerCase()
  let found: string | undefined
  for (const own in value) {
    if (own.toLowerCase() !== lower) continue
    if (found !== undefined) throw selectError('AmbiguousFieldName')
    found = own
  }
  return found === undefined ? undefined : value[found]
}

/** Where a path without wildcards leads; undefined (MISSING) where it leads nowhere. */
export function valueAt(start: Value, steps: readonly PathStep[]): Value {
  let value = start
  for (const step of steps) {
    if (value === undefined || value === null) return undefined
    if (step.kind === 'name') value = memberOf(value, step)
    else if (step.kind === 'index') value = Array.isArray(value) ? value[step.index] : undefined
    else throw selectError('ParseInvalidPathComponent')
  }
  return value
}
