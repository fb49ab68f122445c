import { crc32 } from 'node:zlib'
import type { Call, Scenario, Step } from '../scenario.js'

const BUCKET = 'bench-bucket'
const KIB = 1024
const MIB = 1024 * KIB

/** Sizes of objects, with the share of a round's requests that each gets. */
const SIZES = [
  { name: '1 KiB', size: KIB, share: 1 },
  { name: '1 MiB', size: MIB, share: 0.05 },
  { name: '64 MiB', size: 64 * MIB, share: 0.004 },
]

/** A request with the headers that the JS SDK sends for a body with a CRC-32 of its own. */
function s3Request(method: string, path: string, body?: Buffer): Buffer {
  const checksum = body && Buffer.alloc(4)
  checksum?.writeUInt32BE(crc32(body ?? Buffer.alloc(0)))
  const lines = [
    `${method} ${path} HTTP/1.1`,
    'host: 127.0.0.1:4566',
    'x-amz-user-agent: aws-sdk-js/3.1053.0',
    'user-agent: aws-sdk-js/3.1053.0 ua/2.1 os/linux#6.18 lang/js md/nodejs#20.20.2 api/s3#3.1053.0 m/E',
    'amz-sdk-request: attempt=1; max=3',
    'x-amz-date: 20260101T000000Z',
    'x-amz-content-sha256: UNSIGNED-PAYLOAD',
    `authorization: AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=${'0123456789abcdef'.repeat(4)}`,
    ...(checksum ? ['content-type: application/octet-stream', `x-amz-checksum-crc32: ${checksum.toString('base64')}`] : []),
    `content-length: ${body?.length ?? 0}`,
  ]
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), body ?? Buffer.alloc(0)])
}

/** Puts and gets of three sizes beside a bare server that takes and gives as many bytes, and a list of 1,000 keys. */
export const s3: Scenario = {
  name: 's3',
  async prepare(call: Call) {
    await call(s3Request('PUT', `/${BUCKET}`))
    for (let i = 0; i < 1000; i++)
      await call(s3Request('PUT', `/${BUCKET}/logs/2026/${String(i).padStart(6, '0')}.json`, Buffer.from('{}')))
    const steps: Step[] = []
    for (const { name, size, share } of SIZES) {
      const put = s3Request('PUT', `/${BUCKET}/${size}`, Buffer.alloc(size, 'x'))
      const get = s3Request('GET', `/${BUCKET}/${size}`)
      steps.push(
        {
          label: `s3 PutObject ${name}`,
          request: () => put,
          share,
          beside: { label: `bare server: take ${name}`, request: s3Request('PUT', `/bytes/${size}`, Buffer.alloc(size, 'x')) },
        },
        {
          label: `s3 GetObject ${name}`,
          request: () => get,
          share,
          beside: { label: `bare server: give ${name}`, request: s3Request('GET', `/bytes/${size}`) },
        },
      )
    }
    const list = s3Request('GET', `/${BUCKET}?list-type=2&prefix=logs%2F2026%2F`)
    return [...steps, { label: 's3 ListObjectsV2, 1,000 keys', request: () => list, share: 0.02 }]
  },
}
