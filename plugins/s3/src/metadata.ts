import { s3Error } from './errors.js'

/** The longest user metadata: bytes of all names and values together. */
const LIMIT = 2048

/**
 * User metadata as it is stored: names in lower case, values decoded as RFC 2047 has it.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html
 *
 * @throws MetadataTooLarge beyond 2 KB.
 */
export function parseMetadata(metadata: Readonly<Record<string, string>> | undefined): Record<string, string> {
  const stored: Record<string, string> = {}
  let size = 0
  for (const [name, value] of Object.entries(metadata ?? {})) {
    size += Buffer.byteLength(name) + Buffer.byteLength(value)
    stored[name.toLowerCase()] = decodeWords(value)
  }
  if (size > LIMIT) throw s3Error('MetadataTooLarge', { fields: { Size: size, MaxSizeAllowed: LIMIT } })
  return stored
}

/** User metadata as it is sent: what isn't printable ASCII goes as an encoded word. */
export function metadataHeaders(stored: Readonly<Record<string, string>>): Record<string, string> | undefined {
  let headers: Record<string, string> | undefined
  for (const name in stored) {
    const value = stored[name] ?? ''
    headers ??= {}
    headers[name] = /^[\x20-\x7e\t]*$/.test(value) ? value : `=?UTF-8?B?${Buffer.from(value).toString('base64')}?=`
  }
  return headers
}

/** Decodes the encoded words of RFC 2047 in UTF-8 and Latin-1; anything else stays as it is. */
function decodeWords(value: string): string {
  if (!value.includes('=?')) return value
  return value.replace(
    /=\?(utf-8|iso-8859-1|us-ascii)\?([bq])\?([^?\s]*)\?=(?:[ \t]+(?==\?))?/gi,
    (_, charset: string, encoding: string, text: string) => {
      const bytes = encoding.toLowerCase() === 'b' ? Buffer.from(text, 'base64') : Buffer.from(unquote(text), 'latin1')
      return bytes.toString(charset.toLowerCase() === 'utf-8' ? 'utf8' : 'latin1')
    },
  )
}

function unquote(text: string): string {
  return text.replaceAll('_', ' ').replace(/=([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}
