import { missingParameter } from '../errors.js'
import { operation } from '../kit.js'
import { queueAt } from '../state.js'
import { checkTags } from '../tags.js'

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_TagQueue.html */
export const tagQueue = operation('TagQueue', (ctx, { QueueUrl, Tags }) => {
  const queue = queueAt(ctx, QueueUrl)
  if (!Tags || Object.keys(Tags).length === 0) throw missingParameter('Tags')
  const tags = { ...queue.record.tags, ...Tags }
  checkTags(queue.name, tags)
  queue.save({ tags })
  return {}
})

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_UntagQueue.html */
export const untagQueue = operation('UntagQueue', (ctx, { QueueUrl, TagKeys }) => {
  const queue = queueAt(ctx, QueueUrl)
  if (!TagKeys?.length) throw missingParameter('TagKeys')
  const tags = { ...queue.record.tags }
  for (const key of TagKeys) delete tags[key]
  queue.save({ tags })
  return {}
})

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ListQueueTags.html */
export const listQueueTags = operation('ListQueueTags', (ctx, { QueueUrl }) => {
  const { tags } = queueAt(ctx, QueueUrl).record
  return Object.keys(tags).length > 0 ? { Tags: { ...tags } } : {}
})
