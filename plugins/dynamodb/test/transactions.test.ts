import { setImmediate as nextTurn } from 'node:timers/promises'
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

t.test('while a transaction that writes is under way', async t => {
  const { client } = await withTables(t, HASH_ONLY)
  await client.putItem({ TableName, Item: { id: S('a'), n: N(1) } })
  const put = (id: string): TransactWriteItem => ({ Put: { TableName, Item: { id: S(id), by: S('transaction') } } })
  const check = (id: string): TransactWriteItem => ({
    ConditionCheck: { TableName, Key: Key(id), ConditionExpression: 'attribute_not_exists(id)' },
  })
  /** Calls made while a transaction has `a` and `checked`. */
  const during = async <T extends readonly unknown[]>(calls: () => { [K in keyof T]: Promise<T[K]> }) => {
    const transaction = client.transactWriteItems({ TransactItems: [put('a'), check('checked')] })
    const results = await Promise.allSettled(calls())
    await transaction
    await client.putItem({ TableName, Item: { id: S('a'), n: N(1) } })
    return results
  }
  const conflict = { name: 'TransactionConflictException', message: 'Transaction is ongoing for the item' }

  t.test('single writes of its items are refused, before their conditions are looked at', async t => {
    const results = await during(() => [
      client.putItem({ TableName, Item: { id: S('a') }, ConditionExpression: 'attribute_not_exists(id)' }),
      client.updateItem({ TableName, Key: Key('checked'), UpdateExpression: 'SET x = y' }),
      client.deleteItem({ TableName, Key: Key('a') }),
      client.executeStatement({ Statement: "UPDATE simple SET v = 1 WHERE id = 'a'" }),
    ])
    for (const result of results) t.match(result, { status: 'rejected', reason: conflict })
    const wrong = await during(() => [client.deleteItem({ TableName, Key: { nope: S('a') } })])
    t.match(wrong, [{ reason: { name: 'ValidationException' } }], 'what is wrong with a request comes first')
  })

  t.test('other items are written, and reads are never refused', async t => {
    const results = await during(() => [
      client.putItem({ TableName, Item: { id: S('other') } }),
      client.getItem({ TableName, Key: Key('a'), ConsistentRead: true }),
      client.batchGetItem({ RequestItems: { [TableName]: { Keys: [Key('a')] } } }),
      client.scan({ TableName }),
      client.executeStatement({ Statement: "SELECT * FROM simple WHERE id = 'a'" }),
    ])
    for (const result of results) t.match(result, { status: 'fulfilled' })
    t.match(results[1], { value: { Item: { id: S('a'), n: N(1) } } }, 'what is read is what was before')
  })

  t.test('another transaction is cancelled, with all its reasons', async t => {
    const [written, read] = await during(() => [
      client.transactWriteItems({
        TransactItems: [
          put('b'),
          put('a'),
          { Put: { TableName, Item: Key('c'), ConditionExpression: 'attribute_exists(id)' } },
          { Delete: { TableName, Key: Key('checked') } },
        ],
      }),
      client.transactGetItems({ TransactItems: [{ Get: { TableName, Key: Key('b') } }, { Get: { TableName, Key: Key('a') } }] }),
    ])
    const reason = { Code: 'TransactionConflict', Message: 'Transaction is ongoing for the item' }
    t.match(written, {
      reason: {
        name: 'TransactionCanceledException',
        message:
          'Transaction cancelled, please refer cancellation reasons for specific reasons [None, TransactionConflict, ConditionalCheckFailed, TransactionConflict]',
        fields: { CancellationReasons: [{ Code: 'None' }, reason, { Code: 'ConditionalCheckFailed' }, reason] },
      },
    })
    t.match(read, {
      reason: {
        message: 'Transaction cancelled, please refer cancellation reasons for specific reasons [None, TransactionConflict]',
        fields: { CancellationReasons: [{ Code: 'None' }, reason] },
      },
    })
    t.strictSame(await client.getItem({ TableName, Key: Key('b') }), {}, 'nothing of it is done')
  })

  t.test('transactions in PartiQL hold and respect items too', async t => {
    const transact = (...statements: string[]) =>
      client.executeTransaction({ TransactStatements: statements.map(Statement => ({ Statement })) })
    const [write, read] = await during(() => [
      transact("INSERT INTO simple VALUE {'id': 'q'}", "DELETE FROM simple WHERE id = 'a'"),
      transact("SELECT * FROM simple WHERE id = 'a'"),
    ])
    t.match(write, { reason: { message: /\[None, TransactionConflict\]$/ } })
    t.match(read, { reason: { message: /\[TransactionConflict\]$/ } })
    const first = transact("INSERT INTO simple VALUE {'id': 'p'}")
    await t.rejects(client.putItem({ TableName, Item: Key('p') }), conflict)
    await first
    const batch = transact("DELETE FROM simple WHERE id = 'p'")
    t.match(await client.batchExecuteStatement({ Statements: [{ Statement: "DELETE FROM simple WHERE id = 'p'" }] }), {
      Responses: [{ Error: { Code: 'TransactionConflict', Message: 'Transaction is ongoing for the item' }, TableName }],
    })
    await batch
  })

  t.test('a batch leaves its items unprocessed', async t => {
    const request = (id: string) => ({ PutRequest: { Item: { id: S(id), by: S('batch') } } })
    const [batch] = await during(() => [
      client.batchWriteItem({ RequestItems: { [TableName]: [request('x'), request('a'), request('y')] }, ReturnConsumedCapacity: 'TOTAL' }),
    ])
    t.match(batch, {
      value: { UnprocessedItems: { [TableName]: [request('a')] }, ConsumedCapacity: [{ TableName, CapacityUnits: 2 }] },
    })
    t.ok((await client.getItem({ TableName, Key: Key('y') })).Item)
  })

  t.test('the same token is in progress, and another request under it a mismatch', async t => {
    const request = { TransactItems: [put('t')], ClientRequestToken: 'tok' }
    const first = client.transactWriteItems(request)
    const [same, other] = await Promise.allSettled([
      client.transactWriteItems(request),
      client.transactWriteItems({ TransactItems: [put('u')], ClientRequestToken: 'tok' }),
    ])
    t.match(same, { reason: { name: 'TransactionInProgressException' } })
    t.match(other, { reason: { name: 'IdempotentParameterMismatchException' } })
    await first
    await client.transactWriteItems(request)
  })

  t.test('its items are free again after it, also when it is cancelled', async t => {
    await client.putItem({ TableName, Item: Key('free') })
    await t.rejects(client.transactWriteItems({ TransactItems: [check('free')] }), { name: 'TransactionCanceledException' })
    await client.deleteItem({ TableName, Key: Key('free') })
    await client.transactWriteItems({ TransactItems: [check('free')] })
  })
})

