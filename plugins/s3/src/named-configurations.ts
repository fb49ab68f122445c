import { updateBucket } from './buckets.js'
import { invalidArgument, s3Error } from './errors.js'
import type { Context } from './kit.js'
import { continuationToken, parseContinuationToken } from './listing.js'
import type { Bucket, BucketConfiguration } from './types.js'

/** The slots of a bucket that hold many configurations, each under an id. */
type Slot = 'analytics' | 'intelligentTiering' | 'inventory' | 'metrics'
type ConfigurationOf<K extends Slot> = NonNullable<BucketConfiguration[K]>[string]

const MAX_CONFIGURATIONS = 1000
const PAGE = 100

/** @throws InvalidArgument for what can't be the id of a configuration. */
export function checkId(id: string | undefined): string {
  if (id === undefined || !/^[A-Za-z0-9._-]{1,64}$/.test(id)) throw invalidArgument('Invalid configuration id', 'id', id)
  return id
}

/** @throws NoSuchConfiguration */
export function getConfiguration<K extends Slot>(bucket: Readonly<Bucket>, slot: K, id: string | undefined): ConfigurationOf<K> {
  const held = bucket.config[slot]?.[checkId(id)]
  if (!held) throw s3Error('NoSuchConfiguration')
  return held as ConfigurationOf<K>
}

/**
 * Stores a configuration under its id.
 *
 * @throws InvalidArgument when the document has another id than the request, TooManyConfigurations
 */
export function putConfiguration<K extends Slot>(
  ctx: Context,
  bucket: Readonly<Bucket>,
  slot: K,
  id: string | undefined,
  value: ConfigurationOf<K>,
): void {
  const key = checkId(id)
  if (value.Id !== key) throw invalidArgument('The id of the request does not match the id of the configuration', 'id', key)
  const held: Record<string, unknown> = bucket.config[slot] ?? {}
  if (!held[key] && Object.keys(held).length >= MAX_CONFIGURATIONS) throw s3Error('TooManyConfigurations')
  updateBucket(ctx, bucket, it => {
    Object.assign(it.config, { [slot]: { ...held, [key]: value } })
  })
}

/** @throws NoSuchConfiguration */
export function deleteConfiguration(ctx: Context, bucket: Readonly<Bucket>, slot: Slot, id: string | undefined): void {
  const { [checkId(id)]: removed, ...left }: Record<string, unknown> = bucket.config[slot] ?? {}
  if (!removed) throw s3Error('NoSuchConfiguration')
  updateBucket(ctx, bucket, it => {
    // A slot that is empty is absent: requests ask for its presence alone.
    if (Object.keys(left).length === 0) delete it.config[slot]
    else Object.assign(it.config, { [slot]: left })
  })
}

/** A page of configurations in the order of their ids, a hundred at a time. */
export function listConfigurations<K extends Slot>(bucket: Readonly<Bucket>, slot: K, token: string | undefined) {
  const after = parseContinuationToken(token) ?? ''
  const held = Object.entries(bucket.config[slot] ?? {})
    .filter(([id]) => id > after)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  const page = held.slice(0, PAGE)
  const truncated = page.length < held.length
  return {
    items: page.map(([, configuration]) => configuration as ConfigurationOf<K>),
    members: {
      IsTruncated: truncated,
      ...(token !== undefined && { ContinuationToken: token }),
      ...(truncated && { NextContinuationToken: continuationToken(page.at(-1)?.[0] ?? '') }),
    },
  }
}
