import { parseSchedule } from '@ministack/gateway'
import type { Context } from './kit.js'
import { keepWithinBounds, note } from './scaling.js'
import { type Action, targetKey } from './state.js'

/** When an action comes next; undefined when it doesn't any more. */
function nextTime({ schedule, timezone, start, end, created, since }: Readonly<Action>): number | undefined {
  const next = parseSchedule(schedule, timezone).next(Math.max(since, (start ?? 0) - 1), start ?? created)
  return next === undefined || (end !== undefined && next > end) ? undefined : next
}

/** Waits for an action's next time, and goes on from there. */
export function armAction(ctx: Context, key: string, action: Readonly<Action>): void {
  disarmAction(ctx, action)
  const next = nextTime(action)
  if (next === undefined) return
  const timer = ctx.background.after(Math.max(0, next - ctx.clock.now()), `scheduled action ${action.name}`, () => {
    carryOut(ctx, action)
    const now = ctx.state.actions.update(key, kept => {
      kept.since = ctx.clock.now()
    })
    if (now) armAction(ctx, key, now)
  })
  ctx.stores.timers.set(action.arn, timer)
}

export function disarmAction(ctx: Context, { arn }: Readonly<Action>): void {
  ctx.stores.timers.get(arn)?.cancel()
  ctx.stores.timers.delete(arn)
}

function carryOut(ctx: Context, { name, action, ...id }: Readonly<Action>): void {
  const key = targetKey(id)
  const before = ctx.state.targets.get(key)
  if (!before || before.suspended.ScheduledScalingSuspended) return
  const min = action?.MinCapacity ?? before.min
  const max = action?.MaxCapacity ?? before.max
  const cause = `scheduled action name ${name} was triggered`
  if (min > max) {
    ctx.log.warn(`scheduled action ${name} would set a minimum of ${min} over the maximum of ${max}`)
    return
  }
  ctx.state.targets.update(key, target => Object.assign(target, { min, max }))
  const bounds = `min capacity to ${min} and max capacity to ${max}`
  note(ctx, id, `Setting ${bounds}`, cause, `Successfully set ${bounds}`)
  keepWithinBounds(ctx, id, `${cause}, `)
}
