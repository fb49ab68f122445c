import type { Tag } from '@aws-sdk/client-s3'
import { malformedXml } from './errors.js'
import { hasTags } from './lifecycle-rules.js'
import { parseTagSet } from './tags.js'
import type { Tags } from './types.js'

/** What a filter by prefix, tag or `And` of several demands. */
export interface FilterDemands {
  readonly Prefix?: string | undefined
  readonly Tags?: readonly Tag[] | undefined
  readonly AccessPointArn?: string | undefined
}

/** A filter as analytics, metrics and intelligent tiering have it. */
export interface ObjectFilter {
  readonly Prefix?: string | undefined
  readonly Tag?: Tag | undefined
  readonly AccessPointArn?: string | undefined
  readonly And?: FilterDemands | undefined
}

/** All that a filter demands. */
export function demandsOf({ Prefix, Tag: tag, AccessPointArn, And }: ObjectFilter = {}): FilterDemands {
  return And ?? { Prefix, Tags: tag && [tag], AccessPointArn }
}

/** Do two filters take the same, however they were written? */
export function isSameFilter(a: ObjectFilter | undefined, b: ObjectFilter | undefined): boolean {
  const text = (filter: ObjectFilter | undefined) => {
    const { Prefix = '', Tags = [], AccessPointArn = '' } = demandsOf(filter)
    return JSON.stringify([Prefix, AccessPointArn, Tags.map(({ Key, Value }) => JSON.stringify([Key, Value])).sort()])
  }
  return text(a) === text(b)
}

/** Does a filter take an object of this key and with these tags? */
export function isTakenBy(filter: ObjectFilter | undefined, key: string, tags: Tags | undefined): boolean {
  const { Prefix = '', Tags } = demandsOf(filter)
  return key.startsWith(Prefix) && hasTags(tags, Tags)
}

/** Exactly one of a filter's members may be there. @throws MalformedXML */
export function onlyMember(filter: object): [string, unknown] | undefined {
  const members = Object.entries(filter).filter(([, value]) => value !== undefined)
  if (members.length > 1) throw malformedXml()
  return members[0]
}

/** The tags of a filter. @throws MalformedXML, InvalidTag */
export function checkTags(tags: readonly Tag[] | undefined): void {
  if (tags) parseTagSet(tags, 'bucket')
}

/** A filter by prefix, tag or `And` of several, as analytics, metrics and intelligent tiering have it. @throws MalformedXML, InvalidTag */
export function checkFilter(filter: object | undefined): void {
  if (!filter) return
  const [name, value] = onlyMember(filter) ?? []
  if (name === undefined) throw malformedXml()
  if (name === 'Tag') checkTags([value as Tag])
  if (name === 'And') {
    const { Prefix, Tags, AccessPointArn } = value as { Prefix?: string; Tags?: Tag[]; AccessPointArn?: string }
    if (Number(Prefix !== undefined) + (Tags?.length ?? 0) + Number(AccessPointArn !== undefined) < 2) throw malformedXml()
    checkTags(Tags)
  }
}
