import { CreateTableCommand, DynamoDBClient, TransactionCanceledException, waitUntilTableExists } from '@aws-sdk/client-dynamodb'
import { DynamoDBDocumentClient, PutCommand, TransactGetCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb'
import t from 'tap'
import { startServerProcess } from '../../src/server.js'

const CLIENTS = 32
const PAYMENTS = 25
const ACCOUNTS = Array.from({ length: 12 }, (_, i) => `account${i}`)
const DEPOSIT = 100

t.setTimeout(120_000)

t.test('32 clients that pay each other over HTTP, again after each conflict, leave the sum as it was', async t => {
  const server = await startServerProcess({ args: ['--services', 'dynamodb'] })
  t.teardown(() => server.stop())
  const config = { endpoint: server.endpoint, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } }
  const clients = Array.from({ length: CLIENTS }, () => new DynamoDBClient(config))
  t.teardown(() => {
    for (const client of clients) client.destroy()
  })
  const [first] = clients
  await first!.send(
    new CreateTableCommand({
      TableName: 'bank',
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      BillingMode: 'PAY_PER_REQUEST',
    }),
  )
  await waitUntilTableExists({ client: first!, maxWaitTime: 20, minDelay: 1 }, { TableName: 'bank' })
  const teller = DynamoDBDocumentClient.from(first!)
  for (const id of ACCOUNTS) await teller.send(new PutCommand({ TableName: 'bank', Item: { id, n: DEPOSIT } }))

  let conflicts = 0
  const again = async <T>(call: () => Promise<T>): Promise<T | 'refused'> => {
    for (;;) {
      try {
        return await call()
      } catch (error) {
        if (!(error instanceof TransactionCanceledException)) throw error
        const codes = error.CancellationReasons!.map(({ Code }) => Code)
        if (codes.includes('TransactionConflict')) conflicts++
        else if (codes.includes('ConditionalCheckFailed')) return 'refused'
        else throw error
      }
    }
  }
  const pay = (id: string, amount: number) => ({
    Update: {
      TableName: 'bank',
      Key: { id },
      UpdateExpression: 'SET n = n + :amount',
      ConditionExpression: 'n >= :least',
      ExpressionAttributeValues: { ':amount': amount, ':least': Math.max(0, -amount) },
    },
  })
  const balances = async (client: DynamoDBDocumentClient) => {
    const read = await again(() =>
      client.send(new TransactGetCommand({ TransactItems: ACCOUNTS.map(id => ({ Get: { TableName: 'bank', Key: { id } } })) })),
    )
    return read === 'refused' ? [] : read.Responses!.map(({ Item }) => Item!.n as number)
  }
  let paid = 0
  const wrong: number[][] = []
  await Promise.all(
    clients.map(async (plain, seed) => {
      const client = DynamoDBDocumentClient.from(plain)
      for (let i = 0; i < PAYMENTS; i++) {
        const from = (seed * 7 + i * 5) % ACCOUNTS.length
        const to = (from + 1 + ((seed + i * 3) % (ACCOUNTS.length - 1))) % ACCOUNTS.length
        const amount = 1 + ((seed * 31 + i * 17) % 60)
        const TransactItems = [pay(ACCOUNTS[from]!, -amount), pay(ACCOUNTS[to]!, amount)]
        if ((await again(() => client.send(new TransactWriteCommand({ TransactItems })))) !== 'refused') paid++
        if (i % 5 === 0) {
          const seen = await balances(client)
          if (seen.reduce((a, b) => a + b, 0) !== ACCOUNTS.length * DEPOSIT || seen.some(n => n < 0)) wrong.push(seen)
        }
      }
    }),
  )
  t.strictSame(wrong, [], 'no look at all accounts at once saw money that was nowhere or twice')
  const end = await balances(teller)
  t.equal(
    end.reduce((a, b) => a + b, 0),
    ACCOUNTS.length * DEPOSIT,
  )
  t.ok(paid > CLIENTS, `${paid} payments, ${conflicts} conflicts`)
  t.ok(conflicts > 0, 'conflicts came up')
})
