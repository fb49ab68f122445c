import fc from 'fast-check'
import t from 'tap'
import { type AttributeValue, type Item, itemsEqual, valuesEqual } from '../src/value/attribute-value.js'
import { canonicalNumber } from '../src/value/decimal.js'
import { normalizeItem, normalizeValue } from '../src/value/normalize.js'
import { itemSize, utf8Length, valueSize } from '../src/value/size.js'

const { value } = fc.letrec<{ value: AttributeValue }>(tie => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.string({ unit: 'binary' }).map(S => ({ S })),
    fc.integer().map(n => ({ N: canonicalNumber(String(n)) })),
    fc.uint8Array().map(B => ({ B })),
    fc.boolean().map(BOOL => ({ BOOL })),
    fc.constant({ NULL: true }),
    fc.uniqueArray(fc.string(), { minLength: 1 }).map(SS => ({ SS })),
    fc.uniqueArray(fc.integer(), { minLength: 1 }).map(NS => ({ NS: NS.map(n => canonicalNumber(String(n))) })),
    fc.array(tie('value')).map(L => ({ L })),
    fc.dictionary(fc.string(), tie('value')).map(M => ({ M })),
  ) as fc.Arbitrary<AttributeValue>,
}))
const item = fc.dictionary(fc.string({ minLength: 1 }), value) as fc.Arbitrary<Item>

t.test('the size of an item is that of its names and values', async t => {
  fc.assert(
    fc.property(item, all => {
      let sum = 0
      for (const name of Object.keys(all)) sum += Buffer.byteLength(name) + valueSize(all[name]!)
      return itemSize(all) === sum
    }),
  )
  t.equal(itemSize({}), 0)
  t.equal(itemSize({ a: { S: '' } }), 1)
  t.equal(itemSize({ é: { S: '😀' } }), 6)
  t.equal(itemSize({ a: { BOOL: true }, b: { NULL: true } }), 4)
  t.equal(itemSize({ a: { B: new Uint8Array(10) } }), 11)
  t.equal(itemSize({ a: { L: [] } }), 4)
  t.equal(itemSize({ a: { L: [{ S: 'ab' }, { N: '1' }] } }), 1 + 3 + (1 + 2) + (1 + 2))
  t.equal(itemSize({ a: { M: { bc: { S: 'd' } } } }), 1 + 3 + (1 + 2 + 1))
  t.equal(itemSize({ a: { SS: ['a', 'bc'] } }), 4)
  t.equal(itemSize({ a: { NS: ['1', '-22'] } }), 1 + 2 + 3)
})

t.test('an element of a list or map adds one byte to its own size', async () => {
  fc.assert(fc.property(fc.array(value), elements => valueSize({ L: elements }) === elements.reduce((sum, v) => sum + 1 + valueSize(v), 3)))
})

t.test('the length of text is that of its UTF-8 form', async () => {
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), text => utf8Length(text) === Buffer.byteLength(text)))
})

t.test('normalising keeps what is normal, as a copy', async () => {
  fc.assert(fc.property(item, all => itemsEqual(normalizeItem(all), all)))
})

t.test('a value equals its copy', async () => {
  fc.assert(fc.property(value, v => valuesEqual(v, structuredClone(v))))
})

t.test('values that DynamoDB has not are refused', async t => {
  const deep = (levels: number): AttributeValue =>
    levels === 0 ? { S: 'x' } : levels % 2 ? { L: [deep(levels - 1)] } : { M: { a: deep(levels - 1) } }
  const cases: [unknown, string][] = [
    [{}, 'Supplied AttributeValue is empty, must contain exactly one of the supported datatypes'],
    [{ S: undefined }, 'Supplied AttributeValue is empty, must contain exactly one of the supported datatypes'],
    [{ X: 'x' }, 'Supplied AttributeValue is empty, must contain exactly one of the supported datatypes'],
    [{ S: 'a', N: '1' }, 'Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes'],
    [{ N: 'b' }, 'The parameter cannot be converted to a numeric value: b'],
    [{ NULL: false }, 'One or more parameter values were invalid: Null attribute value types must have the value of true'],
    [{ SS: [] }, 'One or more parameter values were invalid: An string set  may not be empty'],
    [{ NS: [] }, 'One or more parameter values were invalid: An number set  may not be empty'],
    [{ BS: [] }, 'One or more parameter values were invalid: Binary sets should not be empty'],
    [{ SS: ['a', 'a'] }, 'One or more parameter values were invalid: Input collection [a, a] contains duplicates.'],
    [{ NS: ['1', '1.0'] }, 'Input collection contains duplicates'],
    [
      { BS: [new Uint8Array([1]), new Uint8Array([1])] },
      'One or more parameter values were invalid: Input collection [AQ==, AQ==]of type BS contains duplicates.',
    ],
    [{ L: [{ M: { a: {} } }] }, 'Supplied AttributeValue is empty, must contain exactly one of the supported datatypes'],
    [deep(33), 'Nesting Levels have exceeded supported limits'],
  ]
  for (const [bad, message] of cases) t.throws(() => normalizeValue(bad as AttributeValue), { message }, JSON.stringify(bad).slice(0, 60))
  t.doesNotThrow(() => normalizeValue(deep(32)))
})

t.test('numbers become canonical wherever they are', async t => {
  t.strictSame(normalizeItem({ a: { N: '1.0' }, b: { NS: ['1e1', '2.50'] }, c: { L: [{ M: { d: { N: '007' } } }] } }), {
    a: { N: '1' },
    b: { NS: ['10', '2.5'] },
    c: { L: [{ M: { d: { N: '7' } } }] },
  })
})

t.test('attributes may have any name', async t => {
  const odd = normalizeItem(JSON.parse('{"__proto__":{"S":"a"},"constructor":{"S":"b"},"":{"S":"c"}}'))
  t.strictSame(Object.keys(odd), ['__proto__', 'constructor', ''])
  t.equal(itemSize(odd), 9 + 11 + 3)
})

t.test('sets are equal in any order, numbers in any notation', async t => {
  t.ok(valuesEqual({ SS: ['a', 'b'] }, { SS: ['b', 'a'] }))
  t.notOk(valuesEqual({ SS: ['a', 'b'] }, { SS: ['a', 'c'] }))
  t.notOk(valuesEqual({ SS: ['1'] }, { NS: ['1'] }))
  t.notOk(valuesEqual({ M: { a: { S: '1' } } }, { M: { a: { S: '1' }, b: { S: '2' } } }))
  t.ok(valuesEqual({ BS: [new Uint8Array([1]), new Uint8Array([2])] }, { BS: [new Uint8Array([2]), new Uint8Array([1])] }))
})
