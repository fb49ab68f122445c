import { AwsError } from '../authoring/errors.js'
import { failureOf, messageMember } from './failure.js'
import { type FormNode, formOf, parameter } from './form.js'
import { reading, type ServerProtocol } from './protocol.js'
import { QueryReader } from './query-reader.js'
import type { Model, OperationModel } from './shapes.js'
import type { WireRequest, WireResponse } from './wire.js'
import { escapeXml, XmlWriter, xmlns } from './xml-writer.js'

/** awsQuery and ec2Query: a form names the operation as `Action` and holds its input, the answer is XML. */
export class QueryProtocol implements ServerProtocol {
  readonly routesByBody = true
  readonly #model: Model
  readonly #ec2: boolean
  readonly #reader: QueryReader
  readonly #writer: XmlWriter
  readonly #namespace: string

  constructor(
    model: Model,
    readonly name: 'awsQuery' | 'ec2Query',
  ) {
    this.#model = model
    this.#ec2 = name === 'ec2Query'
    this.#reader = new QueryReader(this.#ec2)
    this.#writer = new XmlWriter(this.#ec2 ? { listMember: 'item', millis: true } : {})
    this.#namespace = xmlns(model.service.xmlNamespace)
  }

  operationOf(req: WireRequest): string {
    const form = this.#form(req)
    const action = parameter(form, 'Action')
    if (action === undefined || action === '')
      throw new AwsError('MissingAction', 'The request is missing an action or operation parameter.')
    if (this.#model.operation(action) === undefined) throw this.#invalidAction(action, parameter(form, 'Version'))
    return action
  }

  parse(operation: OperationModel, req: WireRequest): Record<string, unknown> {
    const { input } = operation
    if (input === undefined) return {}
    const form = this.#form(req)
    return reading(this.#ec2 ? 'InvalidParameterValue' : 'MalformedInput', () => this.#reader.read(input, form))
  }

  async parseEvents(operation: OperationModel, req: WireRequest): Promise<Record<string, unknown>> {
    return this.parse(operation, req)
  }

  serialize(operation: OperationModel, output: Readonly<Record<string, unknown>>, requestId: string): WireResponse {
    const content = operation.output === undefined ? '' : this.#writer.content(operation.output)(output)
    const { name } = operation
    if (this.#ec2) {
      // An operation without output says that it was done.
      const done = operation.output === undefined ? '<return>true</return>' : content
      const body = `<?xml version="1.0" encoding="UTF-8"?>\n<${name}Response${this.#namespace}><requestId>${requestId}</requestId>${done}</${name}Response>`
      return { status: 200, headers: { 'content-type': 'text/xml;charset=UTF-8', 'x-amzn-requestid': requestId }, body }
    }
    const result = operation.output === undefined ? '' : `<${name}Result>${content}</${name}Result>`
    const metadata = `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>`
    const body = `<${name}Response${this.#namespace}>${result}${metadata}</${name}Response>`
    return { status: 200, headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId }, body }
  }

  serializeError(error: AwsError, requestId: string): WireResponse {
    const failure = failureOf(this.#model, error, true)
    const { shape } = failure
    const code = escapeXml(shape?.code ?? failure.code)
    const message = `<Message>${escapeXml(failure.message)}</Message>`
    const headers = { 'content-type': this.#ec2 ? 'text/xml;charset=UTF-8' : 'text/xml', 'x-amzn-requestid': requestId, ...failure.headers }
    if (this.#ec2) {
      const errors = `<Errors><Error><Code>${code}</Code>${message}</Error></Errors>`
      return {
        status: failure.status,
        headers,
        body: `<?xml version="1.0" encoding="UTF-8"?>\n<Response>${errors}<RequestID>${requestId}</RequestID></Response>`,
      }
    }
    const known = shape === undefined ? undefined : messageMember(shape)
    const extra =
      shape === undefined
        ? plainElements(failure.fields)
        : this.#writer.contentOf(shape.members.filter(member => member !== known))(failure.fields)
    const type = `<Type>${failure.fault === 'server' ? 'Receiver' : 'Sender'}</Type>`
    const body = `<ErrorResponse${this.#namespace}><Error>${type}<Code>${code}</Code>${message}${extra}</Error><RequestId>${requestId}</RequestId></ErrorResponse>`
    return { status: failure.status, headers, body }
  }

  #form(req: WireRequest): FormNode {
    req.found ??= formOf(req)
    return req.found as FormNode
  }

  #invalidAction(action: string, version: string | undefined): AwsError {
    return new AwsError(
      'InvalidAction',
      this.#ec2
        ? `The action ${action} is not valid for this web service.`
        : `Could not find operation ${action} for version ${version ?? this.#model.service.version}`,
    )
  }
}

/** Fields that no model describes, as elements of their own. */
export function plainElements(fields: Readonly<Record<string, unknown>>): string {
  let xml = ''
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined || value === null || /^message$/i.test(name)) continue
    for (const item of Array.isArray(value) ? value : [value]) {
      const content =
        typeof item === 'object' && !(item instanceof Date)
          ? plainElements(item)
          : escapeXml(item instanceof Date ? item.toISOString() : String(item))
      xml += `<${name}>${content}</${name}>`
    }
  }
  return xml
}
