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
      Data: 'blob',
      Names: 'list<string>',
      Items: ['#ItemList', { xmlName: 'ItemSet' }],
      Flat: ['#NamedList', { xmlFlattened: true }],
      Tags: 'map<string>',
      Attributes: ['#AttributeMap', { xmlFlattened: true, xmlName: 'Attribute' }],
      Inner: '#Inner',
    },
  },
  Inner: { members: { Deep: 'string', Again: '#Inner' } },
  ItemList: { list: ['#Inner', { xmlName: 'Item' }] },
  NamedList: { list: ['string', { xmlName: 'FlatName' }] },
  AttributeMap: { key: ['string', { xmlName: 'Name' }], map: ['string', { xmlName: 'Value' }] },
  Out: {
    members: {
      Name: 'string',
      Names: 'list<string>',
      Flat: ['list<string>', { xmlFlattened: true }],
      Tags: 'map<string>',
      At: 'timestamp',
      Empty: 'list<string>',
    },
  },
  NotThere: { error: 'client', status: 404, code: 'Test.NotThere', queryStatus: 400, members: { message: 'string', Resource: 'string' } },
} as const

const NAMESPACE = 'http://test.amazonaws.com/doc/2020-01-01/'
const query = modelOf('awsQuery', {
  shapes,
  service: { xmlNamespace: NAMESPACE },
  operations: { Do: { input: '#In', output: '#Out' }, Nothing: { input: 'unit', output: 'unit' } },
})
const form = (body: string, target = '/') => request({ target, body, headers: { 'content-type': 'application/x-www-form-urlencoded' } })

const parse = (body: string, model: Model = query) =>
  protocolOf(model, model.service.protocols[0]!).parse(model.operation('Do')!, form(body))

t.test('Action names the operation, in the form or in the query', async t => {
  const protocol = protocolOf(query, 'awsQuery')
  t.equal(protocol.routesByBody, true)
  t.equal(protocol.operationOf(form('Action=Do&Version=2020-01-01')), 'Do')
  t.equal(protocol.operationOf(form('', '/123/queue?Action=Do')), 'Do')
  t.throws(() => protocol.operationOf(form('Action=Nope&Version=2020-01-01')), {
    code: 'InvalidAction',
    message: 'Could not find operation Nope for version 2020-01-01',
  })
  t.throws(() => protocol.operationOf(form('Name=x')), { code: 'MissingAction' })
})

t.test('lists, maps and structures are read in all forms that clients send', async t => {
  t.strictSame(
    parse(
      'Name=a+b%26c&Count=-1.5&Flag=TRUE&At=2020-01-02T03%3A04%3A05Z&Data=AAE%3D&Names.member.2=y&Names.member.1=x&Names.member.10=z&ItemSet.Item.1.Deep=d',
    ),
    {
      Name: 'a b&c',
      Count: -1.5,
      Flag: true,
      At: new Date('2020-01-02T03:04:05Z'),
      Data: Buffer.from([0, 1]),
      Names: ['x', 'y', 'z'],
      Items: [{ Deep: 'd' }],
    },
  )
  t.strictSame(parse('Flat.1=a&Flat.2=b'), { Flat: ['a', 'b'] })
  t.strictSame(parse('FlatName.1=a'), { Flat: ['a'] }, "as botocore writes a flattened list with its member's name")
  t.strictSame(parse('Attribute.1.Name=n&Attribute.1.Value=v'), { Attributes: { n: 'v' } })
  t.strictSame(parse('Tags.entry.1.key=__proto__&Tags.entry.1.value=v'), { Tags: JSON.parse('{"__proto__":"v"}') })
  t.strictSame(parse('Names='), { Names: [] }, 'an empty list')
  t.strictSame(parse('Inner.Deep=&Unknown.1=x'), { Inner: { Deep: '' } })
})

t.test('what is malformed is refused', async t => {
  t.throws(() => parse('Name=%zz'), { code: 'MalformedQueryString', status: 404 })
  t.throws(() => parse('Name=%ff'), { code: 'MalformedQueryString' })
  t.throws(() => parse('Count=many'), { code: 'MalformedInput', message: 'Invalid value for Count: many is not a valid number' })
  t.throws(() => parse('Flag=yes'), { code: 'MalformedInput' })
  t.throws(() => parse('At=yesterday'), { code: 'MalformedInput' })
  t.throws(() => parse(`${'Inner.'.repeat(1000)}Deep=x`), { code: 'MalformedQueryString' })
  t.throws(() => parse('a=1&'.repeat(60_000)), { code: 'MalformedQueryString' })
})

