import { parseArn, type Scope } from '@ministack/gateway'
import { invalidParameter } from './errors.js'

/** Where a queue's messages go that were received too often. */
export interface RedrivePolicy {
  readonly deadLetterTargetArn: string
  readonly maxReceiveCount: number
}

/** Which queues may use a queue as their dead-letter queue. */
export interface RedriveAllowPolicy {
  readonly redrivePermission: 'allowAll' | 'denyAll' | 'byQueue'
  readonly sourceQueueArns?: readonly string[]
}

const MAX_RECEIVES = 1_000
const MAX_SOURCES = 10

/**
 * Reads a RedrivePolicy attribute; numbers may be written as text.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
 * @throws AwsError InvalidParameterValue
 */
export function readRedrivePolicy(text: string): RedrivePolicy {
  const refuse = (reason: string) => invalidParameter('RedrivePolicy', text, reason)
  const policy = jsonMap(text)
  if (!policy) throw refuse('Redrive policy is not a valid JSON map.')
  const { deadLetterTargetArn, maxReceiveCount, ...others } = policy
  if (Object.keys(others).length > 0) throw refuse('Only following attributes are supported: [deadLetterTargetArn, maxReceiveCount].')
  if (maxReceiveCount === undefined) throw refuse('Redrive policy does not contain mandatory attribute: maxReceiveCount.')
  if (deadLetterTargetArn === undefined) throw refuse('Redrive policy does not contain mandatory attribute: deadLetterTargetArn.')
  const count = /^\d+$/.test(String(maxReceiveCount)) ? Number(maxReceiveCount) : 0
  if (count < 1 || count > MAX_RECEIVES) {
    throw refuse(
      `Invalid value for maxReceiveCount: ${String(maxReceiveCount)}, valid values are from 1 to ${MAX_RECEIVES} both inclusive.`,
    )
  }
  if (typeof deadLetterTargetArn !== 'string' || parseArn(deadLetterTargetArn)?.service !== 'sqs') {
    throw refuse('Invalid value for deadLetterTargetArn.')
  }
  return { deadLetterTargetArn, maxReceiveCount: count }
}

/** Reads a RedriveAllowPolicy attribute. @throws AwsError InvalidParameterValue */
export function readRedriveAllowPolicy(text: string): RedriveAllowPolicy {
  const refuse = (reason: string) => invalidParameter('RedriveAllowPolicy', text, reason)
  const policy = jsonMap(text)
  if (!policy) throw refuse('Redrive allow policy is not a valid JSON map.')
  const { redrivePermission, sourceQueueArns, ...others } = policy
  if (Object.keys(others).length > 0) throw refuse('Only following attributes are supported: [redrivePermission, sourceQueueArns].')
  if (redrivePermission === undefined) throw refuse('Redrive allow policy does not contain mandatory attribute: redrivePermission.')
  if (redrivePermission === 'allowAll' || redrivePermission === 'denyAll') {
    if (sourceQueueArns !== undefined) throw refuse('sourceQueueArns can be specified only when redrivePermission is byQueue.')
    return { redrivePermission }
  }
  if (redrivePermission !== 'byQueue') throw refuse('Invalid value for redrivePermission, valid values are: [allowAll, denyAll, byQueue].')
  if (!Array.isArray(sourceQueueArns) || sourceQueueArns.length < 1 || sourceQueueArns.length > MAX_SOURCES) {
    throw refuse(`sourceQueueArns must contain from 1 to ${MAX_SOURCES} queue ARNs when redrivePermission is byQueue.`)
  }
  for (const arn of sourceQueueArns) {
    if (typeof arn !== 'string' || parseArn(arn)?.service !== 'sqs') throw refuse(`Invalid value for sourceQueueArns: ${String(arn)}.`)
  }
  return { redrivePermission, sourceQueueArns }
}

/** What a source queue must know of the queue that it wants for its dead letters. */
export interface DeadLetterTarget {
  readonly settings: { readonly fifo: boolean; readonly redriveAllow: RedriveAllowPolicy | undefined }
}

/** The queue that wants a dead-letter queue. */
export interface DeadLetterSource extends Scope {
  readonly arn: string
  readonly fifo: boolean
}

/**
 * Checks that a queue may have the dead-letter queue that its redrive policy names: it is there, in the same account and region, of the same type,
 * and allows it.
 * @throws AwsError InvalidParameterValue
 */
export function checkDeadLetterTarget(
  policy: RedrivePolicy,
  source: DeadLetterSource,
  find: (arn: string) => DeadLetterTarget | undefined,
): void {
  const refuse = (reason: string) => invalidParameter('RedrivePolicy', JSON.stringify(policy), reason)
  const { account, region } = parseArn(policy.deadLetterTargetArn)!
  if (account !== source.account) throw refuse('Dead letter target owner should be same as the source.')
  if (region !== source.region) throw refuse('Dead-letter queue must be in the same region as the source.')
  const target = find(policy.deadLetterTargetArn)
  if (!target) throw refuse('Dead letter target does not exist.')
  if (target.settings.fifo !== source.fifo) throw refuse('Dead-letter queue must be same type of queue as the source.')
  if (!allows(target.settings.redriveAllow, source.arn)) {
    throw refuse('The dead-letter queue does not allow this queue as a source queue in its redrive allow policy.')
  }
}

/** Whether a queue may send its dead letters to one with this policy; without one every queue may. */
export function allows(policy: RedriveAllowPolicy | undefined, sourceArn: string): boolean {
  if (policy === undefined || policy.redrivePermission === 'allowAll') return true
  return policy.redrivePermission === 'byQueue' && policy.sourceQueueArns!.includes(sourceArn)
}

function jsonMap(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
