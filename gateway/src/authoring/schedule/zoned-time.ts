/** A time as a wall clock shows it: month and day count from 1. */
export interface WallTime {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
}

const DAY_MS = 24 * 60 * 60 * 1000

/** Wall clocks of one IANA time zone. */
export class ZonedTime {
  readonly #format: Intl.DateTimeFormat | undefined

  /** @throws RangeError for a zone that isn't known. */
  constructor(zone = 'UTC') {
    if (zone === 'UTC') return
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      calendar: 'gregory',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  }

  /** What the clocks show at a time in milliseconds since the epoch. */
  wallAt(ms: number): WallTime {
    const shown = new Date(this.#shown(ms))
    return {
      year: shown.getUTCFullYear(),
      month: shown.getUTCMonth() + 1,
      day: shown.getUTCDate(),
      hour: shown.getUTCHours(),
      minute: shown.getUTCMinutes(),
      second: shown.getUTCSeconds(),
    }
  }

  /** When the clocks show that time, for the first time; undefined where they skip it on their way to summer time. */
  msAt({ year, month, day, hour, minute, second }: WallTime): number | undefined {
    const shown = Date.UTC(year, month - 1, day, hour, minute, second)
    if (!this.#format) return shown
    // The larger offset comes first in time, so of two moments that look alike the first one is found first.
    const offsets = [this.#shown(shown - DAY_MS) - (shown - DAY_MS), this.#shown(shown + DAY_MS) - (shown + DAY_MS)]
    for (const offset of offsets.sort((a, b) => b - a)) if (this.#shown(shown - offset) === shown) return shown - offset
    return undefined
  }

  /** The wall clock's time as if it were UTC. */
  #shown(ms: number): number {
    if (!this.#format) return ms
    const parts: Record<string, number> = {}
    for (const { type, value } of this.#format.formatToParts(ms)) parts[type] = Number(value)
    return Date.UTC(parts.year!, parts.month! - 1, parts.day!, parts.hour!, parts.minute!, parts.second!)
  }
}
