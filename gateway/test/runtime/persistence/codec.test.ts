import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import t from 'tap'
import { decode, encode } from '../../../src/runtime/persistence/codec.js'

const roundTrip = (value: unknown) => decode(JSON.parse(encode(value)))

/** What plugins keep, with names that look like the codec's own. */
const values = fc.letrec<{ value: unknown }>(tie => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.string({ unit: 'binary' }),
    fc.boolean(),
    fc.double(),
    fc.constant(null),
    fc.bigInt(),
    fc.date({ noInvalidDate: true }),
    fc.uint8Array({ maxLength: 20 }),
    fc.uint8Array({ maxLength: 20 }).map(bytes => Buffer.from(bytes)),
    fc.array(fc.oneof(tie('value'), fc.constant(undefined)), { maxLength: 4 }),
    fc.dictionary(
      fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'toJSON', '$date', '$$date', '$bytes', '$map', '$')),
      tie('value'),
      {
        maxKeys: 3,
        noNullPrototype: true,
      },
    ),
    fc.array(fc.tuple(tie('value'), tie('value')), { maxLength: 3 }).map(entries => new Map(entries)),
    fc.array(tie('value'), { maxLength: 3 }).map(items => new Set(items)),
  ),
})).value

t.test('any value that a plugin keeps comes back as it was', async t => {
  fc.assert(
    fc.property(values, value => isDeepStrictEqual(roundTrip(value), value)),
    { numRuns: 3000 },
  )
  t.pass()
})

t.test('encoding changes nothing in the value', async t => {
  fc.assert(
    fc.property(values, value => {
      const before = structuredClone(value)
      encode(value)
      return isDeepStrictEqual(structuredClone(value), before)
    }),
    { numRuns: 500 },
  )
  t.pass()
})

t.test('plain JSON is written as it is', async t => {
  const value = { Name: 'q', Tags: [{ Key: 'a', Value: '1' }], Count: 3, On: true, Off: null }
  t.equal(encode(value), JSON.stringify(value))
})

t.test('what JSON lacks is written so that a human can read it', async t => {
  t.equal(encode({ at: new Date(0), n: 1n, u: undefined }), '{"at":{"$date":"1970-01-01T00:00:00.000Z"},"n":{"$bigint":"1"}}')
  t.equal(encode(new Map([['a', new Set([Buffer.from('hi')])]])), '{"$map":[["a",{"$set":[{"$buffer":"aGk="}]}]]}')
})

t.test('numbers and dates that JSON lacks come back', async t => {
  t.strictSame(roundTrip([Number.NaN, -0, Number.POSITIVE_INFINITY, -1e21]), [Number.NaN, -0, Number.POSITIVE_INFINITY, -1e21])
  t.ok(Object.is(roundTrip(-0), -0))
  t.ok(Number.isNaN((roundTrip(new Date(Number.NaN)) as Date).getTime()))
})

t.test('a member that is undefined is left out, and an item keeps its place', async t => {
  t.strictSame(roundTrip({ a: undefined, b: 1 }), { b: 1 })
  t.strictSame(roundTrip([undefined, 1]), [undefined, 1])
  t.strictSame(roundTrip({ $date: 'mine', gone: undefined }), { $date: 'mine' })
})

t.test('a member called __proto__ stays a member', async t => {
  const value = JSON.parse('{"__proto__":{"admin":true,"at":1},"x":{"__proto__":1}}') as Record<string, unknown>
  Object.defineProperty(value.x, 'when', { value: new Date(5), enumerable: true })
  const back = roundTrip(value) as Record<string, unknown>
  t.equal(Object.getPrototypeOf(back), Object.prototype)
  t.strictSame(Object.keys(back), ['__proto__', 'x'])
  t.equal((back as { admin?: boolean }).admin, undefined)
  t.strictSame(Object.keys(back.x as object), ['__proto__', 'when'])
})

t.test('an instance of a class comes back as a plain object', async t => {
  class Point {
    x = 1
    at = new Date(7)
    get double() {
      return this.x * 2
    }
  }
  t.strictSame(roundTrip(new Point()), { x: 1, at: new Date(7) })
})

t.test('what would be lost is refused by name', async t => {
  t.throws(() => encode({ run: () => 1 }), { message: "a function can't be kept in the state" })
  t.throws(() => encode([Symbol('x')]), { message: "a symbol can't be kept in the state" })
  t.throws(() => encode({ later: Promise.resolve() }), { message: "[object Promise] can't be kept in the state" })
  t.throws(() => encode({ re: /x/ }), { message: "[object RegExp] can't be kept in the state" })
  t.throws(() => decode(JSON.parse('{"$later":1}')), { message: 'unknown kind of value $later' })
})
