import { definePlugin } from '@ministack/gateway'
import { service } from './kit.js'
import { deregisterScalableTarget, describeScalableTargets, registerScalableTarget } from './operations/scalable-targets.js'
import { describeScalingActivities } from './operations/scaling-activities.js'
import { deleteScalingPolicy, describeScalingPolicies, putScalingPolicy } from './operations/scaling-policies.js'
import { deleteScheduledAction, describeScheduledActions, putScheduledAction } from './operations/scheduled-actions.js'
import { listTagsForResource, tagResource, untagResource } from './operations/tags.js'
import { createState, start } from './state.js'

export default definePlugin({
  manifest: new URL('../../manifest.json', import.meta.url),
  state: createState,
  services: {
    'application-autoscaling': service({
      DeleteScalingPolicy: deleteScalingPolicy,
      DeleteScheduledAction: deleteScheduledAction,
      DeregisterScalableTarget: deregisterScalableTarget,
      DescribeScalableTargets: describeScalableTargets,
      DescribeScalingActivities: describeScalingActivities,
      DescribeScalingPolicies: describeScalingPolicies,
      DescribeScheduledActions: describeScheduledActions,
      ListTagsForResource: listTagsForResource,
      PutScalingPolicy: putScalingPolicy,
      PutScheduledAction: putScheduledAction,
      RegisterScalableTarget: registerScalableTarget,
      TagResource: tagResource,
      UntagResource: untagResource,
    }),
  },
  start,
})
