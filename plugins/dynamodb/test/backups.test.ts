import t from 'tap'
import { dynamo, HASH_AND_RANGE, HASH_ONLY, INDEXED, N, refuses, S, withTables } from './harness.js'

const TableName = 'tbl'
const NO_TABLE = { name: 'TableNotFoundException', message: 'Table not found: nope' }
const DAY = 24 * 60 * 60 * 1000

t.test('CreateBackup, DescribeBackup and DeleteBackup', async t => {
  const { client, clock } = await withTables(t, INDEXED)
  const arn = 'arn:aws:dynamodb:us-east-1:000000000000:table/tbl/backup/01489602797149-73d8d5bc'

  t.test('refuse', async t => {
    await t.rejects(client.createBackup({ TableName: 'nope', BackupName: 'one' }), NO_TABLE)
    await t.rejects(client.createBackup({ TableName: 'indexed', BackupName: 'a;' }), { name: 'ValidationException' })
    const missing = { name: 'BackupNotFoundException', message: `Backup not found: ${arn}` }
    await t.rejects(client.describeBackup({ BackupArn: arn }), missing)
    await t.rejects(client.deleteBackup({ BackupArn: arn }), missing)
  })

  t.test('behave', async t => {
    await client.putItem({ TableName: 'indexed', Item: { pk: S('a'), sk: N(1), v: S('x') } })
    const { BackupDetails } = await client.createBackup({ TableName: 'indexed', BackupName: 'one' })
    t.match(BackupDetails, {
      BackupArn: /^arn:aws:dynamodb:us-east-1:000000000000:table\/indexed\/backup\/\d{14}-[0-9a-f]{8}$/,
      BackupName: 'one',
      BackupStatus: 'CREATING',
      BackupType: 'USER',
      BackupSizeBytes: 9,
      BackupCreationDateTime: clock.date(),
    })
    const { BackupArn } = BackupDetails!
    await t.rejects(client.deleteBackup({ BackupArn }), { name: 'BackupInUseException' })
    await clock.advance(0)
    const { BackupDescription } = await client.describeBackup({ BackupArn })
    t.match(BackupDescription, {
      BackupDetails: { BackupStatus: 'AVAILABLE' },
      SourceTableDetails: { TableName: 'indexed', ItemCount: 1, BillingMode: 'PAY_PER_REQUEST', KeySchema: INDEXED.KeySchema },
      SourceTableFeatureDetails: {
        LocalSecondaryIndexes: [{ IndexName: 'local' }],
        GlobalSecondaryIndexes: [{ IndexName: 'all' }, { IndexName: 'keys' }, { IndexName: 'some' }],
        TimeToLiveDescription: undefined,
      },
    })
    const deleted = await client.deleteBackup({ BackupArn })
    t.equal(deleted.BackupDescription!.BackupDetails!.BackupStatus, 'DELETED')
    await t.rejects(client.describeBackup({ BackupArn }), { name: 'BackupNotFoundException' })
  })
})

t.test('ListBackups', async t => {
  const { client, clock } = await withTables(t, HASH_AND_RANGE, HASH_ONLY)
  for (const BackupName of ['one', 'two', 'three']) {
    await client.createBackup({ TableName: BackupName === 'two' ? 'simple' : TableName, BackupName })
    await clock.advance(1000)
  }
  const names = (out: Awaited<ReturnType<typeof client.listBackups>>) => out.BackupSummaries!.map(b => b.BackupName)

  t.test('refuses', async t => {
    await t.rejects(client.listBackups({ ExclusiveStartBackupArn: 'x'.repeat(40) }), { name: 'ValidationException' })
    await t.rejects(client.listBackups({ Limit: 101 }), { name: 'ValidationException' })
  })

  t.test('behaves', async t => {
    t.strictSame(names(await client.listBackups({})), ['one', 'two', 'three'])
    t.strictSame(names(await client.listBackups({ TableName })), ['one', 'three'])
    t.strictSame(names(await client.listBackups({ BackupType: 'SYSTEM' })), [])
    const first = await client.listBackups({ Limit: 2 })
    t.strictSame(names(await client.listBackups({ ExclusiveStartBackupArn: first.LastEvaluatedBackupArn })), ['three'])
    const TimeRangeLowerBound = new Date('2026-01-01T00:00:01Z')
    t.strictSame(names(await client.listBackups({ TimeRangeLowerBound, TimeRangeUpperBound: new Date('2026-01-01T00:00:02Z') })), ['two'])
  })
})

