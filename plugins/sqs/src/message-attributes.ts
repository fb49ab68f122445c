import type { MessageAttributeValue, MessageSystemAttributeValue } from '@aws-sdk/client-sqs'
import { AwsError } from '@ministack/gateway'
import { refusedCharacter } from './contents.js'
import { invalidRequest, unknownAttribute } from './errors.js'
import type { AttributeValue, MessageAttributes } from './message.js'

const MAX_ATTRIBUTES = 10
const NAME = /^[\w.-]+$/
const RESERVED = /^(aws|amazon)\./i
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/

/**
 * Checks what a sender attached to a message.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html
 * @returns a copy of the attributes and their size in bytes, which counts towards the message's
 * @throws AwsError InvalidParameterValue, UnsupportedOperation
 */
export function checkMessageAttributes(input: Readonly<Record<string, MessageAttributeValue>>): {
  attributes: MessageAttributes
  size: number
} {
  const names = Object.keys(input)
  if (names.length > MAX_ATTRIBUTES) {
    throw invalidRequest(`Number of message attributes [${names.length}] exceeds the allowed maximum [${MAX_ATTRIBUTES}].`)
  }
  const attributes: [string, AttributeValue][] = []
  let size = 0
  for (const name of names) {
    checkName(name)
    const value = checkValue('message attribute', name, input[name]!)
    attributes.push([name, value])
    size +=
      Buffer.byteLength(name) + Buffer.byteLength(value.DataType) + (value.BinaryValue?.byteLength ?? Buffer.byteLength(value.StringValue!))
  }
  return { attributes: Object.fromEntries(attributes), size }
}

function checkName(name: string): void {
  if (name === '') throw invalidRequest('The request must contain non-empty message attribute names.')
  if (name.length > 256) throw invalidRequest('Message attribute name must be shorter than 256 bytes.')
  if (!NAME.test(name) || name.startsWith('.') || name.endsWith('.') || name.includes('..')) {
    throw invalidRequest(
      `The message attribute name '${name}' is invalid. Attribute name can contain A-Z, a-z, 0-9, underscore (_), hyphen (-), and period (.) characters.`,
    )
  }
  if (RESERVED.test(name)) {
    throw invalidRequest(
      `You can't use message attribute names beginning with 'AWS.' or 'Amazon.'. These strings are reserved for internal use.`,
    )
  }
}

function checkValue(kind: string, name: string, input: MessageAttributeValue | MessageSystemAttributeValue): AttributeValue {
  const { DataType, StringValue, BinaryValue, StringListValues, BinaryListValues } = input
  if (StringListValues?.length || BinaryListValues?.length) {
    throw new AwsError('UnsupportedOperation', 'Message attribute list values in SendMessage operation are not supported.')
  }
  if (!DataType) throw invalidRequest(`The ${kind} '${name}' must contain non-empty message attribute type.`)
  if (DataType.length > 256) throw invalidRequest(`The ${kind} '${name}' type must be shorter than 256 bytes.`)
  const [type] = DataType.split('.', 1)
  if (type !== 'String' && type !== 'Number' && type !== 'Binary') {
    throw invalidRequest(
      `The ${kind} '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`,
    )
  }
  const field = type === 'Binary' ? 'Binary' : 'String'
  const [own, other] = type === 'Binary' ? [BinaryValue, StringValue] : [StringValue, BinaryValue]
  if (own === undefined && other !== undefined)
    throw invalidRequest(`The ${kind} '${name}' with type '${DataType}' must use field '${field}'.`)
  if (!own?.length)
    throw invalidRequest(`The ${kind} '${name}' must contain non-empty message attribute value for message attribute type '${DataType}'.`)
  if (other !== undefined) throw invalidRequest(`The ${kind} '${name}' has multiple values.`)
  if (type === 'Binary') return { DataType, BinaryValue: BinaryValue! }
  const refused = refusedCharacter(StringValue!, `${kind} '${name}'`)
  if (refused) throw invalidRequest(refused)
  if (type === 'Number' && !NUMBER.test(StringValue!.trim())) throw invalidRequest(`Can't cast the value of ${kind} '${name}' to a number.`)
  return { DataType, StringValue: StringValue! }
}

/**
 * Checks the system attributes of a send: AWSTraceHeader, a string, is the only one there is. They don't count towards the message's size.
 * @throws AwsError InvalidParameterValue
 */
export function checkSystemAttributes(input: Readonly<Record<string, MessageSystemAttributeValue | undefined>>): MessageAttributes {
  const attributes: Record<string, AttributeValue> = {}
  for (const [name, value] of Object.entries(input)) {
    if (name !== 'AWSTraceHeader') throw invalidRequest(`Message system attribute name '${name}' is invalid.`)
    const checked = checkValue('message system attribute', name, value!)
    if (checked.DataType !== 'String') {
      throw invalidRequest(
        `The message system attribute '${name}' has an invalid message system attribute type, the set of supported types is String.`,
      )
    }
    attributes[name] = checked
  }
  return attributes
}

const SYSTEM_ATTRIBUTES = new Set([
  'All',
  'SenderId',
  'SentTimestamp',
  'ApproximateReceiveCount',
  'ApproximateFirstReceiveTimestamp',
  'SequenceNumber',
  'MessageDeduplicationId',
  'MessageGroupId',
  'AWSTraceHeader',
  'DeadLetterQueueSourceArn',
])

/** The system attributes that a receive asks for, by the names of either parameter; undefined for none. @throws AwsError InvalidAttributeName */
export function wantedSystemAttributes(names: readonly string[] = [], older: readonly string[] = []): ReadonlySet<string> | undefined {
  if (names.length === 0 && older.length === 0) return undefined
  const wanted = new Set([...names, ...older])
  for (const name of wanted) if (!SYSTEM_ATTRIBUTES.has(name)) throw unknownAttribute(name)
  return wanted.has('All') ? SYSTEM_ATTRIBUTES : wanted
}

/** Picks the attributes that a receive asks for: by name, `prefix.*`, `.*` or `All`. Answers all of them as the same object. */
export function selectAttributes(attributes: MessageAttributes, wanted: readonly string[]): MessageAttributes | undefined {
  if (wanted.includes('All') || wanted.includes('.*')) return attributes
  const prefixes = wanted.filter(name => name.endsWith('.*')).map(name => name.slice(0, -2))
  const selected = Object.entries(attributes).filter(([name]) => wanted.includes(name) || prefixes.some(prefix => name.startsWith(prefix)))
  return selected.length > 0 ? Object.fromEntries(selected) : undefined
}
