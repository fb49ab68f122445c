import type { Tag } from '@aws-sdk/client-s3'
import { invalidArgument, malformedXml, s3Error } from './errors.js'
import type { Tags } from './types.js'

/** Letters, digits, spaces and `_ . : / = + - @` in any script. */
const ALLOWED = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u

/** How many tags an object and a bucket may have. */
export const OBJECT_TAGS = 10
export const BUCKET_TAGS = 50

/**
 * The tags of a `Tagging` document.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
 *
 * @throws MalformedXML, InvalidTag, BadRequest when there are too many.
 */
export function parseTagSet(tags: readonly Tag[] | undefined, of: 'object' | 'bucket'): Tags {
  if (!tags) throw malformedXml()
  const limit = of === 'object' ? OBJECT_TAGS : BUCKET_TAGS
  if (tags.length > limit) {
    throw s3Error('BadRequest', {
      message: of === 'object' ? 'Object tags cannot be greater than 10' : 'Bucket tag count cannot be greater than 50',
    })
  }
  const seen = new Set<string>()
  return tags.map(({ Key, Value }) => {
    if (Key === undefined || Value === undefined) throw malformedXml()
    if (seen.has(Key)) {
      throw s3Error('InvalidTag', { message: 'Cannot provide multiple Tags with the same key', fields: { TagKey: Key } })
    }
    seen.add(Key)
    return checkedTag(Key, Value, of)
  })
}

/**
 * The tags of an `x-amz-tagging` header: `key=value&key2=value2`.
 *
 * @throws InvalidArgument, InvalidTag, BadRequest when there are more than ten.
 */
export function parseTagHeader(header: string | undefined): Tags | undefined {
  if (header === undefined) return undefined
  const tags = [...new URLSearchParams(header)].map(([Key, Value]) => ({ Key, Value }))
  if (new Set(tags.map(tag => tag.Key)).size < tags.length || tags.some(tag => tag.Key === '')) {
    throw invalidArgument(
      "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.",
      'x-amz-tagging',
      header,
    )
  }
  return parseTagSet(tags, 'object')
}

function checkedTag(Key: string, Value: string, of: 'object' | 'bucket'): Tags[number] {
  if (Key.length < 1 || Key.length > 128 || !ALLOWED.test(Key)) {
    throw s3Error('InvalidTag', { message: 'The TagKey you have provided is invalid', fields: { TagKey: Key } })
  }
  if (Value.length > 256 || !ALLOWED.test(Value)) {
    throw s3Error('InvalidTag', { message: 'The TagValue you have provided is invalid', fields: { TagKey: Key, TagValue: Value } })
  }
  if (Key.toLowerCase().startsWith('aws:')) {
    const message = of === 'object' ? 'Your TagKey cannot be prefixed with aws:' : 'System tags cannot be added/updated by requester'
    throw s3Error('InvalidTag', { message, fields: { TagKey: Key } })
  }
  return { Key, Value }
}
