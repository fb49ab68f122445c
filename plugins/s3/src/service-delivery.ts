import { type Caller, evaluatePolicy } from '@ministack/gateway'
import { bucketName } from './buckets.js'
import type { Context } from './kit.js'
import { storedPolicy } from './policy-statements.js'
import type { Bucket } from './types.js'
import { type ObjectSource, writeObject } from './write.js'

/** What a service of AWS writes into a bucket for another one: an access log, an inventory. */
export interface Delivery {
  /** The service's principal, such as `logging.s3.amazonaws.com`. */
  readonly principal: string
  /** What is delivered, for the log: `an S3 access log`. */
  readonly what: string
  /** The bucket that it tells of. */
  readonly source: Readonly<Bucket>
  readonly target: Readonly<Bucket>
}

/**
 * The bucket that a configuration has something delivered to: of the account that it names, else the source's own, else the one of the only
 * account that has it.
 */
export function targetOf(ctx: Context, source: Readonly<Bucket>, arn: string, account: string | undefined): Readonly<Bucket> | undefined {
  const name = bucketName(arn)
  const target = ctx.stores.buckets.in({ account: account ?? source.account, region: '' }).get(name)
  return target ?? (account === undefined ? ctx.stores.owners.only(name) : undefined)
}

/** The context of a delivery: the service's, in the target's account and region. */
export function deliveryContext(ctx: Context, { principal, target }: Delivery): Context {
  const { account, region } = target
  const caller: Caller = { account, arn: principal, userId: principal, type: 'service' }
  return ctx.as({ account, region, caller })
}

/**
 * Writes one object of a delivery. The target bucket needs no policy, but its policy may deny: then nothing is written, and the log says so.
 *
 * @returns whether it was written.
 */
export async function deliver(ctx: Context, delivery: Delivery, key: string, object: ObjectSource): Promise<boolean> {
  const { source, target, what } = delivery
  const service = deliveryContext(ctx, delivery)
  const { policy } = target.config
  const arn = `arn:${ctx.partition}:s3:::`
  const request = { caller: service.caller, action: 's3:PutObject', resource: `${arn}${target.name}/${key}` }
  const conditions = { 'aws:sourcearn': `${arn}${source.name}`, 'aws:sourceaccount': source.account }
  if (policy !== undefined && evaluatePolicy(storedPolicy(policy), { ...request, conditions }) === 'deny') {
    ctx.log.warn(`${what} could not be delivered: the policy of its target bucket denies it`, {
      bucket: source.name,
      target: target.name,
    })
    return false
  }
  await writeObject(service, target, key, object)
  return true
}
