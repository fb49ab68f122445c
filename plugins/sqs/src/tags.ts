import { invalidRequest } from './errors.js'

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-queue-tags.html, and the limits of tags everywhere on AWS. */
const MAX_TAGS = 50
const CHARACTERS = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u

/**
 * Checks all tags that a queue would then have.
 * @throws AwsError InvalidParameterValue
 */
export function checkTags(queue: string, tags: Readonly<Record<string, string>>): void {
  const entries = Object.entries(tags)
  if (entries.length > MAX_TAGS) throw invalidRequest(`Too many tags added for queue ${queue}.`)
  for (const [key, value] of entries) {
    if (key.length < 1 || key.length > 128) throw invalidRequest('Tag key must be between 1 and 128 characters in length.')
    if (value.length > 256) throw invalidRequest('Tag value must be between 0 and 256 characters in length.')
    if (!CHARACTERS.test(key) || !CHARACTERS.test(value)) {
      throw invalidRequest(
        'Tag keys and values can only contain letters, digits, white space, and the following special characters: _ . : / = + - @.',
      )
    }
    if (/^aws:/i.test(key)) throw invalidRequest(`Tag key ${key} is invalid: the prefix aws: is reserved.`)
  }
}
