import * as dynamodb from '@aws-sdk/client-dynamodb'
import * as dynamodbstreams from '@aws-sdk/client-dynamodb-streams'
import * as s3 from '@aws-sdk/client-s3'
import * as documents from '@aws-sdk/lib-dynamodb'
import { plain } from './attribute-values.js'
import type { Client } from './scenarios.js'

/** What all clients and commands of the SDK have in common, for those that are looked up by name. */
interface Sender {
  send(command: object): Promise<object>
  destroy(): void
}
type Library = Readonly<Record<string, new (input: object) => object>>
const LIBRARIES = { dynamodb, dynamodbstreams, s3 } as unknown as Readonly<Record<string, Library>>
const CLIENTS = {
  dynamodb: dynamodb.DynamoDBClient,
  dynamodbstreams: dynamodbstreams.DynamoDBStreamsClient,
  s3: s3.S3Client,
}

/** The JS SDK, an operation by its name; natively, with the document client for all commands that it has. */
export function javascript(endpoint: string, account: string, native = false): Client {
  const senders = new Map<string, Sender>()
  const credentials = { accessKeyId: account, secretAccessKey: 'test' }
  const senderOf = (service: keyof typeof CLIENTS, region: string): Sender => {
    const key = `${service} ${region}`
    const sender =
      senders.get(key) ??
      (new CLIENTS[service]({ endpoint, region, credentials, maxAttempts: 1, forcePathStyle: true }) as unknown as Sender)
    senders.set(key, sender)
    return sender
  }
  return {
    native,
    call: async (service, operation, region, input) => {
      const sender = senderOf(service, region)
      const Document = (documents as unknown as Library)[`${operation.replace(/Items?$/, '')}Command`]
      const output =
        native && service === 'dynamodb' && Document
          ? await documents.DynamoDBDocumentClient.from(sender as unknown as dynamodb.DynamoDBClient).send(
              new Document(plain(input, members => new Set(members)) as object) as documents.PutCommand,
            )
          : await sender.send(new LIBRARIES[service]![`${operation}Command`]!(withDates(input)))
      return JSON.parse(JSON.stringify(await withText(output), (_key, value) => (value instanceof Set ? [...value].sort() : value)))
    },
    close: () => {
      for (const sender of senders.values()) sender.destroy()
    },
  }
}

/** The input with times in place of their texts. */
function withDates<T>(value: T): T {
  if (typeof value === 'string') return /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value) ? (new Date(value) as T) : value
  if (Array.isArray(value)) return value.map(withDates) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, withDates(member)])) as T
}

/** The output with the text of its body, or of the records among its events. */
async function withText(output: object): Promise<object> {
  const entries = Object.entries(output).map(async ([name, member]) => {
    if (typeof member?.transformToString === 'function') return [name, await member.transformToString()]
    if (typeof member?.[Symbol.asyncIterator] !== 'function') return [name, member]
    let text = ''
    for await (const event of member as AsyncIterable<s3.SelectObjectContentEventStream>)
      text += Buffer.from(event.Records?.Payload ?? []).toString()
    return [name, text]
  })
  return Object.fromEntries(await Promise.all(entries))
}
