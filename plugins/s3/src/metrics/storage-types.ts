import type { StorageClass } from '@aws-sdk/client-s3'

const KB = 1024
const MIN_BILLED_BYTES = 128 * KB
/** What an archived object takes beside its bytes: in the archive for its index, in S3 for its name. */
const ARCHIVE_OVERHEAD = 32 * KB
const S3_OVERHEAD = 8 * KB

/** Storage classes whose bytes are of one type. */
const TYPES: Readonly<Partial<Record<StorageClass, string>>> = {
  STANDARD: 'StandardStorage',
  REDUCED_REDUNDANCY: 'ReducedRedundancyStorage',
  STANDARD_IA: 'StandardIAStorage',
  ONEZONE_IA: 'OneZoneIAStorage',
  GLACIER_IR: 'GlacierInstantRetrievalStorage',
  GLACIER: 'GlacierStorage',
  DEEP_ARCHIVE: 'DeepArchiveStorage',
}

/** Access tiers of INTELLIGENT_TIERING, as `accessTier` calls them. */
const TIERS: Readonly<Record<string, string>> = {
  FREQUENT: 'IntelligentTieringFAStorage',
  INFREQUENT: 'IntelligentTieringIAStorage',
  ARCHIVE_INSTANT_ACCESS: 'IntelligentTieringAIAStorage',
  ARCHIVE: 'IntelligentTieringAAStorage',
  DEEP_ARCHIVE: 'IntelligentTieringDAAStorage',
}

/** What small objects take more than their bytes. */
const SIZE_OVERHEADS: Readonly<Record<string, string>> = {
  StandardIAStorage: 'StandardIASizeOverhead',
  OneZoneIAStorage: 'OneZoneIASizeOverhead',
  GlacierInstantRetrievalStorage: 'GlacierInstantRetrievalSizeOverhead',
}

/** What archived objects take more than their bytes: in the archive, and in S3. */
const OBJECT_OVERHEADS: Readonly<Record<string, readonly [string, string]>> = {
  GlacierStorage: ['GlacierObjectOverhead', 'GlacierS3ObjectOverhead'],
  DeepArchiveStorage: ['DeepArchiveObjectOverhead', 'DeepArchiveS3ObjectOverhead'],
  IntelligentTieringAAStorage: ['IntAAObjectOverhead', 'IntAAS3ObjectOverhead'],
  IntelligentTieringDAAStorage: ['IntDAAObjectOverhead', 'IntDAAS3ObjectOverhead'],
}

const STAGING: Readonly<Record<string, string>> = { GLACIER: 'GlacierStagingStorage', DEEP_ARCHIVE: 'DeepArchiveStagingStorage' }

/**
 * The types of storage that an object takes, and how many bytes of each: https://docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-dimensions.html
 *
 * @param tier its access tier, in INTELLIGENT_TIERING.
 */
export function* storageOf(storageClass: StorageClass, size: number, tier: string | undefined): Generator<[type: string, bytes: number]> {
  const type = tier === undefined ? TYPES[storageClass] : TIERS[tier]
  if (type === undefined) return
  yield [type, size]
  const padding = SIZE_OVERHEADS[type]
  if (padding !== undefined && size < MIN_BILLED_BYTES) yield [padding, MIN_BILLED_BYTES - size]
  const [archive, s3] = OBJECT_OVERHEADS[type] ?? []
  if (archive !== undefined) yield [archive, ARCHIVE_OVERHEAD]
  if (s3 !== undefined) yield [s3, S3_OVERHEAD]
}

/** The type of storage that the parts of an unfinished upload take. */
export function stagingOf(storageClass: StorageClass): string | undefined {
  return storageClass === 'INTELLIGENT_TIERING' ? TIERS.FREQUENT : (STAGING[storageClass] ?? TYPES[storageClass])
}
