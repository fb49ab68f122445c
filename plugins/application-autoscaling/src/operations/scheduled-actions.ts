import { randomUUID } from 'node:crypto'
import { AwsError, parseSchedule, ScheduleSyntaxError } from '@ministack/gateway'
import { operation } from '../kit.js'
import { pageOf } from '../pages.js'
import { armAction, disarmAction } from '../scheduled-actions.js'
import { type Action, targetKey } from '../state.js'
import { inWords, registeredTarget, resourceArn, targetFilter, targetIdOf, targetMembers, validation } from '../targets.js'

const MOST = 200

/** https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScheduledAction.html */
export const putScheduledAction = operation('PutScheduledAction', (ctx, input) => {
  const id = targetIdOf(ctx, input)
  registeredTarget(ctx, id)
  const name = input.ScheduledActionName!
  const key = `${targetKey(id)}|${name}`
  const old = ctx.state.actions.get(key)
  const schedule = input.Schedule ?? old?.schedule
  const target = input.ScalableTargetAction ?? old?.action
  if (schedule === undefined) throw validation('Schedule must be specified when creating a scheduled action')
  if (target === undefined) throw validation('ScalableTargetAction must be specified when creating a scheduled action')
  const { MinCapacity: min, MaxCapacity: max } = target
  if (min === undefined && max === undefined) throw validation('At least one of MinCapacity and MaxCapacity must be specified')
  if (min !== undefined && max !== undefined && min > max) throw validation('Maximum capacity cannot be less than minimum capacity')
  const timezone = input.Timezone ?? old?.timezone
  checkSchedule(schedule, timezone)
  const [start, end] = [input.StartTime?.getTime(), input.EndTime?.getTime()]
  if (start !== undefined && end !== undefined && start >= end) throw validation('The start time must be before the end time')
  if (!old && countOf(ctx.state.actions.keys(), `${targetKey(id)}|`) >= MOST) {
    throw new AwsError('LimitExceededException', `A scalable target can have at most ${MOST} scheduled actions`)
  }
  const action: Action = {
    ...id,
    name,
    arn: old?.arn ?? resourceArn(ctx, 'scheduledAction', randomUUID(), id, `scheduledActionName/${name}`),
    created: old?.created ?? ctx.clock.now(),
    schedule,
    timezone,
    start,
    end,
    action: { ...target },
    since: ctx.clock.now(),
  }
  ctx.state.actions.set(key, action)
  armAction(ctx, key, action)
  return {}
})

function checkSchedule(schedule: string, timezone: string | undefined): void {
  try {
    const { kind } = parseSchedule(schedule, timezone)
    if (kind === 'rate' && timezone !== undefined) throw validation('A time zone can only be specified for an at or cron expression')
  } catch (error) {
    if (!(error instanceof ScheduleSyntaxError)) throw error
    throw validation(`Invalid schedule expression: ${schedule}. Details: ${error.message}`)
  }
}

function countOf(keys: Iterable<string>, prefix: string): number {
  let count = 0
  for (const key of keys) if (key.startsWith(prefix)) count++
  return count
}

/** https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DeleteScheduledAction.html */
export const deleteScheduledAction = operation('DeleteScheduledAction', (ctx, input) => {
  const id = targetIdOf(ctx, input)
  const key = `${targetKey(id)}|${input.ScheduledActionName}`
  const action = ctx.state.actions.get(key)
  if (!action) {
    throw new AwsError(
      'ObjectNotFoundException',
      `No scheduled action found for ${inWords(id)}, scheduled action name: ${input.ScheduledActionName}`,
    )
  }
  disarmAction(ctx, action)
  ctx.state.actions.delete(key)
  return {}
})

/** https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DescribeScheduledActions.html */
export const describeScheduledActions = operation('DescribeScheduledActions', (ctx, input) => {
  const isAsked = targetFilter(input)
  const keyOf = (action: Readonly<Action>) => `${targetKey(action)}|${action.name}`
  const actions = [...ctx.state.actions.values()]
    .filter(action => isAsked(action) && (input.ScheduledActionNames?.includes(action.name) ?? true))
    .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
  const { items, nextToken } = pageOf(actions, input, ctx.operation, keyOf)
  return { ScheduledActions: items.map(describe), NextToken: nextToken }
})

function describe(action: Readonly<Action>) {
  const { start, end } = action
  return {
    ...targetMembers(action),
    ScheduledActionName: action.name,
    ScheduledActionARN: action.arn,
    Schedule: action.schedule,
    Timezone: action.timezone,
    StartTime: start === undefined ? undefined : new Date(start),
    EndTime: end === undefined ? undefined : new Date(end),
    ScalableTargetAction: action.action && { ...action.action },
    CreationTime: new Date(action.created),
  }
}
