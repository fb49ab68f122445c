import type { Tag } from '@aws-sdk/client-dynamodb'
import { validation } from '../errors.js'

export const MAX_TAGS = 50

/** @throws ValidationException for keys that are there twice, keys that belong to AWS, or too many tags. */
export function checkTags(tags: readonly Tag[]): void {
  const keys = tags.map(({ Key }) => Key!)
  const twice = keys.find((key, i) => keys.indexOf(key) < i)
  if (twice !== undefined) throw validation(`Duplicate Keys found in Tags: ${twice}`)
  const reserved = keys.find(key => key.toLowerCase().startsWith('aws:'))
  if (reserved !== undefined) throw validation(`Tag keys starting with aws: are reserved for system use: ${reserved}`)
  checkTagCount(tags.length)
}

/** @throws ValidationException */
export function checkTagCount(count: number): void {
  if (count > MAX_TAGS) throw validation(`Too many tags: a resource can have at most ${MAX_TAGS} tags`)
}