t.test('RestoreTableFromBackup', async t => {
  const { client, clock, restart } = await (async () => {
    const service = await dynamo(t, { persist: true })
    await service.client.createTable({ ...INDEXED, SSESpecification: { Enabled: true } })
    await service.clock.advance(0)
    return service
  })()
  for (let i = 0; i < 5; i++) await client.putItem({ TableName: 'indexed', Item: { pk: S('a'), sk: N(i), gpk: S('g') } })
  const { BackupDetails } = await client.createBackup({ TableName: 'indexed', BackupName: 'one' })
  const BackupArn = BackupDetails!.BackupArn!
  await clock.advance(0)

  t.test('refuses', async t => {
    await t.rejects(client.restoreTableFromBackup({ BackupArn, TargetTableName: 'indexed' }), {
      name: 'TableAlreadyExistsException',
      message: 'Table already exists: indexed',
    })
    await t.rejects(client.restoreTableFromBackup({ BackupArn: `${BackupArn}0`, TargetTableName: 'new' }), {
      name: 'BackupNotFoundException',
    })
    await refuses(
      t,
      client.restoreTableFromBackup({
        BackupArn,
        TargetTableName: 'new',
        GlobalSecondaryIndexOverride: [
          { IndexName: 'other', KeySchema: [{ AttributeName: 'gpk', KeyType: 'HASH' }], Projection: { ProjectionType: 'ALL' } },
        ],
      }),
      'One or more parameter values were invalid: GlobalSecondaryIndexOverride: index other must be an index of the source table',
    )
  })

  t.test('behaves, also after a restart', async t => {
    await client.deleteItem({ TableName: 'indexed', Key: { pk: S('a'), sk: N(0) } })
    await restart()
    const { TableDescription } = await client.restoreTableFromBackup({ BackupArn, TargetTableName: 'new' })
    t.match(TableDescription, {
      TableStatus: 'CREATING',
      ItemCount: 0,
      TableSizeBytes: 0,
      RestoreSummary: { SourceBackupArn: BackupArn, RestoreInProgress: true },
    })
    await clock.advance(0)
    const { Table } = await client.describeTable({ TableName: 'new' })
    t.match(Table, {
      TableStatus: 'ACTIVE',
      ItemCount: 5,
      RestoreSummary: { RestoreInProgress: false },
      SSEDescription: { SSEType: 'KMS' },
    })
    const query = { TableName: 'new', IndexName: 'keys', KeyConditionExpression: 'gpk = :g', ExpressionAttributeValues: { ':g': S('g') } }
    t.equal((await client.query(query)).Count, 5)
    const plain = await client.restoreTableFromBackup({
      BackupArn,
      TargetTableName: 'plain',
      GlobalSecondaryIndexOverride: [],
      SSESpecificationOverride: { Enabled: false },
      BillingModeOverride: 'PROVISIONED',
      ProvisionedThroughputOverride: { ReadCapacityUnits: 5, WriteCapacityUnits: 5 },
    })
    t.strictSame(plain.TableDescription!.BillingModeSummary, { BillingMode: 'PROVISIONED' })
    t.equal(plain.TableDescription!.SSEDescription, undefined)
    await clock.advance(0)
    t.equal((await client.describeTable({ TableName: 'plain' })).Table!.GlobalSecondaryIndexes, undefined)
    t.equal((await client.scan({ TableName: 'indexed' })).Count, 4)
  })
})

