import { createHash, hash } from 'node:crypto'
import type { MessageAttributes } from './message.js'

const STRING = Buffer.of(1)
const BINARY = Buffer.of(2)

export function md5(text: string): string {
  return hash('md5', text, 'hex')
}

/** The id that content-based deduplication gives a message. */
export function contentDeduplicationId(body: string): string {
  return hash('sha256', body, 'hex')
}

/**
 * The MD5 of a message's attributes: of each, by ascending name, the length and bytes of name and type, a byte for the kind of value, and the
 * length and bytes of the value.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html
 */
export function md5OfAttributes(attributes: MessageAttributes): string {
  const digest = createHash('md5')
  const add = (bytes: Uint8Array) => {
    const length = Buffer.allocUnsafe(4)
    length.writeUInt32BE(bytes.byteLength)
    digest.update(length).update(bytes)
  }
  for (const name of Object.keys(attributes).sort()) {
    const { DataType, StringValue, BinaryValue } = attributes[name]!
    add(Buffer.from(name))
    add(Buffer.from(DataType))
    digest.update(BinaryValue === undefined ? STRING : BINARY)
    add(BinaryValue ?? Buffer.from(StringValue ?? ''))
  }
  return digest.digest('hex')
}
