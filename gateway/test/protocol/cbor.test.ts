import fc from 'fast-check'
import t from 'tap'
import { AwsError } from '../../src/authoring/errors.js'
import { decodeCbor, encodeCbor, Tagged } from '../../src/protocol/cbor.js'
import { protocolOf } from '../../src/protocol/index.js'
import { MalformedValue } from '../../src/protocol/scalars.js'
import { modelOf, request } from './models.js'

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')

// Examples of RFC 8949, appendix A.
t.test('the examples of RFC 8949 are read', async t => {
  const examples: readonly [string, unknown][] = [
    ['00', 0],
    ['1818', 24],
    ['1903e8', 1000],
    ['1b000000e8d4a51000', 1000000000000],
    ['1bffffffffffffffff', 18446744073709551615n],
    ['c249010000000000000000', 18446744073709551616n],
    ['3bffffffffffffffff', -18446744073709551616n],
    ['3903e7', -1000],
    ['f93c00', 1],
    ['f90001', 2 ** -24],
    ['fa47c35000', 100000],
    ['fb3ff199999999999a', 1.1],
    ['f97c00', Number.POSITIVE_INFINITY],
    ['f97e00', Number.NaN],
    ['f4', false],
    ['f6', null],
    ['f7', null],
    ['c11a514b67b0', new Date('2013-03-21T20:04:00Z')],
    ['c1fb41d452d9ec200000', new Date('2013-03-21T20:04:00.500Z')],
    ['4401020304', Buffer.from([1, 2, 3, 4])],
    ['62c3bc', 'ü'],
    ['83010203', [1, 2, 3]],
    ['a26161016162820203', { a: 1, b: [2, 3] }],
    ['5f42010243030405ff', Buffer.from([1, 2, 3, 4, 5])],
    ['7f657374726561646d696e67ff', 'streaming'],
    ['9f018202039f0405ffff', [1, [2, 3], [4, 5]]],
    ['bf61610161629f0203ffff', { a: 1, b: [2, 3] }],
    ['d74401020304', new Tagged(23, Buffer.from([1, 2, 3, 4]))],
  ]
  for (const [bytes, value] of examples) t.same(decodeCbor(hex(bytes)), value, bytes)
})

t.test('data that is cut short, deep, or odd is refused', async t => {
  for (const bytes of [
    '',
    '18',
    '1b00000000',
    '42 01',
    '62 c3',
    '82 01',
    'a1 6161',
    '9bffffffffffffffff',
    'bb7fffffffffffffff',
    '5bffffffffffffffff',
    '9f01',
    'ff',
    'bf6161ff',
    '5f6161ff',
    '1c',
    '1f',
    'f8ff',
    'a1 01 02',
    '61 ff',
    '00 00',
    '81'.repeat(100_000),
    'c1'.repeat(100_000),
    '9f'.repeat(100_000),
  ]) {
    t.throws(() => decodeCbor(hex(bytes)), { name: 'MalformedValue' }, bytes.slice(0, 30))
  }
  t.strictSame(Object.keys(decodeCbor(hex('a1695f5f70726f746f5f5f01')) as object), ['__proto__'])
})

t.test('what is written is read again', async () => {
  const { value } = fc.letrec(tie => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.string({ unit: 'grapheme' }),
      fc.double({ noNaN: true }),
      fc.maxSafeInteger(),
      fc.boolean(),
      fc.constant(null),
      fc.uint8Array().map(bytes => Buffer.from(bytes)),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(fc.string(), tie('value'), { maxKeys: 4, noNullPrototype: true }),
    ),
  }))
  fc.assert(
    fc.property(value, item => {
      t.strictSame(decodeCbor(encodeCbor(item)), item)
    }),
    { seed: 4, numRuns: 300 },
  )
})

t.test('any bytes are read or refused, and never more', async () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), bytes => {
      try {
        decodeCbor(Buffer.from(bytes))
      } catch (error) {
        if (!(error instanceof MalformedValue)) throw error
      }
    }),
    { seed: 5, numRuns: 5000 },
  )
})

t.test('rpc-v2-cbor has the operation in the path and errors by full name', async t => {
  const model = modelOf('rpcv2Cbor', {
    shapes: {
      In: { members: { Name: 'string', At: 'timestamp', Data: 'blob', Count: 'number' } },
      Out: { members: { At: 'timestamp', Count: 'number' } },
      NotThere: { error: 'client', status: 404, members: { message: 'string' } },
    },
  })
  const protocol = protocolOf(model, 'rpcv2Cbor')
  const operation = model.operation('Do')!
  t.equal(protocol.operationOf(request({ target: '/service/TestService/operation/Do' })), 'Do')
  t.throws(() => protocol.operationOf(request({ target: '/service/TestService/operation/Nope' })), {
    code: 'UnknownOperationException',
    status: 404,
  })
  const input = { Name: 'n', At: new Date(1500), Data: Buffer.from([1]), Count: 1.5 }
  t.strictSame(protocol.parse(operation, request({ body: encodeCbor({ ...input, Other: 1, Missing: null }) })), input)
  t.strictSame(protocol.parse(operation, request()), {})
  t.throws(() => protocol.parse(operation, request({ body: encodeCbor({ Name: 1 }) })), {
    code: 'SerializationException',
    message: 'NUMBER_VALUE cannot be converted to String',
  })
  t.throws(() => protocol.parse(operation, request({ body: hex('a1') })), { code: 'SerializationException' })
  const response = protocol.serialize(operation, { At: new Date(1500), Count: 2 }, 'id')
  t.strictSame(response.headers, { 'content-type': 'application/cbor', 'smithy-protocol': 'rpc-v2-cbor', 'x-amzn-requestid': 'id' })
  t.equal(Buffer.from(response.body as Buffer).toString('hex'), `a2${'624174'}c1fb3ff8000000000000${'65436f756e74'}02`)
  const failed = protocol.serializeError(new AwsError('NotThere', 'gone'), 'id')
  t.equal(failed.status, 404)
  t.strictSame(decodeCbor(failed.body as Buffer), { __type: 'com.amazonaws.test#NotThere', message: 'gone' })
})
