import t from 'tap'
import { HASH_AND_RANGE, HASH_ONLY, INDEXED, N, refuses, S, withTables } from './harness.js'

const key = (n: number) => ({ pk: S('a'), sk: N(n) })
const range = (n: number) => Array.from({ length: n }, (_, i) => i)

t.test('BatchWriteItem', async t => {
  const { client } = await withTables(t, HASH_AND_RANGE, HASH_ONLY, INDEXED)

  t.test('refuses', async t => {
    await t.rejects(client.batchWriteItem({ RequestItems: { nope: [{ PutRequest: { Item: key(1) } }] } }), {
      name: 'ResourceNotFoundException',
      message: 'Requested resource not found',
    })
    await refuses(
      t,
      client.batchWriteItem({
        RequestItems: {
          tbl: range(20).map(n => ({ PutRequest: { Item: key(n) } })),
          simple: range(6).map(n => ({ DeleteRequest: { Key: { id: S(`${n}`) } } })),
        },
      }),
      'Too many items requested for the BatchWriteItem call',
    )
    await refuses(
      t,
      client.batchWriteItem({
        RequestItems: { tbl: [{ PutRequest: { Item: key(1) } }, { DeleteRequest: { Key: { pk: S('a'), sk: N('1.0') } } }] },
      }),
      'Provided list of item keys contains duplicates',
    )
    await refuses(
      t,
      client.batchWriteItem({ RequestItems: { tbl: [{ PutRequest: { Item: { pk: S('a') } } }] } }),
      'One or more parameter values were invalid: Missing the key sk in the item',
    )
    await refuses(
      t,
      client.batchWriteItem({ RequestItems: { tbl: [{ DeleteRequest: { Key: { pk: S('a') } } }] } }),
      'The provided key element does not match the schema',
    )
    t.equal((await client.scan({ TableName: 'tbl' })).Count, 0, 'nothing came of it')
  })

  t.test('behaves', async t => {
    const done = await client.batchWriteItem({
      RequestItems: { tbl: range(20).map(n => ({ PutRequest: { Item: key(n) } })), simple: [{ PutRequest: { Item: { id: S('x') } } }] },
      ReturnConsumedCapacity: 'TOTAL',
    })
    t.strictSame(done, {
      UnprocessedItems: {},
      ConsumedCapacity: [
        { TableName: 'tbl', CapacityUnits: 20 },
        { TableName: 'simple', CapacityUnits: 1 },
      ],
    })
    await client.batchWriteItem({ RequestItems: { tbl: range(5).map(n => ({ DeleteRequest: { Key: key(n) } })) } })
    t.equal((await client.scan({ TableName: 'tbl' })).Count, 15)
    const metrics = await client.batchWriteItem({
      RequestItems: { indexed: [{ PutRequest: { Item: { ...key(1), lsk: S('l') } } }] },
      ReturnItemCollectionMetrics: 'SIZE',
    })
    t.strictSame(metrics.ItemCollectionMetrics, { indexed: [{ ItemCollectionKey: { pk: S('a') }, SizeEstimateRangeGB: [0, 1] }] })
  })
})

t.test('BatchGetItem', async t => {
  const { client } = await withTables(t, HASH_AND_RANGE, HASH_ONLY)
  await client.batchWriteItem({ RequestItems: { tbl: range(10).map(n => ({ PutRequest: { Item: { ...key(n), v: N(n) } } })) } })

  t.test('refuses', async t => {
    await refuses(
      t,
      client.batchGetItem({
        RequestItems: { tbl: { Keys: range(60).map(key) }, simple: { Keys: range(41).map(n => ({ id: S(`${n}`) })) } },
      }),
      'Too many items requested for the BatchGetItem call',
    )
    await refuses(
      t,
      client.batchGetItem({ RequestItems: { tbl: { Keys: [key(1), key(1)] } } }),
      'Provided list of item keys contains duplicates',
    )
    await refuses(
      t,
      client.batchGetItem({ RequestItems: { tbl: { Keys: [{ pk: S('a') }] } } }),
      'The provided key element does not match the schema',
    )
    await t.rejects(client.batchGetItem({ RequestItems: { nope: { Keys: [key(1)] } } }), { name: 'ResourceNotFoundException' })
  })

  t.test('behaves', async t => {
    const got = await client.batchGetItem({
      RequestItems: { tbl: { Keys: [key(1), key(99), key(2)], ProjectionExpression: '#v', ExpressionAttributeNames: { '#v': 'v' } } },
      ReturnConsumedCapacity: 'TOTAL',
    })
    t.strictSame(got, {
      Responses: { tbl: [{ v: N(1) }, { v: N(2) }] },
      UnprocessedKeys: {},
      ConsumedCapacity: [{ TableName: 'tbl', CapacityUnits: 1.5 }],
    })
  })

  t.test('leaves over what goes beyond 16 MB', async t => {
    for (let i = 0; i < 50; i++) await client.putItem({ TableName: 'simple', Item: { id: S(`${i}`), v: S('x'.repeat(399 * 1024)) } })
    const got = await client.batchGetItem({
      RequestItems: { simple: { Keys: range(50).map(n => ({ id: S(`${n}`) })), ConsistentRead: true } },
    })
    t.equal(got.Responses!.simple!.length, 41)
    t.match(got.UnprocessedKeys, { simple: { ConsistentRead: true, Keys: { length: 9 } } })
  })
})
