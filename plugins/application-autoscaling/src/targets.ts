import type { ScalableDimension, ServiceNamespace } from '@aws-sdk/client-application-auto-scaling'
import { AwsError } from '@ministack/gateway'
import type { Context } from './kit.js'
import { type Target, type TargetId, targetKey } from './state.js'

/** The members of an input that name a scalable target. */
export interface TargetInput {
  readonly ServiceNamespace: ServiceNamespace | undefined
  readonly ResourceId: string | undefined
  readonly ScalableDimension: ScalableDimension | undefined
}

const RESOURCES: Readonly<Record<string, RegExp>> = {
  'dynamodb:table': /^table\/[a-zA-Z0-9_.-]+$/,
  'dynamodb:index': /^table\/[a-zA-Z0-9_.-]+\/index\/[a-zA-Z0-9_.-]+$/,
}

export function validation(message: string): AwsError {
  return new AwsError('ValidationException', message)
}

/**
 * The target that an input names.
 *
 * @throws ValidationException when namespace, resource and dimension don't go together; 501 NotImplemented for a namespace whose
 * capacities can't be scaled here.
 */
export function targetIdOf(ctx: Context, input: TargetInput): TargetId {
  const { ServiceNamespace: namespace, ResourceId: resourceId, ScalableDimension: dimension } = input as Required<TargetInput>
  if (!dimension!.startsWith(`${namespace}:`)) throw unsupported()
  if (namespace !== 'dynamodb') {
    throw new AwsError('NotImplemented', `${ctx.service}.${ctx.operation} of the namespace ${namespace} is not implemented in MiniStack`, {
      status: 501,
      fault: 'server',
    })
  }
  const kind = dimension!.slice(0, dimension!.lastIndexOf(':'))
  if (!RESOURCES[kind]?.test(resourceId!)) throw unsupported()
  return { namespace, resourceId: resourceId!, dimension: dimension! }
}

function unsupported(): AwsError {
  return validation('Unsupported service namespace, resource type or scalable dimension')
}

/** The registered target. @throws ObjectNotFoundException */
export function registeredTarget(ctx: Context, id: TargetId): Readonly<Target> {
  const target = ctx.state.targets.get(targetKey(id))
  if (!target) throw new AwsError('ObjectNotFoundException', `No scalable target found for ${inWords(id)}`)
  return target
}

/** How AWS's messages name a target. */
export function inWords({ namespace, resourceId, dimension }: TargetId): string {
  return `service namespace: ${namespace}, resource ID: ${resourceId}, scalable dimension: ${dimension}`
}

/** The members of an output that name a target. */
export function targetMembers({ namespace, resourceId, dimension }: TargetId) {
  return { ServiceNamespace: namespace, ResourceId: resourceId, ScalableDimension: dimension }
}

/** The tail of the ARNs of what belongs to a target. */
export function resourceArn(ctx: Context, kind: string, id: string, { namespace, resourceId }: TargetId, name: string): string {
  return ctx.arn(`${kind}:${id}:resource/${namespace}/${resourceId}:${name}`, 'autoscaling')
}

/**
 * Whether something belongs to the target that a Describe operation asks for.
 *
 * @throws ValidationException for a dimension without its resource.
 */
export function targetFilter(input: {
  readonly ServiceNamespace: ServiceNamespace | undefined
  readonly ResourceId?: string | undefined
  readonly ScalableDimension?: ScalableDimension | undefined
}): (id: TargetId) => boolean {
  const { ServiceNamespace, ResourceId, ScalableDimension } = input
  if (ScalableDimension !== undefined && ResourceId === undefined) {
    throw validation('Scalable dimension can only be specified together with a resource ID')
  }
  return ({ namespace, resourceId, dimension }) =>
    namespace === ServiceNamespace &&
    (ResourceId === undefined || resourceId === ResourceId) &&
    (ScalableDimension === undefined || dimension === ScalableDimension)
}
