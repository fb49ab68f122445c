import type { Tier } from '@aws-sdk/client-s3'
import { malformedXml, s3Error } from './errors.js'
import type { ObjectData } from './types.js'

/** How long a retrieval takes here: in AWS's order, long enough to be seen under way, short enough to wait for. */
export const RETRIEVAL_MS: Readonly<Record<Tier, number>> = { Expedited: 500, Standard: 1000, Bulk: 2000 }

/**
 * The tier by which an object is to be retrieved.
 *
 * @throws MalformedXML for one that there isn't, InvalidArgument for one that the object's storage class hasn't.
 */
export function tierFor(version: ObjectData, given: string | undefined): Tier {
  const tier = given ?? 'Standard'
  if (tier !== 'Standard' && tier !== 'Bulk' && tier !== 'Expedited') throw malformedXml()
  if (tier === 'Expedited' && (version.storageClass === 'DEEP_ARCHIVE' || version.archive === 'DEEP_ARCHIVE_ACCESS')) {
    const where = version.archive ? `${version.archive} access tier` : 'DEEP_ARCHIVE storage class'
    throw s3Error('InvalidArgument', {
      message: `Expedited retrievals are not supported for the ${where}`,
      fields: { ArgumentName: 'Tier', ArgumentValue: tier },
    })
  }
  return tier
}

/** Is one tier faster than another? */
export function isFaster(tier: Tier, than: Tier): boolean {
  return RETRIEVAL_MS[tier] < RETRIEVAL_MS[than]
}
