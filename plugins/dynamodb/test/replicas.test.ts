import t, { type Test } from 'tap'
import { dynamo, HASH_ONLY, INDEXED, N, refuses, S } from './harness.js'

const TableName = 'simple'

async function replicated(t: Test, persist = false) {
  const service = await dynamo(t, { persist })
  const { client, clock } = service
  await client.createTable(HASH_ONLY)
  await clock.advance(0)
  await client.putItem({ TableName, Item: { id: S('before') } })
  await client.updateTable({ TableName, ReplicaUpdates: [{ Create: { RegionName: 'eu-west-1' } }] })
  await clock.advance(0)
  return { ...service, client, clock, eu: service.as({ region: 'eu-west-1' }) }
}

t.test('ReplicaUpdates refuse', async t => {
  const { client } = await replicated(t)
  await refuses(
    t,
    client.updateTable({ TableName, ReplicaUpdates: [{ Create: { RegionName: 'us-east-1' } }] }),
    'One or more parameter values were invalid: Cannot add, delete, or update the local region through ReplicaUpdates. Use CreateTable, DeleteTable, or UpdateTable as required.',
  )
  await refuses(
    t,
    client.updateTable({ TableName, ReplicaUpdates: [{ Create: { RegionName: 'eu-west-1' } }] }),
    "Failed to create a the new replica of table with name: 'simple' because one or more replicas already existed as tables.",
  )
  await t.rejects(client.updateTable({ TableName, ReplicaUpdates: [{ Delete: { RegionName: 'ap-south-1' } }] }), {
    name: 'ValidationException',
  })
  await t.rejects(
    client.updateTable({ TableName, DeletionProtectionEnabled: true, ReplicaUpdates: [{ Create: { RegionName: 'ap-south-1' } }] }),
    {
      name: 'ValidationException',
    },
  )
})

t.test('a replica has what the table has, and receives every write, both ways', async t => {
  const { client, clock, eu } = await replicated(t)
  const get = async (from: typeof client, id: string) => (await from.getItem({ TableName, Key: { id: S(id) } })).Item
  t.match((await client.describeTable({ TableName })).Table, {
    GlobalTableVersion: '2019.11.21',
    Replicas: [{ RegionName: 'eu-west-1', ReplicaStatus: 'ACTIVE', ReplicaArn: 'arn:aws:dynamodb:eu-west-1:000000000000:table/simple' }],
    StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
  })
  t.match((await eu.describeTable({ TableName })).Table, {
    TableArn: 'arn:aws:dynamodb:eu-west-1:000000000000:table/simple',
    TableStatus: 'ACTIVE',
    Replicas: [{ RegionName: 'us-east-1' }],
  })
  t.ok(await get(eu, 'before'), 'items from before are copied')
  await client.putItem({ TableName, Item: { id: S('a'), v: N(1) } })
  t.strictSame(await get(eu, 'a'), { id: S('a'), v: N(1) })
  await eu.updateItem({ TableName, Key: { id: S('a') }, UpdateExpression: 'ADD v :one', ExpressionAttributeValues: { ':one': N(1) } })
  t.strictSame(await get(client, 'a'), { id: S('a'), v: N(2) })
  await client.transactWriteItems({
    TransactItems: [{ Delete: { TableName, Key: { id: S('a') } } }, { Put: { TableName, Item: { id: S('b') } } }],
  })
  t.equal(await get(eu, 'a'), undefined)
  t.ok(await get(eu, 'b'))

  await client.updateTable({
    TableName,
    ReplicaUpdates: [{ Create: { RegionName: 'ap-south-1', TableClassOverride: 'STANDARD_INFREQUENT_ACCESS' } }],
  })
  await clock.advance(0)
  t.strictSame((await eu.describeTable({ TableName })).Table!.Replicas!.map(r => r.RegionName).sort(), ['ap-south-1', 'us-east-1'])
  await client.updateTable({ TableName, ReplicaUpdates: [{ Delete: { RegionName: 'eu-west-1' } }] })
  await clock.advance(0)
  await t.rejects(eu.describeTable({ TableName }), { name: 'ResourceNotFoundException' })
  t.strictSame(
    (await client.describeTable({ TableName })).Table!.Replicas!.map(r => r.RegionName),
    ['ap-south-1'],
  )
  await client.putItem({ TableName, Item: { id: S('c') } })
})

