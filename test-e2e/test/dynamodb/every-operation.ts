import type { Step } from '../../src/scenarios.js'

const FAR = 'us-east-1'
const S = (value: string) => ({ S: value })
const N = (value: number) => ({ N: String(value) })
const KEY = { id: S('a') }
const SCHEMA = {
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
  BillingMode: 'PAY_PER_REQUEST',
}
const STREAM = { StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' } }

/** Waits for a table, and keeps its ARN as `table` when asked to. */
function active(TableName: string, more: Partial<Step> = {}): Step {
  return { operation: 'DescribeTable', input: { TableName }, until: ['Table.TableStatus', 'ACTIVE'], ...more }
}

function table(TableName: string, settings: object = {}, more: Partial<Step> = {}): Step[] {
  return [
    { operation: 'CreateTable', input: { TableName, ...SCHEMA, ...settings }, expect: { TableDescription: { TableName } }, ...more },
    active(TableName, { ...(more.region !== undefined && { region: more.region }), save: { table: 'Table.TableArn' } }),
  ]
}

const ITEM = {
  pk: S('a'),
  sk: N(1),
  n: N(1.5),
  tags: { SS: ['x', 'y'] },
  sizes: { NS: ['1', '2'] },
  yes: { BOOL: true },
  none: { NULL: true },
  list: { L: [S('v'), { M: { deep: N(7) } }] },
}
const item = (pk: string, sk: number) => ({ pk: S(pk), sk: N(sk) })

const items: readonly Step[] = [
  ...table('items', {
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
    AttributeDefinitions: [
      { AttributeName: 'pk', AttributeType: 'S' },
      { AttributeName: 'sk', AttributeType: 'N' },
    ],
  }),
  {
    operation: 'PutItem',
    input: { TableName: 'items', Item: ITEM, ReturnConsumedCapacity: 'TOTAL' },
    expect: { ConsumedCapacity: { CapacityUnits: 1 } },
  },
  { operation: 'GetItem', input: { TableName: 'items', Key: item('a', 1), ConsistentRead: true }, expect: { Item: ITEM } },
  {
    operation: 'UpdateItem',
    input: {
      TableName: 'items',
      Key: item('a', 1),
      UpdateExpression: 'SET n = n + :d ADD tags :t',
      ExpressionAttributeValues: { ':d': N(0.25), ':t': { SS: ['z'] } },
      ReturnValues: 'UPDATED_NEW',
    },
    expect: { Attributes: { n: N(1.75), tags: { SS: ['x', 'y', 'z'] } } },
  },
  {
    operation: 'BatchWriteItem',
    input: { RequestItems: { items: [1, 2, 3].map(sk => ({ PutRequest: { Item: item('b', sk) } })) } },
    expect: { UnprocessedItems: {} },
  },
  {
    operation: 'BatchGetItem',
    input: { RequestItems: { items: { Keys: [item('b', 3), item('z', 0)] } } },
    expect: { Responses: { items: [item('b', 3)] }, UnprocessedKeys: {} },
  },
  {
    operation: 'Query',
    input: {
      TableName: 'items',
      KeyConditionExpression: '#pk = :b AND sk > :s',
      ExpressionAttributeNames: { '#pk': 'pk' },
      ExpressionAttributeValues: { ':b': S('b'), ':s': N(1) },
      ScanIndexForward: false,
    },
    expect: { Count: 2, Items: [item('b', 3), item('b', 2)] },
  },
  {
    operation: 'Scan',
    input: { TableName: 'items', FilterExpression: 'contains(tags, :t)', ExpressionAttributeValues: { ':t': S('z') } },
    expect: { Count: 1, ScannedCount: 4, Items: [item('a', 1)] },
  },
  {
    operation: 'TransactWriteItems',
    input: {
      TransactItems: [
        { Put: { TableName: 'items', Item: item('c', 1) } },
        { Delete: { TableName: 'items', Key: item('b', 1) } },
        {
          Update: {
            TableName: 'items',
            Key: item('b', 2),
            UpdateExpression: 'SET v = :v',
            ExpressionAttributeValues: { ':v': { L: [N(1)] } },
          },
        },
        { ConditionCheck: { TableName: 'items', Key: item('a', 1), ConditionExpression: 'attribute_exists(n)' } },
      ],
      ReturnConsumedCapacity: 'TOTAL',
    },
    expect: { ConsumedCapacity: [{ TableName: 'items' }] },
  },
  {
    operation: 'TransactGetItems',
    input: {
      TransactItems: [
        { Get: { TableName: 'items', Key: item('c', 1) } },
        { Get: { TableName: 'items', Key: item('b', 1) } },
        { Get: { TableName: 'items', Key: item('b', 2) } },
      ],
    },
    expect: { Responses: [{ Item: item('c', 1) }, {}, { Item: { v: { L: [N(1)] } } }] },
  },
  {
    operation: 'ExecuteStatement',
    input: { Statement: "SELECT sk FROM items WHERE pk = 'b' AND sk >= ?", Parameters: [N(3)] },
    expect: { Items: [{ sk: N(3) }] },
  },
  {
    operation: 'ExecuteTransaction',
    input: {
      TransactStatements: [
        { Statement: "INSERT INTO items VALUE {'pk': 'd', 'sk': ?, 's': <<1, 2>>}", Parameters: [N(1)] },
        { Statement: "DELETE FROM items WHERE pk = 'c' AND sk = 1" },
      ],
      ReturnConsumedCapacity: 'TOTAL',
    },
    expect: { ConsumedCapacity: [{ TableName: 'items' }] },
  },
  {
    operation: 'BatchExecuteStatement',
    input: {
      Statements: [
        { Statement: "SELECT * FROM items WHERE pk = 'd' AND sk = ?", Parameters: [N(1)] },
        { Statement: "SELECT * FROM items WHERE pk = 'c' AND sk = 1" },
        { Statement: 'nonsense' },
      ],
    },
    expect: {
      Responses: [{ TableName: 'items', Item: { ...item('d', 1), s: { NS: ['1', '2'] } } }, {}, { Error: { Code: 'ValidationError' } }],
    },
  },
  {
    operation: 'DeleteItem',
    input: { TableName: 'items', Key: item('d', 1), ReturnValues: 'ALL_OLD' },
    expect: { Attributes: { ...item('d', 1), s: { NS: ['1', '2'] } } },
  },
]

const scaling = { TargetTrackingScalingPolicyConfiguration: { TargetValue: 70 } }

const settings: readonly Step[] = [
  ...table('settings', { BillingMode: 'PROVISIONED', ProvisionedThroughput: { ReadCapacityUnits: 5, WriteCapacityUnits: 5 } }),
  {
    operation: 'UpdateTable',
    input: { TableName: 'settings', ProvisionedThroughput: { ReadCapacityUnits: 6, WriteCapacityUnits: 5 } },
    expect: { TableDescription: { TableName: 'settings', TableStatus: 'UPDATING' } },
  },
  active('settings', { expect: { Table: { ProvisionedThroughput: { ReadCapacityUnits: 6 } } } }),
  { operation: 'ListTables', input: { ExclusiveStartTableName: 'setting', Limit: 1 }, expect: { TableNames: ['settings'] } },
  { operation: 'DescribeLimits', input: {}, expect: { TableMaxReadCapacityUnits: Number, AccountMaxWriteCapacityUnits: Number } },
  { operation: 'DescribeEndpoints', input: {}, expect: { Endpoints: [{ Address: String, CachePeriodInMinutes: Number }] } },
  {
    operation: 'TagResource',
    input: {
      ResourceArn: '<table>',
      Tags: [
        { Key: 'team', Value: 'blue' },
        { Key: 'stage', Value: 'test' },
      ],
    },
  },
  { operation: 'UntagResource', input: { ResourceArn: '<table>', TagKeys: ['team'] } },
  { operation: 'ListTagsOfResource', input: { ResourceArn: '<table>' }, expect: { Tags: [{ Key: 'stage', Value: 'test' }] } },
  {
    operation: 'UpdateTimeToLive',
    input: { TableName: 'settings', TimeToLiveSpecification: { Enabled: true, AttributeName: 'ttl' } },
    expect: { TimeToLiveSpecification: { Enabled: true, AttributeName: 'ttl' } },
  },
  {
    operation: 'DescribeTimeToLive',
    input: { TableName: 'settings' },
    until: ['TimeToLiveDescription.TimeToLiveStatus', 'ENABLED'],
    expect: { TimeToLiveDescription: { TimeToLiveStatus: 'ENABLED', AttributeName: 'ttl' } },
  },
  {
    operation: 'PutResourcePolicy',
    input: {
      ResourceArn: '<table>',
      Policy: JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Principal: { AWS: '222222222222' }, Action: 'dynamodb:GetItem', Resource: '*' }],
      }),
      ExpectedRevisionId: 'NO_POLICY',
    },
    save: { revision: 'RevisionId' },
  },
  {
    operation: 'GetResourcePolicy',
    input: { ResourceArn: '<table>' },
    expect: { RevisionId: '<revision>', Policy: /"222222222222"/ },
  },
  {
    operation: 'DeleteResourcePolicy',
    input: { ResourceArn: '<table>', ExpectedRevisionId: '<revision>' },
    expect: { RevisionId: String },
  },
  {
    operation: 'UpdateContributorInsights',
    input: { TableName: 'settings', ContributorInsightsAction: 'ENABLE' },
    expect: { TableName: 'settings', ContributorInsightsStatus: 'ENABLING' },
  },
  {
    operation: 'DescribeContributorInsights',
    input: { TableName: 'settings' },
    until: ['ContributorInsightsStatus', 'ENABLED'],
  },
  {
    operation: 'ListContributorInsights',
    input: { TableName: 'settings' },
    expect: { ContributorInsightsSummaries: [{ TableName: 'settings', ContributorInsightsStatus: 'ENABLED' }] },
  },
  {
    operation: 'UpdateTableReplicaAutoScaling',
    input: {
      TableName: 'settings',
      ProvisionedWriteCapacityAutoScalingUpdate: { MinimumUnits: 5, MaximumUnits: 50, ScalingPolicyUpdate: scaling },
    },
    expect: { TableAutoScalingDescription: { TableName: 'settings' } },
  },
  {
    operation: 'DescribeTableReplicaAutoScaling',
    input: { TableName: 'settings' },
    expect: {
      TableAutoScalingDescription: {
        Replicas: [
          { RegionName: 'eu-west-1', ReplicaProvisionedWriteCapacityAutoScalingSettings: { MaximumUnits: 50, ScalingPolicies: [scaling] } },
        ],
      },
    },
  },
  {
    operation: 'DeleteTable',
    input: { TableName: 'settings' },
    expect: { TableDescription: { TableName: 'settings', TableStatus: 'DELETING' } },
  },
]

