import { Cron } from './cron.js'
import { CronSyntaxError } from './cron-fields.js'
import { ZonedTime } from './zoned-time.js'

/** A text that is no schedule. */
export class ScheduleSyntaxError extends Error {
  override readonly name = 'ScheduleSyntaxError'
}

/** When something is to happen. Times are milliseconds since the epoch. */
export interface Schedule {
  readonly kind: 'at' | 'rate' | 'cron'
  /**
   * The first time after `after`; undefined when there is none any more.
   * @param from since when a rate runs.
   */
  next(after: number, from: number): number | undefined
}

const UNIT_MS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 }

/**
 * Reads `at(yyyy-mm-ddThh:mm:ss)`, `rate(5 minutes)` or `cron(0 9 ? * MON-FRI *)`.
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
 *
 * @param zone the IANA time zone of `at` and `cron`; UTC by default.
 * @throws ScheduleSyntaxError for anything else, or a zone that isn't known.
 */
export function parseSchedule(expression: string, zone?: string): Schedule {
  const [, kind, body = ''] = /^(at|rate|cron)\((.*)\)$/.exec(expression) ?? []
  try {
    if (kind === 'at') return at(body, new ZonedTime(zone))
    if (kind === 'rate') return rate(body)
    if (kind === 'cron') return cron(body, new ZonedTime(zone))
  } catch (cause) {
    if (!(cause instanceof CronSyntaxError) && !(cause instanceof RangeError)) throw cause
    throw new ScheduleSyntaxError(cause.message, { cause })
  }
  throw new ScheduleSyntaxError('a schedule is at(...), rate(...) or cron(...)')
}

function at(text: string, zone: ZonedTime): Schedule {
  const fields = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d))?$/.exec(text)
  if (!fields) throw new ScheduleSyntaxError('at(...) takes yyyy-mm-ddThh:mm:ss')
  const [year, month, day, hour, minute, second] = fields.slice(1).map(field => Number(field ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  const shown = new Date(Date.UTC(year, month - 1, day, hour, minute, second))
  if (shown.getUTCMonth() !== month - 1 || shown.getUTCDate() !== day || hour > 23 || minute > 59 || second > 59) {
    throw new ScheduleSyntaxError(`${text} is no time`)
  }
  const ms = zone.msAt({ year, month, day, hour, minute, second })
  return { kind: 'at', next: after => (ms !== undefined && ms > after ? ms : undefined) }
}

function rate(text: string): Schedule {
  const [, value = '', unit = '', plural] = /^\s*(\d+)\s+(minute|hour|day)(s?)\s*$/.exec(text) ?? []
  const count = Number(value)
  if (count < 1 || (count === 1) === (plural === 's')) throw new ScheduleSyntaxError('rate(...) takes 1 minute, 5 minutes, 1 hour, 2 days')
  const every = count * UNIT_MS[unit]!
  return { kind: 'rate', next: (after, from) => (after < from ? from : from + (Math.floor((after - from) / every) + 1) * every) }
}

function cron(fields: string, zone: ZonedTime): Schedule {
  const expression = new Cron(fields)
  return { kind: 'cron', next: after => expression.next(after, zone) }
}
