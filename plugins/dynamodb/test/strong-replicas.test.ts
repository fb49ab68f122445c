import type { UpdateTableInput } from '@aws-sdk/client-dynamodb'
import t, { type Test } from 'tap'
import { HASH_ONLY, INDEXED, N, refuses, S, withTables } from './harness.js'

const TableName = 'simple'
const create = (...regions: string[]) => regions.map(RegionName => ({ Create: { RegionName } }))
const remove = (...regions: string[]) => regions.map(RegionName => ({ Delete: { RegionName } }))
const THREE: UpdateTableInput = { TableName, MultiRegionConsistency: 'STRONG', ReplicaUpdates: create('us-east-2', 'us-west-2') }
const WITNESSED: UpdateTableInput = {
  TableName,
  MultiRegionConsistency: 'STRONG',
  ReplicaUpdates: create('us-east-2'),
  GlobalTableWitnessUpdates: [{ Create: { RegionName: 'us-west-2' } }],
}

async function strong(t: Test, input = THREE) {
  const service = await withTables(t, HASH_ONLY)
  const { client, clock } = service
  const made = await client.updateTable(input)
  await clock.advance(0)
  return { ...service, client, clock, made, ohio: service.as({ region: 'us-east-2' }), oregon: service.as({ region: 'us-west-2' }) }
}

t.test('MultiRegionConsistency STRONG refuses', async t => {
  const { client, clock } = await withTables(t, HASH_ONLY, INDEXED)
  const count =
    'Unsupported table replica count for global tables with MultiRegionConsistency set to STRONG: three replicas, or two replicas and one witness, are required'
  await refuses(t, client.updateTable({ ...THREE, ReplicaUpdates: create('us-east-2') }), count)
  await refuses(t, client.updateTable({ ...WITNESSED, ReplicaUpdates: create('us-east-2', 'us-west-2') }), count)
  await refuses(
    t,
    client.updateTable({ ...THREE, ReplicaUpdates: create('us-east-2', 'eu-west-1') }),
    'Unsupported Regions for global tables with MultiRegionConsistency set to STRONG: replicas and witness must be within the same Region set: us-east-1, us-east-2, eu-west-1',
  )
  for (const region of ['us-east-1', 'us-east-2']) {
    await refuses(
      t,
      client.updateTable({ ...WITNESSED, GlobalTableWitnessUpdates: [{ Create: { RegionName: region } }] }),
      'Each replica and witness of a global table must be in a Region of its own',
    )
  }
  await refuses(
    t,
    client.updateTable({ ...WITNESSED, GlobalTableWitnessUpdates: [{}] }),
    'Each GlobalTableWitnessUpdate must have exactly one of Create and Delete',
  )
  await refuses(
    t,
    client.updateTable({ TableName, MultiRegionConsistency: 'STRONG' }),
    'MultiRegionConsistency can only be specified when creating a new global table',
  )
  await refuses(
    t,
    client.updateTable({ ...WITNESSED, MultiRegionConsistency: 'EVENTUAL' }),
    'Witnesses are only supported for global tables with MultiRegionConsistency set to STRONG',
  )
  await refuses(
    t,
    client.updateTable({ ...THREE, TableName: 'indexed' }),
    'Local secondary indexes are not supported for global tables with MultiRegionConsistency set to STRONG',
  )
  const TimeToLiveSpecification = { Enabled: true, AttributeName: 'expires' }
  await client.updateTimeToLive({ TableName, TimeToLiveSpecification })
  await refuses(t, client.updateTable(THREE), 'Time to live is not supported for global tables with MultiRegionConsistency set to STRONG')
  await client.putItem({ TableName, Item: { id: S('a') } })
  await refuses(
    t,
    client.updateTable(THREE),
    'The table must be empty to be converted to global tables with MultiRegionConsistency set to STRONG: simple',
  )
  await client.updateTable({ TableName, ReplicaUpdates: create('us-east-2') })
  await clock.advance(0)
  await refuses(
    t,
    client.updateTable({ ...THREE, ReplicaUpdates: create('us-west-2') }),
    'MultiRegionConsistency can only be specified when creating a new global table',
  )
})

t.test('three replicas have every write at once, whichever region it was made in', async t => {
  const { client, ohio, oregon, made } = await strong(t)
  t.match(made.TableDescription, {
    TableStatus: 'UPDATING',
    MultiRegionConsistency: 'STRONG',
    Replicas: [{ ReplicaStatus: 'CREATING' }, { ReplicaStatus: 'CREATING' }],
  })
  const { Table } = await oregon.describeTable({ TableName })
  t.match(Table, {
    TableStatus: 'ACTIVE',
    GlobalTableVersion: '2019.11.21',
    MultiRegionConsistency: 'STRONG',
    Replicas: [{ RegionName: 'us-east-1', ReplicaStatus: 'ACTIVE' }, { RegionName: 'us-east-2' }],
  })
  t.equal(Table!.LatestStreamArn, undefined, 'it is replicated without streams')
  t.equal(Table!.GlobalTableWitnesses, undefined)
  await client.putItem({ TableName, Item: { id: S('a'), n: N(1) } })
  const add = { TableName, Key: { id: S('a') }, UpdateExpression: 'ADD n :one', ExpressionAttributeValues: { ':one': N(1) } }
  for (const region of [ohio, oregon, client]) await region.updateItem(add)
  for (const region of [ohio, oregon, client]) {
    t.strictSame((await region.getItem({ TableName, Key: { id: S('a') }, ConsistentRead: true })).Item, { id: S('a'), n: N(4) })
  }
  await t.rejects(
    oregon.putItem({ TableName, Item: { id: S('a') }, ConditionExpression: 'n = :n', ExpressionAttributeValues: { ':n': N(3) } }),
    {
      name: 'ConditionalCheckFailedException',
    },
  )
})

