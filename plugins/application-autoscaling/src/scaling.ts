import { randomUUID } from 'node:crypto'
import type { AwsError } from '@ministack/gateway'
import { currentCapacity, setCapacity, unitsInWords } from './capacity.js'
import type { Context } from './kit.js'
import { type Activity, type TargetId, targetKey } from './state.js'

const RETRY_MS = 5000
const ATTEMPTS = 120

/** Activities are told for six weeks. */
export const ACTIVITY_LIFE_MS = 6 * 7 * 24 * 60 * 60 * 1000

/**
 * Brings a target's capacity between its bounds, in the background.
 *
 * @param why what an activity gives as its cause, before the bound that was passed.
 */
export function keepWithinBounds(ctx: Context, id: TargetId, why = ''): void {
  const resource = `${ctx.account}/${ctx.region}/${id.resourceId.split('/', 2).join('/')}`
  ctx.background.run(`application auto scaling of ${id.resourceId}`, signal => {
    const { scaling } = ctx.stores
    const before = scaling.get(resource) ?? Promise.resolve()
    const done: Promise<void> = before
      .catch(() => {})
      .then(() => scaleToBounds(ctx, id, why, signal))
      .finally(() => scaling.get(resource) === done && scaling.delete(resource))
    scaling.set(resource, done)
    return done
  })
}

async function scaleToBounds(ctx: Context, id: TargetId, why: string, signal: AbortSignal): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const target = ctx.state.targets.get(targetKey(id))
    if (!target) return
    const { units, settled } = await currentCapacity(ctx, id)
    if (units === undefined) return
    const wanted = Math.min(target.max, Math.max(target.min, units))
    if (wanted === units) return
    if (settled) {
      const bound = wanted > units ? `minimum capacity was set to ${wanted}` : `maximum capacity was set to ${wanted}`
      await scale(ctx, id, wanted, why + bound)
      return
    }
    await ctx.clock.sleep(RETRY_MS, signal)
  }
}

async function scale(ctx: Context, id: TargetId, units: number, cause: string): Promise<void> {
  const what = unitsInWords(id)
  const activity = begin(ctx, id, `Setting ${what} to ${units}.`, cause)
  try {
    await setCapacity(ctx, id, units)
    end(ctx, activity, 'Successful', `Successfully set ${what} to ${units}. Change successfully fulfilled by ${id.namespace}.`)
  } catch (error) {
    end(ctx, activity, 'Failed', `Failed to set ${what} to ${units}. Reason: ${(error as AwsError).message}`)
  }
}

/** Notes something that was done in one step. */
export function note(ctx: Context, id: TargetId, description: string, cause: string, message: string): void {
  end(ctx, begin(ctx, id, description, cause), 'Successful', message)
}

function begin(ctx: Context, { namespace, resourceId, dimension }: TargetId, description: string, cause: string): string {
  forgetOld(ctx)
  const id = randomUUID()
  ctx.state.activities.set(id, {
    id,
    namespace,
    resourceId,
    dimension,
    description,
    cause,
    started: ctx.clock.now(),
    status: 'InProgress',
    message: `Waiting for change to be fulfilled by ${namespace}.`,
  })
  return id
}

function end(ctx: Context, id: string, status: Activity['status'], message: string): void {
  const ended = ctx.clock.now()
  ctx.state.activities.update(id, activity => Object.assign(activity, { status, message, ended }))
}

function forgetOld(ctx: Context): void {
  const oldest = ctx.clock.now() - ACTIVITY_LIFE_MS
  for (const [id, { started }] of ctx.state.activities.entries()) {
    if (started >= oldest) break
    ctx.state.activities.delete(id)
  }
}
