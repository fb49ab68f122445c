import {
  CreateTableCommand,
  DeleteItemCommand,
  DynamoDBClient,
  PutItemCommand,
  paginateScan,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import t from 'tap'
import { type ServerProcess, startServerProcess } from '../../src/server.js'

const TableName = 'bank'
const ACCOUNTS = 20
const SUM = ACCOUNTS * 100
const CLIENTS = 32
const LIVES = 3

const clientOf = ({ endpoint }: ServerProcess) =>
  new DynamoDBClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
    requestHandler: new NodeHttpHandler({ httpAgent: { maxSockets: CLIENTS } }),
  })

const key = (id: string) => ({ id: { S: id } })
const number = (n: number) => ({ N: String(n) })

/** What a client knows of its own keys: the last acknowledged value (undefined: deleted), and what it asked for last. */
interface Known {
  acknowledged: number | undefined
  asked: number | undefined
}

function pay(from: number, to: number, amount: number): TransactWriteItem[] {
  return [
    [from, -amount],
    [to, amount],
  ].map(([account, change]) => ({
    Update: {
      TableName,
      Key: key(`account${account}`),
      UpdateExpression: 'SET n = n + :change',
      ConditionExpression: 'n >= :least',
      ExpressionAttributeValues: { ':change': number(change!), ':least': number(Math.max(0, -change!)) },
    },
  }))
}

async function everything(client: DynamoDBClient): Promise<Map<string, number>> {
  const found = new Map<string, number>()
  for await (const page of paginateScan({ client }, { TableName, ConsistentRead: true })) {
    for (const item of page.Items!) found.set(item.id!.S!, Number(item.n!.N))
  }
  return found
}

t.test(
  'after kill -9 in the middle of writes of 32 clients nothing that was acknowledged is lost, and no transaction is half there',
  async t => {
    const env = { PERSIST_STATE: '1', STATE_DIR: t.testdir() }
    let server = await startServerProcess({ args: ['--services', 'dynamodb'], env })
    t.teardown(() => server.kill('SIGKILL'))
    const first = clientOf(server)
    await first.send(
      new CreateTableCommand({
        TableName,
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        BillingMode: 'PAY_PER_REQUEST',
      }),
    )
    await waitUntilTableExists({ client: first, maxWaitTime: 60 }, { TableName })
    for (let i = 0; i < ACCOUNTS; i++) await first.send(new PutItemCommand({ TableName, Item: { ...key(`account${i}`), n: number(100) } }))

    for (let life = 0; life < LIVES; life++) {
      const client = clientOf(server)
      const known = new Map<string, Known>()
      const stopAt = 900 + life * 531
      let done = 0
      let paid = 0
      let killed: Promise<unknown> | undefined
      const write = async (id: string, value: number | undefined, send: () => Promise<unknown>) => {
        const before = known.get(id)
        known.set(id, { acknowledged: before?.acknowledged, asked: value })
        await send()
        known.set(id, { acknowledged: value, asked: value })
      }
      const turn = async (worker: number, n: number) => {
        const id = `${life}-${worker}-${n % 7}`
        if (n % 4 === 0) await write(id, n, () => client.send(new PutItemCommand({ TableName, Item: { ...key(id), n: number(n) } })))
        else if (n % 4 === 1) {
          const update = { TableName, Key: key(id), UpdateExpression: 'SET n = :n', ExpressionAttributeValues: { ':n': number(n) } }
          await write(id, n, () => client.send(new UpdateItemCommand(update)))
        } else if (n % 4 === 2) await write(id, undefined, () => client.send(new DeleteItemCommand({ TableName, Key: key(id) })))
        else {
          const from = (n * 7 + worker) % ACCOUNTS
          const to = (from + 1 + (n % (ACCOUNTS - 1))) % ACCOUNTS
          try {
            await client.send(new TransactWriteItemsCommand({ TransactItems: pay(from, to, 1 + (n % 30)) }))
            paid++
          } catch (error) {
            if ((error as Error).name !== 'TransactionCanceledException') throw error
          }
        }
      }
      const work = async (worker: number) => {
        for (let n = 0; !killed; n++) {
          try {
            await turn(worker, n)
          } catch (error) {
            if (!killed) throw error
            return
          }
          if (++done >= stopAt) killed ??= server.kill('SIGKILL')
        }
      }
      await Promise.all(Array.from({ length: CLIENTS }, (_, worker) => work(worker)))
      await killed
      server = await startServerProcess({ args: ['--services', 'dynamodb'], env })
      const found = await everything(clientOf(server))
      const balances = Array.from({ length: ACCOUNTS }, (_, i) => found.get(`account${i}`)!)
      t.ok(paid > 0, `life ${life}: ${done} writes acknowledged, ${paid} of them transactions`)
      t.equal(
        balances.reduce((a, b) => a + b),
        SUM,
        'the bank keeps its sum',
      )
      t.ok(balances.every(balance => balance >= 0))
      const lost = [...known].filter(([id, { acknowledged, asked }]) => found.get(id) !== acknowledged && found.get(id) !== asked)
      t.strictSame(lost, [])
    }
  },
)