t.test('it has no transactions, no time to live and no change of its members', async t => {
  const { client, oregon } = await strong(t)
  const message = 'Transactions are not supported for global tables with MultiRegionConsistency set to STRONG: simple'
  await refuses(t, client.transactWriteItems({ TransactItems: [{ Put: { TableName, Item: { id: S('a') } } }] }), message)
  await refuses(t, oregon.transactGetItems({ TransactItems: [{ Get: { TableName, Key: { id: S('a') } } }] }), message)
  await refuses(t, client.executeTransaction({ TransactStatements: [{ Statement: "SELECT * FROM simple WHERE id = 'a'" }] }), message)
  await refuses(
    t,
    oregon.updateTimeToLive({ TableName, TimeToLiveSpecification: { Enabled: true, AttributeName: 'x' } }),
    'Time to live is not supported for global tables with MultiRegionConsistency set to STRONG',
  )
  for (const input of [{ ReplicaUpdates: create('us-west-1') }, { GlobalTableWitnessUpdates: [{ Create: { RegionName: 'us-west-1' } }] }]) {
    await refuses(
      t,
      client.updateTable({ TableName, ...input }),
      'Replicas and witnesses can not be added to global tables with MultiRegionConsistency set to STRONG after their creation',
    )
  }
  await refuses(
    t,
    client.updateTable({ TableName, ReplicaUpdates: remove('us-east-2') }),
    'A single replica or witness can not be deleted from global tables with MultiRegionConsistency set to STRONG: both other replicas must be deleted together',
  )
  await refuses(
    t,
    oregon.deleteTable({ TableName }),
    'A single replica can not be deleted from global tables with MultiRegionConsistency set to STRONG: simple',
  )
})

t.test('both other replicas go together, and leave a table of one region', async t => {
  const { client, clock, ohio, oregon } = await strong(t)
  await client.putItem({ TableName, Item: { id: S('a') } })
  const gone = await ohio.updateTable({ TableName, ReplicaUpdates: remove('us-east-1', 'us-west-2') })
  t.match(gone.TableDescription!.Replicas, [{ ReplicaStatus: 'DELETING' }, { ReplicaStatus: 'DELETING' }])
  await clock.advance(0)
  for (const region of [client, oregon]) await t.rejects(region.describeTable({ TableName }), { name: 'ResourceNotFoundException' })
  const { Table } = await ohio.describeTable({ TableName })
  t.match(Table, { TableStatus: 'ACTIVE', ItemCount: 1, MultiRegionConsistency: undefined, Replicas: undefined })
  await ohio.transactWriteItems({ TransactItems: [{ Delete: { TableName, Key: { id: S('a') } } }] })
  await ohio.deleteTable({ TableName })
})

t.test('a witness stands in for a third replica, has no table, and goes together with the other replica', async t => {
  const { client, clock, ohio, oregon, made } = await strong(t, WITNESSED)
  t.match(made.TableDescription, { GlobalTableWitnesses: [{ RegionName: 'us-west-2', WitnessStatus: 'CREATING' }] })
  for (const region of [client, ohio]) {
    t.match((await region.describeTable({ TableName })).Table, {
      MultiRegionConsistency: 'STRONG',
      GlobalTableWitnesses: [{ RegionName: 'us-west-2', WitnessStatus: 'ACTIVE' }],
      Replicas: [{ ReplicaStatus: 'ACTIVE' }],
    })
  }
  await t.rejects(oregon.putItem({ TableName, Item: { id: S('a') } }), { name: 'ResourceNotFoundException' })
  await client.putItem({ TableName, Item: { id: S('a') } })
  t.equal((await ohio.scan({ TableName })).Count, 1)
  const witness = (RegionName: string) => [{ Delete: { RegionName } }]
  const together =
    'A single replica or witness can not be deleted from global tables with MultiRegionConsistency set to STRONG: the other replica and the witness must be deleted together'
  await refuses(t, client.updateTable({ TableName, ReplicaUpdates: remove('us-east-2') }), together)
  await refuses(t, client.updateTable({ TableName, GlobalTableWitnessUpdates: witness('us-west-2') }), together)
  await refuses(
    t,
    client.updateTable({ TableName, ReplicaUpdates: remove('us-east-2'), GlobalTableWitnessUpdates: witness('us-west-1') }),
    'The witness is not part of the global table: us-west-1',
  )
  const gone = await client.updateTable({
    TableName,
    ReplicaUpdates: remove('us-east-2'),
    GlobalTableWitnessUpdates: witness('us-west-2'),
  })
  t.match(gone.TableDescription, { GlobalTableWitnesses: [{ WitnessStatus: 'DELETING' }], Replicas: [{ ReplicaStatus: 'DELETING' }] })
  await clock.advance(0)
  const { Table } = await client.describeTable({ TableName })
  t.match(Table, { GlobalTableWitnesses: undefined, MultiRegionConsistency: undefined, Replicas: undefined, ItemCount: 1 })
})
