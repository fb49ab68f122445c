import t from 'tap'
import { autoScaling, refuses, WRITES } from './harness.js'

const { ServiceNamespace } = WRITES
const TRACKING = {
  TargetValue: 70,
  PredefinedMetricSpecification: { PredefinedMetricType: 'DynamoDBWriteCapacityUtilization' },
} as const
const POLICY = { ...WRITES, PolicyName: 'track', PolicyType: 'TargetTrackingScaling' } as const

t.test('PutScalingPolicy', async t => {
  t.test('refuses targets, types and metrics that are wrong', async t => {
    const { client } = await autoScaling(t)
    const put = (configuration: object, more: object = {}) =>
      client.putScalingPolicy({ ...POLICY, TargetTrackingScalingPolicyConfiguration: { ...TRACKING, ...configuration }, ...more })
    await t.rejects(put({}), { name: 'ObjectNotFoundException', message: /^No scalable target found for service namespace: dynamodb/ })
    await client.registerScalableTarget({ ...WRITES, MinCapacity: 5, MaxCapacity: 10 })
    await refuses(t, put({}, { PolicyType: 'StepScaling' }), 'StepScaling is not supported for the service namespace dynamodb')
    await refuses(t, put({}, { StepScalingPolicyConfiguration: {} }), /^Only TargetTrackingScalingPolicyConfiguration/)
    await refuses(t, client.putScalingPolicy(POLICY), 'TargetTrackingScalingPolicyConfiguration must be specified')
    await refuses(t, put({ PredefinedMetricSpecification: undefined }), /^Exactly one of PredefinedMetricSpecification/)
    await refuses(
      t,
      put({ PredefinedMetricSpecification: { PredefinedMetricType: 'DynamoDBReadCapacityUtilization' } }),
      'DynamoDBReadCapacityUtilization is not supported for the scalable dimension dynamodb:table:WriteCapacityUnits',
    )
    await refuses(t, put({ TargetValue: 91 }), 'TargetValue must be between 20 and 90')
    await put({})
    await refuses(
      t,
      put({}, { PolicyName: 'another' }),
      'Only one TargetTrackingScaling policy for a given metric specification is allowed.',
    )
  })

  t.test('keeps a policy and changes it', async t => {
    const { client } = await autoScaling(t)
    await client.registerScalableTarget({ ...WRITES, MinCapacity: 5, MaxCapacity: 10 })
    const { PolicyARN, Alarms } = await client.putScalingPolicy({ ...POLICY, TargetTrackingScalingPolicyConfiguration: TRACKING })
    t.match(
      PolicyARN,
      /^arn:aws:autoscaling:us-east-1:000000000000:scalingPolicy:[0-9a-f-]{36}:resource\/dynamodb\/table\/orders:policyName\/track$/,
    )
    t.strictSame(Alarms, [])
    const changed = { ...TRACKING, TargetValue: 50, ScaleInCooldown: 60, DisableScaleIn: true }
    t.strictSame(await client.putScalingPolicy({ ...POLICY, TargetTrackingScalingPolicyConfiguration: changed }), { PolicyARN, Alarms: [] })
    const { ScalingPolicies } = await client.describeScalingPolicies({ ServiceNamespace })
    t.match(ScalingPolicies, [{ ...POLICY, PolicyARN, TargetTrackingScalingPolicyConfiguration: changed, Alarms: [] }])
  })
})

t.test('DescribeScalingPolicies and DeleteScalingPolicy', async t => {
  const { client } = await autoScaling(t)
  await client.registerScalableTarget({ ...WRITES, MinCapacity: 5, MaxCapacity: 10 })
  await client.putScalingPolicy({ ...POLICY, TargetTrackingScalingPolicyConfiguration: TRACKING })

  t.test('refuse what is not there', async t => {
    await t.rejects(client.deleteScalingPolicy({ ...WRITES, PolicyName: 'nope' }), {
      name: 'ObjectNotFoundException',
      message:
        'No scaling policy found for service namespace: dynamodb, resource ID: table/orders, scalable dimension: dynamodb:table:WriteCapacityUnits, policy name: nope',
    })
    await t.rejects(client.describeScalingPolicies({ ServiceNamespace, NextToken: 'x' }), { name: 'InvalidNextTokenException' })
  })

  t.test('find by resource and name, and delete', async t => {
    const count = async (more: object) => (await client.describeScalingPolicies({ ServiceNamespace, ...more })).ScalingPolicies?.length
    t.equal(await count({ ResourceId: 'table/orders', PolicyNames: ['track'] }), 1)
    t.equal(await count({ PolicyNames: ['nope'] }), 0)
    t.equal(await count({ ResourceId: 'table/other' }), 0)
    await client.deleteScalingPolicy(POLICY)
    t.equal(await count({}), 0)
  })
})

t.test('on the wire, it is JSON 1.1 of the front-end service', async t => {
  const { http } = await autoScaling(t)
  const call = (operation: string, body: object) =>
    http({
      method: 'POST',
      url: '/',
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `AnyScaleFrontendService.${operation}` },
      body: JSON.stringify(body),
    })
  const listed = await call('DescribeScalableTargets', { ServiceNamespace })
  t.match(listed, { status: 200, body: '{"ScalableTargets":[]}' })
  const missing = await call('DeregisterScalableTarget', WRITES)
  t.equal(missing.status, 400)
  t.match(JSON.parse(missing.body), { __type: 'ObjectNotFoundException', Message: /^No scalable target found/ })
  const forecast = await call('GetPredictiveScalingForecast', { ...POLICY, StartTime: 1, EndTime: 2 })
  t.match(forecast, { status: 501, body: /GetPredictiveScalingForecast/ })
})
