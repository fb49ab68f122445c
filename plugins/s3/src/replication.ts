import type { ReplicationRule } from '@aws-sdk/client-s3'
import type { Unit } from '@ministack/gateway'
import { privateAcl } from './acl.js'
import { bucketName } from './buckets.js'
import { withKmsKey } from './encryption.js'
import { emit, type ObjectEvent } from './events.js'
import type { Context } from './kit.js'
import { replicationRulesFor } from './replication-rules.js'
import type { S3State } from './state.js'
import type { Bucket, DeleteMarker, ObjectData } from './types.js'

/** How long a replica takes to come: soon enough to wait for, late enough to be seen pending. */
const DELAY_MS = 1000

/** Replicates what is written to buckets with replication rules: soon, without the writer waiting. */
export function startReplication(unit: Unit<S3State>): void {
  unit.state.listeners.add(event => {
    const bucket = event.ctx.stores.buckets.in(event.bucket).get(event.bucket.name)
    if (bucket?.config.replication) replicate(event, bucket)
  })
  for (const [, buckets] of unit.state.buckets.scopes())
    for (const bucket of buckets.values()) if (bucket.config.replication) resume(unit, bucket)
}

/** Goes on with what a restart came in between. */
function resume(unit: Unit<S3State>, bucket: Readonly<Bucket>): void {
  const ctx = unit.context({ account: bucket.account, region: bucket.region })
  for (const version of unit.state.objects.in(bucket.id).all()) {
    if (version.deleteMarker || version.replication !== 'PENDING') continue
    replicate({ name: 'ObjectCreated:Put', ctx, bucket, version }, bucket)
  }
}

function replicate({ name, ctx, version }: ObjectEvent, bucket: Readonly<Bucket>): void {
  const created = name.startsWith('ObjectCreated')
  const changed = name.startsWith('ObjectTagging') || name === 'ObjectAcl:Put'
  if (!created && !changed && name !== 'ObjectRemoved:DeleteMarkerCreated') return
  const rules = replicationRulesFor(bucket, version)
  if (version.deleteMarker) {
    for (const rule of rules) inBackground(ctx, () => copyMarker(ctx, bucket, rule, version))
    return
  }
  const isReplica = version.replication === 'REPLICA'
  // A replica isn't replicated on; what is changed about it goes back where a rule wants that.
  const wanted = isReplica
    ? rules.filter(rule => changed && rule.SourceSelectionCriteria?.ReplicaModifications?.Status === 'Enabled')
    : rules
  if (wanted.length === 0) return
  if (!isReplica && version.replication !== 'PENDING') setStatus(ctx, bucket, version, 'PENDING')
  inBackground(ctx, async () => {
    const copied = await Promise.all(wanted.map(rule => copyVersion(ctx, bucket, rule, version)))
    if (!isReplica) setStatus(ctx, bucket, version, copied.every(Boolean) ? 'COMPLETED' : 'FAILED')
  })
}

function inBackground(ctx: Context, work: () => Promise<void>): void {
  ctx.background.after(DELAY_MS, 's3 replication', work)
}

/** Tells how far the replication of a version is, if the version is still there. */
function setStatus(ctx: Context, bucket: Readonly<Bucket>, { key, versionId }: ObjectData, replication: ObjectData['replication']): void {
  const objects = ctx.stores.objects.in(bucket.id)
  const version = objects.version(key, versionId)
  if (version && !version.deleteMarker) objects.replace({ ...version, replication })
}

/** The bucket that a rule replicates to; undefined when it is gone or can't take replicas any more. */
function destinationOf(ctx: Context, bucket: Readonly<Bucket>, rule: ReplicationRule): Readonly<Bucket> | undefined {
  const name = bucketName(rule.Destination?.Bucket ?? '')
  const account = rule.Destination?.Account ?? bucket.account
  const target = ctx.stores.buckets.in({ account, region: '' }).get(name) ?? ctx.stores.owners.only(name)
  return target?.versioning === 'Enabled' ? target : undefined
}

/** @returns whether the replica is there. */
async function copyVersion(
  ctx: Context,
  bucket: Readonly<Bucket>,
  rule: ReplicationRule,
  { key, versionId }: ObjectData,
): Promise<boolean> {
  const version = ctx.stores.objects.in(bucket.id).version(key, versionId)
  const target = destinationOf(ctx, bucket, rule)
  if (!version || version.deleteMarker || !target) return false
  const { blobs } = ctx.stores
  // Until the replica holds the bytes, something has to.
  blobs.retain(version.chunks)
  try {
    const replica = await replicaOf(ctx, target, rule, version)
    const objects = ctx.stores.objects.in(target.id)
    const existed = objects.version(key, versionId) !== undefined
    objects.put(replica)
    if (!existed) emit(ctx.as({ account: target.account, region: target.region }), 'ObjectCreated:Put', target, replica)
    return true
  } catch (error) {
    ctx.log.warn('an object could not be replicated', { bucket: bucket.name, key, error })
    return false
  } finally {
    blobs.release(version.chunks)
  }
}

async function replicaOf(ctx: Context, target: Readonly<Bucket>, rule: ReplicationRule, version: ObjectData): Promise<ObjectData> {
  const { Destination } = rule
  const keyId = Destination?.EncryptionConfiguration?.ReplicaKmsKeyID
  const byKms = version.encryption.kmsKeyId !== undefined && keyId !== undefined
  const owner = Destination?.AccessControlTranslation?.Owner === 'Destination' ? target.account : version.owner
  const encryption = byKms ? await withKmsKey(ctx.as({ account: target.account }), target, version.encryption, keyId) : version.encryption
  const acl = owner === version.owner ? version.acl : privateAcl(owner)
  // What became of the bytes in their own bucket's archives doesn't count in another.
  const { archive: _, accessed: __, restore: ___, ...copied } = version
  return {
    ...copied,
    // Versions of a key stand in the order of their writing; a change to a replica leaves it where it is.
    seq: ctx.stores.objects.in(target.id).version(version.key, version.versionId)?.seq ?? ctx.stores.objects.nextSeq(),
    storageClass: Destination?.StorageClass ?? version.storageClass,
    encryption,
    owner,
    ...(acl && { acl }),
    // What goes back to where it came from is no replica there.
    replication: version.replication === 'REPLICA' ? 'COMPLETED' : 'REPLICA',
  }
}

async function copyMarker(ctx: Context, bucket: Readonly<Bucket>, rule: ReplicationRule, marker: DeleteMarker): Promise<void> {
  const target = destinationOf(ctx, bucket, rule)
  if (!target) return
  const copy: DeleteMarker = { ...marker, seq: ctx.stores.objects.nextSeq(), owner: target.account }
  ctx.stores.objects.in(target.id).put(copy)
}