const destination = { TableName: 'streamed', StreamArn: 'arn:aws:kinesis:eu-west-1:<account>:stream/nope' }
/** There is no such stream; without an implementation of Kinesis, nobody knows. */
const NO_STREAM = /ResourceNotFoundException|kinesis\.DescribeStreamSummary is not implemented/
const precision = (ApproximateCreationDateTimePrecision: string) => ({ ApproximateCreationDateTimePrecision })

const streams: readonly Step[] = [
  ...table('streamed', STREAM, { save: { stream: 'TableDescription.LatestStreamArn' } }),
  { operation: 'PutItem', input: { TableName: 'streamed', Item: KEY } },
  {
    service: 'dynamodbstreams',
    operation: 'ListStreams',
    input: { TableName: 'streamed' },
    expect: { Streams: [{ StreamArn: '<stream>', TableName: 'streamed' }] },
  },
  {
    service: 'dynamodbstreams',
    operation: 'DescribeStream',
    input: { StreamArn: '<stream>' },
    expect: { StreamDescription: { StreamStatus: 'ENABLED', StreamViewType: 'NEW_AND_OLD_IMAGES' } },
    save: { shard: 'StreamDescription.Shards.0.ShardId' },
  },
  {
    service: 'dynamodbstreams',
    operation: 'GetShardIterator',
    input: { StreamArn: '<stream>', ShardId: '<shard>', ShardIteratorType: 'TRIM_HORIZON' },
    save: { iterator: 'ShardIterator' },
  },
  {
    service: 'dynamodbstreams',
    operation: 'GetRecords',
    input: { ShardIterator: '<iterator>' },
    expect: { Records: [{ eventName: 'INSERT', awsRegion: 'eu-west-1', dynamodb: { Keys: KEY, NewImage: KEY } }] },
  },
  {
    operation: 'EnableKinesisStreamingDestination',
    input: { ...destination, EnableKinesisStreamingConfiguration: precision('MILLISECOND') },
    fails: NO_STREAM,
  },
  {
    operation: 'DescribeKinesisStreamingDestination',
    input: { TableName: 'streamed' },
    expect: { TableName: 'streamed', KinesisDataStreamDestinations: [] },
  },
  {
    operation: 'UpdateKinesisStreamingDestination',
    input: { ...destination, UpdateKinesisStreamingConfiguration: precision('MICROSECOND') },
    fails: /ResourceNotFoundException/,
  },
  { operation: 'DisableKinesisStreamingDestination', input: destination, fails: /ResourceNotFoundException/ },
]

