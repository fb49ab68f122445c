import { AwsError } from '@ministack/gateway'
import type { Model, OperationModel, ProtocolName, StructShape } from '@ministack/gateway/protocol'
import { Random } from '../../src/random.js'
import { ACCOUNT, type Sdk, sdkOf, type Transport } from './client.js'
import { differences } from './compare.js'
import { ADDED, readable, sendable } from './quirks.js'
import type { RoundTripServer } from './server.js'
import type { Service } from './services.js'
import { type Extent, Values } from './values.js'

/** A difference between what one side said and the other understood: `Operation.input`, `Operation.output`, `Operation.route`, `Error.error`. */
export interface Difference {
  readonly name: string
  readonly detail: string
}

export interface Outcome {
  readonly operations: number
  readonly errors: number
  readonly differences: readonly Difference[]
}

const EXTENTS: readonly Extent[] = ['all', 'some', 'required']

/** What takes part in a round trip. */
export interface Parties {
  readonly service: Service
  readonly model: Model
  readonly protocol: ProtocolName
  readonly server: RoundTripServer
  readonly transport: Transport
}

/** Sends every operation of a service through its real client to the server and back: with all members, with some, with those that must be; then every modeled error. */
export async function roundTrip(parties: Parties): Promise<Outcome> {
  const { service, model, protocol, transport } = parties
  const sdk = await sdkOf(service, model, protocol, transport)
  const trip = new Trip(parties, sdk)
  for (const name of model.operations) for (const extent of EXTENTS) await trip.operation(model.operation(name)!, extent)
  const errors = trip.errorNames()
  for (const name of errors) await trip.error(name)
  await trip.unmodeledError()
  sdk.client.destroy()
  return { operations: model.operations.length, errors: errors.length, differences: trip.found }
}

class Trip {
  readonly found: Difference[] = []
  readonly #parties: Parties
  readonly #sdk: Sdk
  readonly #inputs: Values
  readonly #outputs: Values

  constructor(parties: Parties, sdk: Sdk) {
    this.#parties = parties
    this.#sdk = sdk
    const random = new Random(20261123)
    this.#inputs = new Values(random, parties.protocol, 'input')
    this.#outputs = new Values(random, parties.protocol, 'output')
  }

  async operation(operation: OperationModel, extent: Extent): Promise<void> {
    const { service, server } = this.#parties
    const input = this.#input(operation, extent)
    const { output, expected } = this.#output(operation, extent)
    const command = this.#sdk.command(operation.name, copied(input))
    if (command === undefined) {
      this.#add(`${operation.name}.route`, 'the client has no such command')
      return
    }
    server.prepare({ output })
    let got: Record<string, unknown> | undefined
    let failure: unknown
    try {
      got = await drained(operation, await this.#sdk.client.send(command))
    } catch (error) {
      failure = error
    }
    const received = server.received()
    if (received === undefined) {
      this.#add(`${operation.name}.route`, `not received: ${failure}`)
      return
    }
    this.#compare(
      `${operation.name}.route`,
      { service: service.name, operation: operation.name, account: ACCOUNT },
      { service: received.service, operation: received.operation, account: received.account ?? ACCOUNT },
    )
    this.#compare(`${operation.name}.input`, input, withoutAdded(operation, input, received.input))
    if (failure !== undefined) this.#add(`${operation.name}.output`, `not read: ${failure}`)
    else this.#compare(`${operation.name}.output`, expected, got)
  }

