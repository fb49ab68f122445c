import t from 'tap'
import { dynamo, HASH_AND_RANGE, HASH_ONLY, INDEXED, N, refuses, S, withTables } from './harness.js'

const TableName = 'tbl'
const Key = { pk: S('a'), sk: N(1) }
const MISSING_TABLE = { name: 'ResourceNotFoundException', message: 'Requested resource not found' }
const NO_KEY = 'The provided key element does not match the schema'
const INVALID = 'One or more parameter values were invalid: '

t.test('GetItem', async t => {
  const { client } = await withTables(t, HASH_AND_RANGE, HASH_ONLY)
  const item = { ...Key, a: S('x'), m: { M: { b: { L: [N(1), N(2)] } } } }
  await client.putItem({ TableName, Item: item })

  t.test('refuses', async t => {
    await t.rejects(client.getItem({ TableName: 'nope', Key }), MISSING_TABLE)
    await refuses(t, client.getItem({ TableName, Key: { pk: S('a') } }), NO_KEY)
    await refuses(t, client.getItem({ TableName, Key: {} }), NO_KEY)
    await refuses(t, client.getItem({ TableName, Key: { pk: S('a'), sk: S('1') } }), NO_KEY)
    await refuses(t, client.getItem({ TableName, Key: { ...Key, x: S('1') } }), 'The number of conditions on the keys is invalid')
    await refuses(
      t,
      client.getItem({ TableName, Key: { pk: S('a'), sk: N('x') } }),
      'The parameter cannot be converted to a numeric value: x',
    )
    await refuses(
      t,
      client.getItem({ TableName: 'simple', Key: { id: S('') } }),
      'One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: id',
    )
    await refuses(
      t,
      client.getItem({ TableName: 'simple', Key: { id: S('x'.repeat(2049)) } }),
      `${INVALID}Size of hashkey has exceeded the maximum size limit of2048 bytes`,
    )
    await refuses(
      t,
      client.getItem({ TableName, Key, AttributesToGet: ['a'], ProjectionExpression: 'a' }),
      'Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {AttributesToGet} Expression parameters: {ProjectionExpression}',
    )
    await refuses(t, client.getItem({ TableName, Key, AttributesToGet: ['a', 'a'] }), `${INVALID}Duplicate value in attribute name: a`)
    await refuses(
      t,
      client.getItem({ TableName, Key, ExpressionAttributeNames: { '#a': 'a' } }),
      'ExpressionAttributeNames can only be specified when using expressions',
    )
    await refuses(
      t,
      client.getItem({ TableName, Key, ProjectionExpression: 'a', ExpressionAttributeNames: { '#a': 'a' } }),
      'Value provided in ExpressionAttributeNames unused in expressions: keys: {#a}',
    )
    await refuses(
      t,
      client.getItem({ TableName: 'a;', Key }),
      "2 validation errors detected: Value 'a;' at 'tableName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+; Value 'a;' at 'tableName' failed to satisfy constraint: Member must have length greater than or equal to 3",
    )
  })

  t.test('behaves', async t => {
    t.strictSame(await client.getItem({ TableName, Key }), { Item: item })
    t.strictSame(await client.getItem({ TableName, Key: { pk: S('b'), sk: N(1) } }), {})
    t.strictSame((await client.getItem({ TableName, Key, ProjectionExpression: 'm.b[1], a' })).Item, {
      a: S('x'),
      m: { M: { b: { L: [N(2)] } } },
    })
    t.strictSame((await client.getItem({ TableName, Key, AttributesToGet: ['a', 'zz'] })).Item, { a: S('x') })
    t.strictSame((await client.getItem({ TableName, Key, ReturnConsumedCapacity: 'TOTAL' })).ConsumedCapacity, {
      TableName,
      CapacityUnits: 0.5,
    })
    t.strictSame((await client.getItem({ TableName, Key, ReturnConsumedCapacity: 'INDEXES', ConsistentRead: true })).ConsumedCapacity, {
      TableName,
      CapacityUnits: 1,
      Table: { CapacityUnits: 1 },
    })
    const arn = 'arn:aws:dynamodb:us-east-1:000000000000:table/tbl'
    t.strictSame((await client.getItem({ TableName: arn, Key })).Item, item)
    await t.rejects(client.getItem({ TableName: arn.replace('us-east-1', 'eu-west-1'), Key }), MISSING_TABLE)
    await t.rejects(client.getItem({ TableName: arn.replace('000000000000', '111111111111'), Key }), { name: 'AccessDeniedException' })
  })
})

