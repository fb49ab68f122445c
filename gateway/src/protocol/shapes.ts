import { mergePatch } from './merge-patch.js'
import type { Constraints, MemberRef, ModelJson, OperationJson, ShapeJson, Traits } from './model.js'

export type TimestampFormat = 'date-time' | 'http-date' | 'epoch-seconds'

/** A value without parts. */
export interface ScalarShape {
  readonly type: 'string' | 'number' | 'boolean' | 'timestamp' | 'blob' | 'document' | 'bigInteger' | 'bigDecimal'
  /** The type's own timestamp format; the place on the wire decides where there is none. */
  readonly format?: TimestampFormat
  /** AWS's name of a number's type, as its messages have it. */
  readonly numberType?: 'Integer' | 'Long' | 'Float' | 'Double'
  /** A blob that isn't held in memory. */
  readonly streaming?: true
}

export interface ListShape {
  readonly type: 'list'
  readonly member: Member
  readonly traits: Traits
}

export interface MapShape {
  readonly type: 'map'
  readonly key: Member
  readonly value: Member
  readonly traits: Traits
}

/** A structure, union or error. */
export interface StructShape {
  readonly type: 'structure'
  readonly name: string
  readonly union: boolean
  readonly members: readonly Member[]
  readonly traits: Traits
  readonly error: 'client' | 'server' | undefined
  /** HTTP status of an error. */
  readonly status: number
  /** The code of an error on the query protocols. */
  readonly code: string
  readonly queryStatus: number
}

export type Shape = ScalarShape | ListShape | MapShape | StructShape

const NO_TRAITS: Traits = Object.freeze({})
const DOCUMENT: ScalarShape = { type: 'document' }

/** A member of a structure, list or map, with the shape that it points at. */
export class Member {
  readonly name: string
  readonly traits: Traits
  readonly required: boolean
  readonly #type: string
  readonly #model: Model
  #shape: Shape | undefined

  constructor(model: Model, name: string, ref: MemberRef, required = false) {
    this.name = name
    this.required = required
    this.#model = model
    this.#type = typeof ref === 'string' ? ref : ref[0]
    this.traits = typeof ref === 'string' ? NO_TRAITS : ref[1]
  }

  get shape(): Shape {
    this.#shape ??= this.#model.shape(this.#type) ?? DOCUMENT
    return this.#shape
  }

  /** The member's own constraints, else those of the list or map that it points at. */
  get constraints(): Constraints | undefined {
    const { shape } = this
    return this.traits.constraints ?? (shape.type === 'list' || shape.type === 'map' ? shape.traits.constraints : undefined)
  }

  /** An event stream: a union with the streaming trait. */
  get isEventStream(): boolean {
    const { shape } = this
    return shape.type === 'structure' && shape.traits.streaming === true
  }
}

/** An operation of a model. */
export class OperationModel {
  readonly name: string
  readonly input: StructShape | undefined
  readonly output: StructShape | undefined
  /** The names of the errors that the model lists for it. */
  readonly errors: readonly string[]
  readonly traits: Traits
  readonly http: { readonly method: string; readonly uri: string; readonly status: number } | undefined
  /** The member that takes the request's body as a stream. */
  readonly streamingInput: string | undefined
  /** The member that gives the response's body as a stream. */
  readonly streamingOutput: string | undefined
  readonly eventStreamInput: string | undefined
  readonly eventStreamOutput: string | undefined

  constructor(model: Model, name: string, json: OperationJson) {
    this.name = name
    this.input = model.struct(json.input)
    this.output = model.struct(json.output)
    this.errors = json.errors ?? []
    this.traits = json.traits ?? NO_TRAITS
    this.http = json.http && { method: json.http[0], uri: json.http[1], status: json.http[2] ?? 200 }
    this.streamingInput = this.input?.members.find(isBlobStream)?.name
    this.streamingOutput = this.output?.members.find(isBlobStream)?.name
    this.eventStreamInput = this.input?.members.find(member => member.isEventStream)?.name
    this.eventStreamOutput = this.output?.members.find(member => member.isEventStream)?.name
  }
}

function isBlobStream({ shape, traits }: Member): boolean {
  return shape.type === 'blob' && (shape.streaming === true || traits.streaming === true)
}

/** A service's model, read part by part as operations are first called. */
export class Model {
  readonly service: ModelJson['service']
  /** The names of all operations. */
  readonly operations: readonly string[]
  readonly #json: ModelJson
  readonly #operations = new Map<string, OperationModel>()
  readonly #shapes = new Map<string, Shape>()
  #errorsByCode: Map<string, string> | undefined

  private constructor(json: ModelJson) {
    this.#json = json
    this.service = json.service
    this.operations = Object.keys(json.operations)
  }

