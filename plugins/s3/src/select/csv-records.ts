import type { CSVInput } from '@aws-sdk/client-s3'
import { selectError } from './errors.js'
import { MAX_RECORD_CHARACTERS } from './input.js'

/** How records of CSV are written. */
export interface CsvFormat {
  readonly field: string
  readonly record: string
  /** Empty where values are never quoted. */
  readonly quote: string
  readonly quoteEscape: string
  /** What a record that is a comment begins with; empty for none. */
  readonly comments: string
  /** May a quoted value hold the record delimiter? */
  readonly quotedRecords: boolean
}

export function csvFormat(input: CSVInput): CsvFormat {
  const { FieldDelimiter: field = ',', RecordDelimiter: record = '\n', QuoteCharacter: quote = '"', Comments: comments = '#' } = input
  const { QuoteEscapeCharacter: quoteEscape = quote, AllowQuotedRecordDelimiter: quotedRecords = false } = input
  return { field, record, quote, quoteEscape: quoteEscape || quote, comments, quotedRecords }
}

/**
 * The records of a CSV text that comes in pieces, some at a time; blank records and comments are passed over.
 *
 * @throws CSVParsingError, CSVUnescapedQuote, OverMaxRecordSize
 */
export async function* csvRecords(text: AsyncIterable<string>, format: CsvFormat): AsyncGenerator<string[][]> {
  let left = ''
  for await (const piece of text) {
    const { records, rest } = readRecords(left + piece, format, false)
    left = rest
    if (left.length > MAX_RECORD_CHARACTERS) throw selectError('OverMaxRecordSize')
    if (records.length > 0) yield records
  }
  const { records } = readRecords(left, format, true)
  if (records.length > 0) yield records
}

function readRecords(text: string, format: CsvFormat, last: boolean): { records: string[][]; rest: string } {
  const records: string[][] = []
  const { comments, record: delimiter } = format
  let at = 0
  const commas: Commas = { next: -1, none: false }
  while (at < text.length) {
    if (comments && text.startsWith(comments, at)) {
      const end = text.indexOf(delimiter, at)
      if (end < 0) return { records, rest: last ? '' : text.slice(at) }
      at = end + delimiter.length
      continue
    }
    const found = readRecord(text, at, format, last, commas)
    if (!found) break
    if (found.next - at > MAX_RECORD_CHARACTERS) throw selectError('OverMaxRecordSize')
    at = found.next
    if (found.fields.length > 1 || found.fields[0] !== '') records.push(found.fields)
  }
  return { records, rest: text.slice(at) }
}

/** Where the next field delimiter is, kept from record to record: a text with few of them isn't searched again and again. */
interface Commas {
  next: number
  none: boolean
}

/** One record, and where the next begins; undefined where the text ends before it does. */
function readRecord(
  text: string,
  start: number,
  format: CsvFormat,
  last: boolean,
  commas: Commas,
): { fields: string[]; next: number } | undefined {
  const { field, record, quote } = format
  const fields: string[] = []
  let at = start
  let end = -1
  for (;;) {
    if (quote && text.startsWith(quote, at)) {
      const quoted = readQuoted(text, at, format, last)
      if (!quoted) return undefined
      fields.push(quoted.value)
      at = quoted.next
      // What could be the beginning of a longer delimiter waits for the next piece.
      if (!last && at + Math.max(field.length, record.length + 1) > text.length) return undefined
      if (text.startsWith(field, at)) {
        at += field.length
        continue
      }
      if (record === '\n' && text.startsWith('\r\n', at)) at++
      if (at >= text.length) return { fields, next: at }
      if (text.startsWith(record, at)) return { fields, next: at + record.length }
      throw selectError('CSVUnescapedQuote')
    }
    if (end < at) {
      end = text.indexOf(record, at)
      if (end < 0 && !last) return undefined
      if (end < 0) end = text.length
    }
    if (!commas.none && commas.next < at) {
      commas.next = text.indexOf(field, at)
      commas.none = commas.next < 0
    }
    if (!commas.none && commas.next < end) {
      fields.push(text.slice(at, commas.next))
      at = commas.next + field.length
      continue
    }
    // A record delimiter of one line feed takes files from Windows too.
    const stop = record === '\n' && end > at && text[end - 1] === '\r' ? end - 1 : end
    fields.push(text.slice(at, stop))
    return { fields, next: Math.min(end + record.length, text.length) }
  }
}

function readQuoted(text: string, start: number, format: CsvFormat, last: boolean): { value: string; next: number } | undefined {
  const { quote, quoteEscape, record, quotedRecords } = format
  let value = ''
  let from = start + quote.length
  for (;;) {
    const close = text.indexOf(quote, from)
    const escaped = quoteEscape === quote ? -1 : close < 0 ? text.indexOf(quoteEscape, from) : indexWithin(text, quoteEscape, from, close)
    if (escaped >= 0 && (close < 0 || escaped < close)) {
      if (escaped + quoteEscape.length >= text.length) return unfinished(last)
      value += text.slice(from, escaped) + (text[escaped + quoteEscape.length] ?? '')
      from = escaped + quoteEscape.length + 1
      continue
    }
    if (close < 0) {
      if (!quotedRecords && text.indexOf(record, from) >= 0) throw selectError('CSVParsingError')
      return unfinished(last)
    }
    if (quoteEscape === quote && close + quote.length >= text.length && !last) return undefined
    value += text.slice(from, close)
    from = close + quote.length
    if (quoteEscape === quote && text.startsWith(quote, from)) {
      value += quote
      from += quote.length
      continue
    }
    if (!quotedRecords && value.includes(record)) throw selectError('CSVParsingError')
    return { value, next: from }
  }
}

function indexWithin(text: string, wanted: string, from: number, end: number): number {
  const at = text.slice(from, end).indexOf(wanted)
  return at < 0 ? -1 : from + at
}

/** @throws CSVParsingError for a quote that the file doesn't close. */
function unfinished(last: boolean): undefined {
  if (last) throw selectError('CSVParsingError')
  return undefined
}