t.test('PutItem', async t => {
  const { client } = await withTables(t, HASH_AND_RANGE, INDEXED)

  t.test('refuses', async t => {
    await t.rejects(client.putItem({ TableName: 'nope', Item: Key }), MISSING_TABLE)
    await refuses(t, client.putItem({ TableName, Item: { pk: S('a') } }), `${INVALID}Missing the key sk in the item`)
    await refuses(
      t,
      client.putItem({ TableName, Item: { pk: N(1), sk: N(1) } }),
      `${INVALID}Type mismatch for key pk expected: S actual: N`,
    )
    await refuses(
      t,
      client.putItem({ TableName, Item: { pk: S(''), sk: N(1) } }),
      'One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: pk',
    )
    await refuses(t, client.putItem({ TableName, Item: Key, ReturnValues: 'ALL_NEW' }), 'ReturnValues can only be ALL_OLD or NONE')
    await refuses(
      t,
      client.putItem({ TableName, Item: { ...Key, big: S('x'.repeat(400 * 1024)) } }),
      'Item size has exceeded the maximum allowed size',
    )
    await refuses(t, client.putItem({ TableName, Item: { ...Key, a: { SS: [] } } }), `${INVALID}An string set  may not be empty`)
    await refuses(t, client.putItem({ TableName, Item: { ...Key, '': S('a') } }), `${INVALID}Empty attribute name`)
    await refuses(
      t,
      client.updateItem({ TableName, Key, UpdateExpression: 'REMOVE #a', ExpressionAttributeNames: { '#a': '' } }),
      'ExpressionAttributeNames contains invalid value: Empty attribute name for key #a',
    )
    await refuses(
      t,
      client.putItem({ TableName, Item: Key, ExpressionAttributeValues: { ':a': S('a') } }),
      'ExpressionAttributeValues can only be specified when using expressions: ConditionExpression is null',
    )
    await refuses(
      t,
      client.putItem({ TableName, Item: Key, Expected: { a: { Exists: false } }, ConditionExpression: 'attribute_exists(a)' }),
      'Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {Expected} Expression parameters: {ConditionExpression}',
    )
    await refuses(
      t,
      client.putItem({ TableName: 'indexed', Item: { ...Key, gpk: N(1) } }),
      `${INVALID}Type mismatch for Index Key gpk Expected: S Actual: N IndexName: all`,
    )
    await refuses(
      t,
      client.putItem({ TableName: 'indexed', Item: { ...Key, gpk: S('') } }),
      'One or more parameter values are not valid. A value specified for a secondary index key is not supported. The AttributeValue for a key attribute cannot contain an empty string value. IndexName: all, IndexKey: gpk',
    )
  })

  t.test('behaves', async t => {
    const first = { ...Key, v: N(1) }
    t.strictSame(await client.putItem({ TableName, Item: first, ReturnValues: 'ALL_OLD' }), {})
    t.strictSame(await client.putItem({ TableName, Item: { ...Key, v: N('2.0') }, ReturnValues: 'ALL_OLD' }), { Attributes: first })
    t.strictSame((await client.getItem({ TableName, Key })).Item, { ...Key, v: N(2) })
    await t.rejects(client.putItem({ TableName, Item: Key, ConditionExpression: 'attribute_not_exists(pk)' }), {
      name: 'ConditionalCheckFailedException',
      message: 'The conditional request failed',
    })
    const failure = await client
      .putItem({ TableName, Item: Key, ConditionExpression: 'attribute_not_exists(pk)', ReturnValuesOnConditionCheckFailure: 'ALL_OLD' })
      .catch(error => error.fields ?? error)
    t.strictSame(failure.Item, { ...Key, v: N(2) })
    const big = await client.putItem({ TableName, Item: { ...Key, x: S('x'.repeat(3000)) }, ReturnConsumedCapacity: 'TOTAL' })
    t.strictSame(big.ConsumedCapacity, { TableName, CapacityUnits: 3 })
    const small = await client.putItem({ TableName, Item: Key, ReturnConsumedCapacity: 'TOTAL' })
    t.strictSame(small.ConsumedCapacity, { TableName, CapacityUnits: 3 }, 'a replacement costs the larger of the two')
    const indexed = await client.putItem({
      TableName: 'indexed',
      Item: { ...Key, gpk: S('g'), gsk: N(1), lsk: S('l'), v: S('x'.repeat(1100)) },
      ReturnConsumedCapacity: 'INDEXES',
      ReturnItemCollectionMetrics: 'SIZE',
    })
    t.strictSame(indexed.ConsumedCapacity, {
      TableName: 'indexed',
      CapacityUnits: 8,
      Table: { CapacityUnits: 2 },
      LocalSecondaryIndexes: { local: { CapacityUnits: 1 } },
      GlobalSecondaryIndexes: { all: { CapacityUnits: 2 }, keys: { CapacityUnits: 1 }, some: { CapacityUnits: 2 } },
    })
    t.strictSame(indexed.ItemCollectionMetrics, { ItemCollectionKey: { pk: S('a') }, SizeEstimateRangeGB: [0, 1] })
  })
})

