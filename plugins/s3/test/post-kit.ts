import { createHmac } from 'node:crypto'
import { startS3 } from './kit.js'

export const BOUNDARY = 'xYzBoundary'
const CREDENTIAL = 'test/20260101/us-east-1/s3/aws4_request'

export type Fields = Record<string, string>

/** A form's body; `file` null leaves the file out. */
export function form(fields: Fields, file: string | null = 'hello', fileName = 'C:\\pics\\cat.png'): string {
  const parts = Object.entries(fields).map(
    ([name, value]) => `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  )
  const last = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="${fileName}"\r\nContent-Type: image/png\r\n\r\n${file}\r\n`
  return `${parts.join('')}${file === null ? '' : last}--${BOUNDARY}--\r\n`
}

const conditionsOf = (fields: Fields) => Object.entries(fields).map(([name, value]) => ({ [name]: value }))

/** A form's fields with a policy that allows just them (or `document`), signed with the secret `test`. */
export function signed(
  fields: Fields,
  {
    conditions = conditionsOf(fields),
    expiration = '2026-01-01T01:00:00Z',
    secret = 'test',
    bucket = 'data',
    document,
  }: { conditions?: unknown[]; expiration?: string; secret?: string; bucket?: string; document?: string } = {},
): Fields {
  const own = { 'x-amz-algorithm': 'AWS4-HMAC-SHA256', 'x-amz-credential': CREDENTIAL, 'x-amz-date': '20260101T000000Z' }
  const text = document ?? JSON.stringify({ expiration, conditions: [{ bucket }, ...conditionsOf(own), ...conditions] })
  const policy = Buffer.from(text).toString('base64')
  let key: Buffer = Buffer.from(`AWS4${secret}`)
  for (const part of CREDENTIAL.split('/').slice(1)) key = createHmac('sha256', key).update(part).digest()
  return { ...fields, ...own, policy, 'x-amz-signature': createHmac('sha256', key).update(policy).digest('hex') }
}

/** S3 with a way to send forms that nobody signed but in their fields. */
export async function startPost(t: Parameters<typeof startS3>[0], verifySignatures = false) {
  const s3 = await startS3(t, { config: { verifySignatures } })
  const bare = Object.getPrototypeOf(s3) as typeof s3
  const post = (body: string, headers: Fields = {}) =>
    bare.http({ method: 'POST', url: '/data', body, headers: { 'content-type': `multipart/form-data; boundary=${BOUNDARY}`, ...headers } })
  return { client: s3.client, post, s3 }
}
