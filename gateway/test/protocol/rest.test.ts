import { Readable } from 'node:stream'
import fc from 'fast-check'
import t from 'tap'
import { AwsError } from '../../src/authoring/errors.js'
import { protocolOf } from '../../src/protocol/index.js'
import { modelOf, request } from './models.js'

const rest = modelOf('restJson1', {
  operations: {
    GetThing: { input: '#GetThingRequest', output: '#GetThingResponse', http: ['GET', '/things/{Name}', 200] },
    ListThings: { input: 'unit', output: '#GetThingResponse', http: ['GET', '/things', 200] },
    GetSpecial: { input: 'unit', output: 'unit', http: ['GET', '/things/special', 204] },
    GetPart: { input: '#GetThingRequest', output: '#GetThingResponse', http: ['GET', '/things/{Name}?part', 200] },
    PutThing: { input: '#PutThingRequest', output: '#PutThingResponse', http: ['PUT', '/things/{Name}/', 201] },
    Upload: { input: '#UploadRequest', output: 'unit', http: ['POST', '/upload/{Path+}', 200] },
    Stream: { input: '#StreamRequest', output: '#StreamResponse', http: ['POST', '/stream', 200] },
  },
  shapes: {
    GetThingRequest: {
      members: {
        Name: ['string', { httpLabel: true }],
        Since: ['timestamp', { httpQuery: 'since' }],
        Ids: ['list<number>', { httpQuery: 'id' }],
        Others: ['map<string>', { httpQueryParams: true }],
        Tag: ['string', { httpHeader: 'X-Tag' }],
        List: ['list<string>', { httpHeader: 'X-List' }],
        Dates: ['list<timestamp>', { httpHeader: 'X-Dates' }],
        Meta: ['map<string>', { httpPrefixHeaders: 'x-meta-' }],
        Context: ['string', { httpHeader: 'X-Context', mediaType: 'application/json' }],
      },
      required: ['Name'],
    },
    GetThingResponse: { members: { Items: ['list<string>', { jsonName: 'items' }], nextToken: ['string', { httpQuery: 'nextToken' }] } },
    PutThingRequest: { members: { Name: ['string', { httpLabel: true }], Body: ['string', { jsonName: 'body' }], At: 'timestamp' } },
    PutThingResponse: {
      members: {
        Status: ['number', { httpResponseCode: true }],
        Tag: ['string', { httpHeader: 'X-Tag' }],
        List: ['list<string>', { httpHeader: 'X-List' }],
        At: ['timestamp', { httpHeader: 'X-At' }],
        Meta: ['map<string>', { httpPrefixHeaders: 'X-Meta-' }],
        Payload: ['#Payload', { httpPayload: true }],
      },
    },
    Payload: { members: { A: ['string', { jsonName: 'a' }] } },
    UploadRequest: { members: { Path: ['string', { httpLabel: true }], Data: ['blob', { httpPayload: true }] } },
    StreamRequest: { members: { Data: ['blob:stream', { httpPayload: true }] } },
    StreamResponse: { members: { Type: ['string', { httpHeader: 'Content-Type' }], Data: ['blob:stream', { httpPayload: true }] } },
    NotThere: {
      error: 'client',
      status: 404,
      members: { message: 'string', After: ['number', { httpHeader: 'Retry-After' }], What: ['string', { jsonName: 'what' }] },
    },
  },
})
const protocol = protocolOf(rest, 'restJson1')

function call(parts: Parameters<typeof request>[0]): [string, Record<string, unknown>] {
  const req = request(parts)
  const operation = protocol.operationOf(req)
  return [operation, protocol.parse(rest.operation(operation)!, req)]
}

t.test('routes rank query literals, then literal segments', async t => {
  const route = (method: string, target: string): string => protocol.operationOf(request({ method, target }))
  t.equal(route('GET', '/things/special'), 'GetSpecial')
  t.equal(route('GET', '/things/other'), 'GetThing')
  t.equal(route('GET', '/things/special?part'), 'GetPart')
  t.equal(route('GET', '/things'), 'ListThings')
  t.equal(route('GET', '/things/'), 'ListThings', 'a slash at the end does not matter')
  t.equal(route('PUT', '/things/a'), 'PutThing')
  t.equal(route('POST', '/upload/a/b//c/'), 'Upload')
  for (const [method, target] of [
    ['DELETE', '/things/a'],
    ['GET', '/nothing'],
    ['GET', '/things/a/b'],
    ['POST', '/upload/'],
  ] as const)
    t.throws(() => route(method, target), { code: 'UnknownOperationException', status: 404 }, target)
})

