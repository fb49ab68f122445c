import type { ServerSideEncryptionConfiguration, ServerSideEncryptionRule } from '@aws-sdk/client-s3'
import { bucketOf, updateBucket } from '../buckets.js'
import { bodyOf, oneOf } from '../documents.js'
import { malformedXml, s3Error } from '../errors.js'
import { operation } from '../kit.js'

/** What S3 encrypts with where nobody chose. */
const DEFAULT: ServerSideEncryptionConfiguration = {
  Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' }, BucketKeyEnabled: false }],
}

export const getBucketEncryption = operation('GetBucketEncryption', (ctx, input) => {
  return { ServerSideEncryptionConfiguration: bucketOf(ctx, input).config.encryption ?? DEFAULT }
})

export const putBucketEncryption = operation('PutBucketEncryption', (ctx, input) => {
  const bucket = bucketOf(ctx, input)
  const rules = bodyOf(input.ServerSideEncryptionConfiguration).Rules
  const rule = rules?.[0]
  if (rules?.length !== 1 || !rule) throw malformedXml()
  const checked = checkedRule(rule)
  updateBucket(ctx, bucket, it => {
    it.config.encryption = { Rules: [checked] }
  })
  return {}
})

function checkedRule(rule: ServerSideEncryptionRule): ServerSideEncryptionRule {
  const { ApplyServerSideEncryptionByDefault: choice, BlockedEncryptionTypes: blocked } = rule
  if (!choice && !blocked) throw malformedXml()
  if (choice) {
    const algorithm = oneOf(choice.SSEAlgorithm, ['AES256', 'aws:kms', 'aws:kms:dsse'])
    if (algorithm === 'AES256' && choice.KMSMasterKeyID !== undefined) {
      throw s3Error('InvalidArgument', {
        message: 'a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse',
        fields: { ArgumentName: 'ApplyServerSideEncryptionByDefault' },
      })
    }
  }
  const types = blocked?.EncryptionType ?? []
  for (const type of types) oneOf(type, ['SSE-C', 'NONE'])
  if (types.length > 1 && types.includes('NONE')) throw malformedXml()
  return {
    ApplyServerSideEncryptionByDefault: choice ?? { SSEAlgorithm: 'AES256' },
    BucketKeyEnabled: rule.BucketKeyEnabled ?? false,
    ...(blocked && { BlockedEncryptionTypes: blocked }),
  }
}

export const deleteBucketEncryption = operation('DeleteBucketEncryption', (ctx, input) => {
  updateBucket(ctx, bucketOf(ctx, input), it => {
    delete it.config.encryption
  })
  return {}
})
