import type { Unit } from '@ministack/gateway'
import type { Context } from './kit.js'
import { dueAt } from './lifecycle-rules.js'
import type { S3State } from './state.js'
import type { Bucket } from './types.js'

/** Does something at every midnight UTC. */
export function everyMidnight(unit: Unit<S3State>, name: string, work: () => Promise<void>): void {
  const now = unit.clock.now()
  unit.background.after(dueAt(now + 1, 0) - now, name, () => {
    everyMidnight(unit, name, work)
    unit.background.run(name, work)
  })
}

/** Does something for each bucket of every account that is meant, one after the other; a bucket that is gone by its turn is left out. */
export async function forEachBucket(
  unit: Unit<S3State>,
  isMeant: (bucket: Readonly<Bucket>) => boolean,
  work: (ctx: Context, bucket: Readonly<Bucket>) => Promise<void>,
): Promise<void> {
  const meant: Readonly<Bucket>[] = []
  for (const [, buckets] of unit.state.buckets.scopes()) for (const bucket of buckets.values()) if (isMeant(bucket)) meant.push(bucket)
  for (const { account, region, name } of meant) {
    if (unit.background.signal.aborted) return
    const bucket = unit.state.buckets.in({ account, region }).get(name)
    if (bucket) await work(unit.context({ account, region }), bucket)
  }
}
