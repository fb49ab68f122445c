import { AwsError } from '../authoring/errors.js'
import type { EventStreamCodec } from './event-stream.js'
import { type Failure, messageMember } from './failure.js'
import { plainElements } from './query.js'
import { type DocumentFormat, RestProtocol } from './rest.js'
import { MalformedValue, utf8 } from './scalars.js'
import type { Member, Model, Shape, StructShape } from './shapes.js'
import type { WireResponse } from './wire.js'
import { parseXml, type XmlElement } from './xml-parser.js'
import { XmlReader } from './xml-reader.js'
import { escapeXml, XmlWriter, xmlns } from './xml-writer.js'

type Writer = (value: any) => string

/** restXml, with S3's own ways. */
export class RestXmlProtocol extends RestProtocol {
  readonly name = 'restXml'
  protected readonly format: DocumentFormat
  protected readonly bindingError: string
  protected override readonly bindingRefusal
  protected override readonly typesHead: boolean
  readonly #s3: boolean
  readonly #amazonIds: boolean
  readonly #writer: XmlWriter
  readonly #contentType: string
  readonly #prolog: string

  constructor(model: Model) {
    super(model)
    const { sdk, serializationCode } = model.service
    this.#s3 = sdk === 's3'
    this.#amazonIds = sdk === 's3' || sdk === 's3-control'
    this.#writer = new XmlWriter({ millis: this.#amazonIds })
    this.#contentType = this.#amazonIds ? 'application/xml' : 'text/xml'
    this.#prolog = this.#amazonIds ? '<?xml version="1.0" encoding="UTF-8"?>\n' : '<?xml version="1.0"?>\n'
    this.typesHead = this.#s3
    this.bindingError = this.#s3 ? 'InvalidArgument' : (serializationCode ?? 'MalformedInput')
    this.bindingRefusal = this.#s3 ? refusedArgument : undefined
    this.format = xmlFormat(model, this.#writer, {
      contentType: this.#contentType,
      prolog: this.#prolog,
      malformed: serializationCode ?? (this.#amazonIds ? 'MalformedXML' : 'MalformedInput'),
      // S3's schema check and ours say the same of every document.
      message: this.#amazonIds ? 'The XML you provided was not well-formed or did not validate against our published schema' : undefined,
    })
  }

  protected idHeaders(requestId: string): Record<string, string> {
    return this.#amazonIds
      ? { 'x-amz-request-id': requestId, 'x-amz-id-2': hostId(requestId), server: 'AmazonS3' }
      : { 'x-amzn-requestid': requestId }
  }

  protected writeError(failure: Failure, members: readonly Member[], response: WireResponse, requestId: string): void {
    const { shape } = failure
    const known = shape === undefined ? undefined : messageMember(shape)
    const modeled = members.filter(member => member !== known)
    const names = new Set(shape?.members.map(member => member.name))
    // S3's documents carry more than its model lists: BucketName, Key, Resource.
    const plain = Object.fromEntries(Object.entries(failure.fields).filter(([name]) => !names.has(name)))
    const extra = this.#writer.contentOf(modeled)(failure.fields) + (shape === undefined || this.#s3 ? plainElements(plain) : '')
    const code = `<Code>${escapeXml(shape?.code ?? failure.code)}</Code><Message>${escapeXml(failure.message)}</Message>`
    const host = this.#amazonIds ? `<HostId>${hostId(requestId)}</HostId>` : ''
    const ids = `<RequestId>${requestId}</RequestId>${host}`
    response.headers['content-type'] = this.#contentType
    if (this.#s3) {
      response.body = `${this.#prolog}<Error>${code}${extra}${ids}</Error>`
      return
    }
    const type = `<Type>${failure.fault === 'server' ? 'Receiver' : 'Sender'}</Type>`
    response.body = `${this.#prolog}<ErrorResponse${xmlns(this.model.service.xmlNamespace)}><Error>${type}${code}${extra}</Error>${ids}</ErrorResponse>`
  }
}

/** S3's words for a query parameter or header that can't be read. */
function refusedArgument(error: MalformedValue): AwsError | undefined {
  if (error.binding === undefined) return undefined
  const { place, text, type } = error.binding
  const message =
    place === 'partNumber'
      ? 'Part number must be an integer between 1 and 10000, inclusive'
      : type === 'number'
        ? `Provided ${place} not an integer or within integer range`
        : type === 'timestamp' && place.startsWith('x-amz-object-lock')
          ? 'The retain until date must be provided in ISO 8601 format'
          : error.message
  return new AwsError('InvalidArgument', message, { cause: error, fields: { ArgumentName: place, ArgumentValue: text } })
}

