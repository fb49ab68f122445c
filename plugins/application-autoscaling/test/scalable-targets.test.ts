import { AwsError } from '@ministack/gateway'
import t from 'tap'
import { autoScaling, INDEX_READS, refuses, WRITES } from './harness.js'

t.test('RegisterScalableTarget', async t => {
  t.test('refuses what does not go together, is not there, or has no bounds', async t => {
    const { client } = await autoScaling(t)
    const bounds = { MinCapacity: 1, MaxCapacity: 10 }
    const unsupported = 'Unsupported service namespace, resource type or scalable dimension'
    await refuses(t, client.registerScalableTarget({ ...WRITES, ...bounds, ScalableDimension: 'ecs:service:DesiredCount' }), unsupported)
    await refuses(t, client.registerScalableTarget({ ...WRITES, ...bounds, ResourceId: 'orders' }), unsupported)
    await refuses(t, client.registerScalableTarget({ ...INDEX_READS, ...bounds, ResourceId: 'table/orders' }), unsupported)
    await refuses(
      t,
      client.registerScalableTarget({ ...WRITES, MinCapacity: 1 }),
      'MinCapacity and MaxCapacity must be specified when registering a new scalable target',
    )
    await refuses(
      t,
      client.registerScalableTarget({ ...WRITES, MinCapacity: 11, MaxCapacity: 10 }),
      'Maximum capacity cannot be less than minimum capacity',
    )
    await refuses(t, client.registerScalableTarget({ ...WRITES, MinCapacity: 0, MaxCapacity: 10 }), /must be greater than or equal to 1/)
    await refuses(
      t,
      client.registerScalableTarget({ ...WRITES, ...bounds, ResourceId: 'table/nope' }),
      'DynamoDB table does not exist: table/nope',
    )
    await refuses(
      t,
      client.registerScalableTarget({ ...INDEX_READS, ...bounds, ResourceId: 'table/orders/index/nope' }),
      'DynamoDB index does not exist: table/orders/index/nope',
    )
    await refuses(
      t,
      client.registerScalableTarget({ ...WRITES, ServiceNamespace: 'x' as 'ecs' }),
      /^1 validation error detected: Value 'x'/,
    )
    t.strictSame((await client.describeScalableTargets({ ServiceNamespace: 'dynamodb' })).ScalableTargets, [])
  })

  t.test('says by name that other namespaces are not there', async t => {
    const { client } = await autoScaling(t)
    const service = { ServiceNamespace: 'ecs', ResourceId: 'service/a/b', ScalableDimension: 'ecs:service:DesiredCount' } as const
    await t.rejects(client.registerScalableTarget({ ...service, MinCapacity: 1, MaxCapacity: 2 }), {
      name: 'NotImplemented',
      status: 501,
      message: 'application-autoscaling.RegisterScalableTarget of the namespace ecs is not implemented in MiniStack',
    })
  })

  t.test('keeps a target, and changes only what is given', async t => {
    const { client } = await autoScaling(t)
    const { ScalableTargetARN } = await client.registerScalableTarget({ ...WRITES, MinCapacity: 5, MaxCapacity: 10, Tags: { a: '1' } })
    t.match(ScalableTargetARN, /^arn:aws:application-autoscaling:us-east-1:000000000000:scalable-target\/[0-9a-f]{32}$/)
    await client.registerScalableTarget({ ...WRITES, MaxCapacity: 20, SuspendedState: { ScheduledScalingSuspended: true } })
    const { ScalableTargets: [target] = [] } = await client.describeScalableTargets({ ServiceNamespace: 'dynamodb' })
    t.match(target, {
      ...WRITES,
      MinCapacity: 5,
      MaxCapacity: 20,
      ScalableTargetARN,
      RoleARN:
        'arn:aws:iam::000000000000:role/aws-service-role/dynamodb.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_DynamoDBTable',
      SuspendedState: { DynamicScalingInSuspended: false, DynamicScalingOutSuspended: false, ScheduledScalingSuspended: true },
    })
    await refuses(t, client.registerScalableTarget({ ...WRITES, Tags: { b: '2' } }), /Tags can only be specified when/)
  })

  t.test('brings the capacity within the bounds, tables and indexes alike', async t => {
    const { client, clock, orders } = await autoScaling(t)
    await client.registerScalableTarget({ ...WRITES, MinCapacity: 8, MaxCapacity: 10 })
    await client.registerScalableTarget({ ...INDEX_READS, MinCapacity: 1, MaxCapacity: 2 })
    await clock.advance(0)
    t.strictSame(orders.ProvisionedThroughput, { ReadCapacityUnits: 5, WriteCapacityUnits: 8 })
    t.strictSame(orders.GlobalSecondaryIndexes?.[0]?.ProvisionedThroughput, { ReadCapacityUnits: 2, WriteCapacityUnits: 5 })
    const { ScalingActivities } = await client.describeScalingActivities({ ServiceNamespace: 'dynamodb', ResourceId: 'table/orders' })
    t.match(ScalingActivities, [
      {
        ...WRITES,
        Description: 'Setting write capacity units to 8.',
        Cause: 'minimum capacity was set to 8',
        StatusCode: 'Successful',
        StatusMessage: 'Successfully set write capacity units to 8. Change successfully fulfilled by dynamodb.',
      },
    ])
  })

  t.test('waits for a table that is being changed, and leaves one alone that is paid by request', async t => {
    const { client, clock, orders } = await autoScaling(t)
    orders.TableStatus = 'UPDATING'
    await client.registerScalableTarget({ ...WRITES, MinCapacity: 8, MaxCapacity: 10 })
    await clock.advance(60_000)
    t.equal(orders.ProvisionedThroughput?.WriteCapacityUnits, 5)
    orders.TableStatus = 'ACTIVE'
    await clock.advance(5000)
    t.equal(orders.ProvisionedThroughput?.WriteCapacityUnits, 8)
    await client.registerScalableTarget({ ...WRITES, ResourceId: 'table/on-demand', MinCapacity: 8, MaxCapacity: 10 })
    await clock.advance(0)
    const { ScalingActivities } = await client.describeScalingActivities({ ServiceNamespace: 'dynamodb', ResourceId: 'table/on-demand' })
    t.strictSame(ScalingActivities, [])
  })

  t.test('scales the reads and the writes of one table one after the other', async t => {
    const { client, clock, orders } = await autoScaling(t)
    const bounds = { MinCapacity: 8, MaxCapacity: 10 }
    await Promise.all([
      client.registerScalableTarget({ ...WRITES, ...bounds }),
      client.registerScalableTarget({ ...WRITES, ...bounds, ScalableDimension: 'dynamodb:table:ReadCapacityUnits' }),
    ])
    await clock.advance(0)
    t.strictSame(orders.ProvisionedThroughput, { ReadCapacityUnits: 8, WriteCapacityUnits: 8 })
  })

  t.test('tells of a change that failed', async t => {
    const { client, clock, failure } = await autoScaling(t)
    failure.error = new AwsError('LimitExceededException', 'too often today')
    await client.registerScalableTarget({ ...WRITES, MinCapacity: 8, MaxCapacity: 10 })
    await clock.advance(0)
    const { ScalingActivities } = await client.describeScalingActivities({ ServiceNamespace: 'dynamodb' })
    t.match(ScalingActivities, [
      { StatusCode: 'Failed', StatusMessage: 'Failed to set write capacity units to 8. Reason: too often today' },
    ])
  })
})