t.test('time to live and indexes are shared, and a TTL delete is replicated as a plain one', async t => {
  const service = await replicated(t)
  const { client, clock, eu } = service
  await eu.updateTimeToLive({ TableName, TimeToLiveSpecification: { Enabled: true, AttributeName: 'expires' } })
  await clock.advance(0)
  t.match(await client.describeTimeToLive({ TableName }), { TimeToLiveDescription: { TimeToLiveStatus: 'ENABLED' } })
  await client.putItem({ TableName, Item: { id: S('a'), expires: N(Math.floor(clock.now() / 1000) + 5) } })
  await clock.advance(5000)
  const removals: (string | undefined)[] = []
  for (const region of ['us-east-1', 'eu-west-1']) {
    t.equal((await service.as({ region }).getItem({ TableName, Key: { id: S('a') } })).Item, undefined)
    const streams = service.service<typeof import('@aws-sdk/client-dynamodb-streams')>('dynamodbstreams', { region })
    const StreamArn = (await streams.listStreams({ TableName })).Streams![0]!.StreamArn
    const ShardId = (await streams.describeStream({ StreamArn })).StreamDescription!.Shards![0]!.ShardId
    const { ShardIterator } = await streams.getShardIterator({ StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' })
    const { Records } = await streams.getRecords({ ShardIterator })
    const removed = Records!.filter(r => r.eventName === 'REMOVE')
    t.equal(removed.length, 1)
    removals.push(removed[0]!.userIdentity?.PrincipalId)
  }
  t.strictSame(removals.sort(), ['dynamodb.amazonaws.com', undefined])
  await client.updateTable({
    TableName,
    AttributeDefinitions: [...HASH_ONLY.AttributeDefinitions!, { AttributeName: 'g', AttributeType: 'S' }],
    GlobalSecondaryIndexUpdates: [
      {
        Create: { IndexName: 'by-g', KeySchema: [{ AttributeName: 'g', KeyType: 'HASH' }], Projection: { ProjectionType: 'ALL' } },
      },
    ],
  })
  await clock.advance(0)
  await clock.advance(0)
  await client.putItem({ TableName, Item: { id: S('x'), g: S('1') } })
  const query = { TableName, IndexName: 'by-g', KeyConditionExpression: 'g = :g', ExpressionAttributeValues: { ':g': S('1') } }
  t.equal((await eu.query(query)).Count, 1)
})

t.test('survives a restart', async t => {
  const { client, eu, restart } = await replicated(t, true)
  await client.putItem({ TableName, Item: { id: S('a') } })
  await restart()
  t.equal((await eu.scan({ TableName })).Count, 2)
  await eu.putItem({ TableName, Item: { id: S('b') } })
  t.equal((await client.scan({ TableName })).Count, 3)
})

t.test('a table with indexes is replicated with them', async t => {
  const service = await dynamo(t)
  const { client, clock } = service
  await client.createTable(INDEXED)
  await clock.advance(0)
  await client.putItem({ TableName: 'indexed', Item: { pk: S('a'), sk: N(1), gpk: S('g') } })
  await client.updateTable({ TableName: 'indexed', ReplicaUpdates: [{ Create: { RegionName: 'eu-west-1' } }] })
  await clock.advance(0)
  const query = { TableName: 'indexed', IndexName: 'keys', KeyConditionExpression: 'gpk = :g', ExpressionAttributeValues: { ':g': S('g') } }
  t.equal((await service.as({ region: 'eu-west-1' }).query(query)).Count, 1)
})
