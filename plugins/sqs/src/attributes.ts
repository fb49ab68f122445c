import { AwsError, type OneOrMore, PolicySyntaxError, parsePolicy } from '@ministack/gateway'
import { invalidAttributeValue, unknownAttribute } from './errors.js'
import { type RedriveAllowPolicy, type RedrivePolicy, readRedriveAllowPolicy, readRedrivePolicy } from './redrive.js'

/** The largest message, and the largest batch: 1 MiB. */
export const MAX_MESSAGE_BYTES = 1_048_576

/** Attributes that are whole numbers: smallest, largest, and default where every queue has one. */
const NUMBERS: Readonly<Record<string, readonly [min: number, max: number, preset?: number]>> = {
  VisibilityTimeout: [0, 43_200, 30],
  MaximumMessageSize: [1_024, MAX_MESSAGE_BYTES, MAX_MESSAGE_BYTES],
  MessageRetentionPeriod: [60, 1_209_600, 345_600],
  DelaySeconds: [0, 900, 0],
  ReceiveMessageWaitTimeSeconds: [0, 20, 0],
  KmsDataKeyReusePeriodSeconds: [60, 86_400],
}

const BOOLEAN: readonly string[] = ['true', 'false']

/** Attributes that are one of a few words. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  SqsManagedSseEnabled: BOOLEAN,
  FifoQueue: BOOLEAN,
  ContentBasedDeduplication: BOOLEAN,
  DeduplicationScope: ['queue', 'messageGroup'],
  FifoThroughputLimit: ['perQueue', 'perMessageGroupId'],
}

/** What isn't there until it is set, and is gone when it is set to an empty text. */
const REMOVABLE: readonly string[] = ['Policy', 'RedrivePolicy', 'RedriveAllowPolicy', 'KmsMasterKeyId']

const FIFO_ONLY: readonly string[] = ['FifoQueue', 'ContentBasedDeduplication', 'DeduplicationScope', 'FifoThroughputLimit']

/** What GetQueueAttributes makes up at the time it is asked. */
const LIVE: readonly string[] = [
  'QueueArn',
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
  'CreatedTimestamp',
  'LastModifiedTimestamp',
]

const READABLE = new Set(['All', ...LIVE, ...Object.keys(NUMBERS), ...Object.keys(WORDS), ...REMOVABLE])

/** A queue's attributes as they were set; what isn't in has its default. */
export type QueueAttributes = Readonly<Record<string, string>>