t.test('UpdateContinuousBackups and DescribeContinuousBackups', async t => {
  const { client, clock } = await withTables(t, HASH_ONLY)
  const on = { PointInTimeRecoveryEnabled: true }

  t.test('refuse', async t => {
    await t.rejects(client.describeContinuousBackups({ TableName: 'nope' }), NO_TABLE)
    await t.rejects(client.updateContinuousBackups({ TableName: 'nope', PointInTimeRecoverySpecification: on }), NO_TABLE)
    await t.rejects(
      client.updateContinuousBackups({ TableName: 'simple', PointInTimeRecoverySpecification: { ...on, RecoveryPeriodInDays: 36 } }),
      { name: 'ValidationException' },
    )
  })

  t.test('behave', async t => {
    t.strictSame((await client.describeContinuousBackups({ TableName: 'simple' })).ContinuousBackupsDescription, {
      ContinuousBackupsStatus: 'ENABLED',
      PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: 'DISABLED' },
    })
    await client.updateContinuousBackups({ TableName: 'simple', PointInTimeRecoverySpecification: { ...on, RecoveryPeriodInDays: 2 } })
    await clock.advance(3 * DAY)
    t.strictSame((await client.describeContinuousBackups({ TableName: 'simple' })).ContinuousBackupsDescription, {
      ContinuousBackupsStatus: 'ENABLED',
      PointInTimeRecoveryDescription: {
        PointInTimeRecoveryStatus: 'ENABLED',
        RecoveryPeriodInDays: 2,
        EarliestRestorableDateTime: new Date('2026-01-02'),
        LatestRestorableDateTime: new Date('2026-01-04'),
      },
    })
  })
})

t.test('RestoreTableToPointInTime', async t => {
  const service = await dynamo(t, { persist: true })
  const { client, clock } = service
  await client.createTable(HASH_ONLY)
  await clock.advance(0)
  const put = (id: string, v: number) => client.putItem({ TableName: 'simple', Item: { id: S(id), v: N(v) } })
  const at = { SourceTableName: 'simple', TargetTableName: 'then' }

  t.test('refuses', async t => {
    await t.rejects(client.restoreTableToPointInTime({ ...at, UseLatestRestorableTime: true }), {
      name: 'PointInTimeRecoveryUnavailableException',
      message: "Point in time recovery is not enabled for table 'simple'",
    })
    await refuses(t, client.restoreTableToPointInTime(at), 'Exactly one of UseLatestRestorableTime and RestoreDateTime must be specified')
    await t.rejects(client.restoreTableToPointInTime({ ...at, SourceTableName: 'nope', UseLatestRestorableTime: true }), NO_TABLE)
  })

  t.test('restores an earlier second', async t => {
    await put('old', 1)
    await clock.advance(1000)
    await client.updateContinuousBackups({ TableName: 'simple', PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } })
    const history: [Date, string[]][] = []
    const note = async () => {
      const { Items } = await client.scan({ TableName: 'simple' })
      history.push([clock.date(), Items!.map(i => `${i.id!.S}=${i.v!.N}`).sort()])
      await clock.advance(1000)
    }
    await note()
    await put('a', 1)
    await put('a', 2)
    await note()
    await client.deleteItem({ TableName: 'simple', Key: { id: S('old') } })
    await put('b', 1)
    await note()
    await service.restart()
    await put('old', 3)
    await client.deleteItem({ TableName: 'simple', Key: { id: S('a') } })
    await note()
    let n = 0
    for (const [RestoreDateTime, expected] of history) {
      const TargetTableName = `then${n++}`
      await client.restoreTableToPointInTime({ ...at, TargetTableName, RestoreDateTime })
      await clock.advance(0)
      const { Items } = await client.scan({ TableName: TargetTableName })
      t.strictSame(Items!.map(i => `${i.id!.S}=${i.v!.N}`).sort(), expected)
    }
    await t.rejects(client.restoreTableToPointInTime({ ...at, RestoreDateTime: new Date('2026-01-01T00:00:00Z') }), {
      name: 'InvalidRestoreTimeException',
    })
    await t.rejects(client.restoreTableToPointInTime({ ...at, RestoreDateTime: new Date(clock.now() + 1000) }), {
      name: 'InvalidRestoreTimeException',
    })
  })

  t.test('leaves a backup when the table is deleted', async t => {
    await client.deleteTable({ TableName: 'simple' })
    await clock.advance(0)
    t.strictSame((await client.listBackups({})).BackupSummaries, [], 'those of users are listed unless others are asked for')
    const { BackupSummaries } = await client.listBackups({ BackupType: 'SYSTEM' })
    t.match(BackupSummaries, [{ BackupName: 'simple$DeletedTableBackup', BackupType: 'SYSTEM', TableName: 'simple' }])
    await client.restoreTableFromBackup({ BackupArn: BackupSummaries![0]!.BackupArn, TargetTableName: 'again' })
    await clock.advance(0)
    t.equal((await client.scan({ TableName: 'again' })).Count, 2)
    await clock.advance(35 * DAY)
    t.strictSame((await client.listBackups({ BackupType: 'SYSTEM' })).BackupSummaries, [])
  })
})
