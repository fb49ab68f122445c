import type { BillingMode, OnDemandThroughput, ProvisionedThroughput, WarmThroughput } from '@aws-sdk/client-dynamodb'
import { AwsError } from '@ministack/gateway'
import { invalidValues, validation } from '../errors.js'
import type { Throughput, Warm } from './record.js'

/** Quotas as DescribeLimits tells them. */
export const LIMITS = {
  AccountMaxReadCapacityUnits: 80_000,
  AccountMaxWriteCapacityUnits: 80_000,
  TableMaxReadCapacityUnits: 40_000,
  TableMaxWriteCapacityUnits: 40_000,
} as const

const FREE_DECREASES = 4
const HOUR = 3_600_000
const BOUND = 1_000_000_000_000

interface ThroughputRequest {
  readonly ProvisionedThroughput?: ProvisionedThroughput | undefined
  readonly OnDemandThroughput?: OnDemandThroughput | undefined
}

/**
 * Checks what a table or index asks for against the billing mode.
 * @param index its name; undefined for the table.
 * @throws ValidationException
 */
export function checkThroughput(mode: BillingMode, request: ThroughputRequest, index?: string): void {
  const { ProvisionedThroughput: provisioned, OnDemandThroughput: onDemand } = request
  if (mode === 'PROVISIONED') {
    if (!provisioned) {
      throw invalidValues(
        index === undefined
          ? 'ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED'
          : `ProvisionedThroughput must be specified for index: ${index}`,
      )
    }
    if (onDemand) {
      throw invalidValues('Neither MaxReadRequestUnits nor MaxWriteRequestUnits can be specified when BillingMode is PROVISIONED')
    }
  } else if (provisioned) {
    throw invalidValues(
      index === undefined
        ? 'Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST'
        : `ProvisionedThroughput should not be specified for index: ${index} when BillingMode is PAY_PER_REQUEST`,
    )
  }
  const where = index === undefined ? '' : ` for index ${index}`
  for (const unit of ['ReadCapacityUnits', 'WriteCapacityUnits'] as const) {
    const value = provisioned?.[unit]
    if (value !== undefined && value > BOUND) throw validation(`Given value ${value} for ${unit} is out of bounds${where}`)
  }
  if (onDemand && onDemand.MaxReadRequestUnits === undefined && onDemand.MaxWriteRequestUnits === undefined) {
    throw invalidValues(`At least one of MaxReadRequestUnits and MaxWriteRequestUnits must be specified for OnDemandThroughput${where}`)
  }
  for (const unit of ['MaxReadRequestUnits', 'MaxWriteRequestUnits'] as const) {
    const value = onDemand?.[unit]
    if (value !== undefined && value !== -1 && value < 1) {
      throw invalidValues(`${unit} must be -1 or at least 1${where}`)
    }
  }
}

/** @throws LimitExceededException for more than one table may have. */
export function checkTableLimit(region: string, current: Throughput | undefined, request: ProvisionedThroughput | undefined): void {
  const asked = [
    ['ReadCapacityUnits', current?.read ?? 0, LIMITS.TableMaxReadCapacityUnits],
    ['WriteCapacityUnits', current?.write ?? 0, LIMITS.TableMaxWriteCapacityUnits],
  ] as const
  for (const [unit, reserved, limit] of asked) {
    const value = request?.[unit] ?? 0
    if (value <= limit) continue
    throw new AwsError(
      'LimitExceededException',
      `The requested ${unit}, ${value}, is above the per-table maximum for the account in ${region}. Current ${unit} reserved for the table: ${reserved}. Limit: ${limit}. Requested: ${value}. Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher limits.`,
    )
  }
}

/** Throughput as it begins. */
export function newThroughput(request: ProvisionedThroughput | undefined): Throughput {
  return { read: request?.ReadCapacityUnits ?? 0, write: request?.WriteCapacityUnits ?? 0, decreases: 0 }
}

/**
 * Throughput may be lowered four times a UTC day, and then once an hour.
 * @throws LimitExceededException for once more.
 */