const recovery = { PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } }
const one = (TableName: string): Step => ({ operation: 'Scan', input: { TableName }, expect: { Count: 1, Items: [KEY] } })

const backups: readonly Step[] = [
  ...table('backed-up'),
  { operation: 'PutItem', input: { TableName: 'backed-up', Item: KEY } },
  {
    operation: 'UpdateContinuousBackups',
    input: { TableName: 'backed-up', ...recovery },
    expect: { ContinuousBackupsDescription: { PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: 'ENABLED' } } },
  },
  {
    operation: 'DescribeContinuousBackups',
    input: { TableName: 'backed-up' },
    expect: { ContinuousBackupsDescription: { PointInTimeRecoveryDescription: { RecoveryPeriodInDays: 35 } } },
  },
  {
    operation: 'CreateBackup',
    input: { TableName: 'backed-up', BackupName: 'saved' },
    expect: { BackupDetails: { BackupName: 'saved', BackupType: 'USER' } },
    save: { backup: 'BackupDetails.BackupArn' },
  },
  {
    operation: 'DescribeBackup',
    input: { BackupArn: '<backup>' },
    until: ['BackupDescription.BackupDetails.BackupStatus', 'AVAILABLE'],
    expect: { BackupDescription: { SourceTableDetails: { TableName: 'backed-up', ItemCount: 1 } } },
  },
  {
    operation: 'ListBackups',
    input: { TableName: 'backed-up' },
    expect: { BackupSummaries: [{ BackupArn: '<backup>', BackupName: 'saved' }] },
  },
  { operation: 'RestoreTableFromBackup', input: { TargetTableName: 'restored', BackupArn: '<backup>' } },
  {
    operation: 'RestoreTableToPointInTime',
    input: { SourceTableName: 'backed-up', TargetTableName: 'recovered', UseLatestRestorableTime: true },
    expect: { TableDescription: { TableName: 'recovered', RestoreSummary: { RestoreInProgress: true } } },
  },
  active('restored'),
  one('restored'),
  active('recovered'),
  one('recovered'),
  {
    operation: 'DeleteBackup',
    input: { BackupArn: '<backup>' },
    expect: { BackupDescription: { BackupDetails: { BackupArn: '<backup>', BackupStatus: 'DELETED' } } },
  },
]

