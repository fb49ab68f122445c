import type { Tag } from '@aws-sdk/client-s3-control'
import { accessPointOf } from '../access-points.js'
import { bucketOf, updateBucket } from '../buckets.js'
import { accountOf, controlOperation } from '../control-kit.js'
import { s3Error } from '../errors.js'
import type { Context } from '../kit.js'
import { BUCKET_TAGS, parseTagSet } from '../tags.js'
import type { Tags } from '../types.js'

/** Something that has tags: a bucket or an access point. */
interface Tagged {
  readonly tags: Tags
  set(tags: Tags): void
}

/** @throws NoSuchBucket, NoSuchAccessPoint, InvalidRequest for the ARN of something else, NotImplemented for what S3 has and we have not. */
function taggedBy(ctx: Context, arn: string | undefined, action: string, Tags?: readonly Tag[]): Tagged {
  const bucketName = /^arn:[^:]*:s3:::([^/]+)$/.exec(arn ?? '')?.[1]
  if (bucketName !== undefined) {
    const bucket = bucketOf(ctx, { Bucket: bucketName, action, Tags })
    return {
      tags: bucket.tags ?? [],
      set: tags =>
        updateBucket(ctx, bucket, it => {
          if (tags.length > 0) it.tags = tags
          else delete it.tags
        }),
    }
  }
  if (/^arn:[^:]*:s3:[^:]*:\d{12}:(storage-lens|access-grants)/.test(arn ?? ''))
    throw s3Error('NotImplemented', { message: `${action} for ${arn} is not implemented in MiniStack` })
  if (!/^arn:[^:]*:s3:[^:]*:\d{12}:accesspoint\//.test(arn ?? ''))
    throw s3Error('InvalidRequest', { message: 'The resource ARN is not valid.' })
  const { name, tags = [] } = accessPointOf(ctx, arn)
  return {
    tags,
    set: changed => {
      ctx.state.accessPoints.update(name, point => {
        point.tags = changed
      })
    },
  }
}

export const listTagsForResource = controlOperation('ListTagsForResource', (ctx, input) => {
  accountOf(ctx, input.AccountId)
  return { Tags: [...taggedBy(ctx, input.ResourceArn, 's3:ListTagsForResource').tags] }
})

export const tagResource = controlOperation('TagResource', (ctx, input) => {
  accountOf(ctx, input.AccountId)
  const resource = taggedBy(ctx, input.ResourceArn, 's3:TagResource', input.Tags)
  const given = parseTagSet(input.Tags, 'bucket')
  const kept = resource.tags.filter(({ Key }) => !given.some(tag => tag.Key === Key))
  if (kept.length + given.length > BUCKET_TAGS) throw s3Error('TooManyTagsException')
  resource.set([...kept, ...given])
  return {}
})

export const untagResource = controlOperation('UntagResource', (ctx, input) => {
  accountOf(ctx, input.AccountId)
  const resource = taggedBy(ctx, input.ResourceArn, 's3:UntagResource')
  resource.set(resource.tags.filter(({ Key }) => !input.TagKeys?.includes(Key)))
  return {}
})
