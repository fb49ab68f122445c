import { treeEventCodec } from './event-stream.js'
import { type Failure, fieldsWithMessage, messageMember } from './failure.js'
import { jsonCodec, parseJson } from './json.js'
import { type DocumentFormat, RestProtocol } from './rest.js'
import { MalformedValue } from './scalars.js'
import type { Member, Model, StructShape } from './shapes.js'
import { cannotConvert, type TreeCodec, type TreeReader, type TreeWriter } from './tree-codec.js'
import type { WireResponse } from './wire.js'

const CONTENT_TYPE = 'application/json'

/** restJson1. */
export class RestJsonProtocol extends RestProtocol {
  readonly name = 'restJson1'
  protected readonly format: DocumentFormat
  protected readonly bindingError: string
  readonly #codec: TreeCodec = jsonCodec(true)

  constructor(model: Model) {
    super(model)
    this.bindingError = model.service.serializationCode ?? 'SerializationException'
    this.format = jsonFormat(this.#codec, this.bindingError)
  }

  protected idHeaders(requestId: string): Record<string, string> {
    return { 'x-amzn-requestid': requestId }
  }

  protected writeError(failure: Failure, members: readonly Member[], response: WireResponse): void {
    const { shape } = failure
    const fields = fieldsWithMessage(failure)
    const document: Record<string, unknown> = shape === undefined ? fields : this.#codec.structWriter(members)(fields)
    if (shape !== undefined && failure.message !== '' && messageMember(shape) === undefined) document.message = failure.message
    response.headers['content-type'] = CONTENT_TYPE
    response.headers['x-amzn-errortype'] = shape?.name ?? failure.code
    response.body = JSON.stringify(document)
  }
}

function jsonFormat(codec: TreeCodec, malformed: string): DocumentFormat {
  // Made once for each structure: its reader holds only the members that belong to the body.
  const bodyReaders = new Map<StructShape, TreeReader>()
  const bodyWriters = new Map<readonly Member[], TreeWriter>()
  return {
    contentType: CONTENT_TYPE,
    malformed,
    events: treeEventCodec(codec, {
      contentType: CONTENT_TYPE,
      initialEvents: false,
      encode: document => Buffer.from(JSON.stringify(document)),
      decode: parseJson,
    }),
    readBody(shape, members, body) {
      const document = parseJson(body)
      if (document === null) throw new MalformedValue('')
      if (typeof document !== 'object' || Array.isArray(document)) throw cannotConvert(document, 'Structure')
      let reader = bodyReaders.get(shape)
      if (reader === undefined) {
        reader = codec.structReader(members)
        bodyReaders.set(shape, reader)
      }
      return reader(document, 0)
    },
    readPayload(member, body) {
      const document = parseJson(body)
      return document === null ? undefined : codec.memberReader(member)(document, 0)
    },
    writeBody(_operation, members, output) {
      let writer = bodyWriters.get(members)
      if (writer === undefined) {
        writer = codec.structWriter(members)
        bodyWriters.set(members, writer)
      }
      return JSON.stringify(writer(output))
    },
    writePayload(member, value) {
      const write = codec.memberWriter(member)
      return JSON.stringify(write === undefined ? value : write(value))
    },
  }
}
