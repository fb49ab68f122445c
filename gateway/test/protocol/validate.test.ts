import t from 'tap'
import { validate } from '../../src/protocol/index.js'
import { modelOf } from './models.js'

const shapes = {
  In: {
    members: {
      QueueName: ['string', { constraints: { min: 1, max: 5, pattern: '[a-z]+' } }],
      Mode: ['string', { constraints: { enum: ['A', 'B'] } }],
      Limit: ['number', { constraints: { min: 1, max: 10 } }],
      Password: ['string', { sensitive: true, constraints: { min: 6 } }],
      Data: ['blob', { constraints: { max: 2 } }],
      Ids: '#Ids',
      Tags: '#Tags',
      Labels: '#Labels',
      Parts: '#Parts',
      Pages: '#Pages',
      Free: 'string',
    },
    required: ['QueueName'],
  },
  Ids: { list: ['string', { constraints: { min: 1, max: 3, pattern: '[a-z]*' } }], traits: { constraints: { max: 2 } } },
  Tags: { list: '#Tag' },
  Tag: { members: { Key: ['string', { constraints: { max: 3 } }], Value: 'string', Inner: '#Tag' }, required: ['Key'] },
  Labels: { key: ['string', { constraints: { max: 3 } }], map: ['string', { constraints: { enum: ['x'] } }] },
  Parts: { key: 'string', map: '#Tag' },
  Pages: { key: 'string', map: ['#Tags', { constraints: { min: 1, max: 2 } }] },
  Out: { members: {} },
} as const

const model = modelOf('awsJson1_0', { shapes })

/** What validation says of an input that has all that is required. */
function said(input: Record<string, unknown>, of = model): string {
  try {
    validate(of, of.operation('Do')!, { QueueName: 'ok', ...input })
    return ''
  } catch (error) {
    return (error as Error).message
  }
}

const one = (text: string): string => `1 validation error detected: ${text}`

t.test("a constraint fails in AWS's words", async t => {
  t.equal(said({ Mode: 'A', Limit: 10, Ids: ['abc'], Tags: [{ Key: 'k' }], Labels: { k: 'x' }, Data: new Uint8Array(2) }), '')
  t.equal(said({ QueueName: undefined }), one("Value null at 'queueName' failed to satisfy constraint: Member must not be null"))
  t.equal(
    said({ QueueName: '' }),
    "2 validation errors detected: Value '' at 'queueName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-z]+; " +
      "Value '' at 'queueName' failed to satisfy constraint: Member must have length greater than or equal to 1",
  )
  t.equal(
    said({ QueueName: 'abcdef' }),
    one("Value 'abcdef' at 'queueName' failed to satisfy constraint: Member must have length less than or equal to 5"),
  )
  t.equal(said({ Mode: 'C' }), one("Value 'C' at 'mode' failed to satisfy constraint: Member must satisfy enum value set: [A, B]"))
  t.equal(said({ Limit: 0 }), one("Value '0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1"))
  t.equal(said({ Limit: 11 }), one("Value '11' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 10"))
  t.equal(
    said({ Password: 'short' }),
    one("Value at 'password' failed to satisfy constraint: Member must have length greater than or equal to 6"),
  )
  t.equal(
    said({ Data: new Uint8Array(3) }),
    one(
      "Value 'java.nio.HeapByteBuffer[pos=0 lim=3 cap=3]' at 'data' failed to satisfy constraint: Member must have length less than or equal to 2",
    ),
  )
})

t.test("an enum's values are listed in AWS's order", async t => {
  const enumOf = (values: string[]) =>
    modelOf('awsJson1_0', { shapes: { In: { members: { Type: ['string', { constraints: { enum: values } }] } }, Out: { members: {} } } })
  for (const [given, listed] of [
    ['S, N, B', 'B, N, S'],
    ['NONE, ALL_OLD, UPDATED_OLD, ALL_NEW, UPDATED_NEW', 'ALL_NEW, UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW'],
    [
      'AT_SEQUENCE_NUMBER, AFTER_SEQUENCE_NUMBER, TRIM_HORIZON, LATEST, AT_TIMESTAMP',
      'AFTER_SEQUENCE_NUMBER, LATEST, AT_TIMESTAMP, AT_SEQUENCE_NUMBER, TRIM_HORIZON',
    ],
    [
      'RSA_2048, RSA_3072, RSA_4096, ECC_NIST_P256, ECC_NIST_P384, ECC_NIST_P521, ECC_SECG_P256K1, SYMMETRIC_DEFAULT, HMAC_224, HMAC_256, HMAC_384, HMAC_512',
      'RSA_2048, ECC_NIST_P384, ECC_NIST_P256, ECC_NIST_P521, HMAC_384, RSA_3072, ECC_SECG_P256K1, RSA_4096, SYMMETRIC_DEFAULT, HMAC_256, HMAC_224, HMAC_512',
    ],
  ] as const) {
    t.equal(
      said({ Type: 'x' }, enumOf(given.split(', '))),
      one(`Value 'x' at 'type' failed to satisfy constraint: Member must satisfy enum value set: [${listed}]`),
    )
  }
})

