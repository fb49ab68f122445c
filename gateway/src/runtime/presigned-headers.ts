import type { HttpExchange } from './exchange.js'

/**
 * Parameters of the signature itself, and what describes a body that nobody had when the URL was made: SDKs put the checksum of an empty one there.
 */
const NO_HEADER =
  /^x-amz-(algorithm|credential|date|expires|signedheaders|signature|content-sha256|decoded-content-length|trailer|checksum-(?!mode|algorithm|type).*|sdk-checksum-algorithm)$/

/**
 * The headers of a request to S3 with those that its presigned URL carries in the query: SDKs move Amazon's headers there, so that whoever uses the URL
 * needn't know of them. A header that is sent counts more.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 */
export function presignedHeaders({ headers, rawQuery }: HttpExchange): HttpExchange['headers'] {
  // Signatures of version 4 write their own parameters with capitals.
  if (!rawQuery.includes('x-amz-') || !/(?:^|&)(?:X-Amz-)?Signature=/.test(rawQuery)) return headers
  const moved: Record<string, string> = {}
  for (const [name, value] of new URLSearchParams(rawQuery)) {
    if (name.startsWith('x-amz-') && !NO_HEADER.test(name)) moved[name] = value
  }
  return { ...moved, ...headers }
}
