import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import t, { type Test } from 'tap'
import { HASH_AND_RANGE, HASH_ONLY, INDEXED, N, refuses, S, withTables } from './harness.js'

const MALFORMED = "Statement wasn't well formed, can't be processed: "
const NO_KEY = 'Where clause does not contain a mandatory equality on all key attributes'
const FAILED = { name: 'ConditionalCheckFailedException', message: 'The conditional request failed' }

async function tables(t: Test) {
  const service = await withTables(t, HASH_AND_RANGE, HASH_ONLY, INDEXED)
  const run = (Statement: string, ...Parameters: AttributeValue[]) =>
    service.client.executeStatement({ Statement, ...(Parameters.length > 0 && { Parameters }) })
  const items = async (statement: string, ...parameters: AttributeValue[]) => (await run(statement, ...parameters)).Items
  return { ...service, run, items }
}

t.test('ExecuteStatement refuses', async t => {
  const { run, client } = await tables(t)
  await client.putItem({ TableName: 'tbl', Item: { pk: S('a'), sk: N(1), v: N(1) } })
  const cases: [string, string, AttributeValue[]?][] = [
    ['', ''],
    ['HELLO', `${MALFORMED}Unexpected term`],
    ['SELECT', `${MALFORMED}Expected identifier for simple path`],
    ['SELECT * FROM', `${MALFORMED}Expected identifier for simple path`],
    ['SELECT * FROM tbl WHERE', `${MALFORMED}Expected identifier for simple path`],
    ["SELECT * FROM tbl WHERE pk = 'a' 'b'", `${MALFORMED}Unexpected token after expression`],
    ['SELECT * FROM tbl WHERE pk ~ 1', `${MALFORMED}Invalid character at column 28`],
    ["SELECT * FROM tbl WHERE pk = 'a", `${MALFORMED}Invalid character at column 30`],
    ["SELECT * FROM tbl WHERE size(pk, 'x') = 1", `${MALFORMED}size takes 1 argument, received: 2`],
    [`SELECT * FROM tbl WHERE ${'('.repeat(1000)}`, `${MALFORMED}The statement is nested too deeply`],
    ['SELECT * FROM tbl WHERE pk = ?', "Number of parameters in request and statement don't match."],
    ["SELECT * FROM tbl WHERE pk = 'a'", "Number of parameters in request and statement don't match.", [S('a')]],
    ['SELECT COUNT(*) FROM tbl', 'Unsupported function in SELECT: COUNT'],
    ['SELECT DISTINCT pk FROM tbl', 'Unsupported clause: DISTINCT'],
    ['SELECT * FROM tbl LIMIT 1', 'Unsupported clause: LIMIT'],
    ['SELECT * FROM tbl GROUP BY pk', 'Unsupported clause: GROUP BY'],
    ["SELECT * FROM tbl WHERE lower(pk) = 'a'", 'Unsupported function: lower'],
    ['SELECT * FROM tbl ORDER BY sk', 'Must have WHERE clause in the statement when using ORDER BY clause.'],
    [
      'SELECT * FROM tbl WHERE v = 1 ORDER BY sk',
      'Must have at least one non-optional hash key condition in WHERE clause when using ORDER BY clause.',
    ],
    ["SELECT * FROM tbl WHERE pk = 'a' ORDER BY v", 'Variable reference v in ORDER BY clause must be part of the primary key'],
    ['SELECT * FROM tbl WHERE pk = 1', 'One or more parameter values were invalid: Condition parameter type does not match schema type'],
    ['SELECT * FROM indexed.nope', 'The table does not have the specified index: nope'],
    ['SELECT * FROM tbl WHERE a = 1e999', 'Number overflow. Attempting to store a number with magnitude larger than supported range'],
    [
      "INSERT INTO tbl <<{'pk': 'a'}>>",
      'Unsupported operation: Inserting multiple items in a single statement is not supported, use "INSERT INTO tableName VALUE item" instead',
    ],
    ["INSERT INTO tbl VALUE {'pk': 'a'}", 'One or more parameter values were invalid: Missing the key sk in the item'],
    [
      "INSERT INTO tbl VALUE {'pk': 1, 'sk': 1}",
      'One or more parameter values were invalid: Type mismatch for key pk expected: S actual: N',
    ],
    ["INSERT INTO tbl VALUE {'pk': 'a', 'pk': 'a'}", 'Item has multiple attributes with the same name: pk'],
    [
      "INSERT INTO tbl VALUE {'pk': 'a', 'sk': 1, 's': <<'a', 1>>}",
      'Unsupported data type in a set: only strings, numbers and binary values of one type are supported',
    ],
    ["UPDATE tbl SET v = 1 WHERE pk = 'a'", NO_KEY],
    ["UPDATE tbl SET v = 1 WHERE pk = 'a' AND sk > 1", NO_KEY],
    ["UPDATE tbl SET v = 1 WHERE pk = 'a' OR sk = 1", NO_KEY],
    ['UPDATE tbl SET v = 1', NO_KEY],
    ["UPDATE tbl WHERE pk = 'a'", `${MALFORMED}Unexpected term`],
    [
      "UPDATE tbl SET pk = 'b' WHERE pk = 'a' AND sk = 1",
      'One or more parameter values were invalid: Cannot update attribute pk. This attribute is part of the key',
    ],
    [
      "UPDATE tbl SET v = 1 SET v = 2 WHERE pk = 'a' AND sk = 1",
      'Invalid UpdateExpression: Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [v], path two: [v]',
    ],
    ["UPDATE tbl SET v = upper(v) WHERE pk = 'a' AND sk = 1", 'Unsupported function in SET: upper'],
    ["UPDATE tbl SET v = v + 'x' WHERE pk = 'a' AND sk = 1", 'An operand in the update expression has an incorrect data type'],
    [
      "UPDATE tbl SET v = zz + 1 WHERE pk = 'a' AND sk = 1",
      'The provided expression refers to an attribute that does not exist in the item',
    ],
    ["DELETE FROM tbl WHERE pk = 'a'", NO_KEY],
    [
      "DELETE FROM tbl WHERE pk = 'a' AND sk = 1 RETURNING ALL NEW *",
      'Unsupported RETURNING clause: DELETE supports RETURNING ALL OLD * only',
    ],
    ["EXISTS(SELECT * FROM tbl WHERE pk = 'a' AND sk = 1)", 'EXISTS is only supported in ExecuteTransaction'],
  ]
  for (const [statement, message, parameters = []] of cases) {
    if (message) await refuses(t, run(statement, ...parameters), message, statement.slice(0, 80))
    else await t.rejects(run(statement), { name: 'ValidationException' })
  }
  await t.rejects(run('SELECT * FROM nope'), { name: 'ResourceNotFoundException', message: 'Requested resource not found' })
  await t.rejects(run("INSERT INTO tbl VALUE {'pk': 'a', 'sk': 1}"), {
    name: 'DuplicateItemException',
    message: 'Duplicate primary key exists in table',
  })
  await t.rejects(run("UPDATE tbl SET v = 1 WHERE pk = 'zz' AND sk = 1"), FAILED, 'an update makes no item')
  await t.rejects(run("UPDATE tbl SET v = 1 WHERE pk = 'a' AND sk = 1 AND v = 2"), FAILED)
  await t.rejects(run("DELETE FROM tbl WHERE pk = 'a' AND sk = 1 AND v = 2"), FAILED)
  await refuses(t, client.executeStatement({ Statement: 'SELECT * FROM tbl', NextToken: 'x' }), 'The provided NextToken is invalid')
})

