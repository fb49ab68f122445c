import { operation } from '../kit.js'
import { pageOf } from '../pages.js'
import { ACTIVITY_LIFE_MS } from '../scaling.js'
import type { Activity } from '../state.js'
import { targetFilter, targetMembers } from '../targets.js'

/** A key whose ascending order is the descending one of activities' times. */
function newestFirst({ started, id }: Readonly<Activity>): string {
  return `${Number.MAX_SAFE_INTEGER - started}|${id}`
}

/**
 * Nothing is ever kept from scaling by a cooldown or a loop here, so there are no activities that `IncludeNotScaledActivities` would add.
 *
 * https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DescribeScalingActivities.html
 */
export const describeScalingActivities = operation('DescribeScalingActivities', (ctx, input) => {
  const isAsked = targetFilter(input)
  const oldest = ctx.clock.now() - ACTIVITY_LIFE_MS
  const activities = [...ctx.state.activities.values()]
    .filter(activity => activity.started >= oldest && isAsked(activity))
    .sort((a, b) => (newestFirst(a) < newestFirst(b) ? -1 : 1))
  const { items, nextToken } = pageOf(activities, input, ctx.operation, newestFirst)
  return {
    ScalingActivities: items.map(activity => ({
      ActivityId: activity.id,
      ...targetMembers(activity),
      Description: activity.description,
      Cause: activity.cause,
      StartTime: new Date(activity.started),
      EndTime: activity.ended === undefined ? undefined : new Date(activity.ended),
      StatusCode: activity.status,
      StatusMessage: activity.message,
    })),
    NextToken: nextToken,
  }
})
