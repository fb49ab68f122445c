import { AwsError, definePlugin, forService } from '@ministack/gateway'
import t from 'tap'
import { dynamo, HASH_AND_RANGE, HASH_ONLY, INDEXED, N, refuses, S, withTables } from './harness.js'

const TableName = 'simple'
const NO_TABLE = { name: 'ResourceNotFoundException', message: 'Requested resource not found: Table: nope not found' }
const arn = 'arn:aws:dynamodb:us-east-1:000000000000:table/simple'
const OTHER = '111111111111'

function policy(Effect: 'Allow' | 'Deny', Action: string, Principal: unknown = { AWS: OTHER }): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect, Principal, Action, Resource: arn }] })
}

t.test('PutResourcePolicy, GetResourcePolicy and DeleteResourcePolicy', async t => {
  const service = await withTables(t, HASH_ONLY)
  const { client } = service

  t.test('refuse', async t => {
    const missing = { name: 'PolicyNotFoundException', message: `Resource-based policy not found for the provided ResourceArn: ${arn}` }
    await t.rejects(client.getResourcePolicy({ ResourceArn: arn }), missing)
    await t.rejects(client.deleteResourcePolicy({ ResourceArn: arn, ExpectedRevisionId: '1' }), missing)
    await t.rejects(client.putResourcePolicy({ ResourceArn: arn, Policy: policy('Allow', '*'), ExpectedRevisionId: '1' }), missing)
    await refuses(
      t,
      client.putResourcePolicy({ ResourceArn: arn, Policy: '{' }),
      'Invalid policy document: This policy contains invalid Json',
    )
    await t.rejects(client.putResourcePolicy({ ResourceArn: `${arn}x`, Policy: policy('Allow', '*') }), {
      name: 'ResourceNotFoundException',
    })
    await t.rejects(client.putResourcePolicy({ ResourceArn: arn, Policy: policy('Deny', 'dynamodb:*', '*') }), {
      name: 'ValidationException',
    })
  })

  t.test('behave: another account gets in, and a deny shuts out', async t => {
    const other = service.as({ account: OTHER })
    const read = () => other.getItem({ TableName: arn, Key: { id: S('a') } })
    const write = () => other.putItem({ TableName: arn, Item: { id: S('b') } })
    await client.putItem({ TableName, Item: { id: S('a') } })
    await t.rejects(read(), { name: 'AccessDeniedException' })
    const Policy = policy('Allow', 'dynamodb:GetItem')
    const { RevisionId } = await client.putResourcePolicy({ ResourceArn: arn, Policy, ExpectedRevisionId: 'NO_POLICY' })
    t.strictSame(await client.getResourcePolicy({ ResourceArn: arn }), { Policy, RevisionId })
    t.strictSame((await read()).Item, { id: S('a') })
    await t.rejects(write(), { name: 'AccessDeniedException' })
    await client.putResourcePolicy({ ResourceArn: arn, Policy: policy('Allow', 'dynamodb:*') })
    await write()
    t.strictSame((await client.getItem({ TableName, Key: { id: S('b') } })).Item, { id: S('b') }, 'it is written in the owner account')
    await client.putResourcePolicy({ ResourceArn: arn, Policy: policy('Deny', 'dynamodb:PutItem', '*') })
    await t.rejects(client.putItem({ TableName, Item: { id: S('c') } }), {
      name: 'AccessDeniedException',
      message:
        'User: arn:aws:iam::000000000000:root is not authorized to perform: dynamodb:PutItem on resource: arn:aws:dynamodb:us-east-1:000000000000:table/simple with an explicit deny in a resource-based policy',
    })
    t.ok((await client.deleteResourcePolicy({ ResourceArn: arn })).RevisionId)
    t.strictSame(await client.deleteResourcePolicy({ ResourceArn: arn }), {})
    await client.putItem({ TableName, Item: { id: S('c') } })
    await t.rejects(read(), { name: 'AccessDeniedException' })
  })

  t.test('a stream has a policy of its own', async t => {
    const StreamSpecification = { StreamEnabled: true, StreamViewType: 'KEYS_ONLY' as const }
    const { TableDescription } = await client.createTable({ ...HASH_ONLY, TableName: 'streaming', StreamSpecification })
    const StreamArn = TableDescription!.LatestStreamArn!
    const theirs = service.service<typeof import('@aws-sdk/client-dynamodb-streams')>('dynamodbstreams', { account: OTHER })
    await t.rejects(theirs.describeStream({ StreamArn }), { name: 'AccessDeniedException' })
    const Policy = policy('Allow', 'dynamodb:DescribeStream').replace(arn, StreamArn)
    await client.putResourcePolicy({ ResourceArn: StreamArn, Policy })
    t.equal((await client.getResourcePolicy({ ResourceArn: StreamArn })).Policy, Policy)
    t.match((await theirs.describeStream({ StreamArn })).StreamDescription, { StreamArn, StreamStatus: 'ENABLED' })
  })

  t.test('CreateTable takes a policy', async t => {
    const Policy = policy('Allow', 'dynamodb:GetItem').replaceAll('simple', 'second')
    await client.createTable({ ...HASH_ONLY, TableName: 'second', ResourcePolicy: Policy })
    t.equal((await client.getResourcePolicy({ ResourceArn: arn.replace('simple', 'second') })).Policy, Policy)
  })
})