t.test('SELECT', async t => {
  const { client, items } = await tables(t)
  const a1 = { pk: S('a'), sk: N(1), v: N(10), m: { M: { x: { L: [S('p'), S('q')] } } }, tags: { SS: ['t', 'u'] } }
  const a2 = { pk: S('a'), sk: N(2), v: N(20), nil: { NULL: true as const } }
  const a3 = { pk: S('a'), sk: N(3), name: S('zebra') }
  const b1 = { pk: S('b'), sk: N(1), v: N(30), 'odd name': S('x') }
  for (const Item of [a1, a2, a3, b1]) await client.putItem({ TableName: 'tbl', Item })
  const found: [string, AttributeValue[], object[]][] = [
    ["SELECT * FROM tbl WHERE pk = 'a'", [], [a1, a2, a3]],
    ['SELECT * FROM "tbl" WHERE "pk" = ?', [S('a')], [a1, a2, a3]],
    ["select * from tbl where 'a' = pk and 2 <= sk", [], [a2, a3]],
    ["SELECT * FROM tbl WHERE pk = 'a' AND sk > 1 AND sk < 3", [], [a2]],
    ["SELECT * FROM tbl WHERE pk = 'a' AND sk BETWEEN 1 AND 2", [], [a1, a2]],
    ["SELECT * FROM tbl WHERE pk = 'a' ORDER BY sk DESC", [], [a3, a2, a1]],
    ["SELECT * FROM tbl WHERE pk IN ['b', 'a'] ORDER BY pk DESC, sk DESC", [], [b1, a3, a2, a1]],
    ["SELECT * FROM tbl WHERE (pk = 'b' OR pk = 'a') ORDER BY pk", [], [a1, a2, a3, b1]],
    ["SELECT * FROM tbl WHERE pk IN ('a', 'a', 'c') AND v IN (?, 99)", [N(20)], [a2]],
    ['SELECT * FROM tbl WHERE pk IN ? AND sk = 1', [{ L: [S('a'), S('b')] }], [a1, b1]],
    ["SELECT * FROM tbl WHERE pk = 'a' AND sk = 'x'", [], []],
    ["SELECT sk, m.x[1] FROM tbl WHERE pk = 'a' AND sk = 1", [], [{ sk: N(1), 'x[1]': S('q') }]],
    ["SELECT m.x FROM tbl WHERE pk = 'a' AND sk < 3", [], [{ x: a1.m.M.x }, {}]],
    ['SELECT "odd name" FROM tbl WHERE pk = \'b\'', [], [{ 'odd name': S('x') }]],
    ["SELECT sk FROM tbl WHERE pk = 'a' AND v IS MISSING", [], [{ sk: N(3) }]],
    ["SELECT sk FROM tbl WHERE pk = 'a' AND v IS NOT MISSING", [], [{ sk: N(1) }, { sk: N(2) }]],
    ["SELECT sk FROM tbl WHERE pk = 'a' AND nil IS NULL", [], [{ sk: N(2) }]],
    ["SELECT sk FROM tbl WHERE pk = 'a' AND begins_with(name, 'zeb')", [], [{ sk: N(3) }]],
    ["SELECT sk FROM tbl WHERE pk = 'a' AND contains(tags, 't')", [], [{ sk: N(1) }]],
    ["SELECT sk FROM tbl WHERE pk = 'a' AND size(m.x) = 2", [], [{ sk: N(1) }]],
    ["SELECT sk FROM tbl WHERE pk = 'a' AND attribute_type(name, 'S')", [], [{ sk: N(3) }]],
    ["SELECT sk FROM tbl WHERE pk = 'a' AND m.x[0] = 'p'", [], [{ sk: N(1) }]],
    ["SELECT sk FROM tbl WHERE pk = 'a' AND NOT v = 10 AND v NOT BETWEEN 15 AND 16 AND v NOT IN (7)", [], [{ sk: N(2) }, { sk: N(3) }]],
    ["SELECT sk FROM tbl WHERE pk = 'a' AND (v = 10 OR name = 'zebra');", [], [{ sk: N(1) }, { sk: N(3) }]],
    ["SELECT sk FROM tbl WHERE pk = 'a' AND v <> 10 AND v != 21 AND v > -1.5e1", [], [{ sk: N(2) }]],
    ["SELECT * FROM tbl WHERE pk = 'it''s'", [], []],
  ]
  for (const [statement, parameters, expected] of found) t.strictSame(await items(statement, ...parameters), expected, statement)
  t.equal((await items('SELECT * FROM tbl'))!.length, 4)
  t.strictSame(await items('SELECT * FROM tbl WHERE v > 15 AND v < 25'), [a2])

  const indexed = { pk: S('a'), sk: N(1), gpk: S('g'), gsk: N(5), v: S('v'), w: S('w') }
  await client.putItem({ TableName: 'indexed', Item: indexed })
  t.strictSame(await items('SELECT * FROM "indexed"."all" WHERE gpk = \'g\' AND gsk >= 5'), [indexed])
  t.strictSame(await items("SELECT * FROM indexed.keys WHERE gpk = 'g'"), [{ gpk: S('g'), pk: S('a'), sk: N(1) }])
})

