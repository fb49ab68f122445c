import type { CreateTableInput } from '@aws-sdk/client-dynamodb'
import t, { type Test } from 'tap'
import { dynamo, HASH_ONLY, N, S } from './harness.js'

const TableName = 'simple'
const arn = 'arn:aws:dynamodb:us-east-1:000000000000:table/simple'
const Key = (id: string) => ({ id: S(id) })
const provisioned = (ReadCapacityUnits: number, WriteCapacityUnits: number) => ({
  BillingMode: 'PROVISIONED' as const,
  ProvisionedThroughput: { ReadCapacityUnits, WriteCapacityUnits },
})
/** Two read units, three write units; an index on `g` with one write unit. */
const TABLE: CreateTableInput = {
  ...HASH_ONLY,
  ...provisioned(2, 3),
  AttributeDefinitions: [...HASH_ONLY.AttributeDefinitions!, { AttributeName: 'g', AttributeType: 'S' }],
  GlobalSecondaryIndexes: [
    {
      IndexName: 'by-g',
      KeySchema: [{ AttributeName: 'g', KeyType: 'HASH' }],
      Projection: { ProjectionType: 'ALL' },
      ProvisionedThroughput: { ReadCapacityUnits: 1, WriteCapacityUnits: 1 },
    },
  ],
}

async function enforced(t: Test, table = TABLE) {
  const service = await dynamo(t, { config: { dynamodbEnforceThroughput: true } })
  const { client, clock } = service
  await client.createTable(table)
  await clock.advance(0)
  const put = (id: string, rest = {}) => client.putItem({ TableName, Item: { id: S(id), ...rest } })
  /** Uses up the writes that there are. */
  const exhaust = async (writes = 3) => {
    for (let i = 0; i < writes; i++) await put(`filler${i}`)
  }
  return { client, clock, put, exhaust }
}

const TABLE_EXCEEDED = {
  name: 'ProvisionedThroughputExceededException',
  message:
    'The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level with the UpdateTable API.',
}
const WRITES_EXCEEDED = {
  ...TABLE_EXCEEDED,
  fields: { ThrottlingReasons: [{ reason: 'TableWriteProvisionedThroughputExceeded', resource: arn }] },
}
const INDEX_EXCEEDED = {
  name: 'ProvisionedThroughputExceededException',
  message:
    'The level of configured provisioned throughput for one or more global secondary indexes of the table was exceeded. Consider increasing your provisioning level for the under-provisioned global secondary indexes with the UpdateTable API.',
}

t.test('nothing is throttled unless it is asked for', async t => {
  const { client, clock } = await dynamo(t)
  await client.createTable(TABLE)
  await clock.advance(0)
  for (let i = 0; i < 50; i++) await client.putItem({ TableName, Item: { ...Key(`${i}`), g: S('g') } })
  t.pass()
})

t.test('single writes beyond what is provisioned are throttled until the next second', async t => {
  const { client, clock, put, exhaust } = await enforced(t)
  await exhaust()
  await t.rejects(put('a'), WRITES_EXCEEDED)
  await t.rejects(client.deleteItem({ TableName, Key: Key('a') }), WRITES_EXCEEDED)
  await t.rejects(
    client.updateItem({
      TableName,
      Key: Key('a'),
      UpdateExpression: 'SET v = :v',
      ConditionExpression: 'attribute_exists(nope)',
      ExpressionAttributeValues: { ':v': N(1) },
    }),
    WRITES_EXCEEDED,
    'before the condition is looked at',
  )
  await t.rejects(client.executeStatement({ Statement: "INSERT INTO simple VALUE {'id': 'a'}" }), WRITES_EXCEEDED)
  t.match(await client.batchExecuteStatement({ Statements: [{ Statement: "INSERT INTO simple VALUE {'id': 'a'}" }] }), {
    Responses: [{ Error: { Code: 'ProvisionedThroughputExceeded' } }],
  })
  await clock.advance(1000)
  await put('a')
  t.equal((await client.getItem({ TableName, Key: Key('a'), ConsistentRead: true })).Item!.id!.S, 'a')
})

t.test('a write that takes more than is there is paid back before the next, and one whose condition fails is paid too', async t => {
  const { clock, put, client, exhaust } = await enforced(t)
  await put('large', { v: S('x'.repeat(8 * 1024)) })
  await clock.advance(2000)
  await t.rejects(put('a'), WRITES_EXCEEDED, 'nine units are the work of three seconds')
  await clock.advance(1000)
  await exhaust(3)
  await clock.advance(1000)
  const fails = () => client.putItem({ TableName, Item: Key('filler0'), ConditionExpression: 'attribute_not_exists(id)' })
  for (let i = 0; i < 3; i++) await t.rejects(fails(), { name: 'ConditionalCheckFailedException' })
  await t.rejects(fails(), WRITES_EXCEEDED)
  await clock.advance(1000)
  for (let i = 0; i < 3; i++) {
    await t.rejects(client.executeStatement({ Statement: "INSERT INTO simple VALUE {'id': 'filler0'}" }), {
      name: 'DuplicateItemException',
    })
  }
  await t.rejects(put('a'), WRITES_EXCEEDED)
})

t.test('what isn’t used is kept for five minutes', async t => {
  const { clock, put } = await enforced(t)
  await clock.advance(24 * 60 * 60 * 1000)
  for (let i = 0; i < 300 * 3; i++) await put(`${i}`)
  await t.rejects(put('a'), WRITES_EXCEEDED)
})

