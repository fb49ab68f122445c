import type { Tag } from '@aws-sdk/client-sts'
import { invalidParameter } from './errors.js'

/** A session's tags, and which of them pass on to the roles that it assumes. */
export interface SessionTags {
  readonly tags: Readonly<Record<string, string>>
  readonly transitive: Readonly<Record<string, string>>
}

/**
 * Puts together the tags of a new session: those of the request and those that the calling session passes on.
 * @param inherited the transitive tags of the calling session.
 * @throws InvalidParameterValue for keys that are there twice (case aside), reserved, or at odds with inherited ones.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
 */
export function sessionTags(
  requested: readonly Tag[] | undefined,
  transitiveKeys: readonly string[] | undefined,
  inherited: Readonly<Record<string, string>> = {},
): SessionTags {
  const own = new Map<string, Tag>()
  for (const tag of requested ?? []) {
    const key = tag.Key!.toLowerCase()
    if (key.startsWith('aws:')) throw invalidParameter('aws: prefixed tag key names are not allowed for external use.')
    if (own.has(key)) throw invalidParameter('Duplicate tag keys found. Please note that Tag keys are case insensitive.')
    own.set(key, tag)
  }
  const passedOn = new Set((transitiveKeys ?? []).map(key => key.toLowerCase()))
  for (const key of passedOn) {
    if (!own.has(key)) throw invalidParameter('The specified transitive tag key must be included in the requested tags.')
  }
  for (const key of Object.keys(inherited)) {
    if (own.has(key.toLowerCase())) {
      throw invalidParameter(
        "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.",
      )
    }
  }
  const entries = [...own.values()].map(tag => [tag.Key!, tag.Value!] as const)
  return {
    tags: { ...inherited, ...Object.fromEntries(entries) },
    transitive: { ...inherited, ...Object.fromEntries(entries.filter(([key]) => passedOn.has(key.toLowerCase()))) },
  }
}
