import { randomUUID } from 'node:crypto'
import { AwsError, paginate } from '@ministack/gateway'
import { checkAttributes, mergeAttributes, type QueueAttributes, wantedAttributes, withDefaults } from '../attributes.js'
import { invalidAttributeValue, invalidParameter, invalidRequest, missingParameter, queueDoesNotExist } from '../errors.js'
import { operation } from '../kit.js'
import { checkQueueName, queueArn, queueUrl } from '../names.js'
import type { Queue } from '../queue.js'
import { checkDeadLetterTarget, readRedrivePolicy } from '../redrive.js'
import { openQueue, queueAt, type SqsContext } from '../state.js'
import { checkTags } from '../tags.js'

const REST_MS = 60_000
const MAX_RESULTS = 1_000

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html */
export const createQueue = operation('CreateQueue', (ctx, input) => {
  const { QueueName: name, Attributes = {}, tags = {} } = input
  if (!name) throw missingParameter('QueueName')
  const fifo = Attributes.FifoQueue?.toLowerCase() === 'true'
  checkQueueName(name, fifo)
  const asked = checkAttributes(Attributes, fifo)
  const attributes = mergeAttributes({}, asked)
  checkTags(name, tags)
  const existing = ctx.stores.live.at(ctx.region, `${ctx.account}/${name}`)
  if (existing) {
    checkSame(existing, asked)
  } else {
    checkRested(ctx, name)
    checkRedrive(ctx, attributes, { account: ctx.account, region: ctx.region, arn: queueArn(ctx, name), fifo })
    const now = ctx.clock.now()
    const record = { id: randomUUID(), createdAt: now, modifiedAt: now, attributes, tags: { ...tags } }
    ctx.state.queues.set(name, record)
    openQueue(ctx.stores, { account: ctx.account, region: ctx.region }, name, record, ctx.clock)
  }
  return { QueueUrl: queueUrl(ctx, ctx.account, name) }
})

/** Creating a queue that is there is fine as long as nothing that was asked for differs. */
function checkSame(queue: Queue, asked: QueueAttributes): void {
  const current = withDefaults(queue.record.attributes)
  for (const [attribute, value] of Object.entries(asked)) {
    if ((current[attribute] ?? '') !== value) {
      throw new AwsError('QueueNameExists', `A queue already exists with the same name and a different value for attribute ${attribute}`)
    }
  }
}

/** A name may be used again a minute after its queue was deleted; older deletions are forgotten here. `SQS_DELAY_RECENTLY_DELETED=0` switches it off. */
function checkRested({ state, clock, config }: SqsContext, name: string): void {
  if (/^(0|false)$/i.test(config.env.SQS_DELAY_RECENTLY_DELETED ?? '')) return
  for (const [deleted, at] of state.deletions.entries()) {
    if (at + REST_MS > clock.now()) break
    state.deletions.delete(deleted)
  }
  if (state.deletions.has(name)) {
    throw new AwsError(
      'QueueDeletedRecently',
      'You must wait 60 seconds after deleting a queue before you can create another with the same name.',
    )
  }
}