t.test('SELECT in pages', async t => {
  const { client } = await tables(t)
  for (let i = 0; i < 7; i++)
    await client.putItem({ TableName: 'tbl', Item: { pk: S(i < 4 ? 'a' : 'b'), sk: N(i), bin: { B: new Uint8Array([i]) } } })
  for (const Statement of [
    'SELECT sk FROM tbl',
    "SELECT sk FROM tbl WHERE pk IN ['a','b']",
    "SELECT sk FROM tbl WHERE pk IN ['a','b'] ORDER BY sk DESC",
  ]) {
    const seen: string[] = []
    let NextToken: string | undefined
    do {
      const page: Awaited<ReturnType<typeof client.executeStatement>> = await client.executeStatement({
        Statement,
        Limit: 2,
        ...(NextToken && { NextToken }),
      })
      t.ok(page.Items!.length <= 2)
      for (const item of page.Items!) seen.push(item.sk!.N!)
      NextToken = page.NextToken
    } while (NextToken)
    t.strictSame(seen.slice().sort(), ['0', '1', '2', '3', '4', '5', '6'], Statement)
  }
  const first = await client.executeStatement({ Statement: "SELECT * FROM tbl WHERE pk = 'a'", Limit: 1, ReturnConsumedCapacity: 'TOTAL' })
  t.strictSame(first.LastEvaluatedKey, { pk: S('a'), sk: N(0) })
  t.strictSame(first.ConsumedCapacity, { TableName: 'tbl', CapacityUnits: 0.5 })
  await refuses(
    t,
    client.executeStatement({ Statement: "SELECT * FROM tbl WHERE pk = 'b'", NextToken: first.NextToken }),
    'The provided NextToken is invalid',
    'a token is of one statement only',
  )
})

