import { AwsError } from '@ministack/gateway'
import { bucketOf } from '../buckets.js'
import { checkReadConditions } from '../conditions.js'
import { checkCustomerKey, checkNoEncryptionHeader } from '../encryption.js'
import { s3Error } from '../errors.js'
import { operation } from '../kit.js'
import { checkOverrides, checkPart, objectMembers, selectBytes } from '../object-members.js'
import { checkKey, versionOf } from '../versions.js'
import { PARTIAL } from './get-object.js'

export const headObject = operation('HeadObject', (ctx, input) => {
  const { Key: key = '' } = input
  try {
    const bucket = bucketOf(ctx, input)
    checkKey(key)
    checkPart(input)
    checkOverrides(ctx, input)
    checkNoEncryptionHeader(ctx)
    const version = versionOf(ctx, bucket, key, input.VersionId)
    checkCustomerKey(version.encryption, input)
    checkReadConditions(input, version)
    const bytes = selectBytes(input, version)
    return Object.assign(
      objectMembers(ctx, bucket, version, input, bytes),
      { ArchiveStatus: version.archive },
      bytes.partial ? PARTIAL : {},
    )
  } catch (error) {
    throw asHeadError(error)
  }
})

/** A HEAD has no body to tell a code in: its model knows `NotFound` alone for all that isn't there. */
export function asHeadError(error: unknown): unknown {
  if (!(error instanceof AwsError) || error.status !== 404) return error
  return s3Error('NotFound', { headers: error.headers, cause: error })
}
