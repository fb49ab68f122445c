import { AwsError } from '../authoring/errors.js'
import { inMessageOrder } from './enum-order.js'
import type { Constraints } from './model.js'
import { ec2NameOf } from './query-reader.js'
import type { ListShape, MapShape, Member, Model, OperationModel, Shape, StructShape } from './shapes.js'
import { isScalar } from './tree-codec.js'
import type { ProtocolName } from './wire.js'

interface Failed {
  readonly path: string
  /** The parameter's name on the wire of ec2Query. */
  readonly parameter: string
  /** undefined: the value is absent. */
  readonly value: string | undefined
  readonly sensitive: boolean
  readonly constraint: string
}

type Check = (value: any, path: string, parameter: string, failed: Failed[]) => void

const compiled = new WeakMap<Shape, { readonly check: Check | undefined }>()

/**
 * Checks an input against the model's required members and constraints, and answers every failure at once as AWS does.
 * @param protocol - the one that the request speaks; the service's first by default
 * @throws AwsError with the code that the protocol, or the service, has for it.
 */
export function validate(
  model: Model,
  operation: OperationModel | string,
  input: Readonly<Record<string, unknown>>,
  protocol?: ProtocolName,
): void {
  const shape = (typeof operation === 'string' ? model.operation(operation) : operation)?.input
  if (shape === undefined || model.service.validated === false) return
  const check = checkOf(shape)
  if (check === undefined) return
  const failed: Failed[] = []
  check(input, '', '', failed)
  if (failed.length > 0) throw errorOf(model, protocol ?? model.service.protocols[0]!, failed)
}

function errorOf(model: Model, protocol: ProtocolName, failed: readonly Failed[]): AwsError {
  const { validationCode, sdk } = model.service
  if (protocol === 'ec2Query' && validationCode === undefined) {
    const first = failed[0]!
    return first.value === undefined
      ? new AwsError('MissingParameter', `The request must contain the parameter ${first.parameter}`)
      : new AwsError('InvalidParameterValue', `Value (${first.value}) for parameter ${first.parameter} is invalid. ${first.constraint}`)
  }
  const parts = failed.map(({ path, value, sensitive, constraint }) => {
    const shown = value === undefined ? 'Value null' : sensitive ? 'Value' : `Value '${value}'`
    return `${shown} at '${path}' failed to satisfy constraint: ${constraint}`
  })
  const message = `${parts.length} validation error${parts.length === 1 ? '' : 's'} detected: ${parts.join('; ')}`
  return new AwsError(validationCode ?? usualCode(protocol, sdk), message)
}

function usualCode(protocol: ProtocolName, sdk: string): string {
  if (protocol === 'awsQuery') return 'ValidationError'
  if (protocol === 'restXml') return sdk === 'route-53' ? 'InvalidInput' : sdk === 's3-control' ? 'InvalidRequest' : 'InvalidArgument'
  return 'ValidationException'
}

/** The check of a shape; undefined when nothing below it is constrained. */
function checkOf(shape: Shape): Check | undefined {
  let entry = compiled.get(shape)
  if (entry === undefined) {
    entry = { check: isConstrained(shape, new Set()) ? makeCheck(shape) : undefined }
    compiled.set(shape, entry)
  }
  return entry.check
}

function isConstrained(shape: Shape, seen: Set<Shape>): boolean {
  if (isScalar(shape) || seen.has(shape)) return false
  seen.add(shape)
  const members = shape.type === 'structure' ? shape.members : shape.type === 'list' ? [shape.member] : [shape.key, shape.value]
  return members.some(member => member.required || member.constraints !== undefined || isConstrained(member.shape, seen))
}

function makeCheck(shape: Shape): Check {
  if (shape.type === 'structure') return structCheck(shape)
  if (shape.type === 'list') return listCheck(shape)
  if (shape.type === 'map') return mapCheck(shape)
  return () => undefined
}

const lowerFirst = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1)

interface Slot {
  readonly name: string
  readonly path: string
  readonly parameter: string
  readonly required: boolean
  readonly own: Check | undefined
  readonly below: Check | undefined
}

