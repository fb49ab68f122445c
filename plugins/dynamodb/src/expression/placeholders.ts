import { AwsError } from '@ministack/gateway'
import { validation } from '../errors.js'
import type { AttributeValue, Item } from '../value/attribute-value.js'
import { normalizeValue } from '../value/normalize.js'
import type { DocumentPath, ExpressionKind } from './ast.js'

const NAME = /^#[A-Za-z0-9_]+$/
const VALUE = /^:[A-Za-z0-9_]+$/

/** A request's `ExpressionAttributeNames` and `ExpressionAttributeValues`, and which of them its expressions used. */
export class Placeholders {
  readonly #names: Readonly<Record<string, string>> | undefined
  readonly #values: ReadonlyMap<string, AttributeValue> | undefined
  readonly #usedNames = new Set<string>()
  readonly #usedValues = new Set<string>()

  /**
   * @throws ValidationException for an empty map, a key that isn't a placeholder, an empty name, or a value that DynamoDB refuses.
   */
  constructor(names: Readonly<Record<string, string>> | undefined, values: Item | undefined) {
    if (names) {
      checkKeys('ExpressionAttributeNames', names, NAME)
      for (const key in names) {
        if (names[key] === '') throw validation(`ExpressionAttributeNames contains invalid value: Empty attribute name for key ${key}`)
      }
      this.#names = names
    }
    if (values) {
      checkKeys('ExpressionAttributeValues', values, VALUE)
      this.#values = normalized(values)
    }
  }

  /** A path with its real names. @throws ValidationException for a name that isn't there. */
  path(kind: ExpressionKind, path: DocumentPath): DocumentPath {
    for (const step of path) {
      if (typeof step === 'string' && step.charCodeAt(0) === 35) return path.map(s => (typeof s === 'string' ? this.#name(kind, s) : s))
    }
    return path
  }

  #name(kind: ExpressionKind, step: string): string {
    if (step.charCodeAt(0) !== 35) return step
    if (!this.#names || !Object.hasOwn(this.#names, step)) {
      throw validation(`Invalid ${kind}: An expression attribute name used in the document path is not defined; attribute name: ${step}`)
    }
    this.#usedNames.add(step)
    return this.#names[step]!
  }

  /** The value of a placeholder. @throws ValidationException when it isn't there. */
  value(kind: ExpressionKind, name: string): AttributeValue {
    const value = this.#values?.get(name)
    if (!value) {
      throw validation(`Invalid ${kind}: An expression attribute value used in expression is not defined; attribute value: ${name}`)
    }
    this.#usedValues.add(name)
    return value
  }

  /** @throws ValidationException when there is a name or a value that no expression used. */
  checkUsed(): void {
    if (this.#names) checkUnused('ExpressionAttributeNames', Object.keys(this.#names), this.#usedNames)
    if (this.#values) checkUnused('ExpressionAttributeValues', [...this.#values.keys()], this.#usedValues)
  }
}

function checkKeys(parameter: string, map: object, syntax: RegExp): void {
  const keys = Object.keys(map)
  if (keys.length === 0) throw validation(`${parameter} must not be empty`)
  for (const key of keys) if (!syntax.test(key)) throw validation(`${parameter} contains invalid key: Syntax error; key: "${key}"`)
}

function normalized(values: Item): Map<string, AttributeValue> {
  const map = new Map<string, AttributeValue>()
  for (const name in values) {
    try {
      map.set(name, normalizeValue(values[name]!))
    } catch (error) {
      if (!(error instanceof AwsError)) throw error
      throw validation(`ExpressionAttributeValues contains invalid value: ${error.message} for key ${name}`)
    }
  }
  return map
}

function checkUnused(parameter: string, keys: readonly string[], used: ReadonlySet<string>): void {
  if (used.size === keys.length) return
  const unused = keys.filter(key => !used.has(key))
  throw validation(`Value provided in ${parameter} unused in expressions: keys: {${unused.join(', ')}}`)
}
