import { randomUUID } from 'node:crypto'
import { currentCapacity } from '../capacity.js'
import { type Context, operation } from '../kit.js'
import { pageOf } from '../pages.js'
import { keepWithinBounds } from '../scaling.js'
import { disarmAction } from '../scheduled-actions.js'
import { type Target, type TargetId, targetKey } from '../state.js'
import { checkTags } from '../tags.js'
import { registeredTarget, targetFilter, targetIdOf, targetMembers, validation } from '../targets.js'

const RESUMED = { DynamicScalingInSuspended: false, DynamicScalingOutSuspended: false, ScheduledScalingSuspended: false }

/** https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html */
export const registerScalableTarget = operation('RegisterScalableTarget', async (ctx, input) => {
  const id = targetIdOf(ctx, input)
  const key = targetKey(id)
  const { Tags } = input
  checkBounds(id, ctx.state.targets.get(key), input.MinCapacity, input.MaxCapacity)
  if (Tags && ctx.state.targets.has(key)) throw validation('Tags can only be specified when a scalable target is created')
  if (Tags) checkTags('', Tags)
  await currentCapacity(ctx, id)
  // Whatever was registered meanwhile is what is changed now.
  const old = ctx.state.targets.get(key)
  const { min, max } = checkBounds(id, old, input.MinCapacity, input.MaxCapacity)
  const target: Target = {
    ...id,
    arn: old?.arn ?? ctx.arn(`scalable-target/${randomUUID().replaceAll('-', '').slice(0, 34)}`, 'application-autoscaling'),
    created: old?.created ?? ctx.clock.now(),
    min,
    max,
    role: input.RoleARN ?? old?.role ?? serviceLinkedRole(ctx),
    suspended: { ...RESUMED, ...old?.suspended, ...input.SuspendedState },
    tags: old?.tags ?? { ...Tags },
  }
  ctx.state.targets.set(key, target)
  keepWithinBounds(ctx, id)
  return { ScalableTargetARN: target.arn }
})

function checkBounds(id: TargetId, old: Readonly<Target> | undefined, min = old?.min, max = old?.max): { min: number; max: number } {
  if (min === undefined || max === undefined) {
    throw validation('MinCapacity and MaxCapacity must be specified when registering a new scalable target')
  }
  if (min > max) throw validation('Maximum capacity cannot be less than minimum capacity')
  if (min < 1) throw validation(`Minimum capacity of ${id.dimension} must be greater than or equal to 1`)
  return { min, max }
}

function serviceLinkedRole(ctx: Context): string {
  const role = 'dynamodb.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_DynamoDBTable'
  return `arn:${ctx.partition}:iam::${ctx.account}:role/aws-service-role/${role}`
}

/** https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DeregisterScalableTarget.html */
export const deregisterScalableTarget = operation('DeregisterScalableTarget', (ctx, input) => {
  const id = targetIdOf(ctx, input)
  registeredTarget(ctx, id)
  const key = targetKey(id)
  ctx.state.targets.delete(key)
  for (const policy of [...ctx.state.policies.keys()]) if (policy.startsWith(`${key}|`)) ctx.state.policies.delete(policy)
  for (const [name, action] of [...ctx.state.actions.entries()]) {
    if (!name.startsWith(`${key}|`)) continue
    disarmAction(ctx, action)
    ctx.state.actions.delete(name)
  }
  return {}
})

/** https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DescribeScalableTargets.html */
export const describeScalableTargets = operation('DescribeScalableTargets', (ctx, input) => {
  const { ServiceNamespace, ResourceIds, ScalableDimension } = input
  if (ScalableDimension !== undefined && ResourceIds === undefined) {
    throw validation('Scalable dimension can only be specified together with a resource ID')
  }
  const isAsked = targetFilter({ ServiceNamespace })
  const targets = [...ctx.state.targets.values()]
    .filter(target => isAsked(target) && (ResourceIds?.includes(target.resourceId) ?? true))
    .filter(target => ScalableDimension === undefined || target.dimension === ScalableDimension)
    .sort((a, b) => (targetKey(a) < targetKey(b) ? -1 : 1))
  const { items, nextToken } = pageOf(targets, input, ctx.operation, targetKey)
  return { ScalableTargets: items.map(describe), NextToken: nextToken }
})

function describe(target: Readonly<Target>) {
  return {
    ...targetMembers(target),
    MinCapacity: target.min,
    MaxCapacity: target.max,
    RoleARN: target.role,
    CreationTime: new Date(target.created),
    SuspendedState: { ...target.suspended },
    ScalableTargetARN: target.arn,
  }
}