function structCheck(shape: StructShape): Check {
  let slots: Slot[] | undefined
  return (value, path, parameter, failed) => {
    slots ??= shape.members.map(slotOf).filter(slot => slot.required || slot.own !== undefined || slot.below !== undefined)
    const before = path === '' ? '' : `${path}.`
    const beforeParameter = parameter === '' ? '' : `${parameter}.`
    for (const slot of slots) {
      const item = value[slot.name]
      if (item === undefined || item === null) {
        if (slot.required)
          failed.push({
            path: before + slot.path,
            parameter: beforeParameter + slot.parameter,
            value: undefined,
            sensitive: false,
            constraint: 'Member must not be null',
          })
        continue
      }
      slot.own?.(item, before + slot.path, beforeParameter + slot.parameter, failed)
      slot.below?.(item, before + slot.path, beforeParameter + slot.parameter, failed)
    }
  }
}

function slotOf(member: Member): Slot {
  return {
    name: member.name,
    path: lowerFirst(member.name),
    parameter: ec2NameOf(member),
    // A stream is always there, if only with no bytes.
    required: member.required && !(member.shape.type === 'blob' && member.shape.streaming),
    own: ownCheck(member),
    below: isScalar(member.shape) ? undefined : checkOf(member.shape),
  }
}

/** Checks a value against its member's constraints. */
function ownCheck(member: Member): Check | undefined {
  const tests = testsOf(member)
  if (tests.length === 0) return undefined
  const sensitive = member.traits.sensitive === true
  return (value, path, parameter, failed) => {
    for (const { passes, constraint } of tests)
      if (!passes(value)) failed.push({ path, parameter, value: show(value), sensitive, constraint })
  }
}

function listCheck(shape: ListShape): Check {
  const { member } = shape
  // A list of plain values fails as a whole, and says all that its members must be.
  const tests = isScalar(member.shape) ? testsOf(member) : []
  const constraint = `Member must satisfy constraint: [${tests.map(test => test.constraint).join(', ')}]`
  const sensitive = member.traits.sensitive === true
  let below: { check: Check | undefined } | undefined
  return (value: unknown[], path, parameter, failed) => {
    if (tests.length > 0) {
      if (!value.every(item => item === null || tests.every(test => test.passes(item))))
        failed.push({ path, parameter, value: show(value), sensitive, constraint })
      return
    }
    below ??= { check: all(ownCheck(member), isScalar(member.shape) ? undefined : checkOf(member.shape)) }
    const { check } = below
    if (check === undefined) return
    for (let n = 0; n < value.length; n++)
      if (value[n] !== null && value[n] !== undefined) check(value[n], `${path}.${n + 1}.member`, `${parameter}.${n + 1}`, failed)
  }
}

function mapCheck(shape: MapShape): Check {
  const keys = testsOf(shape.key)
  const values = testsOf(shape.value)
  const keyConstraint = `Map keys must satisfy constraint: [${keys.map(test => test.constraint).join(', ')}]`
  const valueConstraint = `Map value must satisfy constraint: [${values.map(test => test.constraint).join(', ')}]`
  const sensitive = shape.value.traits.sensitive === true
  let below: { check: Check | undefined } | undefined
  return (value: Record<string, unknown>, path, parameter, failed) => {
    below ??= { check: isScalar(shape.value.shape) ? undefined : checkOf(shape.value.shape) }
    const { check } = below
    let badKey = false
    let badValue = false
    for (const key in value) {
      badKey ||= !keys.every(test => test.passes(key))
      const item = value[key]
      if (item === null || item === undefined) continue
      badValue ||= !values.every(test => test.passes(item))
      check?.(item, `${path}.${key}.member`, `${parameter}.${key}`, failed)
    }
    if (badKey) failed.push({ path, parameter, value: show(value), sensitive, constraint: keyConstraint })
    if (badValue) failed.push({ path, parameter, value: show(value), sensitive, constraint: valueConstraint })
  }
}

function all(first: Check | undefined, second: Check | undefined): Check | undefined {
  if (first === undefined || second === undefined) return first ?? second
  return (value, path, parameter, failed) => {
    first(value, path, parameter, failed)
    second(value, path, parameter, failed)
  }
}

interface Test {
  readonly constraint: string
  passes(value: any): boolean
}