const transfers: readonly Step[] = [
  {
    service: 's3',
    operation: 'CreateBucket',
    input: { Bucket: 'exports-<account>', CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' } },
  },
  ...table('exported'),
  { operation: 'UpdateContinuousBackups', input: { TableName: 'exported', ...recovery } },
  { operation: 'PutItem', input: { TableName: 'exported', Item: KEY } },
  {
    operation: 'ExportTableToPointInTime',
    input: { TableArn: '<table>', S3Bucket: 'exports-<account>', S3Prefix: 'out', ExportFormat: 'DYNAMODB_JSON' },
    expect: { ExportDescription: { ExportStatus: 'IN_PROGRESS', TableArn: '<table>' } },
    save: { export: 'ExportDescription.ExportArn' },
  },
  {
    operation: 'DescribeExport',
    input: { ExportArn: '<export>' },
    until: ['ExportDescription.ExportStatus', 'COMPLETED'],
    expect: { ExportDescription: { ItemCount: 1 } },
    save: { folder: ['ExportDescription.ExportManifest', /^(.*\/)/] },
  },
  {
    operation: 'ListExports',
    input: { TableArn: '<table>' },
    expect: { ExportSummaries: [{ ExportArn: '<export>', ExportStatus: 'COMPLETED' }] },
  },
  {
    operation: 'ImportTable',
    input: {
      S3BucketSource: { S3Bucket: 'exports-<account>', S3KeyPrefix: '<folder>data/' },
      InputFormat: 'DYNAMODB_JSON',
      InputCompressionType: 'GZIP',
      TableCreationParameters: { TableName: 'imported', ...SCHEMA },
    },
    expect: { ImportTableDescription: { ImportStatus: 'IN_PROGRESS' } },
    save: { import: 'ImportTableDescription.ImportArn', imported: 'ImportTableDescription.TableArn' },
  },
  {
    operation: 'DescribeImport',
    input: { ImportArn: '<import>' },
    until: ['ImportTableDescription.ImportStatus', 'COMPLETED'],
    expect: { ImportTableDescription: { ImportedItemCount: 1, ErrorCount: 0 } },
  },
  {
    operation: 'ListImports',
    input: { TableArn: '<imported>' },
    expect: { ImportSummaryList: [{ ImportArn: '<import>', ImportStatus: 'COMPLETED' }] },
  },
  active('imported'),
  one('imported'),
]

const GlobalTableName = 'everywhere'
const pair = [{ RegionName: 'eu-west-1' }, { RegionName: FAR }]

const globalTables: readonly Step[] = [
  ...table(GlobalTableName, STREAM),
  ...table(GlobalTableName, STREAM, { region: FAR }),
  {
    operation: 'CreateGlobalTable',
    input: { GlobalTableName, ReplicationGroup: pair },
    expect: { GlobalTableDescription: { GlobalTableName, ReplicationGroup: pair } },
  },
  {
    operation: 'DescribeGlobalTable',
    input: { GlobalTableName },
    until: ['GlobalTableDescription.GlobalTableStatus', 'ACTIVE'],
  },
  { operation: 'PutItem', input: { TableName: GlobalTableName, Item: KEY } },
  { operation: 'GetItem', region: FAR, input: { TableName: GlobalTableName, Key: KEY }, expect: { Item: KEY } },
  { operation: 'ListGlobalTables', input: {}, expect: { GlobalTables: [{ GlobalTableName, ReplicationGroup: pair }] } },
  {
    operation: 'UpdateGlobalTableSettings',
    input: { GlobalTableName, GlobalTableBillingMode: 'PAY_PER_REQUEST' },
    expect: { GlobalTableName },
  },
  {
    operation: 'DescribeGlobalTableSettings',
    input: { GlobalTableName },
    expect: { ReplicaSettings: pair.map(replica => ({ ...replica, ReplicaBillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' } })) },
  },
  {
    operation: 'UpdateGlobalTable',
    input: { GlobalTableName, ReplicaUpdates: [{ Delete: { RegionName: FAR } }] },
    expect: { GlobalTableDescription: { ReplicationGroup: [{ RegionName: 'eu-west-1' }] } },
  },
]

/** Requests that together are every operation. Those of one scenario come one after another; the scenarios know nothing of each other. */
export const SCENARIOS: Readonly<Record<string, readonly Step[]>> = { items, settings, streams, backups, transfers, globalTables }
