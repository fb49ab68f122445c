import { AwsError } from '@ministack/gateway'
import { type Context, operation } from '../kit.js'
import { type Target, targetKey } from '../state.js'
import { checkTags } from '../tags.js'

function targetAt(ctx: Context, arn: string): Readonly<Target> {
  for (const target of ctx.state.targets.values()) if (target.arn === arn) return target
  throw new AwsError('ResourceNotFoundException', `The specified resource doesn't exist: ${arn}`, { fields: { ResourceName: arn } })
}

/** https://docs.aws.amazon.com/autoscaling/application/APIReference/API_TagResource.html */
export const tagResource = operation('TagResource', (ctx, { ResourceARN, Tags }) => {
  const target = targetAt(ctx, ResourceARN!)
  const tags = { ...target.tags, ...Tags }
  checkTags(target.arn, tags)
  ctx.state.targets.update(targetKey(target), kept => Object.assign(kept, { tags }))
  return {}
})

/** https://docs.aws.amazon.com/autoscaling/application/APIReference/API_UntagResource.html */
export const untagResource = operation('UntagResource', (ctx, { ResourceARN, TagKeys }) => {
  const target = targetAt(ctx, ResourceARN!)
  const tags = Object.fromEntries(Object.entries(target.tags).filter(([key]) => !TagKeys!.includes(key)))
  ctx.state.targets.update(targetKey(target), kept => Object.assign(kept, { tags }))
  return {}
})

/** https://docs.aws.amazon.com/autoscaling/application/APIReference/API_ListTagsForResource.html */
export const listTagsForResource = operation('ListTagsForResource', (ctx, { ResourceARN }) => ({
  Tags: { ...targetAt(ctx, ResourceARN!).tags },
}))