t.test('INSERT, UPDATE and DELETE', async t => {
  const { run, items, client } = await tables(t)
  t.strictSame(
    await run("INSERT INTO tbl VALUE {'pk': 'a', 'sk': 1, 'l': [1, {'x': true}], 's': <<'a', 'b'>>, 'n': null, 'p': ?}", N('1.50')),
    { Items: [] },
  )
  const all = () => items("SELECT * FROM tbl WHERE pk = 'a'").then(found => found![0])
  const start = {
    pk: S('a'),
    sk: N(1),
    l: { L: [N(1), { M: { x: { BOOL: true } } }] },
    s: { SS: ['a', 'b'] },
    n: { NULL: true },
    p: N('1.5'),
  }
  t.strictSame(await all(), start)
  const where = "WHERE pk = 'a' AND sk = 1"
  await run(`UPDATE tbl SET p = p + 1 SET l[1].x = 'y' REMOVE n ${where}`)
  await run(`UPDATE tbl SET l = list_append(l, [?]), s = set_add(s, <<'c'>>) ${where}`, S('end'))
  await run(`UPDATE tbl SET s = set_delete(s, <<'a'>>) ${where} AND p = 2.5`)
  t.strictSame(await all(), {
    pk: S('a'),
    sk: N(1),
    l: { L: [N(1), { M: { x: S('y') } }, S('end')] },
    s: { SS: ['b', 'c'] },
    p: N('2.5'),
  })
  t.strictSame(await items(`UPDATE tbl SET p = 9 ${where} RETURNING MODIFIED OLD *`), [{ p: N('2.5') }])
  t.strictSame(await items(`UPDATE tbl SET p = 10 ${where} RETURNING MODIFIED NEW *`), [{ p: N(10) }])
  t.match(await items(`UPDATE tbl SET p = 11 ${where} RETURNING ALL OLD *`), [{ pk: S('a'), p: N(10) }])
  t.match(await items(`UPDATE tbl SET p = 12 ${where} RETURNING ALL NEW *`), [{ pk: S('a'), p: N(12) }])
  await t.rejects(
    client.executeStatement({ Statement: `UPDATE tbl SET p = 1 ${where} AND p = 0`, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' }),
    { ...FAILED, fields: { Item: { p: N(12) } } },
  )
  t.match(await items(`DELETE FROM tbl ${where} RETURNING ALL OLD *`), [{ p: N(12) }])
  t.strictSame(await items(`DELETE FROM tbl ${where} RETURNING ALL OLD *`), [], 'nothing to delete is a success')
  const { ConsumedCapacity } = await client.executeStatement({
    Statement: "INSERT INTO simple VALUE {'id': 'x'}",
    ReturnConsumedCapacity: 'TOTAL',
  })
  t.strictSame(ConsumedCapacity, { TableName: 'simple', CapacityUnits: 1 })
})

t.test('BatchExecuteStatement', async t => {
  const { client } = await tables(t)
  await client.putItem({ TableName: 'simple', Item: { id: S('a'), v: N(1) } })

  t.test('refuses', async t => {
    await refuses(
      t,
      client.batchExecuteStatement({
        Statements: [{ Statement: "SELECT * FROM simple WHERE id = 'a'" }, { Statement: "DELETE FROM simple WHERE id = 'a'" }],
      }),
      'The batch must consist of either read statements or write statements, it can not mix both',
    )
    await t.rejects(client.batchExecuteStatement({ Statements: Array.from({ length: 26 }, () => ({ Statement: 'x' })) }), {
      name: 'ValidationException',
    })
  })

  t.test('behaves', async t => {
    const { Responses } = await client.batchExecuteStatement({
      Statements: [
        { Statement: 'SELECT * FROM simple WHERE id = ?', Parameters: [S('a')] },
        { Statement: "SELECT * FROM simple WHERE id = 'none'" },
        { Statement: 'SELECT * FROM simple' },
        { Statement: "SELECT * FROM nope WHERE id = 'a'" },
        { Statement: 'garbage' },
      ],
    })
    t.strictSame(Responses, [
      { TableName: 'simple', Item: { id: S('a'), v: N(1) } },
      { TableName: 'simple' },
      {
        Error: {
          Code: 'ValidationError',
          Message: 'Select statements within BatchExecuteStatement must specify the primary key in the where clause.',
        },
        TableName: 'simple',
      },
      { Error: { Code: 'ResourceNotFound', Message: 'Requested resource not found' }, TableName: 'nope' },
      { Error: { Code: 'ValidationError', Message: `${MALFORMED}Unexpected term` } },
    ])
    const written = await client.batchExecuteStatement({
      Statements: [
        { Statement: "INSERT INTO simple VALUE {'id': 'b'}" },
        { Statement: "INSERT INTO simple VALUE {'id': 'a'}" },
        { Statement: "UPDATE simple SET v = 2 WHERE id = 'a' AND v = 7", ReturnValuesOnConditionCheckFailure: 'ALL_OLD' },
      ],
      ReturnConsumedCapacity: 'TOTAL',
    })
    t.strictSame(written.Responses, [
      { TableName: 'simple' },
      { Error: { Code: 'DuplicateItem', Message: 'Duplicate primary key exists in table' }, TableName: 'simple' },
      {
        Error: { Code: 'ConditionalCheckFailed', Message: FAILED.message, Item: { id: S('a'), v: N(1) } },
        TableName: 'simple',
      },
    ])
    t.strictSame(written.ConsumedCapacity, [{ TableName: 'simple', CapacityUnits: 1 }])
  })
})

t.test('ExecuteTransaction', async t => {
  const { client, clock } = await tables(t)
  await client.putItem({ TableName: 'simple', Item: { id: S('a'), v: N(1) } })
  const transact = (...statements: string[]) =>
    client.executeTransaction({ TransactStatements: statements.map(Statement => ({ Statement })) })
  const get = async (id: string) => (await client.getItem({ TableName: 'simple', Key: { id: S(id) } })).Item

  t.test('refuses', async t => {
    await refuses(
      t,
      transact("SELECT * FROM simple WHERE id = 'a'", "DELETE FROM simple WHERE id = 'a'"),
      'The transaction must consist of either read statements or write statements, it can not mix both',
    )
    await refuses(
      t,
      transact("UPDATE simple SET v = 1 WHERE id = 'a'", "DELETE FROM simple WHERE id = 'a'"),
      'Transaction request cannot include multiple operations on one item',
    )
    await t.rejects(transact("SELECT * FROM nope WHERE id = 'a'"), { name: 'ResourceNotFoundException' })
    await t.rejects(
      transact(
        "INSERT INTO simple VALUE {'id': 'new'}",
        "INSERT INTO simple VALUE {'id': 'a'}",
        "UPDATE simple SET v = 1 WHERE id = 'b'",
        "EXISTS(SELECT * FROM simple WHERE id = 'c' AND v = 2)",
      ),
      {
        name: 'TransactionCanceledException',
        message:
          'Transaction cancelled, please refer cancellation reasons for specific reasons [None, DuplicateItem, ConditionalCheckFailed, ConditionalCheckFailed]',
        fields: { CancellationReasons: [{ Code: 'None' }, { Code: 'DuplicateItem' }, { Code: 'ConditionalCheckFailed' }, {}] },
      },
    )
    t.equal(await get('new'), undefined, 'nothing is written')
  })

  t.test('behaves', async t => {
    const { Responses } = await transact(
      "EXISTS(SELECT * FROM simple WHERE id = 'a' AND v = 1)",
      "INSERT INTO simple VALUE {'id': 'b', 'v': 5}",
      "DELETE FROM simple WHERE id = 'zz'",
    )
    t.strictSame(Responses, [{}, {}, {}])
    const read = await transact(
      "SELECT * FROM simple WHERE id = 'b'",
      "SELECT v FROM simple WHERE id = 'a'",
      "SELECT * FROM simple WHERE id = 'x'",
    )
    t.strictSame(read.Responses, [{ Item: { id: S('b'), v: N(5) } }, { Item: { v: N(1) } }, {}])
    const once = (Statement: string) => client.executeTransaction({ TransactStatements: [{ Statement }], ClientRequestToken: 'tok' })
    await once("UPDATE simple SET v = v + 1 WHERE id = 'b'")
    await once("UPDATE simple SET v = v + 1 WHERE id = 'b'")
    t.strictSame(await get('b'), { id: S('b'), v: N(6) }, 'a token makes it happen once')
    await t.rejects(once("UPDATE simple SET v = v + 2 WHERE id = 'b'"), { name: 'IdempotentParameterMismatchException' })
    await clock.advance(10 * 60 * 1000)
    await once("UPDATE simple SET v = v + 1 WHERE id = 'b'")
    t.strictSame(await get('b'), { id: S('b'), v: N(7) })
  })
})
