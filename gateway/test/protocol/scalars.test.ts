import fc from 'fast-check'
import t from 'tap'
import { formatTimestamp, isoTimestamp, parseBase64, parseNumber, parseTimestamp } from '../../src/protocol/scalars.js'

t.test('timestamps are written in three formats', async t => {
  const date = new Date('2020-01-02T03:04:05.060Z')
  t.equal(formatTimestamp(date, 'date-time'), '2020-01-02T03:04:05.060Z')
  t.equal(formatTimestamp(new Date('2020-01-02T03:04:05Z'), 'date-time'), '2020-01-02T03:04:05Z')
  t.equal(formatTimestamp(date, 'epoch-seconds'), '1577934245.06')
  t.equal(formatTimestamp(date, 'http-date'), 'Thu, 02 Jan 2020 03:04:05 GMT')
  fc.assert(
    fc.property(fc.date({ noInvalidDate: true }), any => isoTimestamp(any) === any.toISOString()),
    { seed: 8 },
  )
})

t.test('timestamps are read in all formats that clients send', async t => {
  const date = new Date('2020-01-02T03:04:05Z')
  for (const text of [
    '2020-01-02T03:04:05Z',
    '2020-01-02T03:04:05.000Z',
    '2020-01-02T05:04:05+02:00',
    '2020-01-02T03:04:05',
    '1577934245',
    '1577934245.0',
    '1.577934245E9',
    'Thu, 02 Jan 2020 03:04:05 GMT',
  ]) {
    t.strictSame(parseTimestamp(text), date, text)
  }
  for (const text of ['', 'now', '2020-13-01T00:00:00Z', '1e999', 'NaN'])
    t.throws(() => parseTimestamp(text), { name: 'MalformedValue' }, text)
})

t.test('base64 and numbers are read strictly', async t => {
  t.same(parseBase64('AAE='), Buffer.from([0, 1]))
  t.same(parseBase64('AAE'), Buffer.from([0, 1]), 'without padding')
  t.same(parseBase64('AA\r\nE='), Buffer.from([0, 1]), 'in lines')
  for (const text of ['*', 'A', 'AA=A', 'ü']) t.throws(() => parseBase64(text), { name: 'MalformedValue' }, text)
  for (const text of ['', '0x10', '1_000', '1e999', 'one', '--1']) t.throws(() => parseNumber(text), { name: 'MalformedValue' }, text)
  t.equal(parseNumber('-1.5e3'), -1500)
})
