import type { TransactWriteItem } from '@aws-sdk/client-dynamodb'
import t from 'tap'
import { HASH_AND_RANGE, HASH_ONLY, N, refuses, S, withTables } from './harness.js'

const TableName = 'simple'
const Key = (id: string) => ({ id: S(id) })

t.test('TransactWriteItems', async t => {
  const { client, clock } = await withTables(t, HASH_ONLY, HASH_AND_RANGE)
  await client.putItem({ TableName, Item: { id: S('a'), n: N(10) } })
  await client.putItem({ TableName, Item: { id: S('b'), n: N(10) } })
  const add = (id: string, n: number, condition?: string): TransactWriteItem => ({
    Update: {
      TableName,
      Key: Key(id),
      UpdateExpression: 'ADD n :n',
      ExpressionAttributeValues: { ':n': N(n) },
      ...(condition && { ConditionExpression: condition }),
    },
  })

  t.test('refuses', async t => {
    await refuses(
      t,
      client.transactWriteItems({ TransactItems: [{}] }),
      'TransactItems can only contain one of Check, Put, Update or Delete',
    )
    await refuses(
      t,
      client.transactWriteItems({ TransactItems: [{ ...add('a', 1), Delete: { TableName, Key: Key('b') } }] }),
      'TransactItems can only contain one of Check, Put, Update or Delete',
    )
    await refuses(
      t,
      client.transactWriteItems({ TransactItems: [add('a', 1), { Delete: { TableName, Key: Key('a') } }] }),
      'Transaction request cannot include multiple operations on one item',
    )
    await t.rejects(client.transactWriteItems({ TransactItems: [{ Delete: { TableName: 'nope', Key: Key('a') } }] }), {
      name: 'ResourceNotFoundException',
    })
    await refuses(
      t,
      client.transactWriteItems({ TransactItems: [{ Update: { TableName, Key: Key('a'), UpdateExpression: 'SET' } }] }),
      'Invalid UpdateExpression: Syntax error; token: "<EOF>", near: "SET"',
    )
    const big = (id: string) => ({ Put: { TableName, Item: { id: S(id), v: S('x'.repeat(399 * 1024)) } } })
    await refuses(
      t,
      client.transactWriteItems({ TransactItems: 'abcdefghijk'.split('').map(big) }),
      'The aggregate size of the items in the transaction cannot exceed 4 MB',
    )
  })

  t.test('is cancelled as a whole, with the reasons in order', async t => {
    const wantsMore: TransactWriteItem = {
      ConditionCheck: {
        TableName,
        Key: Key('b'),
        ConditionExpression: 'n > :n',
        ExpressionAttributeValues: { ':n': N(99) },
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      },
    }
    const cancelled = await client
      .transactWriteItems({
        TransactItems: [add('a', 5), wantsMore, { Put: { TableName: 'tbl', Item: { pk: S('a') } } }],
      })
      .catch(error => error)
    t.match(cancelled, {
      name: 'TransactionCanceledException',
      message: 'Transaction cancelled, please refer cancellation reasons for specific reasons [None, None, ValidationError]',
    })
    const failed = await client
      .transactWriteItems({
        TransactItems: [
          add('a', 5),
          wantsMore,
          { Put: { TableName, Item: Key('c'), ConditionExpression: 'attribute_exists(id)' } },
          { Update: { TableName, Key: Key('d'), UpdateExpression: 'SET x = y' } },
        ],
      })
      .catch(error => error)
    t.match(failed, {
      message:
        'Transaction cancelled, please refer cancellation reasons for specific reasons [None, ConditionalCheckFailed, ConditionalCheckFailed, ValidationError]',
    })
    t.strictSame((failed.fields ?? failed).CancellationReasons, [
      { Code: 'None' },
      { Code: 'ConditionalCheckFailed', Message: 'The conditional request failed', Item: { id: S('b'), n: N(10) } },
      { Code: 'ConditionalCheckFailed', Message: 'The conditional request failed' },
      { Code: 'ValidationError', Message: 'The provided expression refers to an attribute that does not exist in the item' },
    ])
    t.strictSame((await client.getItem({ TableName, Key: Key('a') })).Item, { id: S('a'), n: N(10) })
    t.strictSame(await client.getItem({ TableName, Key: Key('c') }), {})
  })

  t.test('behaves', async t => {
    const done = await client.transactWriteItems({
      TransactItems: [
        add('a', -5, 'n >= :n'),
        add('b', 5),
        { Put: { TableName, Item: { id: S('c') } } },
        { ConditionCheck: { TableName, Key: Key('z'), ConditionExpression: 'attribute_not_exists(id)' } },
      ],
      ReturnConsumedCapacity: 'TOTAL',
    })
    t.strictSame(done, { ConsumedCapacity: [{ TableName, CapacityUnits: 8, WriteCapacityUnits: 8 }] })
    t.strictSame((await client.getItem({ TableName, Key: Key('a') })).Item!.n, N(5))
    t.strictSame((await client.getItem({ TableName, Key: Key('b') })).Item!.n, N(15))
    t.strictSame((await client.getItem({ TableName, Key: Key('c') })).Item, { id: S('c') })
  })

  t.test('is done once for one token', async t => {
    const request = { TransactItems: [add('token', 1)], ClientRequestToken: 'tok', ReturnConsumedCapacity: 'TOTAL' as const }
    await client.transactWriteItems(request)
    const again = await client.transactWriteItems(request)
    t.strictSame(again.ConsumedCapacity, [{ TableName, CapacityUnits: 2, ReadCapacityUnits: 2 }])
    t.strictSame((await client.getItem({ TableName, Key: Key('token') })).Item!.n, N(1))
    await t.rejects(client.transactWriteItems({ TransactItems: [add('token', 2)], ClientRequestToken: 'tok' }), {
      name: 'IdempotentParameterMismatchException',
    })
    await clock.advance(10 * 60 * 1000)
    await client.transactWriteItems(request)
    t.strictSame((await client.getItem({ TableName, Key: Key('token') })).Item!.n, N(2), 'after ten minutes the token is forgotten')
  })
})

