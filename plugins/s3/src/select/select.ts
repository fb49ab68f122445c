import type { BlobStore } from '../blob-store.js'
import { type Chunk, sliceChunks } from '../chunks.js'
import { readStream } from '../read-body.js'
import { inflated } from './bytes.js'
import { openCsv } from './csv-input.js'
import type { Meter, Records } from './input.js'
import { openJson } from './json-input.js'
import { recordWriter } from './output.js'
import { type ByteWindow, openParquet } from './parquet-input.js'
import { runQuery } from './query.js'
import type { SelectRequest } from './request.js'
import { recordsWithin, windowOf } from './scan-range.js'

/** The object that a statement is put to. */
export interface SelectSource {
  readonly size: number
  readonly chunks: readonly Chunk[]
}

/**
 * Answers a statement over an object.
 *
 * @param now milliseconds since the epoch.
 * @returns the answer's text, piece by piece; a piece may be empty.
 * @throws S3 Select's errors, some of them only once records are read.
 */
export async function selectFrom(
  blobs: BlobStore,
  source: SelectSource,
  request: SelectRequest,
  meter: Meter,
  now: number,
): Promise<AsyncGenerator<string>> {
  const records = await open(blobs, source, request, meter)
  return runQuery(request.statement, records, recordWriter(request.output), now)
}

async function open(blobs: BlobStore, { size, chunks }: SelectSource, request: SelectRequest, meter: Meter): Promise<Records> {
  const { input, scanRange, statement } = request
  const { aliases, path } = statement
  const compression = input.CompressionType ?? 'NONE'
  const bytesOf = (window?: ByteWindow) => {
    return inflated(readStream(blobs, window ? sliceChunks(chunks, window.start, window.end) : chunks), compression, meter)
  }
  const asked = scanRange && windowOf(scanRange, size)
  if (input.Parquet) return openParquet(bytesOf(), asked, aliases)
  const delimiter = input.CSV?.RecordDelimiter ?? '\n'
  const window = asked && (await recordsWithin(blobs, chunks, size, asked, delimiter))
  if (input.CSV) {
    const head = window && window.start > 0 && input.CSV.FileHeaderInfo === 'USE' ? bytesOf() : undefined
    // Further on in the file there is no header to pass over.
    const csv = window && window.start > 0 && !head ? { ...input.CSV, FileHeaderInfo: 'NONE' as const } : input.CSV
    return openCsv(bytesOf(window), head, csv, aliases)
  }
  return openJson(bytesOf(window), input.JSON?.Type === 'LINES', path, aliases)
}
