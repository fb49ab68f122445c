import { invalidValues, validation } from '../errors.js'
import type { KeyTest, KeyTests } from '../expression/key-condition.js'
import { encodeKeyValue, joinParts, type KeyAttribute, type KeySchema, partitionHash } from '../storage/key-schema.js'
import { Probe } from '../storage/position.js'
import type { AttributeValue } from '../value/attribute-value.js'

/** The part of a table or an index that a query reads. */
export interface Bounds {
  readonly low: Probe
  readonly high: Probe
}

/** A stretch of sort keys; without an end it goes on to the end of the partition. */
interface SortRange {
  readonly low: string
  readonly lowEdge: number
  readonly high: string | undefined
  readonly highEdge: number
}

/**
 * Where the tests of a key condition lead.
 * @throws ValidationException for tests that don't make a key condition of this schema.
 */
export function queryBounds(schema: KeySchema, tests: KeyTests): Bounds {
  checkTests(schema, tests)
  const partition = joinParts(schema.hash.map(key => encodeTest(key, tests.get(key.name)!.value)))
  const hash = partitionHash(partition)
  const range = sortRange(schema.range, tests)
  return {
    low: new Probe(hash, partition, range.low, range.lowEdge),
    // The next possible partition key is this one with a zero after it.
    high: range.high === undefined ? new Probe(hash, `${partition}\0`, '', -1) : new Probe(hash, partition, range.high, range.highEdge),
  }
}

function checkTests({ hash, range, attributes }: KeySchema, tests: KeyTests): void {
  if (hash.length === 1 && range.length < 2 && tests.size > 2) throw validation('Conditions can be of length 1 or 2 only')
  for (const { name } of hash) {
    const test = tests.get(name)
    if (!test) throw validation(`Query condition missed key schema element: ${name}`)
    if (test.operator !== '=') throw validation('Query key condition not supported')
  }
  let last: KeyTest | undefined
  for (const { name } of range) {
    const test = tests.get(name)
    if (!test) break
    // Only the last of several sort key attributes may have another test than equality.
    if (last && last.operator !== '=') throw validation('Query key condition not supported')
    last = test
  }
  const known = [...tests.keys()].filter(name => attributes.some(key => key.name === name)).length
  if (known < tests.size) {
    const missed = range.find(({ name }) => !tests.has(name))
    throw validation(missed ? `Query condition missed key schema element: ${missed.name}` : 'Query key condition not supported')
  }
  const gap = range.findIndex(({ name }) => !tests.has(name))
  if (gap >= 0 && range.slice(gap).some(({ name }) => tests.has(name))) {
    throw validation(`Query condition missed key schema element: ${range[gap]!.name}`)
  }
}

function encodeTest({ name, type }: KeyAttribute, value: AttributeValue): string {
  const content = value[type]
  if (content === undefined) throw invalidValues('Condition parameter type does not match schema type')
  if (content.length === 0) {
    throw validation(
      `One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty ${type === 'B' ? 'binary' : 'string'} value. Key: ${name}`,
    )
  }
  return encodeKeyValue(value)
}

function sortRange(range: readonly KeyAttribute[], tests: KeyTests): SortRange {
  const tested = range.filter(({ name }) => tests.has(name))
  if (tested.length === 0) return { low: '', lowEdge: -1, high: undefined, highEdge: 0 }
  const last = tested[tested.length - 1]!
  const test = tests.get(last.name)!
  const value = encodeTest(last, test.value)
  const high = test.operator === 'between' ? encodeTest(last, test.high) : value
  if (range.length === 1) return simpleRange(test, value, high)
  const before = tested.slice(0, -1).map(key => `${escapeZeros(encodeTest(key, tests.get(key.name)!.value))}\0\0`)
  return compositeRange(test, before.join(''), escapeZeros(value), escapeZeros(high))
}

function simpleRange(test: KeyTest, value: string, high: string): SortRange {
  switch (test.operator) {
    case '=':
    case 'between':
      return { low: value, lowEdge: -1, high, highEdge: 1 }
    case '<':
      return { low: '', lowEdge: -1, high: value, highEdge: -1 }
    case '<=':
      return { low: '', lowEdge: -1, high: value, highEdge: 1 }
    case '>':
      return { low: value, lowEdge: 1, high: undefined, highEdge: 0 }
    case '>=':
      return { low: value, lowEdge: -1, high: undefined, highEdge: 0 }
    case 'begins_with':
      return { low: value, lowEdge: -1, high: successor(value), highEdge: -1 }
  }
}

const escapeZeros = (part: string) => part.replaceAll('\0', '\0\x01')

/** In keys of several parts, each part ends with two zeros: what has this very value lies between `value` and `value\0\x01`. */
function compositeRange(test: KeyTest, prefix: string, value: string, high: string): SortRange {
  const range = (low: string, end: string | undefined): SortRange => ({ low, lowEdge: -1, high: end, highEdge: -1 })
  const end = successor(prefix)
  switch (test.operator) {
    case '=':
    case 'between':
      return range(prefix + value, `${prefix}${high}\0\x01`)
    case '<':
      return range(prefix, prefix + value)
    case '<=':
      return range(prefix, `${prefix}${value}\0\x01`)
    case '>':
      return range(`${prefix}${value}\0\x01`, end)
    case '>=':
      return range(prefix + value, end)
    case 'begins_with':
      return range(prefix + value, successor(prefix + value))
  }
}

/** The first text after all that begin with a prefix; undefined when there is none. */
function successor(prefix: string): string | undefined {
  for (let i = prefix.length - 1; i >= 0; i--) {
    const unit = prefix.charCodeAt(i)
    if (unit < 0xffff) return prefix.slice(0, i) + String.fromCharCode(unit + 1)
  }
  return undefined
}
