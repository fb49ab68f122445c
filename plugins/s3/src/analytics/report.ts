import type { AnalyticsConfiguration } from '@aws-sdk/client-s3'
import { demandsOf } from '../filters.js'
import { AGE_GROUPS, perGroup } from './age-groups.js'
import type { ClassDay, Day } from './observations.js'

const MB = 1024 * 1024

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/analytics-storage-class.html#storage-class-analysis-export-to-file */
const COLUMNS = [
  'Date',
  'ConfigId',
  'Filter',
  'StorageClass',
  'ObjectAge',
  'ObjectCount',
  'DataUploaded_MB',
  'Storage_MB',
  'DataRetrieved_MB',
  'GetRequestCount',
  'CumulativeAccessRatio',
  'ObjectAgeForSIATransition',
  'RecommendedObjectAgeForSIATransition',
]

/** The report of an analysis, as CSV with a header: for each day and storage class a row of each age group, and one of all. */
export function csvReport(configuration: AnalyticsConfiguration, days: readonly Day[]): string {
  const { Id = '' } = configuration
  const filter = filterText(configuration)
  const rows = days.flatMap(({ at, classes }) =>
    Object.entries(classes).flatMap(([storageClass, day]) => rowsOf([dateText(at), Id, filter, storageClass], day)),
  )
  return [COLUMNS, ...rows].map(fields => `${fields.map(quoted).join(',')}\n`).join('')
}

function rowsOf(head: readonly string[], day: ClassDay): string[][] {
  const { objects, uploaded, storage, retrieved, gets, ratios, transitionAge, recommendedAge } = day
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0)
  const groups = perGroup(group => [
    ...head,
    AGE_GROUPS[group] ?? '',
    '',
    '',
    megabytes(storage[group] ?? 0),
    megabytes(retrieved[group] ?? 0),
    String(gets[group] ?? 0),
    decimal(ratios[group]),
    '',
    '',
  ])
  const all = [
    ...head,
    'ALL',
    String(objects),
    megabytes(uploaded),
    megabytes(sum(storage)),
    megabytes(sum(retrieved)),
    String(sum(gets)),
    decimal(ratios[0]),
    String(transitionAge ?? ''),
    String(recommendedAge ?? ''),
  ]
  return [...groups, all]
}

/** `MM-DD-YYYY` */
function dateText(at: number): string {
  const [year, month, day] = new Date(at).toISOString().slice(0, 10).split('-')
  return `${month}-${day}-${year}`
}

function filterText({ Filter }: AnalyticsConfiguration): string {
  const { Prefix, Tags = [] } = demandsOf(Filter)
  return [...(Prefix === undefined ? [] : [`prefix:${Prefix}`]), ...Tags.map(({ Key, Value }) => `tag:${Key}=${Value}`)].join(' ')
}

function megabytes(bytes: number): string {
  return decimal(bytes / MB)
}

function decimal(value: number | null | undefined): string {
  return value === null || value === undefined ? '' : String(Math.round(value * 1e6) / 1e6)
}

function quoted(field: string): string {
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field
}
