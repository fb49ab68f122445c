import t from 'tap'
import { clientEnv, missing, run } from '../../src/programs.js'
import { startServerProcess } from '../../src/server.js'

const BOTO3 = `
import boto3, json, time
from botocore.exceptions import ClientError
d, s, s3 = boto3.client('dynamodb'), boto3.client('dynamodbstreams'), boto3.client('s3')
key = dict(KeySchema=[{'AttributeName': 'id', 'KeyType': 'HASH'}], AttributeDefinitions=[{'AttributeName': 'id', 'AttributeType': 'S'}], BillingMode='PAY_PER_REQUEST')
arn = d.create_table(TableName='feat', StreamSpecification={'StreamEnabled': True, 'StreamViewType': 'NEW_AND_OLD_IMAGES'}, **key)['TableDescription']['TableArn']
d.get_waiter('table_exists').wait(TableName='feat')

def until(look, done):
    while True:
        value = look()
        if done(value): return value
        time.sleep(0.05)

d.update_time_to_live(TableName='feat', TimeToLiveSpecification={'Enabled': True, 'AttributeName': 'ttl'})
until(lambda: d.describe_time_to_live(TableName='feat')['TimeToLiveDescription'], lambda d: d == {'TimeToLiveStatus': 'ENABLED', 'AttributeName': 'ttl'})
d.put_item(TableName='feat', Item={'id': {'S': 'x'}, 'ttl': {'N': str(int(time.time()))}, 'b': {'B': b'\\x00\\x01'}})
until(lambda: d.get_item(TableName='feat', Key={'id': {'S': 'x'}}), lambda r: 'Item' not in r)
d.execute_statement(Statement="INSERT INTO feat VALUE {'id': 'y', 's': <<1, 2>>}")
assert d.execute_statement(Statement="SELECT s FROM feat WHERE id = ?", Parameters=[{'S': 'y'}])['Items'] == [{'s': {'NS': ['1', '2']}}]
try:
    d.execute_statement(Statement="INSERT INTO feat VALUE {'id': 'y'}")
    raise AssertionError('inserted twice')
except d.exceptions.DuplicateItemException as e:
    assert e.response['Error']['Message'] == 'Duplicate primary key exists in table', e.response
try:
    d.execute_transaction(TransactStatements=[{'Statement': "UPDATE feat SET a=1 WHERE id='nope'"}])
    raise AssertionError('the transaction was done')
except d.exceptions.TransactionCanceledException as e:
    assert e.response['CancellationReasons'][0]['Code'] == 'ConditionalCheckFailed', e.response
batch = d.batch_execute_statement(Statements=[{'Statement': "SELECT * FROM feat WHERE id='y'"}, {'Statement': 'nonsense'}])['Responses']
assert batch[0]['Item']['id'] == {'S': 'y'} and batch[1]['Error']['Code'] == 'ValidationError', batch

stream = s.list_streams(TableName='feat')['Streams'][0]['StreamArn']
shard = s.describe_stream(StreamArn=stream)['StreamDescription']['Shards'][0]['ShardId']
it = s.get_shard_iterator(StreamArn=stream, ShardId=shard, ShardIteratorType='TRIM_HORIZON')['ShardIterator']
records = s.get_records(ShardIterator=it)['Records']
assert [r['eventName'] for r in records] == ['INSERT', 'REMOVE', 'INSERT'], records
assert records[1]['userIdentity'] == {'PrincipalId': 'dynamodb.amazonaws.com', 'Type': 'Service'}, records
assert records[1]['dynamodb']['OldImage']['b'] == {'B': b'\\x00\\x01'}, records

d.update_continuous_backups(TableName='feat', PointInTimeRecoverySpecification={'PointInTimeRecoveryEnabled': True})
backup = d.create_backup(TableName='feat', BackupName='bak')['BackupDetails']['BackupArn']
until(lambda: d.describe_backup(BackupArn=backup), lambda r: r['BackupDescription']['BackupDetails']['BackupStatus'] == 'AVAILABLE')
d.restore_table_from_backup(TargetTableName='feat2', BackupArn=backup)
d.restore_table_to_point_in_time(SourceTableName='feat', TargetTableName='feat3', UseLatestRestorableTime=True)
for name in 'feat2', 'feat3':
    d.get_waiter('table_exists').wait(TableName=name)
    assert d.scan(TableName=name)['Items'] == [{'id': {'S': 'y'}, 's': {'NS': ['1', '2']}}]
assert d.list_backups(TableName='feat')['BackupSummaries'][0]['BackupName'] == 'bak'
d.delete_backup(BackupArn=backup)

s3.create_bucket(Bucket='exports', CreateBucketConfiguration={'LocationConstraint': 'eu-west-1'})
export = d.export_table_to_point_in_time(TableArn=arn, S3Bucket='exports', S3Prefix='p')['ExportDescription']['ExportArn']
done = until(lambda: d.describe_export(ExportArn=export)['ExportDescription'], lambda e: e['ExportStatus'] != 'IN_PROGRESS')
assert done['ExportStatus'] == 'COMPLETED' and done['ItemCount'] == 1, done
manifest = json.loads(s3.get_object(Bucket='exports', Key=done['ExportManifest'])['Body'].read())
files = json.loads(s3.get_object(Bucket='exports', Key=manifest['manifestFilesS3Key'])['Body'].read())
loaded = d.import_table(S3BucketSource={'S3Bucket': 'exports', 'S3KeyPrefix': files['dataFileS3Key']}, InputFormat='DYNAMODB_JSON', InputCompressionType='GZIP',
    TableCreationParameters=dict(TableName='feat4', **key))['ImportTableDescription']['ImportArn']
done = until(lambda: d.describe_import(ImportArn=loaded)['ImportTableDescription'], lambda i: i['ImportStatus'] != 'IN_PROGRESS')
assert done['ImportStatus'] == 'COMPLETED' and done['ImportedItemCount'] == 1, done
d.get_waiter('table_exists').wait(TableName='feat4')
assert d.scan(TableName='feat4')['Items'] == [{'id': {'S': 'y'}, 's': {'NS': ['1', '2']}}]

d.put_resource_policy(ResourceArn=arn, Policy=json.dumps({'Version': '2012-10-17', 'Statement': [
    {'Effect': 'Allow', 'Principal': {'AWS': '222222222222'}, 'Action': 'dynamodb:GetItem', 'Resource': arn}]}))
other = boto3.client('dynamodb', aws_access_key_id='222222222222', aws_secret_access_key='x')
assert other.get_item(TableName=arn, Key={'id': {'S': 'y'}})['Item']['id'] == {'S': 'y'}
d.update_table(TableName='feat', ReplicaUpdates=[{'Create': {'RegionName': 'us-east-1'}}])
until(lambda: d.describe_table(TableName='feat')['Table'], lambda t: t['TableStatus'] == 'ACTIVE')
far = boto3.client('dynamodb', region_name='us-east-1')
far.put_item(TableName='feat', Item={'id': {'S': 'far'}})
assert d.scan(TableName='feat')['Count'] == 2
try:
    d.update_table(TableName='feat', MultiRegionConsistency='STRONG', ReplicaUpdates=[{'Create': {'RegionName': 'us-east-2'}}])
    raise AssertionError('a global table changed its consistency')
except ClientError as e:
    assert e.response['Error']['Code'] == 'ValidationException', e.response
far.create_table(TableName='strong', **key)
far.get_waiter('table_exists').wait(TableName='strong')
far.update_table(TableName='strong', MultiRegionConsistency='STRONG', ReplicaUpdates=[{'Create': {'RegionName': 'us-east-2'}}],
    GlobalTableWitnessUpdates=[{'Create': {'RegionName': 'us-west-2'}}])
table = until(lambda: far.describe_table(TableName='strong')['Table'], lambda t: t['TableStatus'] == 'ACTIVE')
assert table['GlobalTableWitnesses'] == [{'RegionName': 'us-west-2', 'WitnessStatus': 'ACTIVE'}], table
far.put_item(TableName='strong', Item={'id': {'S': 'x'}})
assert boto3.client('dynamodb', region_name='us-east-2').get_item(TableName='strong', Key={'id': {'S': 'x'}}, ConsistentRead=True)['Item']
try:
    d.create_table(TableName='strong', GlobalTableSourceArn=table['TableArn'], GlobalTableSettingsReplicationMode='ENABLED')
    raise AssertionError('a replica of a multi-account global table was made in the account of its source')
except ClientError as e:
    assert e.response['Error']['Code'] == 'ValidationException', e.response
print('done')
`

