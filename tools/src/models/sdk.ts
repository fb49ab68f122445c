import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import type { MemberRef, ModelJson } from '@ministack/gateway/protocol'
import { translateTraits } from '@smithy/core/schema'
import { type Draft, memberOf, traitsOf } from './model-json.js'

/**
 * Reads the static schemas that an AWS SDK v3 client package exports.
 *
 * A schema is a tuple that starts with its kind: 0 simple, 1 list, 2 map, 3 structure, 4 union, 9 operation, -3 error. A member is a schema,
 * a function that gives one, a number (a bare scalar, +64 for a list of it, +128 for a map), or a pair of one of these and traits.
 */
const SCALARS: Record<number, string> = {
  0: 'string',
  1: 'number',
  2: 'boolean',
  4: 'timestamp',
  5: 'timestamp:date-time',
  6: 'timestamp:http-date',
  7: 'timestamp:epoch-seconds',
  15: 'document',
  17: 'bigInteger',
  19: 'bigDecimal',
  21: 'blob',
  42: 'blob:stream',
}

type Schema = readonly unknown[]
type TraitMap = Record<string, unknown>

interface ClientConfig {
  readonly serviceId: string
  readonly protocol: { getShapeId(): string }
  readonly protocolSettings: {
    readonly version: string
    readonly defaultNamespace: string
    readonly serviceTarget: string
    readonly xmlNamespace?: string
    readonly awsQueryCompatible?: boolean
  }
  readonly httpAuthSchemeProvider: (parameters: object) => { signingProperties?: { name?: string } }[]
}

/** A client package as it was read: what its schemas say, and its version. */
export interface SdkModel {
  readonly draft: Draft
  readonly version: string
}

/**
 * Loads `@aws-sdk/client-<sdk>` as the package at `from` resolves it.
 *
 * @param from a file or directory (with a trailing slash) that the package is resolved from
 */
export async function readSdkClient(sdk: string, from: string): Promise<SdkModel> {
  const require = createRequire(from)
  const module = (await import(pathToFileURL(require.resolve(`@aws-sdk/client-${sdk}`)).href)) as Record<string, unknown>
  const { version } = require(`@aws-sdk/client-${sdk}/package.json`) as { version: string }
  const config = clientConfig(module)
  const { operations, shapes } = new SchemaReader().read(module)
  return { draft: { service: serviceFacts(sdk, config), operations, shapes }, version }
}

/** The client class is the one export named `...Client` that isn't the common base class itself. */
function clientConfig(module: Record<string, unknown>): ClientConfig {
  for (const [name, value] of Object.entries(module)) {
    if (typeof value !== 'function' || !/[^_]Client$/.test(name) || Object.getPrototypeOf(value.prototype ?? null) === Object.prototype)
      continue
    const Client = value as new (config: object) => { config: ClientConfig }
    return new Client({ region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } }).config
  }
  throw new Error('no client class in the package')
}