t.test('DeleteItem', async t => {
  const { client } = await withTables(t, HASH_AND_RANGE)

  t.test('refuses', async t => {
    await t.rejects(client.deleteItem({ TableName: 'nope', Key }), MISSING_TABLE)
    await refuses(t, client.deleteItem({ TableName, Key: { pk: S('a') } }), NO_KEY)
    await refuses(t, client.deleteItem({ TableName, Key: { ...Key, x: N(1) } }), NO_KEY)
    await refuses(t, client.deleteItem({ TableName, Key, ReturnValues: 'UPDATED_OLD' }), 'ReturnValues can only be ALL_OLD or NONE')
  })

  t.test('behaves', async t => {
    t.strictSame(await client.deleteItem({ TableName, Key, ReturnValues: 'ALL_OLD' }), {}, 'what is not there may be deleted')
    await client.putItem({ TableName, Item: { ...Key, v: N(1) } })
    await t.rejects(client.deleteItem({ TableName, Key, ConditionExpression: 'v > :one', ExpressionAttributeValues: { ':one': N(1) } }), {
      name: 'ConditionalCheckFailedException',
    })
    t.strictSame(await client.deleteItem({ TableName, Key, ReturnValues: 'ALL_OLD' }), { Attributes: { ...Key, v: N(1) } })
    t.strictSame(await client.getItem({ TableName, Key }), {})
    await t.rejects(client.deleteItem({ TableName, Key, ConditionExpression: 'attribute_exists(pk)' }), {
      name: 'ConditionalCheckFailedException',
    })
  })
})

