import type { CreateTableInput } from '@aws-sdk/client-dynamodb'
import t, { type Test } from 'tap'
import { dynamo, HASH_AND_RANGE, HASH_ONLY, refuses, S } from './harness.js'

const GlobalTableName = 'simple'
const TableName = 'simple'
const STREAMING: CreateTableInput = { ...HASH_ONLY, StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' } }
const regions = (...names: string[]) => names.map(RegionName => ({ RegionName }))

async function joined(t: Test) {
  const service = await dynamo(t)
  const { client, clock } = service
  const eu = service.as({ region: 'eu-west-1' })
  const ap = service.as({ region: 'ap-south-1' })
  for (const each of [client, eu, ap]) await each.createTable(STREAMING)
  await clock.advance(0)
  await client.createGlobalTable({ GlobalTableName, ReplicationGroup: regions('us-east-1', 'eu-west-1') })
  return { client, clock, eu, ap, service }
}

t.test('CreateGlobalTable', async t => {
  const service = await dynamo(t)
  const { client, clock } = service
  const eu = service.as({ region: 'eu-west-1' })
  const input = { GlobalTableName, ReplicationGroup: regions('us-east-1', 'eu-west-1') }

  t.test('refuses', async t => {
    await t.rejects(client.createGlobalTable(input), {
      name: 'TableNotFoundException',
      message: 'Table not found: simple in region: us-east-1',
    })
    await refuses(
      t,
      client.createGlobalTable({ GlobalTableName, ReplicationGroup: [{}] }),
      "1 validation error detected: Value null at 'replicationGroup.1.member.regionName' failed to satisfy constraint: Member must not be null",
    )
    await client.createTable(STREAMING)
    await eu.createTable({ ...HASH_AND_RANGE, TableName, StreamSpecification: STREAMING.StreamSpecification })
    await clock.advance(0)
    await t.rejects(client.createGlobalTable(input), { name: 'ValidationException', message: /the same key schema/ })
    await eu.deleteTable({ TableName })
    await clock.advance(0)
    await eu.createTable(HASH_ONLY)
    await clock.advance(0)
    await t.rejects(client.createGlobalTable(input), { name: 'ValidationException', message: /NEW_AND_OLD_IMAGES/ })
  })

  t.test('behaves: writes go both ways, with the marks of the old version', async t => {
    const { client, eu } = await joined(t)
    t.match((await client.describeTable({ TableName })).Table, { GlobalTableVersion: '2017.11.29' })
    await client.putItem({ TableName, Item: { id: S('a') } })
    const item = {
      id: S('a'),
      'aws:rep:deleting': { BOOL: false },
      'aws:rep:updateregion': S('us-east-1'),
      'aws:rep:updatetime': { N: '1767225600' },
    }
    for (const each of [client, eu]) t.strictSame((await each.getItem({ TableName, Key: { id: S('a') } })).Item, item)
    await eu.deleteItem({ TableName, Key: { id: S('a') } })
    t.equal((await client.scan({ TableName })).Count, 0)
    await t.rejects(client.createGlobalTable(input), { name: 'GlobalTableAlreadyExistsException' })
  })
})

t.test('UpdateGlobalTable, DescribeGlobalTable and ListGlobalTables', async t => {
  const { client, clock, eu, ap } = await joined(t)

  t.test('refuse', async t => {
    const missing = {
      name: 'GlobalTableNotFoundException',
      message: "Global table not found: Global table with name: 'nope' does not exist.",
    }
    await t.rejects(client.describeGlobalTable({ GlobalTableName: 'nope' }), missing)
    await t.rejects(client.updateGlobalTable({ GlobalTableName: 'nope', ReplicaUpdates: [] }), missing)
    await t.rejects(client.updateGlobalTable({ GlobalTableName, ReplicaUpdates: [{ Create: { RegionName: 'eu-west-1' } }] }), {
      name: 'ReplicaAlreadyExistsException',
    })
    await t.rejects(client.updateGlobalTable({ GlobalTableName, ReplicaUpdates: [{ Delete: { RegionName: 'ap-south-1' } }] }), {
      name: 'ReplicaNotFoundException',
    })
    await t.rejects(client.updateTable({ TableName, ReplicaUpdates: [{ Create: { RegionName: 'sa-east-1' } }] }), {
      name: 'ValidationException',
    })
  })

  t.test('behave', async t => {
    await client.updateGlobalTable({
      GlobalTableName,
      ReplicaUpdates: [{ Create: { RegionName: 'ap-south-1' } }, { Delete: { RegionName: 'eu-west-1' } }],
    })
    const { GlobalTableDescription } = await client.describeGlobalTable({ GlobalTableName })
    t.match(GlobalTableDescription, {
      GlobalTableName,
      GlobalTableStatus: 'ACTIVE',
      GlobalTableArn: 'arn:aws:dynamodb::000000000000:global-table/simple',
      ReplicationGroup: [{ RegionName: 'us-east-1' }, { RegionName: 'ap-south-1' }],
    })
    await client.putItem({ TableName, Item: { id: S('a') } })
    t.equal((await ap.scan({ TableName })).Count, 1)
    t.equal((await eu.scan({ TableName })).Count, 0, 'it is a table of its own now')
    t.strictSame((await eu.listGlobalTables({})).GlobalTables, [{ GlobalTableName, ReplicationGroup: regions('us-east-1', 'ap-south-1') }])
    t.strictSame((await client.listGlobalTables({ RegionName: 'eu-west-1' })).GlobalTables, [])
    await ap.deleteTable({ TableName })
    await clock.advance(0)
    t.strictSame((await client.listGlobalTables({})).GlobalTables![0]!.ReplicationGroup, regions('us-east-1'))
  })
})

t.test('UpdateGlobalTableSettings and DescribeGlobalTableSettings', async t => {
  const { client, clock, eu } = await joined(t)

  t.test('refuse', async t => {
    await t.rejects(client.describeGlobalTableSettings({ GlobalTableName: 'nope' }), { name: 'GlobalTableNotFoundException' })
    await t.rejects(client.updateGlobalTableSettings({ GlobalTableName, ReplicaSettingsUpdate: regions('ap-south-1') }), {
      name: 'ReplicaNotFoundException',
    })
    await refuses(
      t,
      client.updateGlobalTableSettings({
        GlobalTableName,
        GlobalTableProvisionedWriteCapacityAutoScalingSettingsUpdate: { MinimumUnits: 1, MaximumUnits: 2 },
      }),
      'Capacity and auto scaling can not be set for a global table in PAY_PER_REQUEST billing mode: simple',
    )
    await refuses(
      t,
      client.updateGlobalTableSettings({
        GlobalTableName,
        GlobalTableBillingMode: 'PROVISIONED',
        GlobalTableProvisionedWriteCapacityAutoScalingSettingsUpdate: { MinimumUnits: 3, MaximumUnits: 2 },
      }),
      'One or more parameter values were invalid: MinimumUnits must be less than or equal to MaximumUnits',
    )
    await t.rejects(
      client.updateGlobalTableSettings({ GlobalTableName, GlobalTableGlobalSecondaryIndexSettingsUpdate: [{ IndexName: 'nope' }] }),
      { name: 'IndexNotFoundException' },
    )
    await t.rejects(
      client.updateGlobalTableSettings({
        GlobalTableName,
        GlobalTableBillingMode: 'PROVISIONED',
        GlobalTableProvisionedWriteCapacityUnits: 40_001,
      }),
      { name: 'LimitExceededException' },
    )
  })

  t.test('behave', async t => {
    await client.updateGlobalTableSettings({
      GlobalTableName,
      GlobalTableBillingMode: 'PROVISIONED',
      GlobalTableProvisionedWriteCapacityUnits: 7,
      ReplicaSettingsUpdate: [{ RegionName: 'eu-west-1', ReplicaProvisionedReadCapacityUnits: 9 }],
    })
    await clock.advance(0)
    t.match((await client.describeGlobalTableSettings({ GlobalTableName })).ReplicaSettings, [
      { RegionName: 'us-east-1', ReplicaProvisionedReadCapacityUnits: 1, ReplicaProvisionedWriteCapacityUnits: 7 },
      { RegionName: 'eu-west-1', ReplicaProvisionedReadCapacityUnits: 9, ReplicaProvisionedWriteCapacityUnits: 7 },
    ])
    t.match((await eu.describeTable({ TableName })).Table, { TableStatus: 'ACTIVE', ProvisionedThroughput: { ReadCapacityUnits: 9 } })
    const going = await client.updateGlobalTableSettings({ GlobalTableName, GlobalTableProvisionedWriteCapacityUnits: 8 })
    t.match(going.ReplicaSettings, Array(2).fill({ ReplicaStatus: 'UPDATING', ReplicaProvisionedWriteCapacityUnits: 7 }))
    await clock.advance(0)
    const { ReplicaSettings } = await client.describeGlobalTableSettings({ GlobalTableName })
    t.match(ReplicaSettings, Array(2).fill({ ReplicaStatus: 'ACTIVE', ReplicaProvisionedWriteCapacityUnits: 8 }))
  })

  t.test('auto scaling settings are each member’s for reads, and the same in all for writes', async t => {
    const policy = { PolicyName: 'mine', TargetTrackingScalingPolicyConfiguration: { TargetValue: 50, ScaleInCooldown: 60 } }
    await client.updateGlobalTableSettings({
      GlobalTableName,
      GlobalTableProvisionedWriteCapacityAutoScalingSettingsUpdate: { MinimumUnits: 5, MaximumUnits: 50, ScalingPolicyUpdate: policy },
      ReplicaSettingsUpdate: [
        { RegionName: 'eu-west-1', ReplicaProvisionedReadCapacityAutoScalingSettingsUpdate: { MinimumUnits: 1, MaximumUnits: 9 } },
      ],
    })
    await clock.advance(0)
    const write = { MinimumUnits: 5, MaximumUnits: 50, AutoScalingDisabled: false, ScalingPolicies: [policy] }
    const settings = async () => (await client.describeGlobalTableSettings({ GlobalTableName })).ReplicaSettings!
    t.match(await settings(), [
      {
        ReplicaProvisionedReadCapacityAutoScalingSettings: { AutoScalingDisabled: true },
        ReplicaProvisionedWriteCapacityAutoScalingSettings: write,
      },
      {
        ReplicaProvisionedReadCapacityAutoScalingSettings: { MinimumUnits: 1, MaximumUnits: 9, ScalingPolicies: undefined },
        ReplicaProvisionedWriteCapacityAutoScalingSettings: write,
      },
    ])
    await client.updateGlobalTableSettings({
      GlobalTableName,
      GlobalTableProvisionedWriteCapacityAutoScalingSettingsUpdate: { AutoScalingDisabled: true },
    })
    await clock.advance(0)
    t.match((await settings())[1]!.ReplicaProvisionedWriteCapacityAutoScalingSettings, {
      AutoScalingDisabled: true,
      MaximumUnits: undefined,
    })
  })
})
