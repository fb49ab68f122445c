import { randomUUID } from 'node:crypto'
import type { Background, Clock, Scope } from '@ministack/gateway'
import type { Entry } from './entry.js'
import type { Queue } from './queue.js'
import type { MoveTask, SqsState } from './state.js'

/** A task that may move more messages a second than this moves several at a time. */
const STEPS_PER_SECOND = 10

/** The rate of a task that names none. */
const UNLIMITED_PER_SECOND = 10_000

/** Where a move task runs: a context or a unit. */
export interface Workplace {
  readonly state: SqsState
  readonly clock: Clock
  readonly background: Background
}

/** Goes on with the tasks that a restart interrupted. */
export function resumeMoveTasks(place: Workplace): void {
  for (const [scope, tasks] of place.state.moveTasks.scopes()) {
    for (const task of tasks.values()) if (isActive(task)) runMoveTask(place, scope, task.id)
  }
}

/** Whether a task still has something to do. */
export function isActive({ status }: Readonly<MoveTask>): boolean {
  return status === 'RUNNING' || status === 'CANCELLING'
}

/** Moves a task's messages in the background, no faster than it may, until none is left, it is cancelled, or it fails. */
export function runMoveTask({ state, clock, background }: Workplace, scope: Scope, id: string): void {
  const tasks = state.moveTasks.in(scope)
  background.run(`sqs message move task ${id}`, async signal => {
    for (;;) {
      const task = tasks.get(id)
      if (!task || !isActive(task)) return
      await clock.sleep((messagesPerStep(task) * 1000) / (task.maxPerSecond ?? UNLIMITED_PER_SECOND), signal)
      tasks.update(id, it => takeStep(state, it, clock.now()))
    }
  })
}

function messagesPerStep({ maxPerSecond = UNLIMITED_PER_SECOND }: Readonly<MoveTask>): number {
  return Math.max(1, Math.floor(maxPerSecond / STEPS_PER_SECOND))
}

/** One step of a task whose source is there: a queue's tasks go when it is deleted. */
function takeStep({ live }: SqsState, task: MoveTask, now: number): void {
  if (task.status === 'CANCELLING') {
    task.status = 'CANCELLED'
    return
  }
  const source = live.byArn(task.sourceArn)!
  source.advance()
  const max = Math.min(messagesPerStep(task), task.toMove - task.moved)
  const moved = source.takeOut(max, entry => {
    if (task.status === 'FAILED') return false
    const arn = task.destinationArn ?? entry.message.deadLetterSource
    const destination = arn === undefined ? undefined : live.byArn(arn)
    if (destination) {
      resend(destination, entry, now)
      return true
    }
    task.status = 'FAILED'
    task.failureReason = arn === undefined ? 'CouldNotDetermineMessageSource' : 'AWS.SimpleQueueService.NonExistentQueue'
    return false
  })
  task.moved += moved
  if (task.status === 'RUNNING' && (moved === 0 || task.moved >= task.toMove)) task.status = 'COMPLETED'
}

/** A moved message is a new one: new id, new time, nothing received yet. */
function resend(destination: Queue, { message }: Entry, now: number): void {
  const { body, md5, senderId, attributes, attributesMd5, traceHeader, groupId, deduplicationId } = message
  destination.send({
    id: randomUUID(),
    body,
    md5,
    senderId,
    sentAt: now,
    attributes,
    attributesMd5,
    traceHeader,
    groupId,
    deduplicationId,
    sequenceNumber: destination.fifo ? destination.sequence.next(now) : undefined,
  })
}