  /** Takes `model.json`, and `model.patch.json` as a JSON merge patch over it. */
  static from(json: ModelJson, patch?: unknown): Model {
    return new Model(patch === undefined ? json : (mergePatch(json, patch) as ModelJson))
  }

  /** The operation of that name; undefined when the service has none. */
  operation(name: string): OperationModel | undefined {
    let operation = this.#operations.get(name)
    if (operation === undefined && Object.hasOwn(this.#json.operations, name)) {
      operation = new OperationModel(this, name, this.#json.operations[name]!)
      this.#operations.set(name, operation)
    }
    return operation
  }

  /** The modeled error of that name or query code. */
  error(code: string): StructShape | undefined {
    const shape = Object.hasOwn(this.#json.shapes, code) ? this.struct(`#${code}`) : undefined
    if (shape?.error !== undefined) return shape
    this.#errorsByCode ??= new Map(
      Object.entries(this.#json.shapes).flatMap(([name, json]) => (json.error && json.code ? [[json.code, name]] : [])),
    )
    const name = this.#errorsByCode.get(code)
    return name === undefined ? undefined : this.struct(`#${name}`)
  }

  /** The structure that a reference names; undefined for `unit`. */
  struct(type: string): StructShape | undefined {
    const shape = type === 'unit' ? undefined : this.shape(type)
    return shape?.type === 'structure' ? shape : undefined
  }

  /** The shape that a reference names; undefined for `unit`. */
  shape(type: string): Shape | undefined {
    let shape = this.#shapes.get(type)
    if (shape === undefined && type !== 'unit') {
      shape = this.#make(type)
      this.#shapes.set(type, shape)
    }
    return shape
  }

  #make(type: string): Shape {
    if (type.startsWith('#')) {
      const json = this.#json.shapes[type.slice(1)]
      if (json === undefined) throw new Error(`The model of ${this.service.id} has no shape ${type}`)
      return this.#compound(type.slice(1), json)
    }
    if (type.startsWith('list<')) return { type: 'list', member: new Member(this, 'member', type.slice(5, -1)), traits: NO_TRAITS }
    if (type.startsWith('map<'))
      return { type: 'map', key: new Member(this, 'key', 'string'), value: new Member(this, 'value', type.slice(4, -1)), traits: NO_TRAITS }
    return scalar(type, this.service.id)
  }

  #compound(name: string, json: ShapeJson): Shape {
    const traits = json.traits ?? NO_TRAITS
    if (json.list !== undefined) return { type: 'list', member: new Member(this, 'member', json.list), traits }
    if (json.map !== undefined)
      return { type: 'map', key: new Member(this, 'key', json.key ?? 'string'), value: new Member(this, 'value', json.map), traits }
    const required = new Set(json.required)
    const status = json.status ?? (json.error === 'server' ? 500 : 400)
    const named = Object.entries(json.members ?? {}).filter(([member]) => !(json.union && member === '$unknown'))
    const entries = traits.order === undefined ? named : inOrder(named, traits.order as readonly string[])
    return {
      type: 'structure',
      name,
      union: json.union === true,
      members: entries.map(([member, ref]) => new Member(this, member, ref, required.has(member))),
      traits,
      error: json.error,
      status,
      code: json.code ?? name,
      queryStatus: json.queryStatus ?? status,
    }
  }
}

/** Members as the service writes them, which isn't how its model lists them: those that `order` names first. */
function inOrder<T>(entries: readonly (readonly [string, T])[], order: readonly string[]): (readonly [string, T])[] {
  const place = (name: string) => (order.includes(name) ? order.indexOf(name) : order.length)
  return [...entries].sort(([a], [b]) => place(a) - place(b))
}

function scalar(type: string, service: string): ScalarShape {
  const [base, detail] = type.split(':')
  switch (base) {
    case 'string':
    case 'boolean':
    case 'document':
    case 'bigInteger':
    case 'bigDecimal':
      return { type: base }
    case 'number':
    case 'byte':
    case 'short':
    case 'integer':
      return { type: 'number', numberType: 'Integer' }
    case 'long':
      return { type: 'number', numberType: 'Long' }
    case 'float':
      return { type: 'number', numberType: 'Float' }
    case 'double':
      return { type: 'number', numberType: 'Double' }
    case 'timestamp':
      return detail === undefined ? { type: 'timestamp' } : { type: 'timestamp', format: detail as TimestampFormat }
    case 'blob':
      return detail === 'stream' ? { type: 'blob', streaming: true } : { type: 'blob' }
    default:
      throw new Error(`The model of ${service} has an unknown type ${type}`)
  }
}
