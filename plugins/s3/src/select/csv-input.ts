import type { CSVInput } from '@aws-sdk/client-s3'
import type { NameStep } from './ast.js'
import { csvFormat, csvRecords } from './csv-records.js'
import { selectError } from './errors.js'
import { type Records, textOf } from './input.js'
import type { Value } from './values.js'

/**
 * CSV as records: each is a list of texts.
 *
 * @param bytes what is to be read.
 * @param head the object's beginning, where `bytes` aren't: that is where the header is.
 * @param aliases what the statement may call a record.
 */
export async function openCsv(
  bytes: AsyncIterable<Uint8Array>,
  head: AsyncIterable<Uint8Array> | undefined,
  input: CSVInput,
  aliases: ReadonlySet<string>,
): Promise<Records> {
  const format = csvFormat(input)
  const records = csvRecords(textOf(bytes), format)
  const info = input.FileHeaderInfo ?? 'NONE'
  let first: string[][] = []
  let header: string[] | undefined
  if (info !== 'NONE' && head) header = await firstRecord(csvRecords(textOf(head), format))
  else if (info !== 'NONE') {
    const batch = await records.next()
    if (!batch.done) [header, ...first] = batch.value
  }
  const names = info === 'USE' ? (header ?? []) : undefined
  return {
    batches: (async function* () {
      if (first.length > 0) yield first
      yield* records
    })(),
    resolve(root, steps) {
      const [step, ...rest] = aliases.has(root.name.toLowerCase()) ? steps : [root, ...steps]
      if (!step) return row => (row as string[]).map(value => value)
      if (step.kind !== 'name' || rest.length > 0) throw selectError('InvalidKeyPath')
      const at = columnOf(step, names)
      return row => (row as string[])[at]
    },
    all: row => (row as Value[]).map((value, at) => [names?.[at] ?? `_${at + 1}`, value]),
  }
}

async function firstRecord(records: AsyncIterable<string[][]>): Promise<string[] | undefined> {
  for await (const [record] of records) return record
  return undefined
}

/** A column's place: by number, `_1` being the first, or by its title. */
function columnOf({ name, quoted }: NameStep, titles: readonly string[] | undefined): number {
  const exact = titles?.indexOf(name) ?? -1
  if (exact >= 0) return exact
  if (/^_\d+$/.test(name)) {
    const at = Number(name.slice(1)) - 1
    if (at < 0) throw selectError('InvalidColumnIndex')
    return at
  }
  const lower = name.toLowerCase()
  const found = quoted || !titles ? [] : [...titles.keys()].filter(at => titles[at]?.toLowerCase() === lower)
  if (found.length > 1) throw selectError('AmbiguousFieldName')
  const [at] = found
  if (at === undefined) throw selectError('MissingHeaders')
  return at
}