export function checkDecrease(old: Throughput, request: ProvisionedThroughput | undefined, now: number): void {
  const { decreasedAt } = old
  const decreases = decreasesToday(old, now)
  if (!request || decreasedAt === undefined) return
  if (request.ReadCapacityUnits! >= old.read && request.WriteCapacityUnits! >= old.write) return
  const next = decreasedAt + HOUR
  if (decreases < FREE_DECREASES || now >= next) return
  throw new AwsError(
    'LimitExceededException',
    `Subscriber limit exceeded: Provisioned throughput decreases are limited within a given UTC day. After the first ${FREE_DECREASES} decreases, each subsequent decrease in the same UTC day can be performed at most once every ${HOUR / 1000} seconds. Number of decreases today: ${decreases}. Last decrease at ${longDate(decreasedAt)}. Next decrease can be made at ${longDate(next)}`,
  )
}

/** `Wednesday, July 25, 2018 7:48:14 AM UTC` */
function longDate(time: number): string {
  const date = new Date(time)
  const day = date.toLocaleDateString('en-US', { dateStyle: 'full', timeZone: 'UTC' })
  const [hours, rest] = [date.getUTCHours(), date.toISOString().slice(13, 19)]
  return `${day} ${hours % 12 || 12}${rest} ${hours < 12 ? 'AM' : 'PM'} UTC`
}

/** Throughput after a change, with the times of it. */
export function changedThroughput(old: Throughput, request: ProvisionedThroughput | undefined, now: number): Throughput {
  const read = request?.ReadCapacityUnits ?? 0
  const write = request?.WriteCapacityUnits ?? 0
  const out: Throughput = { ...old, read, write }
  if (read > old.read || write > old.write) out.increasedAt = now
  if (request && (read < old.read || write < old.write)) {
    out.decreases = decreasesToday(old, now) + 1
    out.decreasedAt = now
  }
  return out
}

/** The same for a table or index that is updating: it has what it had until it is done. */
export function pendingThroughput(old: Throughput, request: ProvisionedThroughput | undefined, now: number): Throughput {
  const { read, write, ...changed } = changedThroughput(old, request, now)
  return { ...changed, read: old.read, write: old.write, next: { read, write } }
}

/** Throughput when the update is done. */
export function reachedThroughput({ next, ...throughput }: Throughput): Throughput {
  return next ? { ...throughput, ...next } : throughput
}

/** The error of an update that changes no throughput. @param what the table, or `index` and its name. */
export function unchangedThroughput({ read, write }: Throughput, what: string): AwsError {
  return validation(
    `The provisioned throughput for the ${what} will not change. The requested value equals the current value. Current ReadCapacityUnits provisioned for the ${what}: ${read}. Requested ReadCapacityUnits: ${read}. Current WriteCapacityUnits provisioned for the ${what}: ${write}. Requested WriteCapacityUnits: ${write}. Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher limits.`,
  )
}

/** What a table or index has as a request would ask for it; undefined where that depends on the use. */
export function keptThroughput(mode: BillingMode, { read, write }: Throughput): ProvisionedThroughput | undefined {
  return mode === 'PROVISIONED' ? { ReadCapacityUnits: read, WriteCapacityUnits: write } : undefined
}

/** How often throughput was lowered on this UTC day. */
export function decreasesToday({ decreases, decreasedAt }: Throughput, now: number): number {
  return decreasedAt !== undefined && sameDay(decreasedAt, now) ? decreases : 0
}

function sameDay(a: number, b: number): boolean {
  return Math.floor(a / 86_400_000) === Math.floor(b / 86_400_000)
}

/**
 * The warm throughput that a request asks for, of which it may name one half.
 * @throws ValidationException when it names neither.
 */
export function warmThroughput(request: WarmThroughput | undefined): Warm | undefined {
  if (!request) return undefined
  const { ReadUnitsPerSecond: read, WriteUnitsPerSecond: write } = request
  if (read === undefined && write === undefined) {
    throw invalidValues('At least one of ReadUnitsPerSecond and WriteUnitsPerSecond must be specified for WarmThroughput')
  }
  return { ...(read !== undefined && { read }), ...(write !== undefined && { write }) }
}