function testsOf(member: Member): Test[] {
  const { constraints, shape } = member
  if (constraints === undefined) return []
  const tests: Test[] = []
  const { enum: values } = constraints
  if (values !== undefined) {
    const allowed = new Set(values)
    tests.push({
      constraint: `Member must satisfy enum value set: [${inMessageOrder(values).join(', ')}]`,
      passes: value => allowed.has(value),
    })
  }
  const pattern = constraints.pattern === undefined ? undefined : regExpOf(constraints.pattern)
  if (pattern !== undefined)
    tests.push({
      constraint: `Member must satisfy regular expression pattern: ${constraints.pattern}`,
      passes: value => pattern.test(value),
    })
  return [...tests, ...(shape.type === 'number' ? rangeTests(constraints) : lengthTests(constraints, shape))]
}

function rangeTests({ min, max }: Constraints): Test[] {
  const tests: Test[] = []
  if (max !== undefined) tests.push({ constraint: `Member must have value less than or equal to ${max}`, passes: value => !(value > max) })
  if (min !== undefined)
    tests.push({ constraint: `Member must have value greater than or equal to ${min}`, passes: value => !(value < min) })
  return tests
}

function lengthTests({ min, max }: Constraints, shape: Shape): Test[] {
  const tests: Test[] = []
  const length = lengthOf(shape)
  // UTF-16 units are never fewer than characters, so most texts needn't be counted.
  if (max !== undefined)
    tests.push({
      constraint: `Member must have length less than or equal to ${max}`,
      passes: value => ((value.length ?? 0) <= max && shape.type !== 'map' ? true : length(value) <= max),
    })
  if (min !== undefined)
    tests.push({ constraint: `Member must have length greater than or equal to ${min}`, passes: value => length(value) >= min })
  return tests
}

function lengthOf(shape: Shape): (value: any) => number {
  if (shape.type === 'map') return value => Object.keys(value).length
  if (shape.type !== 'string') return value => value.length ?? 0
  return text => {
    let length = text.length
    for (let n = 0; n < text.length - 1; n++)
      if ((text.charCodeAt(n) & 0xfc00) === 0xd800 && (text.charCodeAt(n + 1) & 0xfc00) === 0xdc00) length--
    return length
  }
}

/** Java's classes that JavaScript lacks, as the inside of a class. */
const JAVA_CLASSES: Readonly<Record<string, string>> = {
  '\\p{Alnum}': 'A-Za-z0-9',
  '\\p{Alpha}': 'A-Za-z',
  '\\p{Print}': '\\x20-\\x7e',
  '\\p{Graph}': '\\x21-\\x7e',
  '\\p{IsAlphabetic}': '\\p{Alphabetic}',
}

function translated(pattern: string): string {
  let inClass = false
  return pattern.replace(/\\p\{\w+\}|\\.|[[\]]/gs, token => {
    if (token === '[') inClass = true
    else if (token === ']') inClass = false
    else if (token === '\\A' || token === '\\z' || token === '\\Z') return ''
    const ours = JAVA_CLASSES[token]
    if (ours === undefined) return token
    return inClass ? ours : `[${ours}]`
  })
}

/** `(-?[a-z]+)*` has exponentially many ways to match, `(-?[a-z])*` one, and both match the same texts. */
const NESTED_REPEAT = /\((\?:)?((?:\\.|[^()[\]\\?*+])\?)?(\[(?:\\.|[^\]\\])*\])\+\)([*+])/g

/** A pattern of the models, which are Java's and match the whole text; undefined for the few that JavaScript can't express. */
export function regExpOf(pattern: string): RegExp | undefined {
  const insensitive = pattern.startsWith('(?i)')
  const source = `^(?:${translated(insensitive ? pattern.slice(4) : pattern).replace(NESTED_REPEAT, '($1$2$3)$4')})$`
  const usesProperties = /\\p\{|\\x\{|\\u\{/.test(source)
  for (const flags of usesProperties ? ['u'] : ['u', '']) {
    try {
      return new RegExp(source.replace(/\\x\{([0-9A-Fa-f]+)\}/g, '\\u{$1}'), insensitive ? `${flags}i` : flags)
    } catch {
      // The next way of reading it may do.
    }
  }
  return undefined
}

/** A value as Java prints it. */
function show(value: unknown): string {
  if (value instanceof Uint8Array) return `java.nio.HeapByteBuffer[pos=0 lim=${value.length} cap=${value.length}]`
  if (value instanceof Date) return value.toString()
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`
  if (typeof value === 'object' && value !== null)
    return `{${Object.entries(value)
      .map(([key, item]) => `${key}=${show(item)}`)
      .join(', ')}}`
  return String(value)
}