t.test('reads are throttled for themselves, and cost half when they needn’t be consistent', async t => {
  const { client, put } = await enforced(t)
  await put('a')
  const exceeded = {
    ...TABLE_EXCEEDED,
    fields: { ThrottlingReasons: [{ reason: 'TableReadProvisionedThroughputExceeded', resource: arn }] },
  }
  const get = (ConsistentRead: boolean) => client.getItem({ TableName, Key: Key('a'), ConsistentRead })
  await get(true)
  await get(false)
  await get(false)
  await t.rejects(get(false), exceeded)
  await t.rejects(client.scan({ TableName }), exceeded)
  await t.rejects(client.executeStatement({ Statement: "SELECT * FROM simple WHERE id = 'a'" }), exceeded)
  const query = { TableName, KeyConditionExpression: 'id = :a', ExpressionAttributeValues: { ':a': S('a') } }
  await t.rejects(client.query(query), exceeded)
  const byIndex = { TableName, IndexName: 'by-g', KeyConditionExpression: 'g = :a', ExpressionAttributeValues: { ':a': S('a') } }
  await client.query(byIndex)
  await client.query(byIndex)
  await t.rejects(client.query(byIndex), {
    ...INDEX_EXCEEDED,
    fields: { ThrottlingReasons: [{ reason: 'IndexReadProvisionedThroughputExceeded', resource: `${arn}/index/by-g` }] },
  })
})

t.test('a write that a global index can’t take is throttled, others are not', async t => {
  const { client, put } = await enforced(t)
  await put('a', { g: S('g') })
  await t.rejects(put('b', { g: S('g') }), {
    ...INDEX_EXCEEDED,
    fields: { ThrottlingReasons: [{ reason: 'IndexWriteProvisionedThroughputExceeded', resource: `${arn}/index/by-g` }] },
  })
  await put('b')
  t.equal((await client.scan({ TableName, ConsistentRead: true })).Items!.find(item => item.g)!.id!.S, 'a')
})

t.test('batches leave what they can’t do, and are throttled when that is all', async t => {
  const { client, clock } = await enforced(t)
  const request = (id: string) => ({ PutRequest: { Item: Key(id) } })
  const write = (...ids: string[]) => client.batchWriteItem({ RequestItems: { [TableName]: ids.map(request) } })
  t.strictSame(await write('a', 'b', 'c', 'd', 'e'), { UnprocessedItems: { [TableName]: [request('d'), request('e')] } })
  await t.rejects(write('d', 'e'), WRITES_EXCEEDED)
  const read = () => client.batchGetItem({ RequestItems: { [TableName]: { Keys: ['a', 'b', 'c', 'd'].map(Key), ConsistentRead: true } } })
  t.match(await read(), {
    Responses: { [TableName]: [Key('a'), Key('b')] },
    UnprocessedKeys: { [TableName]: { Keys: [Key('c'), Key('d')], ConsistentRead: true } },
  })
  await t.rejects(read(), TABLE_EXCEEDED)
  await clock.advance(1000)
  t.strictSame(await write('d', 'e'), { UnprocessedItems: {} })
})

t.test('transactions take twice as much, and are cancelled with the reason', async t => {
  const { client, clock, exhaust } = await enforced(t)
  const puts = (...ids: string[]) => ({ TransactItems: ids.map(id => ({ Put: { TableName, Item: Key(id) } })) })
  const reason = { Code: 'ProvisionedThroughputExceeded', Message: TABLE_EXCEEDED.message }
  await t.rejects(client.transactWriteItems(puts('a', 'b', 'c')), {
    name: 'TransactionCanceledException',
    message: 'Transaction cancelled, please refer cancellation reasons for specific reasons [None, None, ProvisionedThroughputExceeded]',
    fields: { CancellationReasons: [{ Code: 'None' }, { Code: 'None' }, reason] },
  })
  await clock.advance(2000)
  await client.transactWriteItems(puts('a'))
  const read = () => client.transactGetItems({ TransactItems: [{ Get: { TableName, Key: Key('a') } }] })
  await clock.advance(1000)
  for (let i = 0; i < 4; i++) await read()
  await t.rejects(read(), { name: 'TransactionCanceledException', fields: { CancellationReasons: [reason] } })
  await clock.advance(1000)
  await exhaust(9)
  await t.rejects(client.executeTransaction({ TransactStatements: [{ Statement: "INSERT INTO simple VALUE {'id': 'z'}" }] }), {
    name: 'TransactionCanceledException',
    fields: { CancellationReasons: [reason] },
  })
})

t.test('an on-demand table is throttled at the most that it was given, and not without', async t => {
  const { client, clock, put } = await enforced(t, { ...HASH_ONLY, OnDemandThroughput: { MaxWriteRequestUnits: 2 } })
  const exceeded = {
    name: 'ThrottlingException',
    message: 'Throughput exceeds the maximum OnDemandThroughput configured on table or index',
    fields: { throttlingReasons: [{ reason: 'TableWriteMaxOnDemandThroughputExceeded', resource: arn }] },
  }
  await clock.advance(60_000)
  await put('a')
  await put('b')
  await t.rejects(put('c'), exceeded, 'nothing is saved up')
  await t.rejects(client.transactWriteItems({ TransactItems: [{ Put: { TableName, Item: Key('c') } }] }), {
    name: 'TransactionCanceledException',
    fields: { CancellationReasons: [{ Code: 'ThrottlingError' }] },
  })
  for (let i = 0; i < 50; i++) await client.getItem({ TableName, Key: Key('a') })
  await client.updateTable({ TableName, OnDemandThroughput: { MaxWriteRequestUnits: -1 } })
  await clock.advance(0)
  for (let i = 0; i < 50; i++) await put('c')
})
