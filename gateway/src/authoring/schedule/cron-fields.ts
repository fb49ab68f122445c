/** A text that is no cron expression of AWS. */
export class CronSyntaxError extends Error {}

/** What a field of a cron expression may hold. */
export interface FieldRange {
  readonly min: number
  readonly max: number
  /** Names for values from `min` on, in lower case. */
  readonly names?: readonly string[]
}

export const MINUTES: FieldRange = { min: 0, max: 59 }
export const HOURS: FieldRange = { min: 0, max: 23 }
export const DAYS_OF_MONTH: FieldRange = { min: 1, max: 31 }
export const MONTHS: FieldRange = {
  min: 1,
  max: 12,
  names: ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
}
export const DAYS_OF_WEEK: FieldRange = { min: 1, max: 7, names: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] }
export const YEARS: FieldRange = { min: 1970, max: 2199 }

/** One value of a field, by number or name. @throws CronSyntaxError */
export function readValue(text: string, { min, max, names }: FieldRange): number {
  const named = names?.indexOf(text.toLowerCase()) ?? -1
  const value = named >= 0 ? min + named : /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (!(value >= min && value <= max)) throw new CronSyntaxError(`${text} is not between ${min} and ${max}`)
  return value
}

/**
 * The values of a field of lists, ranges, steps and `*`, in ascending order.
 * @throws CronSyntaxError
 */
export function readField(text: string, range: FieldRange): readonly number[] {
  const values = new Set<number>()
  for (const part of text.split(',')) {
    const [span = '', step, ...more] = part.split('/')
    if (more.length > 0 || (step !== undefined && !/^[1-9]\d*$/.test(step))) throw new CronSyntaxError(`${part} has no proper step`)
    const [first = '', last, ...rest] = span.split('-')
    if (rest.length > 0) throw new CronSyntaxError(`${part} is no range`)
    const from = span === '*' ? range.min : readValue(first, range)
    const to = span === '*' || (last === undefined && step !== undefined) ? range.max : last === undefined ? from : readValue(last, range)
    // A range may pass the end of the field: FRI-MON, 22-3.
    const count = to >= from ? to - from + 1 : range.max - from + 1 + (to - range.min + 1)
    const size = range.max - range.min + 1
    for (let i = 0; i < count; i += Number(step ?? 1)) values.add(range.min + ((from - range.min + i) % size))
  }
  return [...values].sort((a, b) => a - b)
}
