import type {
  PolicyType,
  ScalableDimension,
  ScalableTargetAction,
  ScalingActivityStatusCode,
  ServiceNamespace,
  SuspendedState,
  TargetTrackingScalingPolicyConfiguration,
} from '@aws-sdk/client-application-auto-scaling'
import { AccountScopedDict, type Timer, type Unit } from '@ministack/gateway'
import { armAction } from './scheduled-actions.js'

/** What names a scalable target. */
export interface TargetId {
  readonly namespace: ServiceNamespace
  readonly resourceId: string
  readonly dimension: ScalableDimension
}

/** A scalable target as it is kept; times are milliseconds since the epoch. */
export interface Target extends TargetId {
  readonly arn: string
  readonly created: number
  min: number
  max: number
  role: string
  suspended: Required<SuspendedState>
  tags: Record<string, string>
}

export interface Policy extends TargetId {
  readonly name: string
  readonly arn: string
  readonly created: number
  readonly type: PolicyType
  tracking: TargetTrackingScalingPolicyConfiguration
}

export interface Action extends TargetId {
  readonly name: string
  readonly arn: string
  readonly created: number
  schedule: string
  timezone?: string | undefined
  start?: number | undefined
  end?: number | undefined
  action?: ScalableTargetAction | undefined
  /** When it was put or came last: of the times that passed while MiniStack was off, one is made up for. */
  since: number
}

export interface Activity extends TargetId {
  readonly id: string
  readonly description: string
  readonly cause: string
  readonly started: number
  ended?: number
  status: ScalingActivityStatusCode
  message: string
}

/** What the plugin keeps. Keys begin with {@link targetKey}, so that what belongs to a target goes with it. */
export interface State {
  readonly targets: AccountScopedDict<Target>
  readonly policies: AccountScopedDict<Policy>
  readonly actions: AccountScopedDict<Action>
  /** By id, in the order of their start. */
  readonly activities: AccountScopedDict<Activity>
  /** The timers of scheduled actions, by ARN. */
  readonly timers: Map<string, Timer>
  /** What is being scaled, by account, region and table: a table takes one change at a time. */
  readonly scaling: Map<string, Promise<void>>
}

export function createState(): State {
  return {
    targets: new AccountScopedDict('targets'),
    policies: new AccountScopedDict('policies'),
    actions: new AccountScopedDict('actions'),
    activities: new AccountScopedDict('activities'),
    timers: new Map(),
    scaling: new Map(),
  }
}

/** Sets the scheduled actions going again. */
export function start(unit: Unit<State>): void {
  for (const [scope, actions] of unit.state.actions.scopes()) {
    const ctx = unit.context(scope)
    for (const [key, action] of actions.entries()) armAction(ctx, key, action)
  }
}

export function targetKey({ namespace, resourceId, dimension }: TargetId): string {
  return `${namespace}|${resourceId}|${dimension}`
}
