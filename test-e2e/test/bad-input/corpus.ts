import { Random } from '../../src/random.js'
import { badCbor } from './bodies-cbor.js'
import { badJson } from './bodies-json.js'
import { badQuery } from './bodies-query.js'
import { badS3Paths, badXml } from './bodies-xml.js'
import { brokenHttp, brokenTransports } from './broken-http.js'
import { badHeaders, badTransfers } from './headers.js'
import type { BadRequest } from './request.js'

/** The corpus by kind; the same requests for the same seed. @param limit the longest body that the server holds. */
export function corpus(seed: number, limit: number): Readonly<Record<string, Iterable<BadRequest>>> {
  const random = new Random(seed)
  return {
    'JSON bodies': badJson(random),
    'form bodies': badQuery(random),
    'XML bodies': badXml(random),
    'CBOR bodies': badCbor(random),
    'paths and queries': badS3Paths(),
    'headers, signatures and encodings': badHeaders(random),
    'lengths, chunks and slow bodies': badTransfers(limit),
    'what is not HTTP': brokenHttp(random),
    'what is neither TLS nor HTTP/2': brokenTransports(random),
  }
}
