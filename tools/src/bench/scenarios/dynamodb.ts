import { buildRequest } from '../request.js'
import type { Call, Scenario, Step } from '../scenario.js'

/** How many different items the requests of one item go around. */
const ITEMS = 1000
const PAGE = 100
const BATCH = 25

function dynamoRequest(operation: string, input: object): Buffer {
  return buildRequest({
    service: 'dynamodb',
    contentType: 'application/x-amz-json-1.0',
    target: `DynamoDB_20120810.${operation}`,
    body: JSON.stringify(input),
  })
}

async function createTable(call: Call, TableName: string): Promise<void> {
  const attributes = [
    ['pk', 'HASH', 'S'],
    ['sk', 'RANGE', 'N'],
  ] as const
  await call(
    dynamoRequest('CreateTable', {
      TableName,
      KeySchema: attributes.map(([AttributeName, KeyType]) => ({ AttributeName, KeyType })),
      AttributeDefinitions: attributes.map(([AttributeName, , AttributeType]) => ({ AttributeName, AttributeType })),
      BillingMode: 'PAY_PER_REQUEST',
    }),
  )
  for (;;) {
    const { Table } = JSON.parse((await call(dynamoRequest('DescribeTable', { TableName }))).toString()) as {
      Table: { TableStatus: string }
    }
    if (Table.TableStatus === 'ACTIVE') return
  }
}

const key = (pk: string, sk: number) => ({ pk: { S: pk }, sk: { N: String(sk) } })
const item = (pk: string, sk: number) => ({ ...key(pk, sk), name: { S: `item ${sk}` }, price: { N: '19.99' }, stock: { N: '100000' } })

function putBatch(TableName: string, pk: string, first: number): Buffer {
  const writes = Array.from({ length: BATCH }, (_, i) => ({ PutRequest: { Item: item(pk, first + i) } }))
  return dynamoRequest('BatchWriteItem', { RequestItems: { [TableName]: writes } })
}

/** Puts so many items under one partition key. */
async function load(call: Call, TableName: string, count: number): Promise<void> {
  for (let first = 0; first < count; first += BATCH) await call(putBatch(TableName, 'all', first))
}

function queryPage(TableName: string, after: number): Buffer {
  return dynamoRequest('Query', {
    TableName,
    KeyConditionExpression: 'pk = :pk AND sk >= :sk',
    ExpressionAttributeValues: { ':pk': { S: 'all' }, ':sk': { N: String(after) } },
    Limit: PAGE,
  })
}

/** A step that goes around requests made beforehand. */
function around(label: string, requests: readonly Buffer[]): Step {
  let turn = 0
  return { label, request: () => requests[turn++ % requests.length]! }
}

const each = (make: (i: number) => Buffer, count = ITEMS) => Array.from({ length: count }, (_, i) => make(i))

/** Single items, a page, a batch and a transaction. */
export const dynamodb: Scenario = {
  name: 'dynamodb',
  async prepare(call) {
    const TableName = 'bench'
    await createTable(call, TableName)
    await load(call, TableName, 1000)
    const add = (pk: string, sk: number) => ({
      TableName,
      Key: key(pk, sk),
      UpdateExpression: 'SET stock = stock - :one',
      ConditionExpression: 'stock >= :one',
      ExpressionAttributeValues: { ':one': { N: '1' } },
    })
    return [
      around(
        'dynamodb PutItem',
        each(i => dynamoRequest('PutItem', { TableName, Item: item(`p${i}`, i) })),
      ),
      around(
        'dynamodb GetItem',
        each(i => dynamoRequest('GetItem', { TableName, Key: key(`p${i}`, i) })),
      ),
      around(
        'dynamodb UpdateItem with a condition',
        each(i => dynamoRequest('UpdateItem', add(`p${i}`, i))),
      ),
      around('dynamodb Query of 100', [queryPage(TableName, 450)]),
      around(
        'dynamodb BatchWriteItem of 25',
        each(i => putBatch(TableName, `b${i % 50}`, 0), 50),
      ),
      around(
        'dynamodb TransactWriteItems of 4',
        each(i =>
          dynamoRequest('TransactWriteItems', {
            TransactItems: [0, 1, 2, 3].map(n => ({ Update: add(`p${(i + n) % ITEMS}`, (i + n) % ITEMS) })),
          }),
        ),
      ),
    ]
  },
}

/** The same page of a small table and of a large one. */
export const dynamodbPages: Scenario = {
  name: 'dynamodb-pages',
  onDemand: true,
  async prepare(call) {
    const sizes = [
      ['a thousand', 1000],
      ['a million', 1_000_000],
    ] as const
    const steps: Step[] = []
    for (const [words, count] of sizes) {
      const TableName = `bench-${count}`
      await createTable(call, TableName)
      await load(call, TableName, count)
      steps.push(around(`dynamodb Query of 100 among ${words}`, [queryPage(TableName, count / 2)]))
    }
    return steps
  },
}