t.test('a transaction that reads keeps no write from being done, and is cancelled by one', async t => {
  const { client } = await withTables(t, HASH_ONLY)
  await client.putItem({ TableName, Item: Key('a') })
  const read = () =>
    client.transactGetItems({ TransactItems: [{ Get: { TableName, Key: Key('a') } }, { Get: { TableName, Key: Key('b') } }] })
  const reads = Promise.allSettled([read(), read()])
  await client.putItem({ TableName, Item: Key('b') })
  for (const result of await reads) {
    t.match(result, {
      reason: { message: 'Transaction cancelled, please refer cancellation reasons for specific reasons [None, TransactionConflict]' },
    })
  }
  const both = await Promise.all([read(), read()])
  t.match(both, [{ Responses: [{ Item: Key('a') }, { Item: Key('b') }] }, {}], 'two that read are in nobody’s way')
})

t.test('a transaction ends with the server, the state or the table that it is for', async t => {
  const { client, clock, reset } = await withTables(t, HASH_ONLY)
  const transaction = () => client.transactWriteItems({ TransactItems: [{ Put: { TableName, Item: Key('a') } }] })
  const first = transaction().catch(error => error.name)
  await client.deleteTable({ TableName })
  await clock.advance(0)
  t.strictSame(await first, {}, 'it was done before the table went')
  await client.createTable(HASH_ONLY)
  await clock.advance(0)
  const second = transaction().catch(error => error.name)
  await reset()
  t.equal(await second, 'InternalFailure')
  await client.createTable(HASH_ONLY)
  await clock.advance(0)
  t.strictSame(await client.scan({ TableName }), { Items: [], Count: 0, ScannedCount: 0 })
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
  let conflicts = 0
  /** Tries until nobody else is in the way. */
  const again = async <T>(call: () => Promise<T>): Promise<T> => {
    for (;;) {
      try {
        return await call()
      } catch (error) {
        if (!(error as Error).message.includes('TransactionConflict')) throw error
        conflicts++
        await nextTurn()
      }
    }
  }
  const unlessShort = (call: () => Promise<unknown>) =>
    again(call).catch(error => t.match(error, { name: 'TransactionCanceledException', message: /ConditionalCheckFailed/ }))
  const one = async () => {
    for (let i = 0; i < 30; i++) {
      const from = random(10)
      const to = (from + 1 + random(9)) % 10
      const amount = 1 + random(60)
      await unlessShort(() =>
        client.transactWriteItems({ TransactItems: [pay(accounts[from]!, -amount, 'n >= :min'), pay(accounts[to]!, amount, 'n >= :min')] }),
      )
      const { Responses } = await again(() =>
        client.transactGetItems({ TransactItems: accounts.map(id => ({ Get: { TableName, Key: Key(id) } })) }),
      )
      const balances = Responses!.map(({ Item }) => Number(Item!.n!.N))
      if (balances.reduce((a, b) => a + b) !== 1000 || balances.some(b => b < 0)) t.fail(`balances: ${balances}`)
    }
  }
  await Promise.all(Array.from({ length: 32 }, one))
  t.ok(conflicts > 0, 'they were in each other’s way')
})