t.test('UpdateContributorInsights, DescribeContributorInsights and ListContributorInsights', async t => {
  const { client, clock } = await withTables(t, INDEXED, HASH_ONLY)
  const ContributorInsightsAction = 'ENABLE'

  t.test('refuse', async t => {
    await t.rejects(client.updateContributorInsights({ TableName: 'nope', ContributorInsightsAction }), NO_TABLE)
    await t.rejects(client.describeContributorInsights({ TableName, IndexName: 'nope' }), {
      name: 'ResourceNotFoundException',
      message: 'Requested resource not found: Index: nope not found',
    })
    await refuses(t, client.listContributorInsights({ NextToken: 'x' }), 'Invalid NextToken')
  })

  t.test('behave', async t => {
    t.strictSame(await client.describeContributorInsights({ TableName }), { TableName, ContributorInsightsStatus: 'DISABLED' })
    t.match(await client.updateContributorInsights({ TableName, ContributorInsightsAction }), { ContributorInsightsStatus: 'ENABLING' })
    t.match(await client.describeContributorInsights({ TableName }), {
      ContributorInsightsStatus: 'ENABLED',
      ContributorInsightsRuleList: [/^DynamoDBContributorInsights-PKC-simple-\d+$/, /PKT/],
      LastUpdateDateTime: clock.date(),
    })
    await client.updateContributorInsights({ TableName, ContributorInsightsAction, ContributorInsightsMode: 'THROTTLED_KEYS' })
    const throttled = await client.describeContributorInsights({ TableName })
    t.match(throttled, { ContributorInsightsMode: 'THROTTLED_KEYS', ContributorInsightsRuleList: [/-PKT-/] })
    t.equal(throttled.ContributorInsightsRuleList!.length, 1)
    await client.updateContributorInsights({ TableName, ContributorInsightsAction: 'DISABLE' })
    t.match(await client.updateContributorInsights({ TableName, ContributorInsightsAction }), { ContributorInsightsMode: 'THROTTLED_KEYS' })
    await clock.advance(1000)
    await client.updateContributorInsights({ TableName: 'indexed', IndexName: 'all', ContributorInsightsAction })
    const { ContributorInsightsRuleList } = await client.describeContributorInsights({ TableName: 'indexed', IndexName: 'all' })
    const enabledAt = clock.now()
    t.strictSame(
      ContributorInsightsRuleList,
      ['PKC', 'SKC', 'PKT', 'SKT'].map(kind => `DynamoDBContributorInsights-${kind}-indexed-all-${enabledAt}`),
    )
    const first = await client.listContributorInsights({ MaxResults: 1 })
    t.match(first.ContributorInsightsSummaries, [{ TableName: 'indexed', IndexName: 'all', ContributorInsightsStatus: 'ENABLED' }])
    const second = await client.listContributorInsights({ MaxResults: 1, NextToken: first.NextToken })
    t.match(second, { ContributorInsightsSummaries: [{ TableName }] })
    t.equal(second.NextToken, undefined)
  })
})

