import type { ChangeSink, Durable } from '@ministack/gateway'
import { BTree } from './b-tree.js'
import { BlobStore } from './blob-store.js'
import type { Chunk } from './chunks.js'
import { sortKey } from './key-order.js'
import type { ObjectVersion } from './types.js'

/** The versions of one key, oldest first; never empty. */
export type KeyVersions = readonly ObjectVersion[]

/** The objects of all buckets: for each bucket its keys in S3's order, each with its versions. */
export class ObjectIndex implements Durable {
  readonly name = 'objects'
  readonly #blobs: BlobStore
  readonly #buckets = new Map<string, BucketObjects>()
  #sink: ChangeSink | undefined
  #seq = 0

  constructor(blobs: BlobStore) {
    this.#blobs = blobs
  }

  /** The objects of a bucket, by the bucket's id. */
  in(bucketId: string): BucketObjects {
    let objects = this.#buckets.get(bucketId)
    if (!objects) {
      objects = new BucketObjects(this.#blobs, (key, version) => this.#sink?.record(this.name, bucketId, key, version))
      this.#buckets.set(bucketId, objects)
    }
    return objects
  }

  /** The number of the next write. */
  nextSeq(): number {
    return ++this.#seq
  }

  /** Forgets a bucket that is empty. */
  drop(bucketId: string): void {
    this.#buckets.delete(bucketId)
  }

  attach(sink: ChangeSink): void {
    this.#sink = sink
    this.#blobs.attach(sink)
  }

  *records(): Iterable<[string, string, unknown]> {
    for (const [bucketId, objects] of this.#buckets)
      for (const version of objects.all()) if (isKept(version)) yield [bucketId, recordKey(version), version]
  }

  restore(bucketId: string, key: string, value: unknown): void {
    const version = value as ObjectVersion | undefined
    if (version) this.#seq = Math.max(this.#seq, version.seq)
    this.in(bucketId).restore(key, version)
  }
}

/** The key of a version's record on disk. A version id has no space; a key may have anything. */
function recordKey(version: { key: string; versionId: string }): string {
  return `${version.versionId} ${version.key}`
}

/** A version whose bytes are lost with the process isn't recorded: it would be an object without content. */
function isKept(version: ObjectVersion): boolean {
  return chunksOf(version).every(BlobStore.isKept)
}

/** All bytes that a version holds. */
function chunksOf(version: ObjectVersion): readonly Chunk[] {
  if (version.deleteMarker) return NO_CHUNKS
  return version.annotations ? [...version.chunks, ...version.annotations.flatMap(annotation => annotation.chunks)] : version.chunks
}

const NO_CHUNKS: readonly Chunk[] = []

/** The objects of one bucket. */
export class BucketObjects {
  readonly #tree = new BTree<string, ObjectVersion[]>()
  readonly #blobs: BlobStore
  readonly #record: (key: string, version: ObjectVersion | undefined) => void
  #versions = 0

  constructor(blobs: BlobStore, record: (key: string, version: ObjectVersion | undefined) => void) {
    this.#blobs = blobs
    this.#record = record
  }

  /** How many versions and delete markers there are. */
  get size(): number {
    return this.#versions
  }

  /** The newest version of a key, which may be a delete marker. */
  current(key: string): ObjectVersion | undefined {
    return this.#tree.get(sortKey(key))?.at(-1)
  }

  version(key: string, versionId: string): ObjectVersion | undefined {
    return this.#tree.get(sortKey(key))?.find(v => v.versionId === versionId)
  }

  versions(key: string): KeyVersions {
    return this.#tree.get(sortKey(key)) ?? []
  }

  /** The keys from a sort key on, in order, with their versions. Don't change the index while it is read. */
  from(low: string): IterableIterator<[string, KeyVersions]> {
    return this.#tree.entries(low)
  }

  /** Every version there is, by key and age. */
  *all(): IterableIterator<ObjectVersion> {
    for (const versions of this.#tree.values()) yield* versions
  }

  /** Adds a version as the newest of its key, in place of the one with the same version id. */
  put(version: ObjectVersion): void {
    this.#insert(version, true)
    if (isKept(version)) this.#record(recordKey(version), version)
  }

  /** Changes a version in its place among the others, if it is still there. */
  replace(version: ObjectVersion): void {
    const versions = this.#tree.get(sortKey(version.key))
    const at = versions?.findIndex(v => v.versionId === version.versionId && v.seq === version.seq) ?? -1
    if (!versions || at < 0) return
    this.#retain(version)
    this.#release(versions[at]!)
    versions[at] = version
    if (isKept(version)) this.#record(recordKey(version), version)
  }

  /** Removes a version for good, and gives it back. */
  remove(key: string, versionId: string): ObjectVersion | undefined {
    const removed = this.#take(key, versionId)
    if (removed && isKept(removed)) this.#record(recordKey(removed), undefined)
    return removed
  }

  restore(record: string, version: ObjectVersion | undefined): void {
    if (version) this.#insert(version, false)
    else {
      const space = record.indexOf(' ')
      this.#take(record.slice(space + 1), record.slice(0, space))
    }
  }

  #insert(version: ObjectVersion, recorded: boolean): void {
    this.#retain(version)
    const sort = sortKey(version.key)
    const versions = this.#tree.get(sort)
    if (!versions) {
      this.#tree.set(sort, [version])
      this.#versions++
      return
    }
    let place = versions.length
    while (place > 0 && versions[place - 1]!.seq > version.seq) place--
    const at = versions.findIndex(v => v.versionId === version.versionId)
    if (at < 0) {
      versions.splice(place, 0, version)
      this.#versions++
      return
    }
    const old = versions[at]!
    if (place === at + 1) versions[at] = version
    else {
      versions.splice(at, 1)
      versions.splice(place > at ? place - 1 : place, 0, version)
    }
    this.#release(old)
    if (recorded && isKept(old) && !isKept(version)) this.#record(recordKey(old), undefined)
  }

  #take(key: string, versionId: string): ObjectVersion | undefined {
    const sort = sortKey(key)
    const versions = this.#tree.get(sort)
    const at = versions?.findIndex(v => v.versionId === versionId) ?? -1
    if (!versions || at < 0) return undefined
    const [removed] = versions.splice(at, 1)
    if (versions.length === 0) this.#tree.delete(sort)
    this.#versions--
    this.#release(removed!)
    return removed
  }

  #retain(version: ObjectVersion): void {
    this.#blobs.retain(chunksOf(version))
  }

  #release(version: ObjectVersion): void {
    this.#blobs.release(chunksOf(version))
  }
}
