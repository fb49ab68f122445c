import { AwsError } from '@ministack/gateway'
import { validation } from './targets.js'

const MOST = 50

/** @throws ValidationException for a key of AWS's own, TooManyTagsException */
export function checkTags(arn: string, tags: Readonly<Record<string, string>>): void {
  const keys = Object.keys(tags)
  const reserved = keys.find(key => key.toLowerCase().startsWith('aws:'))
  if (reserved !== undefined) throw validation(`Tag keys that begin with aws: are reserved: ${reserved}`)
  if (keys.length > MOST) {
    throw new AwsError('TooManyTagsException', `A scalable target can have at most ${MOST} tags`, { fields: { ResourceName: arn } })
  }
}