t.setTimeout(120_000)

t.test('DynamoDB beyond items', async t => {
  const server = await startServerProcess({ args: ['--services', 'dynamodb,s3'] })
  t.teardown(() => server.stop())
  const env = clientEnv(server.endpoint)

  t.test('boto3', { skip: missing('python3', '-c', 'import boto3') }, async t => {
    const { code, stdout, stderr } = await run('python3', ['-c', BOTO3], { env: { ...env, AWS_MAX_ATTEMPTS: '1' } })
    t.equal(stdout, 'done\n', stderr)
    t.equal(code, 0)
  })

  t.test('the AWS CLI', { skip: missing('aws', '--version') }, async t => {
    const aws = async (...args: string[]) => {
      const { code, stdout, stderr } = await run('aws', [...args, '--output', 'json'], { env })
      t.equal(code, 0, stderr)
      return stdout === '' ? {} : JSON.parse(stdout)
    }
    const created = await aws(
      ...['dynamodb', 'create-table', '--table-name', 'cli', '--billing-mode', 'PAY_PER_REQUEST'],
      ...['--key-schema', 'AttributeName=id,KeyType=HASH', '--attribute-definitions', 'AttributeName=id,AttributeType=S'],
      ...['--stream-specification', 'StreamEnabled=true,StreamViewType=KEYS_ONLY'],
    )
    const stream = created.TableDescription.LatestStreamArn
    await aws('dynamodb', 'wait', 'table-exists', '--table-name', 'cli')
    for (const id of ['a', 'b', 'c']) await aws('dynamodb', 'execute-statement', '--statement', `INSERT INTO cli VALUE {'id': '${id}'}`)
    const page = await aws('dynamodb', 'execute-statement', '--statement', "SELECT * FROM cli WHERE id IN ['c', 'a']", '--limit', '1')
    t.strictSame(page.Items, [{ id: { S: 'c' } }])
    const { StreamDescription } = await aws('dynamodbstreams', 'describe-stream', '--stream-arn', stream)
    const iterator = await aws(
      ...['dynamodbstreams', 'get-shard-iterator', '--stream-arn', stream, '--shard-iterator-type', 'TRIM_HORIZON'],
      ...['--shard-id', StreamDescription.Shards[0].ShardId],
    )
    const { Records } = await aws('dynamodbstreams', 'get-records', '--shard-iterator', iterator.ShardIterator)
    t.strictSame(
      Records.map((record: { dynamodb: { Keys: unknown } }) => record.dynamodb.Keys),
      ['a', 'b', 'c'].map(S => ({ id: { S } })),
    )
    await aws('dynamodb', 'update-contributor-insights', '--table-name', 'cli', '--contributor-insights-action', 'ENABLE')
    const insights = await aws('dynamodb', 'describe-contributor-insights', '--table-name', 'cli')
    t.equal(insights.ContributorInsightsStatus, 'ENABLED')
    const scaling = await aws('dynamodb', 'describe-table-replica-auto-scaling', '--table-name', 'cli')
    t.equal(scaling.TableAutoScalingDescription.Replicas[0].RegionName, 'eu-west-1')
    const destinations = await aws('dynamodb', 'describe-kinesis-streaming-destination', '--table-name', 'cli')
    t.strictSame(destinations.KinesisDataStreamDestinations, [])
  })
})