/** S3's second id of a request: opaque, so any text that goes with the first will do. */
function hostId(requestId: string): string {
  return requestId + requestId
}

interface XmlSettings {
  readonly contentType: string
  readonly prolog: string
  readonly malformed: string
  readonly message: string | undefined
}

function xmlFormat(model: Model, writer: XmlWriter, settings: XmlSettings): DocumentFormat {
  const reader = new XmlReader()
  const bodyReaders = new Map<StructShape, (element: XmlElement) => unknown>()
  const bodyWriters = new Map<readonly Member[], ReturnType<XmlWriter['document']>>()
  const payloadWriters = new Map<Member, Writer>()
  const namespace = xmlns(model.service.xmlNamespace)

  const document = <T>(body: Buffer, root: string, read: (element: XmlElement) => T): T => {
    try {
      const element = parseXml(utf8(body))
      if (element.name !== root) throw new MalformedValue(`The root element must be ${root}`)
      return read(element)
    } catch (error) {
      if (settings.message === undefined || !(error instanceof MalformedValue)) throw error
      throw new MalformedValue(settings.message, { cause: error })
    }
  }

  return {
    contentType: settings.contentType,
    malformed: settings.malformed,
    events: xmlEventCodec(writer, reader),
    readBody(shape, members, body) {
      let read = bodyReaders.get(shape)
      if (read === undefined) {
        read = reader.structReader(members)
        bodyReaders.set(shape, read)
      }
      return document(body, rootOf(shape, shape.name), read) as Record<string, unknown>
    },
    readPayload: (member, body) => document(body, payloadRoot(member), reader.reader(member.shape)),
    writeBody(operation, members, output) {
      const unwrapped =
        operation.traits.s3UnwrappedXmlOutput === true || (operation.name === 'GetBucketLocation' && model.service.sdk === 's3')
      const root = rootOf(operation.output!, `${operation.name}Result`)
      let write = bodyWriters.get(members)
      if (write === undefined) {
        write = writer.document(members)
        bodyWriters.set(members, write)
      }
      if (unwrapped)
        return `${settings.prolog}<${members[0]!.name}${namespace}>${escapeXml(String(output[members[0]!.name] ?? ''))}</${members[0]!.name}>`
      return write(output, `${settings.prolog}<${root}${namespace}>`, `</${root}>`)
    },
    writePayload(member, value) {
      let write = payloadWriters.get(member)
      if (write === undefined) {
        write = payloadWriter(writer, member, model.service.xmlNamespace)
        payloadWriters.set(member, write)
      }
      return settings.prolog + write(value)
    },
  }
}

const rootOf = (shape: StructShape, fallback: string): string => (shape.traits.xmlName as string | undefined) ?? fallback

function payloadRoot(member: Member): string {
  const { shape, traits, name } = member
  return (traits.xmlName as string | undefined) ?? (shape.type === 'structure' ? rootOf(shape, shape.name) : name)
}

function payloadWriter(writer: XmlWriter, member: Member, serviceNamespace: unknown): Writer {
  const { shape } = member
  const root = payloadRoot(member)
  if (shape.type !== 'structure') return writer.element(shape, root, member)
  const namespace = xmlns(member.traits.xmlNamespace ?? shape.traits.xmlNamespace ?? serviceNamespace)
  const content = writer.content(shape)
  return value => `<${root}${namespace}>${content(value)}</${root}>`
}

function xmlEventCodec(writer: XmlWriter, reader: XmlReader): EventStreamCodec {
  const element = (name: string, content: string): Buffer => Buffer.from(`<${name}>${content}</${name}>`)
  return {
    contentType: 'text/xml',
    initialEvents: false,
    write: (shape: Shape, value, name) =>
      Buffer.from(writer.element(shape, shape.type === 'structure' ? rootOf(shape, shape.name) : name)(value)),
    read: (shape, payload) => reader.reader(shape)(parseXml(utf8(payload))),
    writeMembers: (members, value) => (members.length === 0 ? Buffer.alloc(0) : element('Event', writer.contentOf(members)(value))),
    readMembers: (members, payload) => reader.structReader(members)(parseXml(utf8(payload))) as Record<string, unknown>,
  }
}
