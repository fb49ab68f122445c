import type { CSVInput } from '@aws-sdk/client-s3'

/** How records of CSV are written. */
export interface CsvFormat {
  readonly field: string
  readonly record: string
  readonly quote: string
  readonly quoteEscape: string
  readonly comments: string
}

export function csvFormat(input: CSVInput): CsvFormat {
  const { FieldDelimiter: field = ',', RecordDelimiter: record = '\n', QuoteCharacter: quote = '"', Comments: comments = '' } = input
  return { field, record, quote, quoteEscape: input.QuoteEscapeCharacter ?? quote, comments }
}

/** The records of a CSV text that comes in pieces, in constant memory. */
export async function* csvRecords(
  text: AsyncIterable<string>,
  { field, record, quote, quoteEscape, comments }: CsvFormat,
): AsyncGenerator<string[]> {
  let fields: string[] = []
  let value = ''
  let quoted = false
  let started = false
  let left = ''
  const end = () => {
    // A record delimiter of one line feed takes files from Windows too.
    if (record === '\n' && value.endsWith('\r')) value = value.slice(0, -1)
    fields.push(value)
    const done = fields
    fields = []
    value = ''
    started = false
    return done
  }
  const isRecord = (done: readonly string[]) => !(done.length === 1 && done[0] === '') && !(comments && done[0]?.startsWith(comments))
  const keep = Math.max(field.length, record.length, quote.length + quoteEscape.length)
  for await (const piece of ended(text)) {
    const last = piece === undefined
    const data = left + (piece ?? '')
    let at = 0
    // What could be the beginning of something longer waits for the next piece.
    const stop = last ? data.length : data.length - keep
    while (at < stop) {
      if (quoted) {
        if (quoteEscape !== quote && data.startsWith(quoteEscape, at)) {
          value += data[at + quoteEscape.length] ?? ''
          at += quoteEscape.length + 1
        } else if (data.startsWith(quote, at)) {
          if (quoteEscape === quote && data.startsWith(quote, at + quote.length)) {
            value += quote
            at += 2 * quote.length
          } else {
            quoted = false
            at += quote.length
          }
        } else value += data[at++]
      } else if (quote && !started && data.startsWith(quote, at)) {
        quoted = true
        started = true
        at += quote.length
      } else if (data.startsWith(field, at)) {
        fields.push(value)
        value = ''
        started = false
        at += field.length
      } else if (data.startsWith(record, at)) {
        at += record.length
        const done = end()
        if (isRecord(done)) yield done
      } else {
        value += data[at++]
        started = true
      }
    }
    left = data.slice(at)
  }
  if (value !== '' || fields.length > 0) {
    const done = end()
    if (isRecord(done)) yield done
  }
}

async function* ended(text: AsyncIterable<string>): AsyncGenerator<string | undefined> {
  yield* text
  yield undefined
}

/** A record as CSV. */
export function writeCsv(values: readonly (string | null)[], { field, record, quote, quoteEscape }: CsvFormat, always: boolean): string {
  const line = values.map(given => {
    const value = given ?? ''
    if (!always && !value.includes(field) && !value.includes(record) && !value.includes(quote) && !/[\r\n]/.test(value)) return value
    return quote + value.replaceAll(quote, quoteEscape + quote) + quote
  })
  return line.join(field) + record
}
