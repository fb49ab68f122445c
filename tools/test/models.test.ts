import { readFileSync } from 'node:fs'
import type { ModelJson } from '@ministack/gateway/protocol'
import t from 'tap'
import { addConstraints } from '../src/models/constraints.js'
import { formatModel, isUntouched } from '../src/models/format.js'
import type { Draft } from '../src/models/model-json.js'
import { readSdkClient } from '../src/models/sdk.js'

const plugins = new URL('../../../plugins/', import.meta.url)
const model = (id: string) => JSON.parse(readFileSync(new URL(`${id}/model.json`, plugins), 'utf8')) as ModelJson

t.test('an SDK client gives operations, shapes and what its service is called', async t => {
  const { draft, version } = await readSdkClient('sqs', new URL('sqs/', plugins).pathname)
  t.match(version, /^3\./)
  t.match(draft.service, {
    id: 'SQS',
    shape: 'AmazonSQS',
    protocols: ['awsJson1_0'],
    target: 'AmazonSQS',
    queryCompatible: true,
    signing: 'sqs',
  })
  t.match(draft.operations.SendMessage, { input: '#SendMessageRequest', output: '#SendMessageResult' })
  t.same(draft.shapes.SendMessageBatchRequest?.members?.Entries, [
    '#SendMessageBatchRequestEntryList',
    { xmlFlattened: true, xmlName: 'SendMessageBatchRequestEntry' },
  ])
  t.match(draft.shapes.QueueDoesNotExist, { error: 'client', status: 400, code: 'AWS.SimpleQueueService.NonExistentQueue' })
})

t.test('constraints go to the members of inputs; lists of constrained elements become shapes', async t => {
  const draft: Draft = {
    service: { sdk: 'x', id: 'X', shape: 'X', version: '1', namespace: 'x', protocols: ['awsJson1_0'], queryCompatible: true },
    operations: { Put: { input: '#In', output: '#Out' } },
    shapes: {
      In: {
        members: { Name: 'string', Tags: 'list<string>', Counts: 'list<number>', Ratio: 'number', Map: 'map<string>' },
        required: ['Name'],
      },
      Out: { members: { Name: 'string', Count: 'number' } },
    },
  }
  const notes = addConstraints(draft, {
    metadata: { serviceId: 'X', serviceFullName: 'X', protocol: 'json', protocols: ['smithy-rpc-v2-cbor', 'json'], jsonVersion: '1.0' },
    operations: { Put: { input: { shape: 'In' }, output: { shape: 'Out' }, errors: [{ shape: 'Full' }] } },
    shapes: {
      In: {
        type: 'structure',
        required: ['Name', 'Tags'],
        members: {
          Name: { shape: 'Name' },
          Tags: { shape: 'Tags' },
          Counts: { shape: 'Counts' },
          Ratio: { shape: 'Double' },
          Map: { shape: 'Map' },
        },
      },
      Out: { type: 'structure', members: { Name: { shape: 'Name' }, Count: { shape: 'Long' } } },
      Name: { type: 'string', min: 1, max: 8, pattern: '[a-z]*' },
      Tags: { type: 'list', max: 3, min: 0, member: { shape: 'Name' } },
      Counts: { type: 'list', member: { shape: 'Long' } },
      Map: { type: 'map', key: { shape: 'Name' }, value: { shape: 'Any' } },
      Any: { type: 'string', pattern: '[\\s\\S]*' },
      Long: { type: 'long' },
      Double: { type: 'double', min: 0 },
      Full: { type: 'structure', exception: true, error: { code: 'TooFull', httpStatusCode: 409 }, members: { message: { shape: 'Any' } } },
    },
  })
  const name = { constraints: { min: 1, max: 8, pattern: '[a-z]*' } }
  t.same(draft.service.protocols, ['awsJson1_0', 'rpcv2Cbor', 'awsQuery'])
  t.same(draft.shapes.In, {
    members: {
      Name: ['string', name],
      Tags: ['#Tags', { constraints: { max: 3 } }],
      Counts: 'list<long>',
      Ratio: ['double', { constraints: { min: 0 } }],
      Map: '#Map',
    },
    required: ['Name', 'Tags'],
  })
  t.same(draft.shapes.Tags, { list: ['string', name] })
  t.same(draft.shapes.Map, { key: ['string', name], map: 'string' })
  t.same(draft.shapes.Out, { members: { Name: 'string', Count: 'long' } }, 'outputs are not validated')
  t.same(draft.operations.Put?.errors, ['Full'])
  t.match(draft.shapes.Full, { error: 'client', status: 409, code: 'TooFull' })
  t.same(notes, ['error Full is in botocore only'])
})

t.test('a model that was edited by hand is told from one that was not', async t => {
  const text = formatModel({ ...model('sqs'), generated: { sdk: 'a', constraints: 'b' } })
  t.ok(isUntouched(text))
  t.notOk(isUntouched(text.replace('QueueName', 'QueueNam')))
  t.notOk(isUntouched(text.replace('"sdk":"a"', '"sdk":"c"')))
  t.notOk(isUntouched('{}'))
})

t.test('the path of an S3 operation has its bucket', async t => {
  const { operations } = model('s3')
  t.same(operations.GetObject?.http, ['GET', '/{Bucket}/{Key+}?x-id=GetObject', 200])
  t.equal(operations.ListObjectsV2?.http?.[1], '/{Bucket}?list-type=2')
  t.equal(operations.ListBuckets?.http?.[1], '/?x-id=ListBuckets')
})
