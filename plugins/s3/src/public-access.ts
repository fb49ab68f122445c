import type { PublicAccessBlockConfiguration } from '@aws-sdk/client-s3'
import { s3Error } from './errors.js'
import type { Context } from './kit.js'
import type { Bucket } from './types.js'

/** What a new bucket has: https://docs.aws.amazon.com/AmazonS3/latest/userguide/configuring-block-public-access-bucket.html */
export const NEW_BUCKET_BLOCK: Required<PublicAccessBlockConfiguration> = {
  BlockPublicAcls: true,
  IgnorePublicAcls: true,
  BlockPublicPolicy: true,
  RestrictPublicBuckets: true,
}

/** A block with the settings that weren't named switched off, as S3 keeps it. */
export function wholeBlock(block: PublicAccessBlockConfiguration): PublicAccessBlockConfiguration {
  return {
    BlockPublicAcls: block.BlockPublicAcls ?? false,
    IgnorePublicAcls: block.IgnorePublicAcls ?? false,
    BlockPublicPolicy: block.BlockPublicPolicy ?? false,
    RestrictPublicBuckets: block.RestrictPublicBuckets ?? false,
  }
}

/** Does the bucket or its account block this kind of public access? The stricter of the two counts. */
export function isBlocked(ctx: Context, bucket: Readonly<Bucket>, setting: keyof PublicAccessBlockConfiguration): boolean {
  if (bucket.config.publicAccessBlock?.[setting]) return true
  return ctx.stores.accountBlocks.in(bucket).get('block')?.[setting] ?? false
}

/**
 * What a caller is told whom a public access block stops.
 *
 * @param action `s3:PutBucketAcl`
 * @param resource the ARN of what it would be done to.
 */
export function blockedAs(ctx: Context, action: string, resource: string, setting: 'BlockPublicAcls' | 'BlockPublicPolicy'): Error {
  const what = setting === 'BlockPublicAcls' ? 'public access control lists (ACLs)' : 'public policies'
  const message = `User: ${ctx.caller.arn} is not authorized to perform: ${action} on resource: "${resource}" because ${what} are blocked by the ${setting} block public access setting.`
  return s3Error('AccessDenied', { message })
}