/** The same as the queue works with them. */
export interface Settings {
  readonly fifo: boolean
  readonly visibilityMs: number
  readonly maxMessageBytes: number
  readonly retentionMs: number
  readonly delayMs: number
  readonly waitSeconds: number
  readonly contentBasedDeduplication: boolean
  /** Deduplication ids count within their message group only. */
  readonly deduplicatesByGroup: boolean
  readonly highThroughput: boolean
  readonly redrive: RedrivePolicy | undefined
  readonly redriveAllow: RedriveAllowPolicy | undefined
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-policies.html */
const MAX_STATEMENTS = 20
const MAX_ACTIONS = 7

/**
 * Checks the attributes of CreateQueue and SetQueueAttributes one by one, and brings them to the form in which they are kept.
 * @param fifo whether they are a FIFO queue's
 * @throws AwsError InvalidAttributeName, InvalidAttributeValue, InvalidParameterValue, OverLimit
 */
export function checkAttributes(input: Readonly<Record<string, string | undefined>>, fifo: boolean): Record<string, string> {
  const attributes: Record<string, string> = {}
  for (const [name, value = ''] of Object.entries(input)) attributes[name] = checkAttribute(name, value, fifo)
  if (attributes.KmsMasterKeyId && attributes.SqsManagedSseEnabled === 'true') {
    throw new AwsError(
      'InvalidAttributeValue',
      'You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE.',
    )
  }
  return attributes
}

function checkAttribute(name: string, value: string, fifo: boolean): string {
  if (!fifo && FIFO_ONLY.includes(name)) throw notForStandard(name)
  const range = ownValue(NUMBERS, name)
  if (range) {
    const number = /^\d+$/.test(value) ? Number(value) : Number.NaN
    if (!(number >= range[0] && number <= range[1])) throw invalidAttributeValue(name)
    return String(number)
  }
  const words = ownValue(WORDS, name)
  if (words) {
    const word = words === BOOLEAN ? value.toLowerCase() : value
    if (!words.includes(word)) throw invalidAttributeValue(name)
    return word
  }
  if (!REMOVABLE.includes(name)) throw unknownAttribute(name)
  if (value === '') return value
  if (name === 'Policy') checkPolicy(value)
  if (name === 'RedrivePolicy') return JSON.stringify(readRedrivePolicy(value))
  if (name === 'RedriveAllowPolicy') return JSON.stringify(readRedriveAllowPolicy(value))
  return value
}

function notForStandard(name: string): AwsError {
  if (name === 'FifoQueue' || name === 'ContentBasedDeduplication') return unknownAttribute(name)
  return new AwsError('InvalidAttributeValue', `You can specify the ${name} only when FifoQueue is set to true.`)
}

function checkPolicy(text: string): void {
  try {
    const { Statement } = parsePolicy(text, 'resource')
    overLimit(Statement.length, MAX_STATEMENTS, 'Statements')
    for (const { Action } of Statement) overLimit(count(Action), MAX_ACTIONS, 'Actions')
  } catch (error) {
    if (error instanceof PolicySyntaxError) throw invalidAttributeValue('Policy')
    throw error
  }
}

function count(value: OneOrMore<string> | undefined): number {
  return typeof value === 'string' ? 1 : (value?.length ?? 0)
}

/** @throws AwsError OverLimit */
export function overLimit(found: number, allowed: number, what: 'Actions' | 'Statements'): void {
  if (found > allowed) throw new AwsError('OverLimit', `${found} ${what} were found, maximum allowed is ${allowed}.`)
}

/** Puts changed attributes over those that a queue has. @throws AwsError InvalidAttributeValue when they don't go together */
export function mergeAttributes(current: QueueAttributes, changes: QueueAttributes): QueueAttributes {
  const merged: Record<string, string> = { ...current, ...changes }
  // One kind of encryption ends the other.
  if (changes.KmsMasterKeyId) merged.SqsManagedSseEnabled = 'false'
  else if (changes.SqsManagedSseEnabled === 'true') delete merged.KmsMasterKeyId
  for (const name of REMOVABLE) if (merged[name] === '') delete merged[name]
  if (merged.FifoThroughputLimit === 'perMessageGroupId' && merged.DeduplicationScope !== 'messageGroup') {
    throw invalidAttributeValue(
      'FifoThroughputLimit',
      'The perMessageGroupId value is allowed only when the value for DeduplicationScope is messageGroup.',
    )
  }
  return merged
}

export function settingsOf(attributes: QueueAttributes): Settings {
  const number = (name: string) => Number(attributes[name] ?? NUMBERS[name]![2])
  return {
    fifo: attributes.FifoQueue === 'true',
    visibilityMs: number('VisibilityTimeout') * 1000,
    maxMessageBytes: number('MaximumMessageSize'),
    retentionMs: number('MessageRetentionPeriod') * 1000,
    delayMs: number('DelaySeconds') * 1000,
    waitSeconds: number('ReceiveMessageWaitTimeSeconds'),
    contentBasedDeduplication: attributes.ContentBasedDeduplication === 'true',
    deduplicatesByGroup: attributes.DeduplicationScope === 'messageGroup',
    highThroughput: attributes.FifoThroughputLimit === 'perMessageGroupId',
    redrive: attributes.RedrivePolicy ? readRedrivePolicy(attributes.RedrivePolicy) : undefined,
    redriveAllow: attributes.RedriveAllowPolicy ? readRedriveAllowPolicy(attributes.RedriveAllowPolicy) : undefined,
  }
}

/** All attributes that have a value, set or by default, less the live ones. */
export function withDefaults(attributes: QueueAttributes): Record<string, string> {
  const all: Record<string, string> = {}
  for (const [name, [, , preset]] of Object.entries(NUMBERS)) if (preset !== undefined) all[name] = String(preset)
  all.SqsManagedSseEnabled = 'true'
  if (attributes.FifoQueue === 'true') {
    all.ContentBasedDeduplication = 'false'
    all.DeduplicationScope = 'queue'
    all.FifoThroughputLimit = 'perQueue'
  }
  if (attributes.KmsMasterKeyId) all.KmsDataKeyReusePeriodSeconds = '300'
  return Object.assign(all, attributes)
}

/** The names that a GetQueueAttributes asks for. @throws AwsError InvalidAttributeName */
export function wantedAttributes(names: readonly string[]): (name: string) => boolean {
  for (const name of names) if (!READABLE.has(name)) throw unknownAttribute(name)
  return names.includes('All') ? () => true : name => names.includes(name)
}

function ownValue<V>(table: Readonly<Record<string, V>>, name: string): V | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined
}