t.test('TransactGetItems', async t => {
  const { client } = await withTables(t, HASH_ONLY)
  await client.putItem({ TableName, Item: { id: S('a'), n: N(10), m: S('m') } })

  t.test('refuses', async t => {
    await refuses(
      t,
      client.transactGetItems({ TransactItems: [{ Get: { TableName, Key: Key('a') } }, { Get: { TableName, Key: Key('a') } }] }),
      'Transaction request cannot include multiple operations on one item',
    )
    await t.rejects(client.transactGetItems({ TransactItems: [{ Get: { TableName: 'nope', Key: Key('a') } }] }), {
      name: 'ResourceNotFoundException',
    })
    await t.rejects(
      client.transactGetItems({ TransactItems: [{ Get: { TableName, Key: Key('a') } }, { Get: { TableName, Key: { x: S('a') } } }] }),
      {
        name: 'TransactionCanceledException',
        message: 'Transaction cancelled, please refer cancellation reasons for specific reasons [None, ValidationError]',
      },
    )
  })

  t.test('behaves', async t => {
    const got = await client.transactGetItems({
      TransactItems: [{ Get: { TableName, Key: Key('a'), ProjectionExpression: 'n' } }, { Get: { TableName, Key: Key('b') } }],
      ReturnConsumedCapacity: 'TOTAL',
    })
    t.strictSame(got, {
      Responses: [{ Item: { n: N(10) } }, {}],
      ConsumedCapacity: [{ TableName, CapacityUnits: 4, ReadCapacityUnits: 4 }],
    })
  })
})

t.test('a bank keeps its sum, whoever pays whom at the same time', async t => {
  const { client } = await withTables(t, HASH_ONLY)
  const accounts = Array.from({ length: 10 }, (_, i) => `account${i}`)
  for (const id of accounts) await client.putItem({ TableName, Item: { id: S(id), n: N(100) } })
  let seed = 1
  const random = (n: number) => {
    seed = (seed * 48271) % 0x7fffffff
    return seed % n
  }
  const pay = (id: string, n: number, condition: string): TransactWriteItem => ({
    Update: {
      TableName,
      Key: Key(id),
      UpdateExpression: 'SET n = n + :n',
      ConditionExpression: condition,
      ExpressionAttributeValues: { ':n': N(n), ':min': N(Math.max(0, -n)) },
    },
  })
  const one = async () => {
    for (let i = 0; i < 30; i++) {
      const from = random(10)
      const to = (from + 1 + random(9)) % 10
      const amount = 1 + random(60)
      await client
        .transactWriteItems({ TransactItems: [pay(accounts[from]!, -amount, 'n >= :min'), pay(accounts[to]!, amount, 'n >= :min')] })
        .catch(error => t.equal(error.name, 'TransactionCanceledException'))
      const { Responses } = await client.transactGetItems({ TransactItems: accounts.map(id => ({ Get: { TableName, Key: Key(id) } })) })
      const balances = Responses!.map(({ Item }) => Number(Item!.n!.N))
      if (balances.reduce((a, b) => a + b) !== 1000 || balances.some(b => b < 0)) t.fail(`balances: ${balances}`)
    }
  }
  await Promise.all(Array.from({ length: 32 }, one))
  t.pass()
})
