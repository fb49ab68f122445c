import t from 'tap'
import { autoScaling, refuses, WRITES } from './harness.js'

const ACTION = { ...WRITES, ScheduledActionName: 'morning' }
const HOUR = 3_600_000
const { ServiceNamespace } = WRITES

t.test('PutScheduledAction', async t => {
  t.test('refuses targets, schedules and bounds that are wrong', async t => {
    const { client } = await autoScaling(t)
    const wanted = { Schedule: 'rate(1 hour)', ScalableTargetAction: { MinCapacity: 5 } }
    await t.rejects(client.putScheduledAction({ ...ACTION, ...wanted }), { name: 'ObjectNotFoundException' })
    await client.registerScalableTarget({ ...WRITES, MinCapacity: 5, MaxCapacity: 10 })
    await refuses(t, client.putScheduledAction({ ...ACTION, ...wanted, Schedule: undefined }), /^Schedule must be specified/)
    await refuses(t, client.putScheduledAction({ ...ACTION, ...wanted, ScalableTargetAction: undefined }), /^ScalableTargetAction must/)
    await refuses(t, client.putScheduledAction({ ...ACTION, ...wanted, ScalableTargetAction: {} }), /^At least one of MinCapacity/)
    await refuses(
      t,
      client.putScheduledAction({ ...ACTION, ...wanted, ScalableTargetAction: { MinCapacity: 2, MaxCapacity: 1 } }),
      'Maximum capacity cannot be less than minimum capacity',
    )
    await refuses(t, client.putScheduledAction({ ...ACTION, ...wanted, Schedule: 'daily' }), /^Invalid schedule expression: daily\./)
    await refuses(t, client.putScheduledAction({ ...ACTION, ...wanted, Timezone: 'Europe/Berlin' }), /^A time zone can only/)
    await refuses(
      t,
      client.putScheduledAction({ ...ACTION, ...wanted, Schedule: 'cron(0 0 * * ? *)', Timezone: 'Mars' }),
      /^Invalid schedule expression/,
    )
    await refuses(
      t,
      client.putScheduledAction({ ...ACTION, ...wanted, StartTime: new Date(2), EndTime: new Date(1) }),
      'The start time must be before the end time',
    )
  })

  t.test('sets the bounds when its time comes, and scales to them', async t => {
    const { client, clock, orders } = await autoScaling(t)
    const start = clock.now()
    await client.registerScalableTarget({ ...WRITES, MinCapacity: 5, MaxCapacity: 10 })
    const at = new Date(start + HOUR).toISOString().slice(0, 19)
    await client.putScheduledAction({ ...ACTION, Schedule: `at(${at})`, ScalableTargetAction: { MinCapacity: 20, MaxCapacity: 30 } })
    await clock.advance(HOUR - 1)
    t.equal(orders.ProvisionedThroughput?.WriteCapacityUnits, 5)
    await clock.advance(1)
    t.equal(orders.ProvisionedThroughput?.WriteCapacityUnits, 20)
    t.match((await client.describeScalableTargets({ ServiceNamespace })).ScalableTargets, [{ MinCapacity: 20, MaxCapacity: 30 }])
    const { ScalingActivities = [] } = await client.describeScalingActivities({ ServiceNamespace })
    t.same(
      new Set(ScalingActivities.map(({ Description, Cause }) => `${Description} | ${Cause}`)),
      new Set([
        'Setting min capacity to 20 and max capacity to 30 | scheduled action name morning was triggered',
        'Setting write capacity units to 20. | scheduled action name morning was triggered, minimum capacity was set to 20',
      ]),
    )
  })

  t.test('comes again by a rate, between its start and its end', async t => {
    const { client, clock, orders } = await autoScaling(t)
    const now = clock.now()
    await client.registerScalableTarget({ ...WRITES, MinCapacity: 1, MaxCapacity: 10 })
    await client.putScheduledAction({
      ...ACTION,
      Schedule: 'rate(1 hour)',
      StartTime: new Date(now + 2 * HOUR),
      EndTime: new Date(now + 3 * HOUR),
      ScalableTargetAction: { MinCapacity: 8 },
    })
    const units = () => orders.ProvisionedThroughput?.WriteCapacityUnits
    const reset = async () => {
      await client.registerScalableTarget({ ...WRITES, MinCapacity: 1, MaxCapacity: 10 })
      orders.ProvisionedThroughput!.WriteCapacityUnits = 5
    }
    await clock.advance(2 * HOUR - 1)
    t.equal(units(), 5)
    await clock.advance(1)
    t.equal(units(), 8)
    await reset()
    await clock.advance(HOUR)
    t.equal(units(), 8)
    await reset()
    await clock.advance(10 * HOUR)
    t.equal(units(), 5, 'it is over')
  })

  t.test('does nothing while scheduled scaling is suspended', async t => {
    const { client, clock, orders } = await autoScaling(t)
    await client.registerScalableTarget({
      ...WRITES,
      MinCapacity: 1,
      MaxCapacity: 10,
      SuspendedState: { ScheduledScalingSuspended: true },
    })
    await client.putScheduledAction({ ...ACTION, Schedule: 'rate(1 hour)', ScalableTargetAction: { MinCapacity: 8 } })
    await clock.advance(HOUR)
    t.equal(orders.ProvisionedThroughput?.WriteCapacityUnits, 5)
  })

  t.test('changes what is given, and forgets times that are not', async t => {
    const { client } = await autoScaling(t)
    await client.registerScalableTarget({ ...WRITES, MinCapacity: 1, MaxCapacity: 10 })
    const EndTime = new Date('2030-01-01T00:00:00Z')
    await client.putScheduledAction({ ...ACTION, Schedule: 'cron(0 8 * * ? *)', EndTime, ScalableTargetAction: { MinCapacity: 8 } })
    const describe = async () => (await client.describeScheduledActions({ ServiceNamespace })).ScheduledActions?.[0]
    t.match(await describe(), {
      EndTime,
      ScheduledActionARN: /:scheduledAction:[0-9a-f-]{36}:resource\/dynamodb\/table\/orders:scheduledActionName\/morning$/,
    })
    await client.putScheduledAction({ ...ACTION, Timezone: 'Asia/Tokyo' })
    const action = await describe()
    t.match(action, { Schedule: 'cron(0 8 * * ? *)', Timezone: 'Asia/Tokyo', ScalableTargetAction: { MinCapacity: 8 } })
    t.equal(action?.EndTime, undefined)
  })

  t.test('goes on after a restart, and makes up once for the times that passed', async t => {
    const service = await autoScaling(t, { persist: true })
    const { client, clock, restart } = service
    await client.registerScalableTarget({ ...WRITES, MinCapacity: 1, MaxCapacity: 10 })
    await client.putScheduledAction({ ...ACTION, Schedule: 'rate(1 hour)', ScalableTargetAction: { MinCapacity: 8 } })
    await restart()
    await clock.advance(HOUR)
    t.match((await client.describeScalableTargets({ ServiceNamespace })).ScalableTargets, [{ MinCapacity: 8 }])
    await service.gateway.close()
    await clock.advance(5 * HOUR)
    await restart()
    await clock.advance(0)
    const { ScalingActivities = [] } = await client.describeScalingActivities({ ServiceNamespace })
    t.equal(ScalingActivities.filter(({ Description }) => Description?.startsWith('Setting min')).length, 2)
  })
})

