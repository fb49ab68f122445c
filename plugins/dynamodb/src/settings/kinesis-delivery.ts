import { randomUUID } from 'node:crypto'
import { AwsError, type ServiceClient } from '@ministack/gateway'
import type { ItemChange } from '../change.js'
import type { Context } from '../kit.js'
import { keyAttributesOf, recordSize } from '../streams/images.js'
import type { KinesisDestination } from '../tables/record.js'
import { jsonItem } from '../transfer/dynamodb-json.js'
import { itemsEqual, printValue } from '../value/attribute-value.js'

declare module '@ministack/gateway' {
  interface Services {
    kinesis: ServiceClient<typeof import('@aws-sdk/client-kinesis')>
  }
}

const ATTEMPTS = 5
const RETRY_DELAY = 1000

interface Delivery {
  readonly ctx: Context
  readonly arn: string
  readonly partitionKey: string
  readonly data: Uint8Array
}

/** Sends the changes of items to the Kinesis data streams that their tables name, each stream's in order. */
export class KinesisDelivery {
  readonly #queues = new Map<string, Delivery[]>()

  /** Queues a change of an item. */
  follow(ctx: Context, change: ItemChange): void {
    const { table, oldItem, newItem } = change
    const destination = table.record.kinesis?.find(d => d.enabled)
    if (!destination || (oldItem && newItem && itemsEqual(oldItem, newItem))) return
    const { arn } = destination
    const hash = table.schema.hash[0]!.name
    const partitionKey = printValue((newItem ?? oldItem)![hash]!).slice(0, 256)
    const delivery = { ctx, arn, partitionKey, data: Buffer.from(JSON.stringify(recordOf(ctx, change, destination))) }
    const queue = this.#queues.get(arn)
    if (queue) {
      queue.push(delivery)
      return
    }
    this.#queues.set(arn, [delivery])
    ctx.background.run(`dynamodb changes to ${arn}`, signal => this.#drain(arn, signal))
  }

  async #drain(arn: string, signal: AbortSignal): Promise<void> {
    const queue = this.#queues.get(arn)!
    while (queue.length > 0 && !signal.aborted) {
      await deliver(queue[0]!, signal)
      queue.shift()
    }
    this.#queues.delete(arn)
  }
}

/** Puts one record, in several attempts; one that can't be put is logged and lost, as it is on AWS after a day. */
async function deliver({ ctx, arn, partitionKey, data }: Delivery, signal: AbortSignal): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await ctx.services.kinesis.putRecord({ StreamARN: arn, PartitionKey: partitionKey, Data: data })
      return
    } catch (error) {
      const gone = error instanceof AwsError && error.code === 'ResourceNotFoundException'
      if (gone || attempt === ATTEMPTS || signal.aborted) {
        ctx.log.warn(`a change of an item could not be put to ${arn}`, { error })
        return
      }
      await ctx.clock.sleep(RETRY_DELAY * attempt, signal)
    }
  }
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/kds_gettingstarted.html */
function recordOf(ctx: Context, { table, oldItem, newItem, cause }: ItemChange, { precision }: KinesisDestination) {
  const keys = keyAttributesOf(table, (newItem ?? oldItem)!)
  const now = ctx.clock.now()
  return {
    awsRegion: ctx.region,
    eventID: randomUUID(),
    eventName: !oldItem ? 'INSERT' : newItem ? 'MODIFY' : 'REMOVE',
    userIdentity: cause === 'ttl' ? { principalId: 'dynamodb.amazonaws.com', type: 'Service' } : null,
    recordFormat: 'application/json',
    tableName: table.record.name,
    dynamodb: {
      ApproximateCreationDateTime: precision === 'MICROSECOND' ? now * 1000 : now,
      ...(precision === 'MICROSECOND' && { ApproximateCreationDateTimePrecision: precision }),
      Keys: jsonItem(keys),
      ...(newItem && { NewImage: jsonItem(newItem) }),
      ...(oldItem && { OldImage: jsonItem(oldItem) }),
      SizeBytes: recordSize({ keys, ...(oldItem && { old: oldItem }), ...(newItem && { new: newItem }) }),
    },
    eventSource: 'aws:dynamodb',
  }
}
