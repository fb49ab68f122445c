import type { BatchResultErrorEntry } from '@aws-sdk/client-sqs'
import { AwsError } from '@ministack/gateway'
import { failedEntry, missingParameter } from './errors.js'

const MAX_ENTRIES = 10
const ID = /^[\w-]{1,80}$/

/**
 * Checks the entries of a batch as a whole.
 * @param type the entries' type, as the messages name it
 * @throws AwsError EmptyBatchRequest, TooManyEntriesInBatchRequest, MissingParameter, InvalidBatchEntryId, BatchEntryIdsNotDistinct
 */
export function checkEntries<E extends { Id: string | undefined }>(
  entries: readonly E[] | undefined,
  type: string,
): readonly (E & { Id: string })[] {
  if (!entries?.length) throw new AwsError('EmptyBatchRequest', `There should be at least one ${type} in the request.`)
  if (entries.length > MAX_ENTRIES) {
    throw new AwsError(
      'TooManyEntriesInBatchRequest',
      `Maximum number of entries per request are ${MAX_ENTRIES}. You have sent ${entries.length}.`,
    )
  }
  const ids = new Set<string>()
  entries.forEach(({ Id }, i) => {
    if (Id === undefined) throw missingParameter(`${type}.${i + 1}.Id`)
    if (!ID.test(Id)) {
      throw new AwsError(
        'InvalidBatchEntryId',
        'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.',
      )
    }
    if (ids.has(Id)) throw new AwsError('BatchEntryIdsNotDistinct', `Id ${Id} repeated.`)
    ids.add(Id)
  })
  return entries as readonly (E & { Id: string })[]
}

/** Runs a batch entry by entry: one that fails costs no other. */
export function runEntries<E extends { Id: string }, R>(
  entries: readonly E[],
  run: (entry: E) => R,
): { Successful: R[]; Failed: BatchResultErrorEntry[] } {
  const Successful: R[] = []
  const Failed: BatchResultErrorEntry[] = []
  for (const entry of entries) {
    try {
      Successful.push(run(entry))
    } catch (error) {
      Failed.push(failedEntry(entry.Id, error))
    }
  }
  return { Successful, Failed }
}