t.test('lists and maps name the place', async t => {
  t.equal(
    said({ Ids: ['a', 'TOOLONG'] }),
    one(
      "Value '[a, TOOLONG]' at 'ids' failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy regular expression pattern: [a-z]*, " +
        'Member must have length less than or equal to 3, Member must have length greater than or equal to 1]',
    ),
  )
  t.equal(
    said({ Ids: ['a', 'b', 'c'] }),
    one("Value '[a, b, c]' at 'ids' failed to satisfy constraint: Member must have length less than or equal to 2"),
  )
  t.equal(
    said({ Tags: [{ Key: 'a' }, {}] }),
    one("Value null at 'tags.2.member.key' failed to satisfy constraint: Member must not be null"),
  )
  t.equal(
    said({ Tags: [{ Key: 'a', Inner: { Key: 'abcd' } }] }),
    one("Value 'abcd' at 'tags.1.member.inner.key' failed to satisfy constraint: Member must have length less than or equal to 3"),
  )
  t.equal(
    said({ Labels: { long1: 'x' } }),
    one(
      "Value '{long1=x}' at 'labels' failed to satisfy constraint: Map keys must satisfy constraint: [Member must have length less than or equal to 3]",
    ),
  )
  t.equal(
    said({ Labels: { k: 'y' } }),
    one(
      "Value '{k=y}' at 'labels' failed to satisfy constraint: Map value must satisfy constraint: [Member must satisfy enum value set: [x]]",
    ),
  )
  t.equal(
    said({ Pages: { p: [] } }),
    one(
      "Value '{p=[]}' at 'pages' failed to satisfy constraint: Map value must satisfy constraint: [Member must have length less than or equal to 2, Member must have length greater than or equal to 1]",
    ),
  )
  t.equal(
    said({ Pages: { p: [{}] } }),
    one("Value null at 'pages.p.member.1.member.key' failed to satisfy constraint: Member must not be null"),
  )
  t.equal(said({ Parts: { p: {} } }), one("Value null at 'parts.p.member.key' failed to satisfy constraint: Member must not be null"))
})

t.test('lengths are in characters', async t => {
  t.equal(said({ Tags: [{ Key: '😀😀😀' }] }), '')
  t.match(said({ Tags: [{ Key: '😀😀😀😀' }] }), /length/)
})

t.test('the code goes by the protocol and the service', async t => {
  const fail = (protocol: Parameters<typeof modelOf>[0], service = {}) => {
    const of = modelOf(protocol, { shapes, service })
    return () => validate(of, 'Do', {})
  }
  t.throws(fail('awsJson1_1'), { code: 'ValidationException' })
  t.throws(fail('restJson1'), { code: 'ValidationException' })
  t.throws(fail('rpcv2Cbor'), { code: 'ValidationException' })
  t.throws(fail('awsQuery'), { code: 'ValidationError' })
  t.throws(fail('ec2Query'), { code: 'MissingParameter', message: 'The request must contain the parameter QueueName' })
  t.throws(fail('restXml', { sdk: 'route-53' }), { code: 'InvalidInput' })
  t.throws(fail('restJson1', { validationCode: 'BadRequestException' }), { code: 'BadRequestException' })
  t.throws(() => validate(model, model.operation('Do')!, {}, 'awsQuery'), { code: 'ValidationError' }, 'the protocol of the request')
})

t.test('a patch takes constraints away', async t => {
  const patch = { shapes: { In: { required: null, members: { QueueName: { constraints: null }, Limit: { constraints: { max: 20 } } } } } }
  const patched = modelOf('awsJson1_0', { shapes }, patch)
  t.equal(said({ QueueName: 'LONG AND BAD', Limit: 15 }, patched), '')
  t.match(said({ Limit: 0 }, patched), /greater than or equal to 1/)
  t.equal(said({ QueueName: undefined }, patched), '')
})

t.test('a pattern with a repeat in a repeat takes no time to refuse a long text', async t => {
  const shapes = {
    In: { members: { A: ['string', { constraints: { pattern: '[a-zA-Z](?:-?[a-zA-Z0-9]+)*' } }] } },
    Out: { members: {} },
  } as const
  const of = modelOf('awsJson1_0', { shapes })
  const check = (A: string) => validate(of, of.operation('Do')!, { A })
  t.throws(() => check(`${'a'.repeat(60)}!`), { code: 'ValidationException' })
  t.throws(() => check('a--b'), { code: 'ValidationException' })
  t.doesNotThrow(() => check('ab-cd-e'))
})

t.test('Java patterns are read as what they mean', async t => {
  const match = (pattern: string, value: string): boolean => {
    const of = modelOf('awsJson1_0', { shapes: { In: { members: { A: ['string', { constraints: { pattern } }] } }, Out: { members: {} } } })
    try {
      validate(of, 'Do', { A: value })
      return true
    } catch {
      return false
    }
  }
  t.ok(match('^[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*$', 'ünï 1'))
  t.notOk(match('^[\\p{L}]*$', '1'))
  t.ok(match('[\\w+=,.@-]+', 'a-b@c'))
  t.notOk(match('[\\w]+', 'a b'), 'the whole text')
  t.ok(match('(?i)abc', 'ABC'))
  t.ok(match('[\\p{Alnum}_]+', 'a_1'))
  t.ok(match('\\p{Print}+', 'a b~'))
  t.notOk(match('\\p{Print}+', 'a\tb'))
  t.ok(match('\\p{ASCII}*', 'plain'))
  t.notOk(match('\\p{ASCII}*', 'ü'))
  t.ok(match('(?<=a)(?>b', 'anything'), 'one that cannot be read checks nothing')
})
