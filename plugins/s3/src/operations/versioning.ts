import { bucketOf, updateBucket } from '../buckets.js'
import { malformedXml, s3Error } from '../errors.js'
import { operation } from '../kit.js'

export const getBucketVersioning = operation('GetBucketVersioning', (ctx, input) => {
  const { versioning, mfaDelete } = bucketOf(ctx, input)
  return { ...(versioning && { Status: versioning }), ...(mfaDelete && { MFADelete: mfaDelete }) }
})

export const putBucketVersioning = operation('PutBucketVersioning', (ctx, input) => {
  const bucket = bucketOf(ctx, input)
  const { Status: status, MFADelete: mfaDelete } = input.VersioningConfiguration ?? {}
  if (status !== 'Enabled' && status !== 'Suspended') {
    throw s3Error('IllegalVersioningConfigurationException')
  }
  if (mfaDelete !== undefined && mfaDelete !== 'Enabled' && mfaDelete !== 'Disabled') throw malformedXml()
  if (bucket.objectLock && status === 'Suspended') {
    throw s3Error('InvalidBucketState', {
      message: 'An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.',
    })
  }
  const mfaChanges = (mfaDelete ?? bucket.mfaDelete) !== bucket.mfaDelete || bucket.mfaDelete === 'Enabled'
  if (mfaChanges && mfaDelete !== 'Disabled' && !input.MFA) {
    throw s3Error('AccessDenied', { message: 'Mfa Authentication must be used for this request' })
  }
  updateBucket(ctx, bucket, it => {
    it.versioning = status
    if (mfaDelete) it.mfaDelete = mfaDelete
  })
  return {}
})
