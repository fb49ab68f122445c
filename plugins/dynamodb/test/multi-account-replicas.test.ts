import type { CreateTableInput } from '@aws-sdk/client-dynamodb'
import t, { type Test } from 'tap'
import { dynamo, HASH_ONLY, refuses, S } from './harness.js'

const TableName = 'simple'
const OTHER = '222222222222'
const THIRD = '333333333333'
const sourceArn = 'arn:aws:dynamodb:us-east-1:000000000000:table/simple'
const replicaArn = (account: string, region: string) => `arn:aws:dynamodb:${region}:${account}:table/simple`
const REPLICATE = {
  Effect: 'Allow',
  Principal: { Service: 'replication.dynamodb.amazonaws.com' },
  Action: ['dynamodb:ReadDataForReplication', 'dynamodb:WriteDataForReplication', 'dynamodb:ReplicateSettings'],
  Resource: '*',
}
const ASSOCIATE = { Effect: 'Allow', Principal: { AWS: [OTHER, THIRD] }, Action: 'dynamodb:AssociateTableReplica', Resource: sourceArn }
const policy = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement })
const REPLICA: CreateTableInput = {
  TableName,
  GlobalTableSourceArn: sourceArn,
  GlobalTableSettingsReplicationMode: 'ENABLED',
  ResourcePolicy: policy(REPLICATE),
}

/** A table that may get replicas in other accounts. */
async function source(t: Test, persist = false) {
  const service = await dynamo(t, { persist })
  const { client, clock } = service
  await client.createTable({ ...HASH_ONLY, ResourcePolicy: policy(REPLICATE, ASSOCIATE) })
  await clock.advance(0)
  await client.updateTable({ TableName, GlobalTableSettingsReplicationMode: 'ENABLED' })
  await clock.advance(0)
  await client.putItem({ TableName, Item: { id: S('before') } })
  return { ...service, client, clock, theirs: service.as({ account: OTHER, region: 'eu-west-1' }) }
}

t.test('GlobalTableSourceArn and GlobalTableSettingsReplicationMode refuse', async t => {
  const { client, clock, theirs, as } = await source(t)
  await refuses(
    t,
    theirs.createTable({ ...REPLICA, GlobalTableSettingsReplicationMode: 'ENABLED_WITH_OVERRIDES' }),
    'GlobalTableSettingsReplicationMode must be ENABLED to create a replica of a multi-account global table',
  )
  await refuses(
    t,
    theirs.createTable({ ...REPLICA, KeySchema: HASH_ONLY.KeySchema }),
    'A replica has the settings of its source table: KeySchema cannot be specified with GlobalTableSourceArn',
  )
  await refuses(t, theirs.createTable({ ...REPLICA, TableName: 'other' }), 'The replicas of a global table must have the same name')
  await refuses(
    t,
    as({ account: OTHER, region: 'us-east-1' }).createTable(REPLICA),
    'Each replica of a global table must be in a Region of its own',
  )
  await refuses(
    t,
    as({ region: 'eu-west-1' }).createTable(REPLICA),
    'Each replica of a multi-account global table must be in an account of its own',
  )
  await refuses(
    t,
    client.createTable({ ...HASH_ONLY, TableName: 'second', GlobalTableSettingsReplicationMode: 'ENABLED' }),
    'GlobalTableSettingsReplicationMode can only be specified together with GlobalTableSourceArn',
  )
  await refuses(
    t,
    client.updateTable({ TableName, GlobalTableSettingsReplicationMode: 'ENABLED_WITH_OVERRIDES' }),
    'GlobalTableSettingsReplicationMode can only be set to ENABLED or DISABLED',
  )
  await refuses(
    t,
    client.updateTable({ TableName, ReplicaUpdates: [{ Create: { RegionName: 'eu-west-1' } }] }),
    'The replicas of a multi-account global table are created, updated and deleted in their own accounts',
  )
  await t.rejects(as({ account: '444444444444', region: 'eu-west-1' }).createTable(REPLICA), {
    name: 'AccessDeniedException',
    message: `User: arn:aws:iam::444444444444:root is not authorized to perform: dynamodb:AssociateTableReplica on resource: ${sourceArn} because no resource-based policy allows the dynamodb:AssociateTableReplica action`,
  })
  await t.rejects(theirs.createTable({ ...REPLICA, ResourcePolicy: policy({ ...REPLICATE, Action: 'dynamodb:ReadDataForReplication' }) }), {
    name: 'AccessDeniedException',
    message:
      /^User: replication.dynamodb.amazonaws.com is not authorized to perform: dynamodb:WriteDataForReplication on resource: arn:aws:dynamodb:eu-west-1:222222222222:table\/simple/,
  })
  await client.updateTable({ TableName, GlobalTableSettingsReplicationMode: 'DISABLED' })
  await clock.advance(0)
  t.equal((await client.describeTable({ TableName })).Table!.GlobalTableSettingsReplicationMode, 'DISABLED')
  await refuses(t, theirs.createTable(REPLICA), `GlobalTableSettingsReplicationMode of the source table is not ENABLED: ${sourceArn}`)
  await t.rejects(theirs.describeTable({ TableName }), { name: 'ResourceNotFoundException' }, 'nothing was made')
})