t.test('DescribeScalableTargets', async t => {
  t.test('refuses a dimension without a resource, and pages that are too long', async t => {
    const { client } = await autoScaling(t)
    const { ServiceNamespace, ScalableDimension } = WRITES
    await refuses(t, client.describeScalableTargets({ ServiceNamespace, ScalableDimension }), /together with a resource ID/)
    await refuses(t, client.describeScalableTargets({ ServiceNamespace, MaxResults: 51 }), 'MaxResults must be between 1 and 50')
    await t.rejects(client.describeScalableTargets({ ServiceNamespace, NextToken: 'x' }), { name: 'InvalidNextTokenException' })
  })

  t.test('finds by resource and dimension, page by page', async t => {
    const { client } = await autoScaling(t)
    const bounds = { MinCapacity: 5, MaxCapacity: 10 }
    await client.registerScalableTarget({ ...WRITES, ...bounds })
    await client.registerScalableTarget({ ...WRITES, ...bounds, ScalableDimension: 'dynamodb:table:ReadCapacityUnits' })
    await client.registerScalableTarget({ ...INDEX_READS, ...bounds })
    const { ServiceNamespace, ResourceId, ScalableDimension } = WRITES
    const first = await client.describeScalableTargets({ ServiceNamespace, MaxResults: 2 })
    t.equal(first.ScalableTargets?.length, 2)
    const second = await client.describeScalableTargets({ ServiceNamespace, MaxResults: 2, NextToken: first.NextToken })
    t.equal(second.ScalableTargets?.length, 1)
    t.equal(second.NextToken, undefined)
    t.equal((await client.describeScalableTargets({ ServiceNamespace, ResourceIds: [ResourceId] })).ScalableTargets?.length, 2)
    const one = await client.describeScalableTargets({ ServiceNamespace, ResourceIds: [ResourceId], ScalableDimension })
    t.match(one.ScalableTargets, [WRITES])
    t.strictSame((await client.describeScalableTargets({ ServiceNamespace: 'ecs' })).ScalableTargets, [])
  })
})