t.test('UpdateItem', async t => {
  const { client } = await withTables(t, HASH_AND_RANGE, INDEXED)

  t.test('refuses', async t => {
    await t.rejects(client.updateItem({ TableName: 'nope', Key }), MISSING_TABLE)
    await refuses(t, client.updateItem({ TableName, Key: { pk: S('a') } }), NO_KEY)
    await refuses(
      t,
      client.updateItem({ TableName, Key, UpdateExpression: 'SET sk = :v', ExpressionAttributeValues: { ':v': N(2) } }),
      `${INVALID}Cannot update attribute sk. This attribute is part of the key`,
    )
    await refuses(
      t,
      client.updateItem({ TableName, Key, ExpressionAttributeValues: { ':v': N(2) } }),
      'ExpressionAttributeValues can only be specified when using expressions: UpdateExpression and ConditionExpression are null',
    )
    await refuses(
      t,
      client.updateItem({ TableName, Key, UpdateExpression: 'REMOVE a', AttributeUpdates: { a: { Action: 'DELETE' } }, Expected: {} }),
      'Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {AttributeUpdates, Expected} Expression parameters: {UpdateExpression}',
    )
    await refuses(
      t,
      client.updateItem({
        TableName,
        Key,
        UpdateExpression: 'SET a = :v',
        ExpressionAttributeValues: { ':v': S('x'.repeat(400 * 1024)) },
      }),
      'Item size to update has exceeded the maximum allowed size',
    )
    await refuses(
      t,
      client.updateItem({ TableName: 'indexed', Key, UpdateExpression: 'SET gpk = :v', ExpressionAttributeValues: { ':v': N(1) } }),
      'The update expression attempted to update the secondary index key to unsupported type',
    )
    await refuses(
      t,
      client.updateItem({ TableName: 'indexed', Key, UpdateExpression: 'SET gpk = :v', ExpressionAttributeValues: { ':v': S('') } }),
      'One or more parameter values are not valid. The update expression attempted to update a secondary index key to a value that is not supported. The AttributeValue for a key attribute cannot contain an empty string value.',
    )
    t.strictSame(await client.getItem({ TableName, Key }), {}, 'nothing came of it')
  })

  t.test('behaves', async t => {
    t.strictSame(
      await client.updateItem({ TableName, Key, ReturnValues: 'ALL_NEW' }),
      { Attributes: Key },
      'without an update it makes the item',
    )
    const set = (UpdateExpression: string, ReturnValues: 'ALL_OLD' | 'ALL_NEW' | 'UPDATED_OLD' | 'UPDATED_NEW' | 'NONE') =>
      client.updateItem({ TableName, Key, UpdateExpression, ReturnValues, ExpressionAttributeValues: { ':v': N(1) } })
    t.strictSame(await set('SET a = :v', 'UPDATED_OLD'), {})
    t.strictSame(await set('SET a = a + :v', 'UPDATED_OLD'), { Attributes: { a: N(1) } })
    t.strictSame(await set('SET a = a + :v, b = :v', 'UPDATED_NEW'), { Attributes: { a: N(3), b: N(1) } })
    t.strictSame(await set('ADD a :v', 'ALL_OLD'), { Attributes: { ...Key, a: N(3), b: N(1) } })
    t.strictSame(await set('ADD a :v', 'ALL_NEW'), { Attributes: { ...Key, a: N(5), b: N(1) } })
    t.strictSame(await set('ADD a :v', 'NONE'), {})
    await client.updateItem({
      TableName,
      Key,
      UpdateExpression: 'SET m = :m',
      ExpressionAttributeValues: { ':m': { M: { x: N(1), y: N(2) } } },
    })
    t.strictSame(await set('SET m.x = :v', 'UPDATED_NEW'), { Attributes: { m: { M: { x: N(1) } } } }, 'only the part that changed')
    t.strictSame(await client.updateItem({ TableName, Key, UpdateExpression: 'REMOVE m', ReturnValues: 'UPDATED_NEW' }), {})
    await t.rejects(
      client.updateItem({
        TableName,
        Key,
        UpdateExpression: 'SET a = :v',
        ConditionExpression: 'b = :w',
        ExpressionAttributeValues: { ':v': N(1), ':w': N(9) },
      }),
      { name: 'ConditionalCheckFailedException', message: 'The conditional request failed' },
    )
  })
})

t.test('each account and region has its own tables', async t => {
  const service = await dynamo(t)
  const other = service.as({ account: '111111111111' })
  await service.client.createTable(HASH_ONLY)
  await other.createTable(HASH_ONLY)
  await service.clock.advance(0)
  await service.client.putItem({ TableName: 'simple', Item: { id: S('a') } })
  t.strictSame(await other.getItem({ TableName: 'simple', Key: { id: S('a') } }), {})
  await t.rejects(service.as({ region: 'eu-west-1' }).getItem({ TableName: 'simple', Key: { id: S('a') } }), MISSING_TABLE)
})

t.test('a reset leaves nothing', async t => {
  const service = await withTables(t, HASH_ONLY)
  await service.client.putItem({ TableName: 'simple', Item: { id: S('a') } })
  await service.reset()
  t.strictSame(await service.client.listTables({}), { TableNames: [] })
})

t.test('an item and its entries in local indexes are 400 KB together', async t => {
  const [local] = INDEXED.LocalSecondaryIndexes!
  const { client } = await withTables(t, {
    ...HASH_AND_RANGE,
    AttributeDefinitions: [...HASH_AND_RANGE.AttributeDefinitions!, { AttributeName: 'lsk', AttributeType: 'S' }],
    LocalSecondaryIndexes: [{ ...local!, Projection: { ProjectionType: 'ALL' } }],
  })
  const half = { ...Key, big: S('x'.repeat(200 * 1024)) }
  await client.putItem({ TableName, Item: half })
  const indexed = { ...half, lsk: S('b') }
  const refused = 'Item size has exceeded the maximum allowed size'
  await refuses(t, client.putItem({ TableName, Item: indexed }), refused)
  await refuses(t, client.batchWriteItem({ RequestItems: { [TableName]: [{ PutRequest: { Item: indexed } }] } }), refused)
  const update = { TableName, Key, UpdateExpression: 'SET lsk = :v', ExpressionAttributeValues: { ':v': S('b') } }
  await refuses(t, client.updateItem(update), 'Item size to update has exceeded the maximum allowed size')
  await client.updateItem({ TableName, Key, UpdateExpression: 'REMOVE big' })
  await client.updateItem(update)
})
