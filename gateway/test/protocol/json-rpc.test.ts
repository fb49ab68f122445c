import fc from 'fast-check'
import t from 'tap'
import { AwsError } from '../../src/authoring/errors.js'
import { type Model, protocolOf } from '../../src/protocol/index.js'
import { modelOf, request } from './models.js'

const shapes = {
  In: {
    members: {
      Name: 'string',
      Count: 'number',
      Flag: 'boolean',
      At: 'timestamp',
      Iso: 'timestamp:date-time',
      Data: 'blob',
      Names: 'list<string>',
      Sparse: '#SparseList',
      Tags: 'map<string>',
      Doc: 'document',
      Big: 'bigInteger',
      Next: '#In',
    },
  },
  Out: {
    members: {
      Name: 'string',
      Count: 'number',
      At: 'timestamp',
      Iso: 'timestamp:date-time',
      Data: 'blob',
      Names: 'list<string>',
      Sparse: '#SparseList',
    },
  },
  SparseList: { list: 'string', traits: { sparse: true } },
  NotThere: { error: 'client', status: 404, code: 'Test.NotThere', members: { message: 'string', Resource: 'string' } },
  Broken: { error: 'server', members: { Message: 'string' } },
} as const

const json10 = modelOf('awsJson1_0', { shapes })
const json11 = modelOf('awsJson1_1', { shapes })

function parse(model: Model, body: string | Uint8Array): Record<string, unknown> {
  const protocol = protocolOf(model, model.service.protocols[0]!)
  return protocol.parse(model.operation('Do')!, request({ body }))
}

const refusal = (message: string) => ({ code: 'SerializationException', message })

t.test('the target names the operation', async t => {
  const protocol = protocolOf(json10, 'awsJson1_0')
  t.equal(protocol.operationOf(request({ headers: { 'x-amz-target': 'TestService.Do' } })), 'Do')
  t.equal(protocol.routesByBody, false)
  for (const target of ['TestService.Nope', 'TestService.constructor', '', 'Do.']) {
    t.throws(() => protocol.operationOf(request({ headers: { 'x-amz-target': target } })), { code: 'UnknownOperationException' }, target)
  }
  t.equal(protocolOf(json10, 'awsJson1_0'), protocol, 'a protocol is made once')
})

t.test('an input is read by the model', async t => {
  const body = JSON.stringify({
    Name: '007',
    Count: 'NaN',
    At: 1.5,
    Iso: '2020-01-02T03:04:05Z',
    Data: 'AAE=',
    Names: ['a', null, 'b'],
    Sparse: ['a', null],
    Doc: { a: [1, null] },
    Big: '123456789012345678901234567890',
    Flag: null,
    Unknown: { anything: 1 },
    __type: 'com.amazonaws.test#In',
  })
  t.strictSame(parse(json10, body), {
    Name: '007',
    Count: Number.NaN,
    At: new Date(1500),
    Iso: new Date('2020-01-02T03:04:05Z'),
    Data: Buffer.from([0, 1]),
    Names: ['a', 'b'],
    Sparse: ['a', null],
    Doc: { a: [1, null] },
    Big: 123456789012345678901234567890n,
  })
  t.strictSame(parse(json10, ''), {}, 'no body is an empty input')
})

t.test('a value of the wrong type is refused with its name', async t => {
  t.throws(() => parse(json10, '{"Name":1}'), refusal('NUMBER_VALUE cannot be converted to String'))
  t.throws(() => parse(json10, '{"Name":1.5}'), refusal('DECIMAL_VALUE cannot be converted to String'))
  t.throws(() => parse(json10, '{"Name":true}'), refusal('TRUE_VALUE cannot be converted to String'))
  t.throws(() => parse(json10, '{"Name":{}}'), refusal('Start of structure or map found where not expected.'))
  t.throws(() => parse(json10, '{"Name":[]}'), refusal('Start of list found where not expected'))
  t.throws(() => parse(json10, '{"Count":"1"}'), refusal('STRING_VALUE cannot be converted to Integer'))
  t.throws(() => parse(json10, '{"Count":1e999}'), refusal('DECIMAL_VALUE cannot be converted to Integer'))
  t.throws(() => parse(json10, '{"Flag":"true"}'), refusal('STRING_VALUE cannot be converted to Boolean'))
  t.throws(() => parse(json10, '{"Names":"a"}'), refusal('Expected list or null'))
  t.throws(() => parse(json10, '{"Tags":[]}'), refusal('Start of list found where not expected'))
  t.throws(() => parse(json10, '{"Data":"*"}'), refusal('Invalid Base64 value'))
  t.throws(() => parse(json10, '{"At":1e300}'), refusal('Timestamp is out of range'))
})