function checkRedrive(
  { stores }: SqsContext,
  { RedrivePolicy }: QueueAttributes,
  source: Parameters<typeof checkDeadLetterTarget>[1],
): void {
  if (RedrivePolicy) checkDeadLetterTarget(readRedrivePolicy(RedrivePolicy), source, arn => stores.live.byArn(arn))
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteQueue.html */
export const deleteQueue = operation('DeleteQueue', (ctx, input) => {
  const queue = queueAt(ctx, input.QueueUrl)
  queue.close()
  ctx.stores.live.remove(queue)
  const tasks = ctx.stores.moveTasks.in(queue)
  for (const task of tasks.values()) if (task.sourceArn === queue.arn) tasks.delete(task.id)
  const deletions = ctx.stores.deletions.in(queue)
  deletions.delete(queue.name)
  deletions.set(queue.name, ctx.clock.now())
  return {}
})

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_PurgeQueue.html */
export const purgeQueue = operation('PurgeQueue', (ctx, input) => {
  const queue = queueAt(ctx, input.QueueUrl)
  const { purgedAt } = queue.record
  if (purgedAt !== undefined && purgedAt + REST_MS > ctx.clock.now()) {
    throw new AwsError('PurgeQueueInProgress', `Only one PurgeQueue operation on ${queue.name} is allowed every 60 seconds.`)
  }
  queue.purge()
  return {}
})

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueUrl.html */
export const getQueueUrl = operation('GetQueueUrl', (ctx, { QueueName: name, QueueOwnerAWSAccountId: account = ctx.account }) => {
  if (!name) throw missingParameter('QueueName')
  if (!ctx.stores.live.at(ctx.region, `${account}/${name}`)) throw queueDoesNotExist()
  return { QueueUrl: queueUrl(ctx, account, name) }
})

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ListQueues.html */
export const listQueues = operation('ListQueues', (ctx, { QueueNamePrefix: prefix = '', MaxResults, NextToken }) => {
  const names = [...ctx.state.queues.keys()].filter(name => name.startsWith(prefix))
  const { urls, nextToken } = pageOfUrls(ctx, ctx.account, names, MaxResults, NextToken)
  return urls.length > 0 ? { QueueUrls: urls, NextToken: nextToken } : {}
})

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ListDeadLetterSourceQueues.html */
export const listDeadLetterSourceQueues = operation('ListDeadLetterSourceQueues', (ctx, { QueueUrl, MaxResults, NextToken }) => {
  const queue = queueAt(ctx, QueueUrl)
  const names = deadLetterSources(ctx, queue).map(source => source.name)
  const { urls, nextToken } = pageOfUrls(ctx, queue.account, names, MaxResults, NextToken)
  return { queueUrls: urls, NextToken: nextToken }
})

/** The queues of a dead-letter queue's own account and region whose redrive policy names it. */
export function deadLetterSources({ stores }: SqsContext, target: Queue): Queue[] {
  const sources: Queue[] = []
  for (const name of stores.queues.in(target).keys()) {
    const queue = stores.live.at(target.region, `${target.account}/${name}`)
    if (queue?.settings.redrive?.deadLetterTargetArn === target.arn) sources.push(queue)
  }
  return sources
}

/** A token is given only to callers who ask for pages. */
function pageOfUrls(ctx: SqsContext, account: string, names: string[], limit: number | undefined, token: string | undefined) {
  if (limit !== undefined && !(Number.isInteger(limit) && limit >= 1 && limit <= MAX_RESULTS)) {
    throw invalidParameter('MaxResults', limit, `MaxResults must be an integer between 1 and ${MAX_RESULTS}.`)
  }
  const invalid = () => invalidRequest('Invalid or expired next token.')
  const page = paginate(names.sort(), { limit: limit ?? MAX_RESULTS, token, key: name => name, scope: ctx.operation, invalid })
  return { urls: page.items.map(name => queueUrl(ctx, account, name)), nextToken: limit === undefined ? undefined : page.nextToken }
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html */
export const getQueueAttributes = operation('GetQueueAttributes', (ctx, { QueueUrl, AttributeNames: names = [] }) => {
  const queue = queueAt(ctx, QueueUrl)
  const wanted = wantedAttributes(names)
  const { attributes, createdAt, modifiedAt } = queue.record
  const { ready, inFlight, delayed } = queue.counts
  const all: Record<string, string> = {
    QueueArn: queue.arn,
    ApproximateNumberOfMessages: String(ready),
    ApproximateNumberOfMessagesNotVisible: String(inFlight),
    ApproximateNumberOfMessagesDelayed: String(delayed),
    CreatedTimestamp: seconds(createdAt),
    LastModifiedTimestamp: seconds(modifiedAt),
    ...withDefaults(attributes),
  }
  const there = Object.entries(all).filter(([name]) => wanted(name))
  return there.length > 0 ? { Attributes: Object.fromEntries(there) } : {}
})

function seconds(ms: number): string {
  return String(Math.floor(ms / 1000))
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html */
export const setQueueAttributes = operation('SetQueueAttributes', (ctx, { QueueUrl, Attributes }) => {
  const queue = queueAt(ctx, QueueUrl)
  if (!Attributes || Object.keys(Attributes).length === 0) throw missingParameter('Attributes')
  const { FifoQueue } = Attributes
  if (FifoQueue !== undefined && FifoQueue.toLowerCase() !== String(queue.fifo)) {
    throw invalidAttributeValue('FifoQueue', 'Modifying queue type is not supported.')
  }
  const changes = checkAttributes(Attributes, queue.fifo)
  const attributes = mergeAttributes(queue.record.attributes, changes)
  checkRedrive(ctx, changes, queue)
  queue.configure(attributes)
  return {}
})