  errorNames(): string[] {
    const names = new Set(this.#parties.model.operations.flatMap(name => this.#parties.model.operation(name)!.errors))
    return [...names].filter(name => this.#parties.model.error(name) !== undefined).sort()
  }

  async error(name: string): Promise<void> {
    const shape = this.#parties.model.error(name)!
    const operation = this.#carrier(name)
    const fields = this.#outputs.structure(shape, 'all')
    const message = 'No "such" <thing> & more'
    for (const key of ['message', 'Message']) if (key in fields) fields[key] = message
    const { message: _message, Message: _Message, ...others } = fields
    const error = await this.#fail(operation, new AwsError(shape.name, message, { fields: others }))
    const key = `${name}.error`
    const Class = this.#sdk.errorClass(name)
    if (typeof Class === 'function' && !(error instanceof Class)) {
      this.#add(key, `wanted an instance of ${name}, got ${error}`)
      return
    }
    const query = this.#parties.protocol === 'awsQuery' || this.#parties.protocol === 'ec2Query'
    const got = error as Error & { $fault: unknown; $metadata: { httpStatusCode: number } } & Record<string, unknown>
    const wanted = { ...others, name, status: query ? shape.queryStatus : shape.status, fault: shape.error, message }
    const seen: Record<string, unknown> = { name: got.name, status: got.$metadata?.httpStatusCode, fault: got.$fault, message: got.message }
    for (const field of Object.keys(others)) seen[field] = got[field]
    this.#compare(key, wanted, seen)
  }

  async unmodeledError(): Promise<void> {
    const error = (await this.#fail(this.#carrier(undefined), new AwsError('NotImplemented', 'not here', { status: 501 }))) as Error & {
      $metadata?: { httpStatusCode?: number }
    }
    this.#compare(
      'NotImplemented.error',
      { name: 'NotImplemented', message: 'not here', status: 501 },
      { name: error.name, message: error.message, status: error.$metadata?.httpStatusCode },
    )
  }

  async #fail(operation: OperationModel, error: AwsError): Promise<unknown> {
    this.#parties.server.prepare({ error })
    try {
      return await this.#sdk.client.send(this.#sdk.command(operation.name, this.#input(operation, 'some'))!)
    } catch (thrown) {
      return thrown
    }
  }

  /** An operation that answers an error: one that lists it, and whose answer has a body. */
  #carrier(error: string | undefined): OperationModel {
    const all = this.#parties.model.operations
      .map(name => this.#parties.model.operation(name)!)
      .filter(({ http }) => http?.method !== 'HEAD')
    return (error === undefined ? undefined : all.find(({ errors }) => errors.includes(error))) ?? all[0]!
  }

  #input(operation: OperationModel, extent: Extent): Record<string, unknown> {
    if (operation.input === undefined) return {}
    return sendable(this.#parties.service.name, this.#inputs.structure(operation.input, extent), this.#parties.transport.endpoint)
  }

  /** An output to answer with, and what the client is to give of it: streams read to their ends. */
  #output(operation: OperationModel, extent: Extent): { output: Record<string, unknown>; expected: Record<string, unknown> } {
    if (operation.output === undefined) return { output: {}, expected: {} }
    const value = readable(this.#parties.service.name, this.#outputs.structure(operation.output, extent), operation.output)
    for (const { name, traits } of operation.output.members) if (traits.httpResponseCode) value[name] = operation.http?.status
    const name = operation.eventStreamOutput
    if (name === undefined) return { output: value, expected: value }
    const stream = operation.output.members.find(member => member.name === name)!.shape as StructShape
    const events = this.#outputs.events(stream)
    return { output: { ...value, [name]: events }, expected: { ...value, [name]: events } }
  }

  #compare(name: string, wanted: unknown, got: unknown): void {
    const found = differences(wanted, got)
    if (found.length > 0) this.#add(name, found.join('; '))
  }

  #add(name: string, detail: string): void {
    if (!this.found.some(difference => difference.name === name)) this.found.push({ name, detail })
  }
}

/** The client may change what it's given, and takes no foreign prototypes: a copy of its own. */
function copied<T>(value: T): T {
  return structuredClone(value)
}

/** An output whose stream has been read. */
async function drained(operation: OperationModel, output: Record<string, unknown>): Promise<Record<string, unknown>> {
  const { streamingOutput, eventStreamOutput } = operation
  const read = { ...output }
  const body =
    streamingOutput === undefined ? undefined : (output[streamingOutput] as { transformToByteArray(): Promise<Uint8Array> } | undefined)
  if (streamingOutput !== undefined && body !== undefined) read[streamingOutput] = await body.transformToByteArray()
  if (eventStreamOutput !== undefined) {
    const events: unknown[] = []
    for await (const event of output[eventStreamOutput] as AsyncIterable<unknown>) events.push(event)
    read[eventStreamOutput] = events
  }
  return read
}

/** What the server got, without the members that the client added. */
function withoutAdded(
  { streamingInput }: OperationModel,
  sent: Record<string, unknown>,
  got: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  // A stream is always there, if only with no bytes.
  return Object.fromEntries(Object.entries(got).filter(([name]) => name in sent || !(ADDED.test(name) || name === streamingInput)))
}
