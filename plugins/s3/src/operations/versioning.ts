import { bucketOf, updateBucket } from '../buckets.js'
import { bodyOf, oneOf, optionalOneOf } from '../documents.js'
import { s3Error } from '../errors.js'
import { type Context, operation } from '../kit.js'
import type { Bucket } from '../types.js'

export const getBucketVersioning = operation('GetBucketVersioning', (ctx, input) => {
  const { versioning, mfaDelete } = bucketOf(ctx, input)
  return { ...(versioning && { Status: versioning }), ...(mfaDelete && { MFADelete: mfaDelete }) }
})

export const putBucketVersioning = operation('PutBucketVersioning', (ctx, input) => {
  const bucket = bucketOf(ctx, input)
  const { Status, MFADelete } = bodyOf(input.VersioningConfiguration)
  if (Status === undefined) throw s3Error('IllegalVersioningConfigurationException')
  const status = oneOf(Status, ['Enabled', 'Suspended'])
  const mfaDelete = optionalOneOf(MFADelete, ['Enabled', 'Disabled'])
  if (status === 'Suspended') checkSuspendable(bucket)
  if (bucket.mfaDelete === 'Enabled' || mfaDelete === 'Enabled') checkMfa(ctx, input.MFA)
  updateBucket(ctx, bucket, it => {
    it.versioning = status
    if (mfaDelete) it.mfaDelete = mfaDelete
  })
  return {}
})

/** @throws InvalidBucketState where something relies on every version being kept. */
function checkSuspendable({ objectLock, config }: Readonly<Bucket>): void {
  const present = objectLock ? 'An Object Lock configuration' : config.replication ? 'A replication configuration' : undefined
  if (present === undefined) return
  throw s3Error('InvalidBucketState', {
    message: `${present} is present on this bucket, so the versioning state cannot be changed.`,
  })
}

/**
 * MFA delete is for the account's root, with a device. There are no devices here, so any code of six digits is right.
 *
 * @throws AccessDenied
 */
function checkMfa({ config, caller }: Context, mfa: string | undefined): void {
  if (!/^\S+ \d{6}$/.test(mfa ?? '')) throw s3Error('AccessDenied', { message: 'Mfa Authentication must be used for this request' })
  if (config.authorize && caller.type !== 'root') throw s3Error('AccessDenied')
}
