import type { CSVOutput, OutputSerialization } from '@aws-sdk/client-s3'
import { toJson, toText, type Value } from './values.js'

/** Writes one record of the answer: its names and their values. */
export type WriteRecord = (record: readonly (readonly [name: string, value: Value])[]) => string

/** How a request wants its records written. */
export function recordWriter({ CSV: csv, JSON: json }: OutputSerialization): WriteRecord {
  return json ? jsonWriter(json.RecordDelimiter ?? '\n') : csvWriter(csv ?? {})
}

/** Members that are MISSING are left out. */
function jsonWriter(delimiter: string): WriteRecord {
  return record => {
    const members: string[] = []
    for (const [name, value] of record) if (value !== undefined) members.push(`${JSON.stringify(name)}:${toJson(value)}`)
    return `{${members.join(',')}}${delimiter}`
  }
}

function csvWriter(csv: CSVOutput): WriteRecord {
  const { FieldDelimiter: field = ',', RecordDelimiter: delimiter = '\n', QuoteCharacter: quote = '"', QuoteFields: when } = csv
  const quoteEscape = csv.QuoteEscapeCharacter || quote
  const always = when === 'ALWAYS'
  const isSpecial = (text: string) => text.includes(field) || text.includes(delimiter) || text.includes(quote) || /[\r\n]/.test(text)
  return record => {
    const line = record.map(([, value]) => {
      const text = toText(value)
      if (!quote || (!always && !isSpecial(text))) return text
      const doubled = quoteEscape === quote ? text : text.replaceAll(quoteEscape, quoteEscape + quoteEscape)
      return quote + doubled.replaceAll(quote, quoteEscape + quote) + quote
    })
    return line.join(field) + delimiter
  }
}
