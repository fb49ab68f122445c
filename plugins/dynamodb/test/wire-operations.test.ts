import { crc32 } from 'node:zlib'
import t from 'tap'
import { HASH_ONLY, INDEXED, post, withTables } from './harness.js'

const NAMESPACE = 'com.amazonaws.dynamodb.v20120810'
const INVALID = 'com.amazon.coral.validate#ValidationException'

t.test('every item operation on the wire', async t => {
  const service = await withTables(t, HASH_ONLY, INDEXED)

  /** The body of an answer, whose headers are checked here. */
  const call = async (operation: string, request: object) => {
    const { status, headers, body, bytes } = await post(service, operation, JSON.stringify(request))
    t.equal(headers['content-type'], 'application/x-amz-json-1.0', `${operation}: content-type`)
    t.equal(headers['x-amz-crc32'], String(crc32(bytes)), `${operation}: checksum`)

    return [status, body] as const
  }
  const invalid = (message: string) => [400, JSON.stringify({ __type: INVALID, message })]
  const failed = (rest = '') => [
    400,
    `{"__type":"${NAMESPACE}#ConditionalCheckFailedException","message":"The conditional request failed"${rest}}`,
  ]
  const id = (S: string) => ({ id: { S } })
  const TableName = 'simple'

  t.test('PutItem', async () => {
    t.strictSame(await call('PutItem', { TableName, Item: { ...id('a'), v: { N: '1' } } }), [200, '{}'])
    t.strictSame(
      await call('PutItem', { TableName, Item: { ...id('a'), v: { N: '2' } }, ReturnValues: 'ALL_OLD', ReturnConsumedCapacity: 'TOTAL' }),
      [200, '{"Attributes":{"id":{"S":"a"},"v":{"N":"1"}},"ConsumedCapacity":{"TableName":"simple","CapacityUnits":1}}'],
    )
    t.strictSame(await call('PutItem', { TableName, Item: id('new'), ReturnValues: 'ALL_OLD' }), [200, '{}'])
    const condition = { ConditionExpression: 'v = :v', ExpressionAttributeValues: { ':v': { N: '9' } } }
    t.strictSame(await call('PutItem', { TableName, Item: id('a'), ...condition }), failed())
    const old = { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' }
    t.strictSame(
      await call('PutItem', { TableName, Item: id('a'), ...condition, ...old }),
      failed(',"Item":{"id":{"S":"a"},"v":{"N":"2"}}'),
    )
    t.strictSame(await call('PutItem', { TableName, Item: id('none'), ...condition, ...old }), failed())
    t.strictSame(
      await call('PutItem', { TableName, Item: { v: { N: '1' } } }),
      invalid('One or more parameter values were invalid: Missing the key id in the item'),
    )
  })

  t.test('GetItem', async () => {
    t.strictSame(await call('GetItem', { TableName, Key: id('a') }), [200, '{"Item":{"id":{"S":"a"},"v":{"N":"2"}}}'])
    t.strictSame(await call('GetItem', { TableName, Key: id('a'), ProjectionExpression: 'gone' }), [200, '{"Item":{}}'])
    t.strictSame(await call('GetItem', { TableName, Key: id('none') }), [200, '{}'])
    t.strictSame(await call('GetItem', { TableName, Key: id('none'), ConsistentRead: true, ReturnConsumedCapacity: 'INDEXES' }), [
      200,
      '{"ConsumedCapacity":{"TableName":"simple","CapacityUnits":1,"Table":{"CapacityUnits":1}}}',
    ])
    t.strictSame(
      await call('GetItem', { TableName, Key: { id: { N: '1' } } }),
      invalid('The provided key element does not match the schema'),
    )
  })

  t.test('UpdateItem', async () => {
    const update = { UpdateExpression: 'SET v = v + :v', ExpressionAttributeValues: { ':v': { N: '1' } } }
    t.strictSame(await call('UpdateItem', { TableName, Key: id('a'), ...update }), [200, '{}'])
    t.strictSame(await call('UpdateItem', { TableName, Key: id('a'), ...update, ReturnValues: 'UPDATED_NEW' }), [
      200,
      '{"Attributes":{"v":{"N":"4"}}}',
    ])
    t.strictSame(await call('UpdateItem', { TableName, Key: id('a'), ...update, ReturnValues: 'UPDATED_OLD' }), [
      200,
      '{"Attributes":{"v":{"N":"4"}}}',
    ])
    t.strictSame(await call('UpdateItem', { TableName, Key: id('a'), ...update, ReturnValues: 'ALL_NEW' }), [
      200,
      '{"Attributes":{"id":{"S":"a"},"v":{"N":"6"}}}',
    ])
    t.strictSame(
      await call('UpdateItem', { TableName, Key: id('a'), UpdateExpression: 'REMOVE v', ReturnValues: 'UPDATED_NEW' }),
      [200, '{}'],
      'nothing is left to tell',
    )
    t.strictSame(
      await call('UpdateItem', { TableName, Key: id('a'), ...update }),
      invalid('The provided expression refers to an attribute that does not exist in the item'),
    )
    t.strictSame(
      await call('UpdateItem', {
        TableName,
        Key: id('a'),
        UpdateExpression: 'REMOVE v',
        ConditionExpression: 'attribute_exists(v)',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      }),
      failed(',"Item":{"id":{"S":"a"}}'),
    )
  })

  t.test('DeleteItem', async () => {
    const condition = { ConditionExpression: 'attribute_exists(v)', ReturnValuesOnConditionCheckFailure: 'ALL_OLD' }
    t.strictSame(await call('DeleteItem', { TableName, Key: id('a'), ...condition }), failed(',"Item":{"id":{"S":"a"}}'))
    t.strictSame(await call('DeleteItem', { TableName, Key: id('a'), ReturnValues: 'ALL_OLD' }), [200, '{"Attributes":{"id":{"S":"a"}}}'])
    t.strictSame(await call('DeleteItem', { TableName, Key: id('a'), ReturnValues: 'ALL_OLD' }), [200, '{}'])
    t.strictSame(
      await call('DeleteItem', { TableName, Key: id('a'), ReturnValues: 'ALL_NEW' }),
      invalid('ReturnValues can only be ALL_OLD or NONE'),
    )
  })

  t.test('BatchWriteItem', async () => {
    const RequestItems = {
      simple: [{ DeleteRequest: { Key: id('new') } }],
      indexed: [
        { PutRequest: { Item: { pk: { S: 'p' }, sk: { N: '1' }, gpk: { S: 'g' }, v: { S: 'one' } } } },
        { PutRequest: { Item: { pk: { S: 'p' }, sk: { N: '2' }, gpk: { S: 'g' }, v: { S: 'two' } } } },
      ],
    }
    t.strictSame(await call('BatchWriteItem', { RequestItems }), [200, '{"UnprocessedItems":{}}'])
    t.strictSame(
      await call('BatchWriteItem', { RequestItems: { indexed: [RequestItems.indexed[0], RequestItems.indexed[0]] } }),
      invalid('Provided list of item keys contains duplicates'),
    )
  })

  t.test('BatchGetItem', async () => {
    const Keys = [1, 2, 3].map(n => ({ pk: { S: 'p' }, sk: { N: String(n) } }))
    t.strictSame(
      await call('BatchGetItem', {
        RequestItems: { simple: { Keys: [id('none')] }, indexed: { Keys, ProjectionExpression: 'v' } },
        ReturnConsumedCapacity: 'TOTAL',
      }),
      [
        200,
        '{"Responses":{"simple":[],"indexed":[{"v":{"S":"one"}},{"v":{"S":"two"}}]},"UnprocessedKeys":{},"ConsumedCapacity":[{"TableName":"simple","CapacityUnits":0.5},{"TableName":"indexed","CapacityUnits":1.5}]}',
      ],
    )
    t.strictSame(await call('BatchGetItem', { RequestItems: { nope: { Keys: [id('a')] } } }), [
      400,
      `{"__type":"${NAMESPACE}#ResourceNotFoundException","message":"Requested resource not found"}`,
    ])
  })

  t.test('Query', async () => {
    const query = { TableName: 'indexed', KeyConditionExpression: 'pk = :p', ExpressionAttributeValues: { ':p': { S: 'p' } } }
    t.strictSame(await call('Query', { ...query, ProjectionExpression: 'v' }), [
      200,
      '{"Items":[{"v":{"S":"one"}},{"v":{"S":"two"}}],"Count":2,"ScannedCount":2}',
    ])
    t.strictSame(await call('Query', { ...query, Select: 'COUNT' }), [200, '{"Count":2,"ScannedCount":2}'])
    t.strictSame(
      await call('Query', {
        ...query,
        FilterExpression: 'v = :v',
        ExpressionAttributeValues: { ':p': { S: 'p' }, ':v': { S: 'two' } },
        Limit: 1,
      }),
      [200, '{"Items":[],"Count":0,"ScannedCount":1,"LastEvaluatedKey":{"pk":{"S":"p"},"sk":{"N":"1"}}}'],
    )
    t.strictSame(
      await call('Query', {
        TableName: 'indexed',
        IndexName: 'keys',
        KeyConditionExpression: 'gpk = :g',
        ExpressionAttributeValues: { ':g': { S: 'g' } },
        Limit: 1,
        Select: 'COUNT',
        ReturnConsumedCapacity: 'INDEXES',
      }),
      [
        200,
        '{"Count":1,"ScannedCount":1,"LastEvaluatedKey":{"gpk":{"S":"g"},"pk":{"S":"p"},"sk":{"N":"1"}},"ConsumedCapacity":{"TableName":"indexed","CapacityUnits":0.5,"Table":{"CapacityUnits":0},"GlobalSecondaryIndexes":{"keys":{"CapacityUnits":0.5}}}}',
      ],
    )
    t.strictSame(await call('Query', { ...query, KeyConditionExpression: 'pk > :p' }), invalid('Query key condition not supported'))
  })

  t.test('Scan', async () => {
    t.strictSame(await call('Scan', { TableName }), [200, '{"Items":[],"Count":0,"ScannedCount":0}'])
    t.strictSame(await call('Scan', { TableName: 'indexed', IndexName: 'some', ReturnConsumedCapacity: 'TOTAL' }), [
      200,
      '{"Items":[{"pk":{"S":"p"},"sk":{"N":"1"},"gpk":{"S":"g"},"v":{"S":"one"}},{"pk":{"S":"p"},"sk":{"N":"2"},"gpk":{"S":"g"},"v":{"S":"two"}}],"Count":2,"ScannedCount":2,"ConsumedCapacity":{"TableName":"indexed","CapacityUnits":0.5}}',
    ])
    t.strictSame(
      await call('Scan', { TableName, Segment: 1 }),
      invalid('The TotalSegments parameter is required but was not present in the request when Segment parameter is present'),
    )
  })

  t.test('TransactWriteItems', async () => {
    await call('PutItem', { TableName, Item: { ...id('a'), v: { S: 'x' } } })
    const values = { ':n': { N: '1' } }
    t.strictSame(
      await call('TransactWriteItems', {
        TransactItems: [
          { Put: { TableName, Item: id('b') } },
          {
            ConditionCheck: {
              TableName,
              Key: id('a'),
              ConditionExpression: 'v = :n',
              ExpressionAttributeValues: values,
              ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
            },
          },
          { Update: { TableName, Key: id('c'), UpdateExpression: 'SET v = w + :n', ExpressionAttributeValues: values } },
        ],
      }),
      [
        400,
        `{"__type":"${NAMESPACE}#TransactionCanceledException","Message":"Transaction cancelled, please refer cancellation reasons for specific reasons [None, ConditionalCheckFailed, ValidationError]","CancellationReasons":[{"Code":"None"},{"Code":"ConditionalCheckFailed","Message":"The conditional request failed","Item":{"id":{"S":"a"},"v":{"S":"x"}}},{"Code":"ValidationError","Message":"The provided expression refers to an attribute that does not exist in the item"}]}`,
      ],
    )
    t.strictSame(await call('GetItem', { TableName, Key: id('b') }), [200, '{}'])
    const put = { TransactItems: [{ Put: { TableName, Item: id('b') } }], ClientRequestToken: 'token' }
    t.strictSame(await call('TransactWriteItems', { ...put, ReturnConsumedCapacity: 'TOTAL' }), [
      200,
      '{"ConsumedCapacity":[{"TableName":"simple","WriteCapacityUnits":2,"CapacityUnits":2}]}',
    ])
    t.strictSame(await call('TransactWriteItems', { ...put, TransactItems: [{ Delete: { TableName, Key: id('b') } }] }), [
      400,
      `{"__type":"${NAMESPACE}#IdempotentParameterMismatchException","Message":"DynamoDB rejected the request because you retried a request with a different payload but with an idempotent token that was already used."}`,
    ])
  })

  t.test('TransactGetItems', async () => {
    t.strictSame(
      await call('TransactGetItems', {
        TransactItems: [{ Get: { TableName, Key: id('a'), ProjectionExpression: 'v' } }, { Get: { TableName, Key: id('none') } }],
      }),
      [200, '{"Responses":[{"Item":{"v":{"S":"x"}}},{}]}'],
    )
  })
})
