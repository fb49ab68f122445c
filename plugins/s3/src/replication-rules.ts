import type { ReplicationRule } from '@aws-sdk/client-s3'
import { hasTags } from './lifecycle-rules.js'
import type { Bucket, ObjectData, ObjectVersion } from './types.js'

/**
 * The rules by which a version is replicated: one for each destination, the one with the highest priority. That one may want no delete markers.
 */
export function replicationRulesFor(bucket: Readonly<Bucket>, version: ObjectVersion): ReplicationRule[] {
  const byDestination = new Map<string, ReplicationRule>()
  for (const rule of bucket.config.replication?.Rules ?? []) {
    const name = rule.Destination?.Bucket ?? ''
    if (rule.Status !== 'Enabled' || !takes(rule, version)) continue
    const other = byDestination.get(name)
    if (!other || (rule.Priority ?? 0) > (other.Priority ?? 0)) byDestination.set(name, rule)
  }
  const rules = [...byDestination.values()]
  return version.deleteMarker ? rules.filter(markersReplicated) : rules
}

function takes(rule: ReplicationRule, version: ObjectVersion): boolean {
  const { Filter } = rule
  const prefix = Filter?.And?.Prefix ?? Filter?.Prefix ?? rule.Prefix ?? ''
  if (!version.key.startsWith(prefix)) return false
  const tags = Filter?.And?.Tags ?? (Filter?.Tag ? [Filter.Tag] : [])
  if (version.deleteMarker) return tags.length === 0
  if (!hasTags(version.tags, tags)) return false
  const byKms = version.encryption.kmsKeyId !== undefined
  return !byKms || rule.SourceSelectionCriteria?.SseKmsEncryptedObjects?.Status === 'Enabled'
}

/** Rules of the first schema, without a filter, replicate delete markers always. */
function markersReplicated({ Filter, DeleteMarkerReplication }: ReplicationRule): boolean {
  return Filter === undefined || DeleteMarkerReplication?.Status === 'Enabled'
}

/** Is a new object of a storage class replicated? What is archived isn't, until it is restored and copied to another class. */
export function isReplicable({ storageClass, archive }: ObjectData): boolean {
  return storageClass !== 'GLACIER' && storageClass !== 'DEEP_ARCHIVE' && archive === undefined
}