t.test('DescribeScheduledActions and DeleteScheduledAction', async t => {
  const { client, clock, orders } = await autoScaling(t)
  await client.registerScalableTarget({ ...WRITES, MinCapacity: 1, MaxCapacity: 10 })

  t.test('refuse what is not there', async t => {
    await t.rejects(client.deleteScheduledAction(ACTION), {
      name: 'ObjectNotFoundException',
      message:
        'No scheduled action found for service namespace: dynamodb, resource ID: table/orders, scalable dimension: dynamodb:table:WriteCapacityUnits, scheduled action name: morning',
    })
    const { ScalableDimension } = WRITES
    await refuses(t, client.describeScheduledActions({ ServiceNamespace, ScalableDimension }), /together with a resource ID/)
  })

  t.test('find by name, and a deleted one never comes', async t => {
    for (const ScheduledActionName of ['a', 'b', 'c']) {
      await client.putScheduledAction({
        ...WRITES,
        ScheduledActionName,
        Schedule: 'rate(1 hour)',
        ScalableTargetAction: { MinCapacity: 9 },
      })
    }
    const names = async (ScheduledActionNames?: string[]) =>
      (await client.describeScheduledActions({ ServiceNamespace, ScheduledActionNames })).ScheduledActions?.map(a => a.ScheduledActionName)
    t.strictSame(await names(), ['a', 'b', 'c'])
    t.strictSame(await names(['b', 'z']), ['b'])
    for (const ScheduledActionName of ['a', 'b', 'c']) await client.deleteScheduledAction({ ...WRITES, ScheduledActionName })
    t.strictSame(await names(), [])
    await clock.advance(HOUR)
    t.equal(orders.ProvisionedThroughput?.WriteCapacityUnits, 5)
  })
})
