import { perGroup, YOUNGEST } from './age-groups.js'
import type { ClassDay, Day } from './observations.js'

/** Days that access is looked back on, and that have to be observed before there is a recommendation. */
const OBSERVED_DAYS = 30

/** The age at which an observed age counts as settled: so many days in a row it was the same. */
const SETTLED_DAYS = 7

/** Lifecycle rules move nothing to STANDARD_IA before: https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html */
const MIN_TRANSITION_DAYS = 30

/** A read of a gigabyte in STANDARD_IA costs about what its storage there saves in a month: what is read less than once in one is better off there. */
const BREAK_EVEN = 1

/** What of a day is known when it has ended. */
export type SeenClass = Omit<ClassDay, 'ratios' | 'transitionAge' | 'recommendedAge'>

/**
 * Completes a storage class's day by what the days before it say.
 *
 * @param before the days before, oldest first.
 */
export function judged(storageClass: string, seen: SeenClass, before: readonly Day[]): ClassDay {
  const ratios = ratiosOf([...classDays(storageClass, before.slice(1 - OBSERVED_DAYS)), seen])
  const day: ClassDay = { ...seen, ratios }
  if (storageClass !== 'STANDARD') return day
  const transitionAge = YOUNGEST.find((age, group) => age >= MIN_TRANSITION_DAYS && (ratios[group] ?? BREAK_EVEN) < BREAK_EVEN)
  if (transitionAge === undefined) return day
  const recent = before.slice(1 - SETTLED_DAYS).map(({ classes }) => classes[storageClass]?.transitionAge)
  const isSettled = before.length + 1 >= OBSERVED_DAYS && recent.every(age => age === transitionAge)
  return { ...day, transitionAge, ...(isSettled && { recommendedAge: transitionAge }) }
}

function classDays(storageClass: string, days: readonly Day[]): (SeenClass | undefined)[] {
  return days.map(({ classes }) => classes[storageClass])
}

/** For each group: the bytes of it and of all older ones that were read in these days, as a share of those that were stored on average. */
function ratiosOf(days: readonly (SeenClass | undefined)[]): (number | null)[] {
  const read = cumulated(days.map(day => day?.retrieved))
  const stored = cumulated(days.map(day => day?.storage))
  return perGroup(group => ((stored[group] ?? 0) > 0 ? ((read[group] ?? 0) * days.length) / (stored[group] ?? 0) : null))
}

/** For each group the sum over some days of it and all older ones. */
function cumulated(days: readonly (readonly number[] | undefined)[]): number[] {
  let sum = 0
  return perGroup(group => group)
    .reverse()
    .map(group => {
      for (const values of days) sum += values?.[group] ?? 0
      return sum
    })
    .reverse()
}
