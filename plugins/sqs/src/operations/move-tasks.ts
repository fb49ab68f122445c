import { randomUUID } from 'node:crypto'
import type { ListMessageMoveTasksResultEntry } from '@aws-sdk/client-sqs'
import { AwsError, parseArn } from '@ministack/gateway'
import { invalidParameter, invalidRequest, missingParameter } from '../errors.js'
import { operation } from '../kit.js'
import { isActive, runMoveTask } from '../moving.js'
import type { Queue } from '../queue.js'
import type { MoveTask, SqsContext } from '../state.js'
import { deadLetterSources } from './queues.js'

const MAX_PER_SECOND = 500
const MAX_TASKS = 10

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html */
export const startMessageMoveTask = operation('StartMessageMoveTask', (ctx, input) => {
  const { SourceArn: sourceArn, DestinationArn: destinationArn, MaxNumberOfMessagesPerSecond: maxPerSecond } = input
  if (maxPerSecond !== undefined && !(Number.isInteger(maxPerSecond) && maxPerSecond >= 1 && maxPerSecond <= MAX_PER_SECOND)) {
    throw invalidParameter('MaxNumberOfMessagesPerSecond', maxPerSecond, `You must enter a value that is between 1 and ${MAX_PER_SECOND}.`)
  }
  const source = queueOf(ctx, 'SourceArn', sourceArn)
  if (deadLetterSources(ctx, source).length === 0) throw invalidRequest('Source queue must be configured as a Dead Letter Queue.')
  if (destinationArn !== undefined) checkDestination(source, queueOf(ctx, 'DestinationArn', destinationArn))
  const tasks = ctx.stores.moveTasks.in(source)
  if (tasksOf(ctx, source).some(isActive)) {
    throw new AwsError(
      'UnsupportedOperation',
      'There is already a task running. Only one active task is allowed for a source queue arn at a given time.',
    )
  }
  const id = randomUUID()
  tasks.set(id, {
    id,
    sourceArn: source.arn,
    destinationArn,
    maxPerSecond,
    startedAt: ctx.clock.now(),
    toMove: source.counts.ready,
    moved: 0,
    status: 'RUNNING',
  })
  for (const old of tasksOf(ctx, source).slice(MAX_TASKS)) tasks.delete(old.id)
  runMoveTask({ state: ctx.stores, clock: ctx.clock, background: ctx.background }, source, id)
  return { TaskHandle: taskHandle(id, source.arn) }
})

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CancelMessageMoveTask.html */
export const cancelMessageMoveTask = operation('CancelMessageMoveTask', (ctx, { TaskHandle }) => {
  if (!TaskHandle) throw missingParameter('TaskHandle')
  const { taskId, sourceArn } = readTaskHandle(TaskHandle)
  const source = ctx.stores.live.byArn(sourceArn)
  if (!source) throw new AwsError('ResourceNotFoundException', "The resource that you specified for the SourceArn parameter doesn't exist.")
  const tasks = ctx.stores.moveTasks.in(source)
  const task = tasks.get(taskId)
  if (!task) throw new AwsError('ResourceNotFoundException', 'Task does not exist.')
  if (task.status !== 'RUNNING') throw new AwsError('UnsupportedOperation', 'Only active tasks can be cancelled.')
  tasks.update(taskId, running => {
    running.status = 'CANCELLING'
  })
  return { ApproximateNumberOfMessagesMoved: task.moved }
})

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ListMessageMoveTasks.html */
export const listMessageMoveTasks = operation('ListMessageMoveTasks', (ctx, { SourceArn, MaxResults = 1 }) => {
  if (!(Number.isInteger(MaxResults) && MaxResults >= 1 && MaxResults <= MAX_TASKS)) {
    throw invalidParameter('MaxResults', MaxResults, `You must enter a value that is between 1 and ${MAX_TASKS}.`)
  }
  const source = queueOf(ctx, 'SourceArn', SourceArn)
  return { Results: tasksOf(ctx, source).slice(0, MaxResults).map(shown) }
})

function shown(task: Readonly<MoveTask>): ListMessageMoveTasksResultEntry {
  return {
    TaskHandle: task.status === 'RUNNING' ? taskHandle(task.id, task.sourceArn) : undefined,
    Status: task.status,
    SourceArn: task.sourceArn,
    DestinationArn: task.destinationArn,
    MaxNumberOfMessagesPerSecond: task.maxPerSecond,
    ApproximateNumberOfMessagesMoved: task.moved,
    ApproximateNumberOfMessagesToMove: task.toMove,
    FailureReason: task.failureReason,
    StartedTimestamp: task.startedAt,
  }
}

function queueOf(ctx: SqsContext, parameter: string, arn: string | undefined): Queue {
  if (!arn) throw missingParameter(parameter)
  if (parseArn(arn)?.service !== 'sqs') {
    throw invalidRequest(
      `You must use this format to specify the ${parameter}: arn:<partition>:<service>:<region>:<account-id>:<resource-id>`,
    )
  }
  const queue = ctx.stores.live.byArn(arn)
  if (queue?.region !== ctx.region) {
    throw new AwsError('ResourceNotFoundException', `The resource that you specified for the ${parameter} parameter doesn't exist.`)
  }
  queue.advance()
  return queue
}

function checkDestination(source: Queue, destination: Queue): void {
  if (destination === source) throw invalidRequest('Source queue arn and destination queue arn cannot be the same.')
  if (destination.fifo !== source.fifo) throw invalidRequest('Destination queue must be same type of queue as the source queue.')
}

/** A queue's tasks, the latest first. */
function tasksOf(ctx: SqsContext, source: Queue): Readonly<MoveTask>[] {
  return [...ctx.stores.moveTasks.in(source).values()].filter(task => task.sourceArn === source.arn).reverse()
}

function taskHandle(taskId: string, sourceArn: string): string {
  return Buffer.from(JSON.stringify({ taskId, sourceArn })).toString('base64')
}

function readTaskHandle(handle: string): { taskId: string; sourceArn: string } {
  try {
    const { taskId, sourceArn } = JSON.parse(Buffer.from(handle, 'base64').toString()) as Record<string, unknown>
    if (typeof taskId === 'string' && typeof sourceArn === 'string') return { taskId, sourceArn }
  } catch {
    // Answered as any other handle that isn't ours.
  }
  throw invalidRequest(`Value ${handle} for parameter TaskHandle is invalid.`)
}