function serviceFacts(sdk: string, config: ClientConfig): ModelJson['service'] {
  const settings = config.protocolSettings
  const auth = config.httpAuthSchemeProvider({ operation: '', region: 'us-east-1', Region: 'us-east-1', endpoint: '' })
  const protocol = config.protocol.getShapeId().replace(/^.*#/, '') as ModelJson['service']['protocols'][number]
  const isJson = protocol.startsWith('awsJson')
  return {
    sdk,
    id: config.serviceId,
    shape: settings.serviceTarget,
    version: settings.version,
    namespace: settings.defaultNamespace,
    protocols: [protocol],
    ...(isJson && { target: settings.serviceTarget }),
    ...(settings.xmlNamespace && { xmlNamespace: settings.xmlNamespace }),
    ...(settings.awsQueryCompatible && { queryCompatible: true }),
    ...(auth[0]?.signingProperties?.name && { signing: auth[0].signingProperties.name }),
  }
}

class SchemaReader {
  readonly #shapes: Draft['shapes'] = {}
  readonly #keys = new Map<Schema, string>()

  read(module: Record<string, unknown>): Pick<Draft, 'operations' | 'shapes'> {
    const operations: Draft['operations'] = {}
    for (const name of Object.keys(module).sort()) {
      const schema = module[name]
      if (!name.endsWith('$') || !Array.isArray(schema)) continue
      if (schema[0] === 9) operations[schema[2] as string] = this.#operation(schema)
      else if (schema[0] === -3 && !(schema[1] as string).startsWith('smithy.ts.sdk.synthetic')) this.#type(schema)
    }
    return { operations, shapes: this.#shapes }
  }

  #operation(schema: Schema): Draft['operations'][string] {
    const { http, ...traits } = readTraits(schema[3])
    const input = this.#type(schema[4])
    const operation: Draft['operations'][string] = { input, output: this.#type(schema[5]) }
    if (http) {
      const [method, uri, status] = http as [string, string, number]
      operation.http = [method, this.#withAllLabels(uri, input), status]
    }
    if (Object.keys(traits).length) operation.traits = traits
    return operation
  }

  /** The endpoint rules of the SDK put S3's bucket into the host; in the path it comes first. */
  #withAllLabels(uri: string, input: string): string {
    const members = this.#shapes[input.slice(1)]?.members ?? {}
    for (const [name, ref] of Object.entries(members)) {
      if (!traitsOf(ref).httpLabel || uri.includes(`{${name}}`) || uri.includes(`{${name}+}`)) continue
      const rest = /^\/(\?|$)/.test(uri) ? uri.slice(1) : uri
      uri = `/{${name}}${rest}`
    }
    return uri
  }

  #type(reference: unknown): string {
    const schema = dereference(reference)
    if (schema === 'unit') return 'unit'
    if (typeof schema === 'number') {
      const scalar = SCALARS[schema >= 64 ? schema & 63 : schema]
      if (!scalar) throw new Error(`unknown scalar ${schema}`)
      return schema >= 128 ? `map<${scalar}>` : schema >= 64 ? `list<${scalar}>` : scalar
    }
    const tuple = schema as Schema
    return tuple[0] === 0 ? this.#type(tuple[4]) : `#${this.#shape(tuple)}`
  }

  #shape(schema: Schema): string {
    return this.#keys.get(schema) ?? (schema[0] === 1 || schema[0] === 2 ? this.#collection(schema) : this.#structure(schema))
  }

  /** Lists and maps may be tuples made anew at each use: the same content under the same name is the same shape. */
  #collection(schema: Schema): string {
    const traits = readTraits(schema[3])
    const shape: Draft['shapes'][string] =
      schema[0] === 1 ? { list: this.#member(schema[4]) } : { key: this.#member(schema[4]), map: this.#member(schema[5]) }
    if (Object.keys(traits).length) shape.traits = traits
    const content = JSON.stringify(shape)
    const key = this.#freeKey(schema, taken => JSON.stringify(taken) === content)
    this.#keys.set(schema, key)
    this.#shapes[key] = shape
    return key
  }

  #structure(schema: Schema): string {
    const key = this.#freeKey(schema, () => false)
    this.#keys.set(schema, key)
    const shape: Draft['shapes'][string] = {}
    this.#shapes[key] = shape
    const traits = readTraits(schema[3])
    if (schema[0] === 4) shape.union = true
    if (schema[0] === -3) takeErrorTraits(shape, traits)
    const names = schema[4] as string[]
    const refs = schema[5] as unknown[]
    const required = (schema[6] as number | undefined) ?? 0
    shape.members = Object.fromEntries(names.map((member, i) => [member, this.#member(refs[i])]))
    if (required) shape.required = names.slice(0, required)
    if (Object.keys(traits).length) shape.traits = traits
    return key
  }

  #freeKey(schema: Schema, isSame: (taken: Draft['shapes'][string]) => boolean): string {
    const [, namespace, name] = schema as [number, string, string]
    for (const key of [name, `${namespace.split('.').pop()}.${name}`]) {
      const taken = this.#shapes[key]
      if (!taken || isSame(taken)) return key
    }
    throw new Error(`several shapes are called ${name}`)
  }

  #member(reference: unknown): MemberRef {
    let schema = dereference(reference)
    let traits: TraitMap = {}
    while (Array.isArray(schema) && schema.length === 2) {
      traits = { ...readTraits(schema[1]), ...traits }
      schema = dereference(schema[0])
    }
    if (Array.isArray(schema) && schema[0] === 0) traits = { ...readTraits(schema[3]), ...traits }
    return memberOf(this.#type(schema), traits)
  }
}

function takeErrorTraits(shape: Draft['shapes'][string], traits: TraitMap): void {
  shape.error = traits.error as 'client' | 'server'
  if (traits.httpError) shape.status = traits.httpError as number
  if (traits.awsQueryError) {
    const [code, status] = traits.awsQueryError as [string, number]
    shape.code = code
    if (status !== traits.httpError) shape.queryStatus = status
  }
  delete traits.error
  delete traits.httpError
  delete traits.awsQueryError
}

function dereference(reference: unknown): unknown {
  let value = reference
  while (typeof value === 'function') value = (value as () => unknown)()
  return value
}

function readTraits(traits: unknown): TraitMap {
  const read = { ...translateTraits(traits as Parameters<typeof translateTraits>[0]) } as TraitMap
  for (const name in read) if (read[name] === 1) read[name] = true
  return read
}