t.test('UpdateTableReplicaAutoScaling and DescribeTableReplicaAutoScaling', async t => {
  const provisioned = {
    ...HASH_ONLY,
    BillingMode: 'PROVISIONED' as const,
    ProvisionedThroughput: { ReadCapacityUnits: 5, WriteCapacityUnits: 5 },
  }
  const { client, clock, as } = await withTables(t, provisioned, HASH_AND_RANGE)
  const update = {
    ProvisionedWriteCapacityAutoScalingUpdate: {
      MinimumUnits: 5,
      MaximumUnits: 50,
      ScalingPolicyUpdate: { TargetTrackingScalingPolicyConfiguration: { TargetValue: 70 } },
    },
  }

  t.test('refuse', async t => {
    await t.rejects(client.describeTableReplicaAutoScaling({ TableName: 'nope' }), NO_TABLE)
    await refuses(t, client.updateTableReplicaAutoScaling({ TableName }), 'At least one auto scaling update is required')
    await refuses(
      t,
      client.updateTableReplicaAutoScaling({ TableName: 'tbl', ...update }),
      'Auto scaling can not be set for a table in PAY_PER_REQUEST billing mode: tbl',
    )
    const tracking = (TargetTrackingScalingPolicyConfiguration: { TargetValue: number; ScaleInCooldown?: number }) => ({
      MinimumUnits: 1,
      MaximumUnits: 2,
      ScalingPolicyUpdate: { TargetTrackingScalingPolicyConfiguration },
    })
    const invalid = [
      [{ MinimumUnits: 2 }, 'MinimumUnits and MaximumUnits must both be specified when auto scaling is enabled'],
      [{ MinimumUnits: 3, MaximumUnits: 2 }, 'MinimumUnits must be less than or equal to MaximumUnits'],
      [tracking({ TargetValue: 95 }), 'TargetValue must be between 20 and 90'],
      [tracking({ TargetValue: 50, ScaleInCooldown: -1 }), 'ScaleInCooldown must be greater than or equal to 0'],
      [{ AutoScalingDisabled: true, MinimumUnits: 2 }, 'Auto scaling settings cannot be specified when AutoScalingDisabled is true'],
    ] as const
    for (const [ProvisionedWriteCapacityAutoScalingUpdate, message] of invalid) {
      await refuses(
        t,
        client.updateTableReplicaAutoScaling({ TableName, ProvisionedWriteCapacityAutoScalingUpdate }),
        `One or more parameter values were invalid: ${message}`,
      )
    }
  })

  t.test('behave', async t => {
    await client.updateTableReplicaAutoScaling({ TableName, ...update })
    t.match((await client.describeTableReplicaAutoScaling({ TableName })).TableAutoScalingDescription, {
      TableName,
      TableStatus: 'ACTIVE',
      Replicas: [
        {
          RegionName: 'us-east-1',
          ReplicaProvisionedReadCapacityAutoScalingSettings: { AutoScalingDisabled: true },
          ReplicaProvisionedWriteCapacityAutoScalingSettings: {
            MinimumUnits: 5,
            MaximumUnits: 50,
            AutoScalingDisabled: false,
            ScalingPolicies: [
              {
                PolicyName: 'DynamoDBWriteCapacityUtilization:table/simple',
                TargetTrackingScalingPolicyConfiguration: { TargetValue: 70 },
              },
            ],
          },
        },
      ],
    })
    await refuses(
      t,
      client.updateTableReplicaAutoScaling({ TableName, ProvisionedWriteCapacityAutoScalingUpdate: { MinimumUnits: 51 } }),
      'One or more parameter values were invalid: MinimumUnits must be less than or equal to MaximumUnits',
      'what is there already counts',
    )
  })

  t.test('settings are those of the global table, whichever replica is asked', async t => {
    await client.updateTable({ TableName, ReplicaUpdates: [{ Create: { RegionName: 'eu-west-1' } }] })
    await clock.advance(0)
    await client.updateTableReplicaAutoScaling({
      TableName,
      ReplicaUpdates: [{ RegionName: 'eu-west-1', ReplicaProvisionedReadCapacityAutoScalingUpdate: { MinimumUnits: 2, MaximumUnits: 4 } }],
    })
    for (const region of ['us-east-1', 'eu-west-1']) {
      const { Replicas } = (await as({ region }).describeTableReplicaAutoScaling({ TableName })).TableAutoScalingDescription!
      t.match(
        Replicas!.find(({ RegionName }) => RegionName === 'eu-west-1'),
        {
          ReplicaProvisionedReadCapacityAutoScalingSettings: { MinimumUnits: 2, MaximumUnits: 4 },
          ReplicaProvisionedWriteCapacityAutoScalingSettings: { MaximumUnits: 50 },
        },
      )
    }
  })
})

const streamArn = 'arn:aws:kinesis:us-east-1:000000000000:stream/changes'

/** A Kinesis with one stream that keeps what is put to it. */
function kinesis() {
  const puts: { key: string; record: Record<string, unknown> }[] = []
  let failures = 0
  const { operation, service } = forService<typeof import('@aws-sdk/client-kinesis')>()
  const plugin = definePlugin({
    manifest: new URL('../../../kinesis/manifest.json', import.meta.url),
    services: {
      kinesis: service({
        DescribeStreamSummary: operation('DescribeStreamSummary', (_ctx, { StreamARN }) => {
          if (StreamARN !== streamArn) throw new AwsError('ResourceNotFoundException', 'no such stream')
          return { StreamDescriptionSummary: undefined }
        }),
        PutRecord: operation('PutRecord', (_ctx, { PartitionKey, Data }) => {
          if (failures-- > 0) throw new AwsError('ProvisionedThroughputExceededException', 'slow down')
          puts.push({ key: PartitionKey!, record: JSON.parse(Buffer.from(Data!).toString()) })
          return { ShardId: 'shardId-000000000000', SequenceNumber: String(puts.length) }
        }),
      }),
    },
  })
  return { plugin, puts, fail: (times: number) => (failures = times) }
}

