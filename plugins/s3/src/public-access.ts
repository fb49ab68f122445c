import type { PublicAccessBlockConfiguration } from '@aws-sdk/client-s3'
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
