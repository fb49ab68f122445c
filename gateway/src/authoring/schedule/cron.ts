import { CronSyntaxError, DAYS_OF_MONTH, DAYS_OF_WEEK, HOURS, MINUTES, MONTHS, readField, readValue, YEARS } from './cron-fields.js'
import type { WallTime, ZonedTime } from './zoned-time.js'

const DAY_MS = 24 * 60 * 60 * 1000

/** Whether a rule of days holds for a day of a month. */
type DayRule = (year: number, month: number, day: number) => boolean

/**
 * A cron expression of AWS: minutes, hours, day of month, month, day of week, year.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
 */
export class Cron {
  readonly #minutes: readonly number[]
  readonly #hours: readonly number[]
  readonly #months: ReadonlySet<number>
  readonly #years: readonly number[]
  readonly #isDay: DayRule

  /**
   * @param fields the six fields, separated by white space.
   * @throws CronSyntaxError
   */
  constructor(fields: string) {
    const [minutes, hours, dayOfMonth, month, dayOfWeek, year, ...more] = fields.trim().split(/\s+/)
    if (year === undefined || more.length > 0) throw new CronSyntaxError('a cron expression has six fields')
    if ((dayOfMonth === '?') === (dayOfWeek === '?')) throw new CronSyntaxError('one of day of month and day of week has to be ?')
    this.#minutes = readField(minutes!, MINUTES)
    this.#hours = readField(hours!, HOURS)
    this.#months = new Set(readField(month!, MONTHS))
    this.#years = readField(year, YEARS)
    this.#isDay = dayOfWeek === '?' ? dayOfMonthRule(dayOfMonth!) : dayOfWeekRule(dayOfWeek!)
  }

  /** The first time after `after` (both in milliseconds since the epoch), by the clocks of a zone; undefined when there is none. */
  next(after: number, zone: ZonedTime): number | undefined {
    const start = zone.wallAt(after)
    const last = this.#years.at(-1)!
    // Days are walked through as if they were UTC's: the zone comes in with the time of day.
    const days = { at: Date.UTC(start.year, start.month - 1, start.day) }
    for (;;) {
      const day = new Date(days.at)
      const [year, month, date] = [day.getUTCFullYear(), day.getUTCMonth() + 1, day.getUTCDate()]
      if (year > last) return undefined
      if (!this.#years.includes(year)) days.at = Date.UTC(year + 1, 0, 1)
      else if (!this.#months.has(month)) days.at = Date.UTC(year, month, 1)
      else {
        const found = this.#isDay(year, month, date) ? this.#timeOn({ year, month, day: date }, after, zone) : undefined
        if (found !== undefined) return found
        days.at += DAY_MS
      }
    }
  }

  #timeOn(date: Pick<WallTime, 'year' | 'month' | 'day'>, after: number, zone: ZonedTime): number | undefined {
    for (const hour of this.#hours) {
      for (const minute of this.#minutes) {
        const ms = zone.msAt({ ...date, hour, minute, second: 0 })
        if (ms !== undefined && ms > after) return ms
      }
    }
    return undefined
  }
}

function daysIn(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate()
}

/** From 1 for Sunday to 7 for Saturday. */
function weekday(year: number, month: number, day: number): number {
  return new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 1
}

function dayOfMonthRule(text: string): DayRule {
  if (text === 'L') return (year, month, day) => day === daysIn(year, month)
  if (text === 'LW') return (year, month, day) => day === nearestWeekday(year, month, daysIn(year, month))
  if (/^\d+W$/i.test(text)) {
    const near = readValue(text.slice(0, -1), DAYS_OF_MONTH)
    return (year, month, day) => near <= daysIn(year, month) && day === nearestWeekday(year, month, near)
  }
  const days = new Set(readField(text, DAYS_OF_MONTH))
  return (_year, _month, day) => days.has(day)
}

/** The weekday that is nearest to a day and in the same month. */
function nearestWeekday(year: number, month: number, day: number): number {
  const is = weekday(year, month, day)
  if (is === 7) return day === 1 ? 3 : day - 1
  if (is === 1) return day === daysIn(year, month) ? day - 2 : day + 1
  return day
}

function dayOfWeekRule(text: string): DayRule {
  if (text === 'L') return (year, month, day) => weekday(year, month, day) === 7
  const [name = '', nth, ...more] = text.split('#')
  if (nth !== undefined) {
    if (more.length > 0 || !/^[1-5]$/.test(nth)) throw new CronSyntaxError(`${text} names no week of a month`)
    const wanted = readValue(name, DAYS_OF_WEEK)
    return (year, month, day) => weekday(year, month, day) === wanted && Math.ceil(day / 7) === Number(nth)
  }
  if (/.L$/i.test(text)) {
    const wanted = readValue(text.slice(0, -1), DAYS_OF_WEEK)
    return (year, month, day) => weekday(year, month, day) === wanted && day > daysIn(year, month) - 7
  }
  const days = new Set(readField(text, DAYS_OF_WEEK))
  return (year, month, day) => days.has(weekday(year, month, day))
}
