import type { Bucket } from './types.js'

/** The buckets of each name, over all accounts: how a request reaches a bucket that isn't its caller's. */
export class BucketOwners {
  readonly #byName = new Map<string, Bucket[]>()

  add(bucket: Bucket): void {
    const buckets = this.#byName.get(bucket.name)
    if (buckets) buckets.push(bucket)
    else this.#byName.set(bucket.name, [bucket])
  }

  remove(bucket: Bucket): void {
    const left = this.#byName.get(bucket.name)?.filter(b => b.account !== bucket.account) ?? []
    if (left.length > 0) this.#byName.set(bucket.name, left)
    else this.#byName.delete(bucket.name)
  }

  /** The one bucket of this name; undefined when there is none, or more than one and so no telling which is meant. */
  only(name: string): Bucket | undefined {
    const buckets = this.#byName.get(name)
    return buckets?.length === 1 ? buckets[0] : undefined
  }

  /** Does any account have a bucket of this name? */
  taken(name: string): boolean {
    return this.#byName.has(name)
  }
}