t.test('a body that is no JSON object is refused', async t => {
  for (const body of ['{', 'null', '[]', '"x"', '1', '{"Name":"a"}x', "{'Name':1}", Buffer.from([0x7b, 0xff, 0x7d])]) {
    t.throws(() => parse(json10, body), { code: 'SerializationException' }, String(body))
  }
})

t.test('names of Object.prototype are plain data', async t => {
  const input = parse(json10, '{"Tags":{"__proto__":"a","constructor":"b"},"__proto__":{"Name":"c"}}')
  t.strictSame(Object.entries(input.Tags as object), [
    ['__proto__', 'a'],
    ['constructor', 'b'],
  ])
  t.notOk(Object.hasOwn(input, 'Name'))
  t.equal(Object.getPrototypeOf(input.Tags), Object.prototype)
})

t.test('nesting is bounded', async t => {
  const nested = (depth: number): string => `${'{"Next":'.repeat(depth)}{}${'}'.repeat(depth)}`
  t.ok(parse(json10, nested(200)))
  t.throws(() => parse(json10, nested(100_000)), refusal('Nesting is too deep'))
  t.throws(() => parse(json10, `{"Doc":${'['.repeat(100_000)}${']'.repeat(100_000)}}`), refusal('Nesting is too deep'))
  t.ok(parse(json10, `{"Unknown":${'['.repeat(100_000)}${']'.repeat(100_000)}}`), 'what no member takes is not walked')
})

t.test('an output is written by the model', async t => {
  const protocol = protocolOf(json10, 'awsJson1_0')
  const response = protocol.serialize(
    json10.operation('Do')!,
    {
      Name: 'a',
      Count: Number.POSITIVE_INFINITY,
      At: new Date(1500),
      Iso: new Date(0),
      Data: Uint8Array.of(0, 1),
      Names: ['x', null],
      Sparse: [null],
      Extra: 1,
    },
    'id-1',
  )
  t.strictSame(response, {
    status: 200,
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-requestid': 'id-1' },
    body: '{"Name":"a","Count":"Infinity","At":1.5,"Iso":"1970-01-01T00:00:00Z","Data":"AAE=","Names":["x"],"Sparse":[null]}',
  })
  t.throws(() => protocol.serialize(json10.operation('Do')!, { At: 'today' }, 'id'), TypeError, "a handler's mistake is not the caller's")
})

t.test('errors are written as AWS forms them', async t => {
  const of10 = protocolOf(json10, 'awsJson1_0')
  const error = new AwsError('NotThere', 'gone', { fields: { Resource: 'r', Secret: 's' } })
  t.strictSame(of10.serializeError(error, 'id-1'), {
    status: 404,
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-requestid': 'id-1' },
    body: '{"__type":"com.amazonaws.test#NotThere","message":"gone","Resource":"r"}',
  })
  t.match(protocolOf(json11, 'awsJson1_1').serializeError(error, 'id-1'), { body: /^\{"__type":"NotThere"/ }, 'JSON 1.1 has the bare name')
  t.match(of10.serializeError(new AwsError('Broken', 'oh'), 'i'), {
    status: 500,
    body: '{"__type":"com.amazonaws.test#Broken","Message":"oh"}',
  })
  t.match(of10.serializeError(new AwsError('UnknownOperationException'), 'i'), {
    status: 400,
    body: '{"__type":"com.amazon.coral.service#UnknownOperationException"}',
  })
  t.match(of10.serializeError(new AwsError('NotImplemented', 'not here', { status: 501 }), 'i'), { status: 501 })
  const own = modelOf('awsJson1_0', { shapes, service: { errorNamespace: 'com.amazonaws.test.v1' } })
  t.match(protocolOf(own, 'awsJson1_0').serializeError(error, 'i'), { body: /"com.amazonaws.test.v1#NotThere"/ })
})

t.test('a query compatible service tells the query code to clients that ask for it', async t => {
  const model = modelOf('awsJson1_0', { shapes, service: { queryCompatible: true } })
  const protocol = protocolOf(model, 'awsJson1_0')
  const error = new AwsError('NotThere', 'gone')
  const asked = protocol.serializeError(error, 'i', undefined, request({ headers: { 'x-amzn-query-mode': 'true' } }))
  t.equal(asked.headers['x-amzn-query-error'], 'Test.NotThere;Sender')
  t.equal(protocol.serializeError(new AwsError('Broken'), 'i').headers['x-amzn-query-error'], 'Broken;Receiver')
  t.notOk(protocol.serializeError(error, 'i', undefined, request()).headers['x-amzn-query-error'])
})

t.test('any bytes are read or refused, and never more', async () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.json().map(text => Buffer.from(text)),
        fc.uint8Array({ maxLength: 64 }),
      ),
      body => {
        try {
          parse(json10, body)
        } catch (error) {
          if (!(error instanceof AwsError) || error.code !== 'SerializationException') throw error
        }
      },
    ),
    { seed: 1, numRuns: 2000 },
  )
})
