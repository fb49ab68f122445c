import type { ReplicationRule } from '@aws-sdk/client-s3'
import { AwsError, type Unit } from '@ministack/gateway'
import { privateAcl } from './acl.js'
import { withKmsKey } from './encryption.js'
import { emit, type FailedReplication, type ObjectEvent, type ObjectEventName } from './events.js'
import type { Context } from './kit.js'
import { isReplicable, replicationRulesFor } from './replication-rules.js'
import { targetOf } from './service-delivery.js'
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
  if (version.deleteMarker) {
    if (name !== 'ObjectRemoved:DeleteMarkerCreated') return
    for (const rule of replicationRulesFor(bucket, version)) inBackground(ctx, () => copyMarker(ctx, bucket, rule, version))
    return
  }
  const operation = operationOf(name)
  if (!operation) return
  const created = operation === 'OBJECT_PUT'
  // What was there before the rules is not replicated by a change to it, nor is what is written to an archive.
  if (created ? !isReplicable(version) : version.replication === undefined) return
  const isReplica = version.replication === 'REPLICA'
  const rules = replicationRulesFor(bucket, version)
  // A replica isn't replicated on; what is changed about it goes back where a rule wants that.
  const wanted = isReplica
    ? rules.filter(rule => !created && rule.SourceSelectionCriteria?.ReplicaModifications?.Status === 'Enabled')
    : rules
  if (wanted.length === 0) return
  const task: Task = {
    operation,
    isThere: !created && (isReplica || version.replication === 'COMPLETED'),
    requestTime: ctx.clock.date().toISOString(),
  }
  if (!isReplica && version.replication !== 'PENDING') setStatus(ctx, bucket, version, 'PENDING')
  inBackground(ctx, async () => {
    const copied = await Promise.all(wanted.map(rule => copyVersion(ctx, bucket, rule, version, task)))
    if (!isReplica) setStatus(ctx, bucket, version, copied.every(Boolean) ? 'COMPLETED' : 'FAILED')
  })
}

/** What is to be replicated. */
interface Task {
  readonly operation: FailedReplication['s3Operation']
  /** Was the replica written before? Then only a change to it is, and one that has been deleted doesn't come back. */
  readonly isThere: boolean
  readonly requestTime: string
}

function operationOf(name: ObjectEventName): FailedReplication['s3Operation'] | undefined {
  if (name.startsWith('ObjectCreated')) return 'OBJECT_PUT'
  if (name.startsWith('ObjectTagging')) return 'OBJECT_PUT_TAGGING'
  return name === 'ObjectAcl:Put' ? 'OBJECT_PUT_ACL' : undefined
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

/** The bucket that a rule replicates to; undefined when it is gone. */
function destinationOf(ctx: Context, bucket: Readonly<Bucket>, rule: ReplicationRule): Readonly<Bucket> | undefined {
  return targetOf(ctx, bucket, rule.Destination?.Bucket ?? '', rule.Destination?.Account)
}

/** @returns whether the replica is there. */
async function copyVersion(
  ctx: Context,
  bucket: Readonly<Bucket>,
  rule: ReplicationRule,
  { key, versionId }: ObjectData,
  { operation, isThere, requestTime }: Task,
): Promise<boolean> {
  const version = ctx.stores.objects.in(bucket.id).version(key, versionId)
  if (!version || version.deleteMarker) return false
  const failureReason = await failureOf(ctx, rule, version, isThere, destinationOf(ctx, bucket, rule))
  if (failureReason === undefined) return true
  const failure = {
    replicationRuleId: rule.ID ?? '',
    destinationBucket: rule.Destination?.Bucket ?? '',
    s3Operation: operation,
    requestTime,
    failureReason,
  }
  emit(ctx, 'Replication:OperationFailedReplication', bucket, version, failure)
  return false
}

/** Writes a replica, or what has changed about it. @returns AWS's code for why that can't be; undefined when it is done. */
async function failureOf(
  ctx: Context,
  rule: ReplicationRule,
  version: ObjectData,
  isThere: boolean,
  target: Readonly<Bucket> | undefined,
): Promise<string | undefined> {
  if (!target) return 'DstBucketNotFound'
  if (target.versioning !== 'Enabled') return 'DstBucketUnversioned'
  const objects = ctx.stores.objects.in(target.id)
  const replica = objects.version(version.key, version.versionId)
  if (isThere && !replica) return 'DstObjectHardDeleted'
  if (replica && !replica.deleteMarker) {
    const acl = replica.owner === version.owner ? version.acl : replica.acl
    objects.replace({ ...replica, tags: version.tags, acl })
    return undefined
  }
  const { blobs } = ctx.stores
  // Until the replica holds the bytes, something has to.
  blobs.retain(version.chunks)
  try {
    const made = await replicaOf(ctx, target, rule, version)
    objects.put(made)
    emit(ctx.as({ account: target.account, region: target.region }), 'ObjectCreated:Put', target, made)
    return undefined
  } catch (error) {
    // Only the destination's key is asked for.
    if (error instanceof AwsError) return error.code === 'KMS.NotFoundException' ? 'DstKmsKeyNotFound' : 'DstKmsKeyInvalidState'
    throw error
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
    seq: ctx.stores.objects.nextSeq(),
    storageClass: Destination?.StorageClass ?? version.storageClass,
    encryption,
    owner,
    ...(acl && { acl }),
    replication: 'REPLICA',
  }
}

async function copyMarker(ctx: Context, bucket: Readonly<Bucket>, rule: ReplicationRule, marker: DeleteMarker): Promise<void> {
  const target = destinationOf(ctx, bucket, rule)
  if (target?.versioning !== 'Enabled') return
  const copy: DeleteMarker = { ...marker, seq: ctx.stores.objects.nextSeq(), owner: target.account }
  ctx.stores.objects.in(target.id).put(copy)
}