t.test('DeregisterScalableTarget', async t => {
  const { client } = await autoScaling(t)

  t.test('refuses what is not registered', async t => {
    await t.rejects(client.deregisterScalableTarget(WRITES), {
      name: 'ObjectNotFoundException',
      message:
        'No scalable target found for service namespace: dynamodb, resource ID: table/orders, scalable dimension: dynamodb:table:WriteCapacityUnits',
    })
  })

  t.test('takes policies and scheduled actions with it', async t => {
    const { ServiceNamespace } = WRITES
    await client.registerScalableTarget({ ...WRITES, MinCapacity: 5, MaxCapacity: 10 })
    await client.putScheduledAction({
      ...WRITES,
      ScheduledActionName: 'night',
      Schedule: 'rate(1 day)',
      ScalableTargetAction: { MaxCapacity: 5 },
    })
    await client.putScalingPolicy({
      ...WRITES,
      PolicyName: 'p',
      PolicyType: 'TargetTrackingScaling',
      TargetTrackingScalingPolicyConfiguration: {
        TargetValue: 70,
        PredefinedMetricSpecification: { PredefinedMetricType: 'DynamoDBWriteCapacityUtilization' },
      },
    })
    await client.deregisterScalableTarget(WRITES)
    t.strictSame((await client.describeScalableTargets({ ServiceNamespace })).ScalableTargets, [])
    t.strictSame((await client.describeScheduledActions({ ServiceNamespace })).ScheduledActions, [])
    t.strictSame((await client.describeScalingPolicies({ ServiceNamespace })).ScalingPolicies, [])
  })
})

t.test('TagResource, UntagResource and ListTagsForResource', async t => {
  const { client } = await autoScaling(t)
  const { ScalableTargetARN: ResourceARN } = await client.registerScalableTarget({
    ...WRITES,
    MinCapacity: 5,
    MaxCapacity: 10,
    Tags: { a: '1' },
  })

  t.test('refuse what is not there, is too much, or belongs to AWS', async t => {
    const missing = { name: 'ResourceNotFoundException', fields: { ResourceName: `${ResourceARN}x` } }
    await t.rejects(client.listTagsForResource({ ResourceARN: `${ResourceARN}x` }), missing)
    await t.rejects(client.tagResource({ ResourceARN: `${ResourceARN}x`, Tags: { a: '1' } }), missing)
    await t.rejects(client.untagResource({ ResourceARN: `${ResourceARN}x`, TagKeys: ['a'] }), missing)
    await refuses(t, client.tagResource({ ResourceARN, Tags: { 'aws:x': '1' } }), /reserved/)
    const many = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`k${i}`, '']))
    await t.rejects(client.tagResource({ ResourceARN, Tags: many }), { name: 'TooManyTagsException' })
  })

  t.test('add, replace, remove and list', async t => {
    await client.tagResource({ ResourceARN, Tags: { a: '2', b: '3' } })
    t.strictSame(await client.listTagsForResource({ ResourceARN }), { Tags: { a: '2', b: '3' } })
    await client.untagResource({ ResourceARN, TagKeys: ['a', 'c'] })
    t.strictSame(await client.listTagsForResource({ ResourceARN }), { Tags: { b: '3' } })
  })
})