t.test('path, query and headers are read by their bindings', async t => {
  t.strictSame(
    call({
      method: 'GET',
      target: '/things/a%2Fb%20c+d?since=2020-01-02T03:04:05Z&id=1&id=2&other=x%20y&__proto__=p',
      headers: {
        'x-tag': 'tag',
        'x-list': 'a, "b, \\"c\\"" ,d',
        'x-dates': 'Thu, 02 Jan 2020 03:04:05 GMT, Fri, 03 Jan 2020 03:04:05 GMT',
        'x-meta-one': '1',
        'x-context': Buffer.from('{"a":1}').toString('base64'),
      },
    }),
    [
      'GetThing',
      {
        Name: 'a/b c+d',
        Since: new Date('2020-01-02T03:04:05Z'),
        Ids: [1, 2],
        Others: JSON.parse('{"other":"x y","__proto__":"p"}'),
        Tag: 'tag',
        List: ['a', 'b, "c"', 'd'],
        Dates: [new Date('2020-01-02T03:04:05Z'), new Date('2020-01-03T03:04:05Z')],
        Meta: { one: '1' },
        Context: '{"a":1}',
      },
    ],
  )
  t.strictSame(
    call({ target: '/upload/a/b//c%20/', body: 'x' }),
    ['Upload', { Path: 'a/b//c /', Data: Buffer.from('x') }],
    'a greedy label has all that is left',
  )
})

t.test('broken places are refused', async t => {
  t.throws(() => call({ method: 'GET', target: '/things/%zz' }), { code: 'InvalidURI' })
  t.throws(() => call({ method: 'GET', target: '/things/%ff' }), { code: 'InvalidURI' })
  t.throws(() => call({ method: 'GET', target: '/things/a?x=%2' }), { code: 'InvalidURI' })
  t.throws(() => call({ method: 'GET', target: '/things/a?id=one' }), {
    code: 'SerializationException',
    message: 'Invalid value for id: one is not a valid number',
  })
  t.throws(() => call({ method: 'PUT', target: '/things/a', body: '[]' }), { code: 'SerializationException' })
  t.throws(() => call({ method: 'PUT', target: '/things/a', body: '{' }), { code: 'SerializationException' })
})

t.test('the body has the members that nothing else has', async t => {
  t.strictSame(call({ method: 'PUT', target: '/things/n', body: '{"body":"b","Name":"other","At":1}' }), [
    'PutThing',
    { Name: 'n', Body: 'b', At: new Date(1000) },
  ])
  t.strictSame(call({ method: 'PUT', target: '/things/n' }), ['PutThing', { Name: 'n' }])
})

t.test('a stream is handed on as it is', async t => {
  const stream = Readable.from([])
  t.equal(call({ target: '/stream', stream })[1].Data, stream)
  const response = protocol.serialize(rest.operation('Stream')!, { Data: stream, Type: 'image/png' }, 'i')
  t.equal(response.body, stream)
  t.equal(response.headers['content-type'], 'image/png')
  t.equal(protocol.serialize(rest.operation('Stream')!, { Data: stream }, 'i').headers['content-type'], 'application/octet-stream')
})

t.test('an output goes to status, headers and body', async t => {
  t.strictSame(protocol.serialize(rest.operation('GetThing')!, { Items: ['a'], nextToken: 'n' }, 'id'), {
    status: 200,
    headers: { 'content-type': 'application/json', 'x-amzn-requestid': 'id' },
    body: '{"items":["a"],"nextToken":"n"}',
  })
  const output = {
    Status: 202,
    Tag: 't\r\ninjected: x',
    List: ['a', 'b,"c'],
    At: new Date(0),
    Meta: { One: 'é', two: '☃' },
    Payload: { A: 'x' },
  }
  t.strictSame(protocol.serialize(rest.operation('PutThing')!, output, 'id'), {
    status: 202,
    headers: {
      'x-amzn-requestid': 'id',
      'x-tag': `=?UTF-8?B?${Buffer.from('t\r\ninjected: x').toString('base64')}?=`,
      'x-list': 'a, "b,\\"c"',
      'x-at': 'Thu, 01 Jan 1970 00:00:00 GMT',
      'x-meta-one': 'é',
      'x-meta-two': `=?UTF-8?B?${Buffer.from('☃').toString('base64')}?=`,
      'content-type': 'application/json',
    },
    body: '{"a":"x"}',
  })
  t.strictSame(protocol.serialize(rest.operation('GetSpecial')!, {}, 'id'), {
    status: 204,
    headers: { 'x-amzn-requestid': 'id' },
    body: undefined,
  })
})

t.test('an error names itself in a header', async t => {
  t.strictSame(protocol.serializeError(new AwsError('NotThere', 'gone', { fields: { After: 3, What: 'w' } }), 'id'), {
    status: 404,
    headers: { 'x-amzn-requestid': 'id', 'retry-after': '3', 'content-type': 'application/json', 'x-amzn-errortype': 'NotThere' },
    body: '{"message":"gone","what":"w"}',
  })
  t.match(protocol.serializeError(new AwsError('Other', 'o', { status: 501, headers: { allow: 'GET' } }), 'id'), {
    status: 501,
    headers: { allow: 'GET' },
    body: '{"message":"o"}',
  })
})

t.test('any target is routed or refused, and never more', async () => {
  fc.assert(
    fc.property(
      fc.constantFrom('GET', 'PUT', 'POST', 'DELETE'),
      fc.array(fc.oneof(fc.string(), fc.constantFrom('things', 'special', 'upload', '%', '%41'))),
      fc.string(),
      (method, path, query) => {
        try {
          call({ method, target: `/${path.join('/').replaceAll('?', '')}?${query}` })
        } catch (error) {
          if (!(error instanceof AwsError)) throw error
        }
      },
    ),
    { seed: 3, numRuns: 1000 },
  )
})