t.test('a replica in another account has what the source has, and receives every write, both ways', async t => {
  const { client, clock, theirs, as, restart } = await source(t, true)
  const made = await theirs.createTable({ ...REPLICA, DeletionProtectionEnabled: true, Tags: [{ Key: 'k', Value: 'v' }] })
  t.match(made.TableDescription, { TableArn: replicaArn(OTHER, 'eu-west-1'), DeletionProtectionEnabled: true, TableStatus: 'CREATING' })
  await clock.advance(0)
  const third = as({ account: THIRD, region: 'ap-south-1' })
  await third.createTable(REPLICA)
  await clock.advance(0)
  t.match((await client.describeTable({ TableName })).Table, {
    GlobalTableSettingsReplicationMode: 'ENABLED',
    GlobalTableVersion: '2019.11.21',
    Replicas: [
      { RegionName: 'eu-west-1', ReplicaArn: replicaArn(OTHER, 'eu-west-1') },
      { RegionName: 'ap-south-1', ReplicaArn: replicaArn(THIRD, 'ap-south-1') },
    ],
  })
  t.strictSame((await theirs.describeTable({ TableName })).Table!.Replicas!.map(r => r.ReplicaArn).sort(), [
    replicaArn(THIRD, 'ap-south-1'),
    sourceArn,
  ])
  t.equal((await theirs.getResourcePolicy({ ResourceArn: replicaArn(OTHER, 'eu-west-1') })).Policy, REPLICA.ResourcePolicy)
  t.match(await theirs.listTagsOfResource({ ResourceArn: replicaArn(OTHER, 'eu-west-1') }), { Tags: [{ Key: 'k', Value: 'v' }] })
  await restart()
  await theirs.putItem({ TableName, Item: { id: S('a') } })
  for (const member of [client, theirs, third]) t.equal((await member.scan({ TableName })).Count, 2)
  await third.updateTimeToLive({ TableName, TimeToLiveSpecification: { Enabled: true, AttributeName: 'expires' } })
  await clock.advance(0)
  t.match(await client.describeTimeToLive({ TableName }), { TimeToLiveDescription: { TimeToLiveStatus: 'ENABLED' } })

  const changed = { name: 'NotImplemented', message: /permission to replicate/ }
  await t.rejects(theirs.deleteResourcePolicy({ ResourceArn: replicaArn(OTHER, 'eu-west-1') }), changed)
  await t.rejects(client.putResourcePolicy({ ResourceArn: sourceArn, Policy: policy(ASSOCIATE) }), changed)
  await client.putResourcePolicy({ ResourceArn: sourceArn, Policy: policy(REPLICATE) })
  await refuses(
    t,
    client.updateTable({ TableName, GlobalTableSettingsReplicationMode: 'DISABLED' }),
    'GlobalTableSettingsReplicationMode can only be changed for a regional table',
  )
  await third.deleteTable({ TableName })
  await clock.advance(0)
  t.strictSame(
    (await theirs.describeTable({ TableName })).Table!.Replicas!.map(r => r.RegionName),
    ['us-east-1'],
  )
  await client.putItem({ TableName, Item: { id: S('b') } })
  t.equal((await theirs.scan({ TableName })).Count, 3)
})

t.test('global tables of one account have overrides', async t => {
  const { client, clock } = await dynamo(t)
  await client.createTable(HASH_ONLY)
  await clock.advance(0)
  t.equal((await client.describeTable({ TableName })).Table!.GlobalTableSettingsReplicationMode, undefined)
  await client.updateTable({ TableName, ReplicaUpdates: [{ Create: { RegionName: 'eu-west-1' } }] })
  await clock.advance(0)
  t.equal((await client.describeTable({ TableName })).Table!.GlobalTableSettingsReplicationMode, 'ENABLED_WITH_OVERRIDES')
})
