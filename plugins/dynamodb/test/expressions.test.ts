import { AwsError } from '@ministack/gateway'
import t from 'tap'
import { applyUpdate } from '../src/expression/apply-update.js'
import { ExpressionCache } from '../src/expression/cache.js'
import { evaluate } from '../src/expression/evaluate.js'
import { keyTests } from '../src/expression/key-condition.js'
import { project } from '../src/expression/paths.js'
import { Placeholders } from '../src/expression/placeholders.js'
import { isReservedWord } from '../src/expression/reserved-words.js'
import { CONDITIONS } from './cases/conditions.js'
import { ITEM, NAMES, VALUES } from './cases/item.js'
import { KEY_CONDITIONS, PROJECTIONS } from './cases/projections-and-keys.js'
import { REFUSED_CONDITIONS } from './cases/refused-conditions.js'
import { UPDATES } from './cases/updates.js'

function placeholders(expression: string): Placeholders {
  const pick = <V>(all: Readonly<Record<string, V>>, pattern: RegExp) => {
    const used = Object.entries(all).filter(([key]) => expression.match(pattern)?.includes(key))
    return used.length > 0 ? Object.fromEntries(used) : undefined
  }
  return new Placeholders(pick(NAMES, /#\w+/g), pick(VALUES, /:\w+/g))
}

function outcome<T>(run: () => T): T | string {
  try {
    return run()
  } catch (error) {
    if (error instanceof AwsError && error.code === 'ValidationException') return error.message
    throw error
  }
}

/** The title of a case; the longest expressions are cut. */
const title = (expression: string) => JSON.stringify(expression.length > 80 ? `${expression.slice(0, 77)}...` : expression)
const cache = new ExpressionCache()

t.test('conditions', async t => {
  for (const [expression, expected] of [...CONDITIONS, ...REFUSED_CONDITIONS]) {
    const run = () => evaluate(cache.condition('ConditionExpression', expression, placeholders(expression)), ITEM)
    t.equal(outcome(run), typeof expected === 'string' ? `Invalid ConditionExpression: ${expected}` : expected, title(expression))
  }
})

t.test('updates', async t => {
  for (const [expression, expected] of UPDATES) {
    const run = () => applyUpdate(ITEM, cache.update(expression, placeholders(expression)))
    const before = structuredClone(ITEM)
    const result = outcome(run)
    if (typeof expected === 'string') {
      t.equal(String(result).replace('Invalid UpdateExpression: ', ''), expected, title(expression))
    } else {
      const want = { ...ITEM, ...expected }
      for (const name of Object.keys(want)) if (want[name] === undefined) delete want[name]
      t.strictSame(result, want, title(expression))
    }
    t.strictSame(ITEM, before, `${title(expression)} leaves the item as it was`)
  }
})

t.test('projections', async t => {
  for (const [expression, expected] of PROJECTIONS) {
    const run = () => project(ITEM, cache.projection(expression, placeholders(expression)))
    t.strictSame(outcome(run), typeof expected === 'string' ? `Invalid ProjectionExpression: ${expected}` : expected, title(expression))
  }
})

t.test('key conditions', async t => {
  for (const [expression, expected] of KEY_CONDITIONS) {
    const run = () => {
      const tests = keyTests(cache.condition('KeyConditionExpression', expression, placeholders(expression)))
      return Object.fromEntries([...tests].map(([name, { operator }]) => [name, operator]))
    }
    t.strictSame(outcome(run), expected, title(expression))
  }
})

t.test('there are at least 300 cases', async t => {
  t.ok(CONDITIONS.length + REFUSED_CONDITIONS.length + UPDATES.length + PROJECTIONS.length + KEY_CONDITIONS.length >= 300)
})

t.test('placeholders that no expression uses are refused', async t => {
  const unused = new Placeholders({ '#a': 'a', '#b': 'b', '#c': 'c' }, undefined)
  cache.projection('#b', unused)
  t.throws(() => unused.checkUsed(), { message: 'Value provided in ExpressionAttributeNames unused in expressions: keys: {#a, #c}' })
  const values = new Placeholders(undefined, { ':a': { S: 'a' }, ':b': { S: 'b' } })
  cache.condition('ConditionExpression', 'x = :a', values)
  t.throws(() => values.checkUsed(), { message: 'Value provided in ExpressionAttributeValues unused in expressions: keys: {:b}' })
})

t.test('placeholder maps must be well-formed', async t => {
  t.throws(() => new Placeholders({}, undefined), { message: 'ExpressionAttributeNames must not be empty' })
  t.throws(() => new Placeholders(undefined, {}), { message: 'ExpressionAttributeValues must not be empty' })
  t.throws(() => new Placeholders({ a: 'a' }, undefined), {
    message: 'ExpressionAttributeNames contains invalid key: Syntax error; key: "a"',
  })
  t.throws(() => new Placeholders(undefined, { b: { S: '' } }), {
    message: 'ExpressionAttributeValues contains invalid key: Syntax error; key: "b"',
  })
  t.throws(() => new Placeholders(undefined, { ':b': { N: 'x' } }), {
    message: 'ExpressionAttributeValues contains invalid value: The parameter cannot be converted to a numeric value: x for key :b',
  })
  t.throws(() => new Placeholders(undefined, { ':b': { SS: [] } }), {
    message:
      'ExpressionAttributeValues contains invalid value: One or more parameter values were invalid: An string set  may not be empty for key :b',
  })
})

t.test('reserved words are known in any case', async t => {
  t.ok(isReservedWord('Zone'))
  t.ok(isReservedWord('abort'))
  t.notOk(isReservedWord('pk'))
})
