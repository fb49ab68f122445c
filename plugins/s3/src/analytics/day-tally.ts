import type { AnalyticsConfiguration } from '@aws-sdk/client-s3'
import { isTakenBy } from '../filters.js'
import type { ObjectData } from '../types.js'
import { ageGroup, perGroup } from './age-groups.js'
import { type ActivityByClass, MIN_ANALYZED_BYTES, noActivity } from './observations.js'
import type { SeenClass } from './recommendation.js'

/** What of a bucket's objects one configuration sees on a day that has ended, while they are walked through. */
export class DayTally {
  readonly configuration: AnalyticsConfiguration
  readonly #activity: ActivityByClass
  readonly #now: number
  readonly #stored = new Map<string, { objects: number; readonly storage: number[] }>()

  /** @param activity what was done on that day. */
  constructor(configuration: AnalyticsConfiguration, activity: ActivityByClass, now: number) {
    this.configuration = configuration
    this.#activity = activity
    this.#now = now
    // The class that recommendations are about has its rows always, and what was read and is gone by now has them too.
    for (const storageClass of ['STANDARD', ...Object.keys(activity)]) this.#of(storageClass)
  }

  /** Counts an object, if the configuration takes it. */
  see(object: ObjectData): void {
    if (!isTakenBy(this.configuration.Filter, object.key, object.tags)) return
    const stored = this.#of(object.storageClass)
    stored.objects++
    if (object.size < MIN_ANALYZED_BYTES) return
    const group = ageGroup(object.modified, this.#now)
    stored.storage[group] = (stored.storage[group] ?? 0) + object.size
  }

  /** Everything that was seen, by storage class. */
  seen(): [string, SeenClass][] {
    return [...this.#stored].map(([storageClass, stored]) => [
      storageClass,
      { ...stored, ...(this.#activity[storageClass] ?? noActivity()) },
    ])
  }

  #of(storageClass: string): { objects: number; readonly storage: number[] } {
    let stored = this.#stored.get(storageClass)
    if (!stored) {
      stored = { objects: 0, storage: perGroup(() => 0) }
      this.#stored.set(storageClass, stored)
    }
    return stored
  }
}
