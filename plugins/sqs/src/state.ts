import { AccountScopedDict, type Clock, type Context, parseArn, type Scope, type Unit } from '@ministack/gateway'
import { invalidAddress, missingParameter, queueDoesNotExist } from './errors.js'
import type { Delivery, Message, SentOnce } from './message.js'
import { resumeMoveTasks } from './moving.js'
import { queuePath } from './names.js'
import { Queue, type QueueRecord } from './queue.js'

/** A message move task as it is kept. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html */
export interface MoveTask {
  readonly id: string
  readonly sourceArn: string
  readonly destinationArn?: string | undefined
  readonly maxPerSecond?: number | undefined
  readonly startedAt: number
  readonly toMove: number
  moved: number
  status: 'RUNNING' | 'COMPLETED' | 'CANCELLING' | 'CANCELLED' | 'FAILED'
  failureReason?: string
}

/** What the plugin keeps, and the queues at work that are made from it. */
export interface SqsState {
  readonly queues: AccountScopedDict<QueueRecord>
  /** `{queue}/{message id}`. */
  readonly messages: AccountScopedDict<Message>
  /** `{queue}/{message id}`, of messages that were received. */
  readonly deliveries: AccountScopedDict<Delivery>
  /** `{queue}/{deduplication id}`. */
  readonly duplicates: AccountScopedDict<SentOnce>
  /** When queues were deleted, by name. */
  readonly deletions: AccountScopedDict<number>
  /** By task id. */
  readonly moveTasks: AccountScopedDict<MoveTask>
  readonly live: LiveQueues
}

export type SqsContext = Context<SqsState>

export function createState(): SqsState {
  return {
    queues: new AccountScopedDict('queues'),
    messages: new AccountScopedDict('messages'),
    deliveries: new AccountScopedDict('deliveries'),
    duplicates: new AccountScopedDict('duplicates'),
    deletions: new AccountScopedDict('deletions'),
    moveTasks: new AccountScopedDict('moveTasks'),
    live: new LiveQueues(),
  }
}

/** The queues at work, of every account and region. */
export class LiveQueues {
  readonly #regions = new Map<string, Map<string, Queue>>()

  /** @param path `{account}/{name}` */
  at(region: string, path: string): Queue | undefined {
    return this.#regions.get(region)?.get(path)
  }

  byArn(arn: string): Queue | undefined {
    const parsed = parseArn(arn)
    return parsed?.service === 'sqs' ? this.at(parsed.region, `${parsed.account}/${parsed.resource}`) : undefined
  }

  add(queue: Queue): void {
    let region = this.#regions.get(queue.region)
    if (!region) {
      region = new Map()
      this.#regions.set(queue.region, region)
    }
    region.set(`${queue.account}/${queue.name}`, queue)
  }

  remove(queue: Queue): void {
    this.#regions.get(queue.region)?.delete(`${queue.account}/${queue.name}`)
  }

  /** The queues of every account and region. */
  *all(): IterableIterator<Queue> {
    for (const region of this.#regions.values()) yield* region.values()
  }
}

/** Puts a queue to work. */
export function openQueue(state: SqsState, scope: Scope, name: string, record: QueueRecord, clock: Clock): Queue {
  const kept = {
    queues: state.queues.in(scope),
    messages: state.messages.in(scope),
    deliveries: state.deliveries.in(scope),
    duplicates: state.duplicates.in(scope),
  }
  const queue = new Queue({ scope, name, record, kept, clock, find: arn => state.live.byArn(arn) })
  state.live.add(queue)
  return queue
}

/** Rebuilds the queues from what was kept, and goes on with the move tasks that were running. */
export function start(unit: Unit<SqsState>): void {
  const { state, clock } = unit
  for (const [scope, queues] of state.queues.scopes()) {
    const opened = new Map<string, Queue>()
    for (const [name, record] of queues.entries()) opened.set(name, openQueue(state, scope, name, record, clock))
    const deliveries = state.deliveries.in(scope)
    for (const [key, message] of state.messages.in(scope).entries()) {
      opened.get(key.slice(0, key.indexOf('/')))?.restore(message, key, deliveries.get(key))
    }
    for (const [key, sent] of state.duplicates.in(scope).entries()) {
      const slash = key.indexOf('/')
      opened.get(key.slice(0, slash))?.deduplication.restore(key.slice(slash + 1), sent)
    }
  }
  resumeMoveTasks(unit)
}

/**
 * The queue that a request names, caught up with the time: by its URL, in whatever account that names, or by the path of the request itself.
 * @throws AwsError MissingParameter, InvalidAddress, QueueDoesNotExist
 */
export function queueAt(ctx: SqsContext, url: string | undefined): Queue {
  const path = url ? queuePath(url) : ctx.http && queuePath(ctx.http.path)
  if (path === undefined) throw url ? invalidAddress(url) : missingParameter('QueueUrl')
  const queue = ctx.stores.live.at(ctx.region, path)
  if (!queue) throw queueDoesNotExist()
  queue.advance()
  return queue
}
