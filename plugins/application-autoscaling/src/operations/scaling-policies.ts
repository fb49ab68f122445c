import { randomUUID } from 'node:crypto'
import type { TargetTrackingScalingPolicyConfiguration } from '@aws-sdk/client-application-auto-scaling'
import { AwsError } from '@ministack/gateway'
import { type Context, operation } from '../kit.js'
import { pageOf } from '../pages.js'
import { type Policy, type TargetId, targetKey } from '../state.js'
import { inWords, registeredTarget, resourceArn, targetFilter, targetIdOf, targetMembers, validation } from '../targets.js'

const MOST = 50

/** https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScalingPolicy.html */
export const putScalingPolicy = operation('PutScalingPolicy', (ctx, input) => {
  const id = targetIdOf(ctx, input)
  registeredTarget(ctx, id)
  const name = input.PolicyName!
  const key = `${targetKey(id)}|${name}`
  const old = ctx.state.policies.get(key)
  const type = input.PolicyType ?? old?.type ?? 'StepScaling'
  if (type !== 'TargetTrackingScaling') throw validation(`${type} is not supported for the service namespace ${id.namespace}`)
  if (input.StepScalingPolicyConfiguration || input.PredictiveScalingPolicyConfiguration) {
    throw validation('Only TargetTrackingScalingPolicyConfiguration can be specified for a policy of the type TargetTrackingScaling')
  }
  const tracking = input.TargetTrackingScalingPolicyConfiguration ?? old?.tracking
  if (!tracking) throw validation('TargetTrackingScalingPolicyConfiguration must be specified')
  checkTracking(ctx, id, name, tracking)
  const policy: Policy = {
    ...id,
    name,
    arn: old?.arn ?? resourceArn(ctx, 'scalingPolicy', randomUUID(), id, `policyName/${name}`),
    created: old?.created ?? ctx.clock.now(),
    type,
    tracking: structuredClone(tracking),
  }
  ctx.state.policies.set(key, policy)
  // The alarms that would set a policy going belong to CloudWatch, which has none here yet.
  return { PolicyARN: policy.arn, Alarms: [] }
})

function checkTracking(ctx: Context, id: TargetId, name: string, tracking: TargetTrackingScalingPolicyConfiguration): void {
  const { PredefinedMetricSpecification: predefined, CustomizedMetricSpecification: customized, TargetValue: value } = tracking
  if ((predefined === undefined) === (customized === undefined)) {
    throw validation('Exactly one of PredefinedMetricSpecification and CustomizedMetricSpecification must be specified')
  }
  if (predefined) {
    const wanted = id.dimension.endsWith('ReadCapacityUnits') ? 'DynamoDBReadCapacityUtilization' : 'DynamoDBWriteCapacityUtilization'
    if (predefined.PredefinedMetricType !== wanted) {
      throw validation(`${predefined.PredefinedMetricType} is not supported for the scalable dimension ${id.dimension}`)
    }
    if (predefined.ResourceLabel !== undefined) throw validation(`ResourceLabel cannot be specified for ${wanted}`)
    if (value! < 20 || value! > 90) throw validation('TargetValue must be between 20 and 90')
  } else if (!(value! > 0)) throw validation('TargetValue must be greater than 0')
  let count = 0
  for (const other of ctx.state.policies.values()) {
    if (targetKey(other) !== targetKey(id) || other.name === name) continue
    count++
    if (predefined && other.tracking.PredefinedMetricSpecification) {
      throw validation('Only one TargetTrackingScaling policy for a given metric specification is allowed.')
    }
  }
  if (count >= MOST) throw new AwsError('LimitExceededException', `A scalable target can have at most ${MOST} scaling policies`)
}

/** https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DeleteScalingPolicy.html */
export const deleteScalingPolicy = operation('DeleteScalingPolicy', (ctx, input) => {
  const id = targetIdOf(ctx, input)
  if (!ctx.state.policies.delete(`${targetKey(id)}|${input.PolicyName}`)) {
    throw new AwsError('ObjectNotFoundException', `No scaling policy found for ${inWords(id)}, policy name: ${input.PolicyName}`)
  }
  return {}
})

/** https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DescribeScalingPolicies.html */
export const describeScalingPolicies = operation('DescribeScalingPolicies', (ctx, input) => {
  const isAsked = targetFilter(input)
  const keyOf = (policy: Readonly<Policy>) => `${targetKey(policy)}|${policy.name}`
  const policies = [...ctx.state.policies.values()]
    .filter(policy => isAsked(policy) && (input.PolicyNames?.includes(policy.name) ?? true))
    .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
  const { items, nextToken } = pageOf(policies, input, ctx.operation, keyOf)
  return { ScalingPolicies: items.map(describe), NextToken: nextToken }
})

function describe(policy: Readonly<Policy>) {
  return {
    ...targetMembers(policy),
    PolicyARN: policy.arn,
    PolicyName: policy.name,
    PolicyType: policy.type,
    TargetTrackingScalingPolicyConfiguration: structuredClone(policy.tracking),
    Alarms: [],
    CreationTime: new Date(policy.created),
  }
}
