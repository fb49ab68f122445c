import fc from 'fast-check'
import t from 'tap'
import { compareText, utf8Order } from '../src/value/attribute-value.js'
import { addNumbers, canonicalNumber, compareNumbers, encodeNumber, numberSize } from '../src/value/decimal.js'

/** Any number that DynamoDB can hold, in any notation. */
const number = fc
  .tuple(fc.boolean(), fc.bigInt({ min: 0n, max: 10n ** 38n - 1n }), fc.integer({ min: -130, max: 85 }), fc.constantFrom('', '0', '000'))
  .filter(([, digits, exponent]) => digits.toString().length + exponent <= 126)
  .map(([negative, digits, exponent, zeros]) => ({
    text: `${negative ? '-' : ''}${zeros}${digits}e${exponent}`,
    // The same number as an integer of 10^-130.
    exact: (negative ? -digits : digits) * 10n ** BigInt(exponent + 130),
  }))

t.test('numbers are put into canonical form', async t => {
  const cases = [
    ['0', '0'],
    ['-0', '0'],
    ['0.000', '0'],
    ['0e99', '0'],
    ['1', '1'],
    ['+1', '1'],
    ['-1', '-1'],
    ['007', '7'],
    ['1.50', '1.5'],
    ['.5', '0.5'],
    ['5.', '5'],
    ['100', '100'],
    ['1e2', '100'],
    ['1E+2', '100'],
    ['12.5e1', '125'],
    ['1e-3', '0.001'],
    ['-1.20e-2', '-0.012'],
    ['123456789.987654321', '123456789.987654321'],
    ['99999999999999999999999999999999999999', '99999999999999999999999999999999999999'],
    ['1e-130', `0.${'0'.repeat(129)}1`],
    ['9.9999999999999999999999999999999999999e125', `${'9'.repeat(38)}${'0'.repeat(88)}`],
  ] as const
  for (const [text, canonical] of cases) t.equal(canonicalNumber(text), canonical, text)
})

t.test('what is no number, or none that DynamoDB holds, is refused', async t => {
  const cases = [
    ['', 'The parameter cannot be converted to a numeric value'],
    ['a', 'The parameter cannot be converted to a numeric value: a'],
    ['1 ', 'The parameter cannot be converted to a numeric value: 1 '],
    ['.', 'The parameter cannot be converted to a numeric value: .'],
    ['--1', 'The parameter cannot be converted to a numeric value: --1'],
    ['1e', 'The parameter cannot be converted to a numeric value: 1e'],
    ['0x10', 'The parameter cannot be converted to a numeric value: 0x10'],
    ['NaN', 'The parameter cannot be converted to a numeric value: NaN'],
    ['Infinity', 'The parameter cannot be converted to a numeric value: Infinity'],
    ['1e126', 'Number overflow. Attempting to store a number with magnitude larger than supported range'],
    ['-1e126', 'Number overflow. Attempting to store a number with magnitude larger than supported range'],
    ['1e-131', 'Number underflow. Attempting to store a number with magnitude smaller than supported range'],
    ['123456789012345678901234567890123456789', 'Attempting to store more than 38 significant digits in a Number'],
    ['1.00000000000000000000000000000000000001', 'Attempting to store more than 38 significant digits in a Number'],
  ] as const
  for (const [text, message] of cases) t.throws(() => canonicalNumber(text), { message }, JSON.stringify(text))
})

t.test('canonical form keeps the number, and is its own canonical form', async () => {
  fc.assert(
    fc.property(number, ({ text, exact }) => {
      const canonical = canonicalNumber(text)
      const [, minus, whole, fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(canonical)!
      const value = BigInt(whole! + fraction.padEnd(130, '0'))
      return (minus ? -value : value) === exact && canonicalNumber(canonical) === canonical
    }),
  )
})

t.test('numbers, and their encoded keys, are ordered by value', async () => {
  fc.assert(
    fc.property(number, number, (a, b) => {
      const [left, right] = [canonicalNumber(a.text), canonicalNumber(b.text)]
      const wanted = a.exact < b.exact ? -1 : a.exact > b.exact ? 1 : 0
      const [x, y] = [encodeNumber(left), encodeNumber(right)]
      return Math.sign(compareNumbers(left, right)) === wanted && (x < y ? -1 : x > y ? 1 : 0) === wanted
    }),
    { numRuns: 2000 },
  )
})

t.test('nearby numbers are ordered by value', async () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer(), fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 6 }), (a, b, i, j) => {
      const [left, right] = [canonicalNumber(`${a}e-${i}`), canonicalNumber(`${b}e-${j}`)]
      const wanted = Math.sign(a * 10 ** (6 - i) - b * 10 ** (6 - j))
      const [x, y] = [encodeNumber(left), encodeNumber(right)]
      return Math.sign(compareNumbers(left, right)) === wanted && (x < y ? -1 : x > y ? 1 : 0) === wanted
    }),
    { numRuns: 2000 },
  )
})

t.test('sums and differences are exact', async t => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(10n ** 36n), max: 10n ** 36n }), fc.bigInt({ min: -(10n ** 36n), max: 10n ** 36n }), (a, b) => {
      const [x, y] = [canonicalNumber(String(a)), canonicalNumber(String(b))]
      return addNumbers(x, y) === String(a + b) && addNumbers(x, y, true) === String(a - b)
    }),
  )
  t.equal(addNumbers('0.1', '0.2'), '0.3')
  t.equal(addNumbers('-0.5', '0.5'), '0')
  t.equal(addNumbers('0', '-0.5', true), '0.5')
  t.equal(addNumbers('9007199254740993', '1'), '9007199254740994')
  t.throws(() => addNumbers(canonicalNumber('1e125'), '1'), { message: 'Attempting to store more than 38 significant digits in a Number' })
  t.throws(() => addNumbers(canonicalNumber('9e125'), canonicalNumber('9e125')), { message: /^Number overflow/ })
})

t.test('a number takes a byte for two digits, one more, and one for a minus sign', async t => {
  t.equal(numberSize('0'), 1)
  t.equal(numberSize('1'), 2)
  t.equal(numberSize('12'), 2)
  t.equal(numberSize('123'), 3)
  t.equal(numberSize('-123'), 4)
  t.equal(numberSize('1000000'), 2)
  t.equal(numberSize('0.001'), 2)
})

t.test('text is ordered by its UTF-8 bytes', async () => {
  const text = fc.string({
    unit: fc.oneof(
      fc.constantFrom('a', '\0', '\uffff', '\ue000', '\ud7ff', '😀', '\u{10ffff}'),
      fc.string({ unit: 'binary', maxLength: 1 }),
    ),
  })
  fc.assert(
    fc.property(text, text, (a, b) => {
      const wanted = Buffer.compare(Buffer.from(a), Buffer.from(b))
      const [x, y] = [utf8Order(a), utf8Order(b)]
      return Math.sign(compareText(a, b)) === wanted && (x < y ? -1 : x > y ? 1 : 0) === wanted
    }),
    { numRuns: 1000 },
  )
})