t.test('Kinesis streaming destinations', async t => {
  const { plugin, puts, fail } = kinesis()
  const { client, clock } = await dynamo(t, { with: [plugin] })
  await client.createTable(HASH_ONLY)
  await clock.advance(0)
  const destination = { TableName, StreamArn: streamArn }

  t.test('refuse', async t => {
    await t.rejects(client.enableKinesisStreamingDestination({ ...destination, TableName: 'nope' }), NO_TABLE)
    await t.rejects(client.enableKinesisStreamingDestination({ TableName, StreamArn: `${streamArn}x` }), {
      name: 'ResourceNotFoundException',
      message: `Requested resource not found: Kinesis Data Stream: ${streamArn}x not found`,
    })
    await t.rejects(client.disableKinesisStreamingDestination(destination), { name: 'ResourceNotFoundException' })
    await t.rejects(
      client.updateKinesisStreamingDestination({
        ...destination,
        UpdateKinesisStreamingConfiguration: { ApproximateCreationDateTimePrecision: 'MICROSECOND' },
      }),
      { name: 'ResourceNotFoundException' },
    )
    await t.rejects(client.describeKinesisStreamingDestination({ TableName: 'nope' }), NO_TABLE)
  })

  t.test('behave', async t => {
    t.match(await client.enableKinesisStreamingDestination(destination), { TableName, DestinationStatus: 'ENABLING' })
    t.strictSame((await client.describeKinesisStreamingDestination({ TableName })).KinesisDataStreamDestinations, [
      { StreamArn: streamArn, DestinationStatus: 'ACTIVE', ApproximateCreationDateTimePrecision: 'MILLISECOND' },
    ])
    await refuses(
      t,
      client.enableKinesisStreamingDestination(destination),
      'Table is not in a valid state to enable Kinesis Streaming Destination: KinesisStreamingDestination must be DISABLED or ENABLE_FAILED to perform ENABLE operation.',
    )
    await refuses(
      t,
      client.updateKinesisStreamingDestination({ ...destination, UpdateKinesisStreamingConfiguration: {} }),
      'Streaming destination cannot be updated with given parameters: UpdateKinesisStreamingConfiguration cannot be null or contain only null values',
    )
    const { TableId } = (await client.describeTable({ TableName })).Table!
    await refuses(
      t,
      client.updateKinesisStreamingDestination({
        ...destination,
        UpdateKinesisStreamingConfiguration: { ApproximateCreationDateTimePrecision: 'MILLISECOND' },
      }),
      `Invalid Request: Precision is already set to the desired value of MILLISECOND for tableId: ${TableId}, kdsArn: ${streamArn}`,
    )
    fail(2)
    await client.putItem({ TableName, Item: { id: S('a'), b: { B: new Uint8Array([1, 2]) } } })
    await client.putItem({ TableName, Item: { id: S('a'), v: N(1) } })
    await client.deleteItem({ TableName, Key: { id: S('a') } })
    await clock.advance(10_000)
    t.match(puts, [
      {
        record: {
          awsRegion: 'us-east-1',
          eventName: 'INSERT',
          userIdentity: null,
          recordFormat: 'application/json',
          tableName: TableName,
          eventSource: 'aws:dynamodb',
          dynamodb: { Keys: { id: { S: 'a' } }, NewImage: { id: { S: 'a' }, b: { B: 'AQI=' } }, SizeBytes: Number },
        },
      },
      { record: { eventName: 'MODIFY', dynamodb: { NewImage: { v: { N: '1' } }, OldImage: { b: { B: 'AQI=' } } } } },
      { record: { eventName: 'REMOVE', dynamodb: { OldImage: { v: { N: '1' } } } } },
    ])
    t.equal(new Set(puts.map(p => p.key)).size, 1, 'changes of one key go to one shard')
    await client.updateKinesisStreamingDestination({
      ...destination,
      UpdateKinesisStreamingConfiguration: { ApproximateCreationDateTimePrecision: 'MICROSECOND' },
    })
    t.match(await client.disableKinesisStreamingDestination(destination), { DestinationStatus: 'DISABLING' })
    await refuses(
      t,
      client.disableKinesisStreamingDestination(destination),
      'Table is not in a valid state to disable Kinesis Streaming Destination: KinesisStreamingDestination must be ACTIVE to perform DISABLE operation.',
    )
    await client.putItem({ TableName, Item: { id: S('z') } })
    await clock.advance(1000)
    t.equal(puts.length, 3)
    t.match((await client.describeKinesisStreamingDestination({ TableName })).KinesisDataStreamDestinations, [
      { DestinationStatus: 'DISABLED', ApproximateCreationDateTimePrecision: 'MICROSECOND' },
    ])
  })
})