t.test('an output is XML with result and metadata', async t => {
  const protocol = protocolOf(query, 'awsQuery')
  const response = protocol.serialize(
    query.operation('Do')!,
    { Name: 'a<b>&"c"\r', Names: ['x', 'y'], Flat: ['p', 'q'], Tags: { k: 'v' }, At: new Date(0), Empty: [], Extra: 1 },
    'id-1',
  )
  t.strictSame(response, {
    status: 200,
    headers: { 'content-type': 'text/xml', 'x-amzn-requestid': 'id-1' },
    body:
      `<DoResponse xmlns="${NAMESPACE}"><DoResult><Name>a&lt;b&gt;&amp;&quot;c&quot;&#xd;</Name><Names><member>x</member><member>y</member></Names>` +
      '<Flat>p</Flat><Flat>q</Flat><Tags><entry><key>k</key><value>v</value></entry></Tags><At>1970-01-01T00:00:00Z</At><Empty/></DoResult>' +
      '<ResponseMetadata><RequestId>id-1</RequestId></ResponseMetadata></DoResponse>',
  })
  t.equal(
    protocol.serialize(query.operation('Nothing')!, {}, 'i').body,
    `<NothingResponse xmlns="${NAMESPACE}"><ResponseMetadata><RequestId>i</RequestId></ResponseMetadata></NothingResponse>`,
  )
})

t.test('an error has the code and status of the query protocols', async t => {
  const response = protocolOf(query, 'awsQuery').serializeError(new AwsError('NotThere', 'no <x>', { fields: { Resource: 'r' } }), 'id-1')
  t.strictSame(response, {
    status: 400,
    headers: { 'content-type': 'text/xml', 'x-amzn-requestid': 'id-1' },
    body:
      `<ErrorResponse xmlns="${NAMESPACE}"><Error><Type>Sender</Type><Code>Test.NotThere</Code><Message>no &lt;x&gt;</Message><Resource>r</Resource></Error>` +
      '<RequestId>id-1</RequestId></ErrorResponse>',
  })
  t.match(protocolOf(query, 'awsQuery').serializeError(new AwsError('NotImplemented', 'n', { status: 501 }), 'i'), {
    status: 501,
    body: /<Type>Receiver<\/Type><Code>NotImplemented</,
  })
})

t.test('ec2Query has names, lists, answers and errors of its own', async t => {
  const model = modelOf('ec2Query', {
    service: { xmlNamespace: 'http://ec2' },
    operations: { Do: { input: '#In', output: '#Out' }, Nothing: { input: 'unit', output: 'unit' } },
    shapes: {
      In: {
        members: {
          dryRun: 'boolean',
          groupIds: ['list<string>', { ec2QueryName: 'GroupId', xmlName: 'groupId' }],
          filters: ['#List', { xmlName: 'Filter' }],
        },
      },
      List: { list: ['#Filter', { xmlName: 'Filter' }] },
      Filter: { members: { Name: 'string', Values: ['list<string>', { xmlName: 'Value' }] } },
      Out: { members: { Ids: ['#Ids', { xmlName: 'idSet' }], At: ['timestamp', { xmlName: 'at' }] } },
      Ids: { list: ['string', { xmlName: 'item' }] },
    },
  })
  const protocol = protocolOf(model, 'ec2Query')
  t.strictSame(parse('DryRun=true&GroupId.1=a&GroupId.2=b&Filter.1.Name=n&Filter.1.Value.1=v', model), {
    dryRun: true,
    groupIds: ['a', 'b'],
    filters: [{ Name: 'n', Values: ['v'] }],
  })
  t.equal(
    protocol.serialize(model.operation('Do')!, { Ids: ['i-1'], At: new Date(0) }, 'id').body,
    '<?xml version="1.0" encoding="UTF-8"?>\n<DoResponse xmlns="http://ec2"><requestId>id</requestId><idSet><item>i-1</item></idSet><at>1970-01-01T00:00:00.000Z</at></DoResponse>',
  )
  t.match(protocol.serialize(model.operation('Nothing')!, {}, 'id').body, /<return>true<\/return>/)
  t.match(protocol.serializeError(new AwsError('InvalidGroup.NotFound', 'no'), 'id'), {
    status: 400,
    body: '<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error><Code>InvalidGroup.NotFound</Code><Message>no</Message></Error></Errors><RequestID>id</RequestID></Response>',
  })
  t.throws(() => protocol.operationOf(form('Action=Nope')), {
    code: 'InvalidAction',
    message: 'The action Nope is not valid for this web service.',
  })
  t.throws(() => parse('DryRun=maybe', model), { code: 'InvalidParameterValue' })
})

t.test('any form is read or refused, and never more', async () => {
  const name = fc.constantFrom(
    'Name',
    'Count',
    'Names',
    'member',
    'entry',
    'key',
    'value',
    '1',
    '2',
    '99999999999',
    'Tags',
    'Attribute',
    '__proto__',
    'constructor',
    '',
  )
  const pair = fc.tuple(fc.array(name, { maxLength: 5 }), fc.string()).map(([names, value]) => `${names.join('.')}=${value}`)
  fc.assert(
    fc.property(fc.array(pair, { maxLength: 8 }), pairs => {
      try {
        parse(pairs.join('&'))
      } catch (error) {
        if (!(error instanceof AwsError)) throw error
      }
    }),
    { seed: 2, numRuns: 1000 },
  )
})
