const DAY = 24 * 60 * 60 * 1000

/** The youngest age in days of each group that analyses sort objects into: https://docs.aws.amazon.com/AmazonS3/latest/userguide/analytics-storage-class.html */
export const YOUNGEST: readonly number[] = [0, 15, 30, 45, 60, 75, 90, 120, 150, 180, 365, 730]

/** The groups' names in reports: `000-014`. */
export const AGE_GROUPS: readonly string[] = YOUNGEST.map((youngest, at) => {
  const next = YOUNGEST[at + 1]
  return next === undefined ? `${youngest}+` : `${digits(youngest)}-${digits(next - 1)}`
})

function digits(days: number): string {
  return String(days).padStart(3, '0')
}

/** The place in the list of groups of something that was written at `modified`. */
export function ageGroup(modified: number, now: number): number {
  const days = Math.floor((now - modified) / DAY)
  return Math.max(
    0,
    YOUNGEST.findLastIndex(youngest => youngest <= days),
  )
}

/** One value for each group. */
export function perGroup<T>(value: (group: number) => T): T[] {
  return YOUNGEST.map((_, group) => value(group))
}
