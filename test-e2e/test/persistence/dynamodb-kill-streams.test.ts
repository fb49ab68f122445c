import {
  CreateTableCommand,
  DeleteItemCommand,
  DynamoDBClient,
  ExecuteTransactionCommand,
  PutItemCommand,
  paginateScan,
  RestoreTableToPointInTimeCommand,
  UpdateContinuousBackupsCommand,
  UpdateTableCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb'
import { DescribeStreamCommand, DynamoDBStreamsClient, GetRecordsCommand, GetShardIteratorCommand } from '@aws-sdk/client-dynamodb-streams'
import t from 'tap'
import { type ServerProcess, startServerProcess } from '../../src/server.js'

const TableName = 'followed'
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
const optionsOf = ({ endpoint }: ServerProcess, region = 'us-east-1') => ({ endpoint, region, credentials, maxAttempts: 1 })

async function items(client: DynamoDBClient, table = TableName): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  for await (const page of paginateScan({ client }, { TableName: table }))
    for (const item of page.Items!) found.set(item.id!.S!, item.n!.N!)
  return found
}

/** What a reader of the whole stream makes of it. */
async function replayed(client: DynamoDBStreamsClient, StreamArn: string): Promise<Map<string, string>> {
  const { StreamDescription } = await client.send(new DescribeStreamCommand({ StreamArn }))
  const { ShardId } = StreamDescription!.Shards![0]!
  let { ShardIterator } = await client.send(new GetShardIteratorCommand({ StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' }))
  const state = new Map<string, string>()
  for (;;) {
    const { Records, NextShardIterator } = await client.send(new GetRecordsCommand({ ShardIterator }))
    if (Records!.length === 0) return state
    for (const { dynamodb } of Records!) {
      const id = dynamodb!.Keys!.id!.S!
      if (dynamodb!.NewImage) state.set(id, dynamodb!.NewImage.n!.N!)
      else state.delete(id)
    }
    ShardIterator = NextShardIterator
  }
}

const sorted = (map: ReadonlyMap<string, string>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1))

t.test('after kill -9 a table, its stream, its replica and what undoes its changes tell the same', async t => {
  const env = { PERSIST_STATE: '1', STATE_DIR: t.testdir() }
  let server = await startServerProcess({ args: ['--services', 'dynamodb'], env })
  t.teardown(() => server.kill('SIGKILL'))
  const first = new DynamoDBClient(optionsOf(server))
  const { TableDescription } = await first.send(
    new CreateTableCommand({
      TableName,
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      BillingMode: 'PAY_PER_REQUEST',
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
    }),
  )
  const StreamArn = TableDescription!.LatestStreamArn!
  await waitUntilTableExists({ client: first, maxWaitTime: 60 }, { TableName })
  await first.send(new UpdateTableCommand({ TableName, ReplicaUpdates: [{ Create: { RegionName: 'eu-west-1' } }] }))
  await first.send(
    new UpdateContinuousBackupsCommand({ TableName, PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } }),
  )
  let empty: Date | undefined
  for (let life = 0; life < 3; life++) {
    const client = new DynamoDBClient(optionsOf(server))
    const stopAt = 150 + life * 113
    let done = 0
    let killed: Promise<unknown> | undefined
    empty ??= new Date()
    const put = (id: string, n: number) => client.send(new PutItemCommand({ TableName, Item: { id: { S: id }, n: { N: String(n) } } }))
    const turn = (worker: number, n: number): Promise<unknown> => {
      const id = `${life}-${worker}-${n % 5}`
      if (n % 3 === 0) return put(id, n)
      if (n % 3 === 1) return client.send(new DeleteItemCommand({ TableName, Key: { id: { S: `${life}-${worker}-${(n - 1) % 5}` } } }))
      const TransactStatements = ['a', 'b'].map(half => ({
        Statement: `INSERT INTO ${TableName} VALUE {'id': '${life}-${worker}-${n}-${half}', 'n': ${n}}`,
      }))
      return client.send(new ExecuteTransactionCommand({ TransactStatements }))
    }
    const work = async (worker: number) => {
      for (let n = 0; !killed; n++) {
        const ok = await turn(worker, n).catch(error => {
          if (!killed) throw error
        })
        if (!ok) return
        if (++done >= stopAt) killed ??= server.kill('SIGKILL')
      }
    }
    await Promise.all([0, 1, 2, 3, 4, 5].map(work))
    await killed
    server = await startServerProcess({ args: ['--services', 'dynamodb'], env })
    const again = new DynamoDBClient(optionsOf(server))
    const found = await items(again)
    t.ok(found.size > 0, `life ${life}: ${done} writes acknowledged`)
    t.strictSame(sorted(await replayed(new DynamoDBStreamsClient(optionsOf(server)), StreamArn)), sorted(found))
    t.strictSame(sorted(await items(new DynamoDBClient(optionsOf(server, 'eu-west-1')))), sorted(found))
    const halves = [...found.keys()].filter(id => /-[ab]$/.test(id))
    t.strictSame(
      halves.filter(id => !found.has(id.replace(/[ab]$/, half => (half === 'a' ? 'b' : 'a')))),
      [],
      'no transaction is half there',
    )
  }
  const client = new DynamoDBClient(optionsOf(server))
  const TargetTableName = 'restored'
  await client.send(new RestoreTableToPointInTimeCommand({ SourceTableName: TableName, TargetTableName, RestoreDateTime: empty! }))
  await waitUntilTableExists({ client, maxWaitTime: 60 }, { TableName: TargetTableName })
  t.equal((await items(client, TargetTableName)).size, 0, 'every change of all lives can be undone')
})
