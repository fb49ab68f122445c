import { CreateTableCommand, DynamoDBClient, TransactionCanceledException, waitUntilTableExists } from '@aws-sdk/client-dynamodb'
import {
  BatchGetCommand,
  BatchWriteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  paginateQuery,
  TransactWriteCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb'
import t from 'tap'
import { clientEnv, missing, run } from '../../src/programs.js'
import { startServerProcess } from '../../src/server.js'

const BOTO3 = `
import boto3
from decimal import Decimal
from boto3.dynamodb.conditions import Attr, Key
from botocore.exceptions import ClientError
dynamodb = boto3.resource('dynamodb')
table = dynamodb.create_table(TableName='music', BillingMode='PAY_PER_REQUEST',
    KeySchema=[{'AttributeName': 'artist', 'KeyType': 'HASH'}, {'AttributeName': 'song', 'KeyType': 'RANGE'}],
    AttributeDefinitions=[{'AttributeName': n, 'AttributeType': t} for n, t in (('artist', 'S'), ('song', 'S'), ('year', 'N'))],
    GlobalSecondaryIndexes=[{'IndexName': 'by-year', 'KeySchema': [{'AttributeName': 'year', 'KeyType': 'HASH'}], 'Projection': {'ProjectionType': 'ALL'}}])
table.wait_until_exists()
item = {'artist': 'a', 'song': 's', 'year': 1999, 'price': Decimal('1.50'), 'raw': b'\\x00\\xff', 'tags': {'x', 'y'}, 'ok': True, 'none': None, 'nested': {'l': [1, {'deep': 'v'}]}}
with table.batch_writer() as batch:
    for i in range(60):
        batch.put_item(Item={**item, 'artist': 'a%d' % (i % 3), 'song': 's%02d' % i, 'year': 1990 + i % 5})
got = table.query(KeyConditionExpression=Key('artist').eq('a1') & Key('song').begins_with('s1'), FilterExpression=Attr('nested.l[1].deep').eq('v') & Attr('price').gt(1))
assert [i['song'] for i in got['Items']] == ['s10', 's13', 's16', 's19'], got
assert got['Items'][0]['price'] == Decimal('1.5') and got['Items'][0]['tags'] == {'x', 'y'} and bytes(got['Items'][0]['raw']) == b'\\x00\\xff', got
page = table.query(IndexName='by-year', KeyConditionExpression=Key('year').eq(1992), Limit=2)
assert set(page['LastEvaluatedKey']) == {'year', 'artist', 'song'}, page
assert sum(p['Count'] for p in dynamodb.meta.client.get_paginator('scan').paginate(TableName='music', PaginationConfig={'PageSize': 7})) == 60
new = table.update_item(Key={'artist': 'a1', 'song': 's01'}, UpdateExpression='SET nested.l[0] = :x, #y = #y + :one ADD tags :t', ReturnValues='UPDATED_NEW',
    ExpressionAttributeNames={'#y': 'year'}, ExpressionAttributeValues={':x': 'new', ':one': 1, ':t': {'z'}})['Attributes']
assert new == {'year': 1992, 'tags': {'x', 'y', 'z'}, 'nested': {'l': ['new']}}, new
try:
    table.put_item(Item={'artist': 'a1', 'song': 's01'}, ConditionExpression=Attr('artist').not_exists(), ReturnValuesOnConditionCheckFailure='ALL_OLD')
    raise AssertionError('the item was replaced')
except ClientError as e:
    assert e.response['Error']['Code'] == 'ConditionalCheckFailedException' and e.response['Item']['year'] == {'N': '1992'}, e.response
try:
    dynamodb.meta.client.transact_write_items(TransactItems=[{'Delete': {'TableName': 'music', 'Key': {'artist': 'a1', 'song': 's01'}, 'ConditionExpression': 'attribute_not_exists(artist)'}}])
    raise AssertionError('the transaction was done')
except ClientError as e:
    assert e.response['CancellationReasons'][0]['Code'] == 'ConditionalCheckFailed', e.response
table.delete()
table.wait_until_not_exists()
print('done')
`

t.setTimeout(120_000)

t.test('DynamoDB', async t => {
  const server = await startServerProcess({ args: ['--services', 'dynamodb'] })
  t.teardown(() => server.stop())

  t.test('the JS SDK document client', async t => {
    const client = new DynamoDBClient({
      endpoint: server.endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    })
    const documents = DynamoDBDocumentClient.from(client)
    const TableName = 'documents'
    await client.send(
      new CreateTableCommand({
        TableName,
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
        AttributeDefinitions: [
          { AttributeName: 'pk', AttributeType: 'S' },
          { AttributeName: 'sk', AttributeType: 'N' },
        ],
        BillingMode: 'PAY_PER_REQUEST',
      }),
    )
    await waitUntilTableExists({ client, maxWaitTime: 60 }, { TableName })
    const Item = { pk: 'a', sk: 1, n: 1.5, list: [1, { x: new Set(['q']) }], bytes: new Uint8Array([0, 255]), none: null, yes: true }
    await documents.send(new PutCommand({ TableName, Item }))
    t.match((await documents.send(new GetCommand({ TableName, Key: { pk: 'a', sk: 1 } }))).Item, {
      n: 1.5,
      list: [1, { x: new Set(['q']) }],
      none: null,
    })
    const update = { TableName, Key: { pk: 'a', sk: 1 }, UpdateExpression: 'SET n = n + :d', ExpressionAttributeValues: { ':d': 0.1 } }
    t.strictSame((await documents.send(new UpdateCommand({ ...update, ReturnValues: 'UPDATED_NEW' }))).Attributes, { n: 1.6 })
    const puts = Array.from({ length: 25 }, (_, sk) => ({ PutRequest: { Item: { pk: 'b', sk } } }))
    await documents.send(new BatchWriteCommand({ RequestItems: { [TableName]: puts } }))
    const { Responses } = await documents.send(
      new BatchGetCommand({
        RequestItems: {
          [TableName]: {
            Keys: [
              { pk: 'b', sk: 3 },
              { pk: 'z', sk: 0 },
            ],
          },
        },
      }),
    )
    t.strictSame(Responses, { [TableName]: [{ pk: 'b', sk: 3 }] })
    const seen: number[] = []
    const query = {
      TableName,
      KeyConditionExpression: 'pk = :b AND sk > :s',
      ExpressionAttributeValues: { ':b': 'b', ':s': 4 },
      ScanIndexForward: false,
    }
    for await (const page of paginateQuery({ client: documents, pageSize: 7 }, query))
      seen.push(...page.Items!.map(item => item.sk as number))
    t.strictSame(
      seen,
      Array.from({ length: 20 }, (_, i) => 24 - i),
    )
    const cancelled = await documents
      .send(new TransactWriteCommand({ TransactItems: [{ Put: { TableName, Item, ConditionExpression: 'attribute_not_exists(pk)' } }] }))
      .catch(error => error)
    t.ok(cancelled instanceof TransactionCanceledException)
    t.match(cancelled.CancellationReasons, [{ Code: 'ConditionalCheckFailed', Message: 'The conditional request failed' }])
  })

  t.test('the boto3 resource', { skip: missing('python3', '-c', 'import boto3') }, async t => {
    const { code, stdout, stderr } = await run('python3', ['-c', BOTO3], { env: clientEnv(server.endpoint) })
    t.equal(code, 0, stderr)
    t.equal(stdout.trim(), 'done')
  })

  t.test('the AWS CLI', { skip: missing('aws', '--version') }, async t => {
    const aws = (...args: string[]) => run('aws', ['dynamodb', ...args, '--output', 'json'], { env: clientEnv(server.endpoint) })
    const created = await aws(
      ...['create-table', '--table-name', 'cli', '--billing-mode', 'PAY_PER_REQUEST'],
      ...['--attribute-definitions', 'AttributeName=id,AttributeType=S', '--key-schema', 'AttributeName=id,KeyType=HASH'],
    )
    t.equal(created.code, 0, created.stderr)
    t.equal((await aws('wait', 'table-exists', '--table-name', 'cli')).code, 0)
    await aws('put-item', '--table-name', 'cli', '--item', '{"id":{"S":"x"},"n":{"N":"1"}}')
    const got = await aws('get-item', '--table-name', 'cli', '--key', '{"id":{"S":"x"}}')
    t.strictSame(JSON.parse(got.stdout), { Item: { id: { S: 'x' }, n: { N: '1' } } })
    t.match(
      (await aws('get-item', '--table-name', 'cli', '--key', '{"no":{"S":"x"}}')).stderr,
      'The provided key element does not match the schema',
    )
    t.equal((await aws('delete-table', '--table-name', 'cli')).code, 0)
  })
})
