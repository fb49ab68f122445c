import type { Tag } from '@aws-sdk/client-s3'
import { malformedXml } from './errors.js'
import { parseTagSet } from './tags.js'

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
