import { deeper, MalformedValue, setOwn } from './scalars.js'
import type { ListShape, MapShape, Member, ScalarShape, Shape } from './shapes.js'

export type TreeReader = (value: any, depth: number) => any
export type TreeWriter = (value: any) => any

/** What differs between the formats whose documents are trees of values: JSON and CBOR. */
export interface TreeFormat {
  /** Whether members go by their `jsonName`. */
  readonly jsonNames: boolean
  scalarReader(shape: ScalarShape, member: Member | undefined): TreeReader
  /** `undefined`: the value goes as it is. */
  scalarWriter(shape: ScalarShape, member: Member | undefined): TreeWriter | undefined
}

/** How AWS's messages call a parsed JSON value. */
export function tokenOf(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return 'STRING_VALUE'
    case 'number':
    case 'bigint':
      return Number.isInteger(value) || typeof value === 'bigint' ? 'NUMBER_VALUE' : 'DECIMAL_VALUE'
    case 'boolean':
      return value ? 'TRUE_VALUE' : 'FALSE_VALUE'
    default:
      return Array.isArray(value) ? 'START_ARRAY' : 'START_OBJECT'
  }
}

/** The error of a value that can't be read as the model's type. */
export function cannotConvert(value: unknown, type: string): MalformedValue {
  if (Array.isArray(value)) return new MalformedValue('Start of list found where not expected')
  if (typeof value === 'object' && value !== null) return new MalformedValue('Start of structure or map found where not expected.')
  return new MalformedValue(`${tokenOf(value)} cannot be converted to ${type}`)
}

const isTree = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array) && !(value instanceof Date)

interface ReadSlot {
  readonly name: string
  readonly read: TreeReader
}

interface WriteSlot {
  readonly wire: string
  readonly write: TreeWriter | undefined
}

/** Readers and writers of one format for the shapes of one model, made when a shape is first met. */
export class TreeCodec {
  readonly #format: TreeFormat
  readonly #readers = new Map<Shape, TreeReader>()
  readonly #writers = new Map<Shape, TreeWriter>()

  constructor(format: TreeFormat) {
    this.#format = format
  }

  /** A function that takes a parsed document and gives the value that the SDK would, without members the model doesn't have. */
  reader(shape: Shape): TreeReader {
    let reader = this.#readers.get(shape)
    if (reader === undefined) {
      reader = this.#makeReader(shape)
      this.#readers.set(shape, reader)
    }
    return reader
  }

  /** A function that takes a handler's value and gives the document's. */
  writer(shape: Shape): TreeWriter {
    let writer = this.#writers.get(shape)
    if (writer === undefined) {
      writer = this.#makeWriter(shape)
      this.#writers.set(shape, writer)
    }
    return writer
  }

  memberReader(member: Member): TreeReader {
    return isScalar(member.shape) ? this.#format.scalarReader(member.shape, member) : this.reader(member.shape)
  }

  memberWriter(member: Member): TreeWriter | undefined {
    return isScalar(member.shape) ? this.#format.scalarWriter(member.shape, member) : this.writer(member.shape)
  }

  /** The name of a member in the document. */
  wireName(member: Member): string {
    return this.#format.jsonNames ? ((member.traits.jsonName as string | undefined) ?? member.name) : member.name
  }

  #makeReader(shape: Shape): TreeReader {
    if (shape.type === 'structure') return this.structReader(shape.members)
    if (shape.type === 'list') return this.#listReader(shape)
    if (shape.type === 'map') return this.#mapReader(shape)
    return this.#format.scalarReader(shape, undefined)
  }

  /** A reader of a structure with these members. */
  structReader(members: readonly Member[]): TreeReader {
    let slots: Record<string, ReadSlot> | undefined
    return (value, depth) => {
      if (!isTree(value)) throw cannotConvert(value, 'Structure')
      slots ??= this.#readSlots(members)
      const next = deeper(depth)
      const result: Record<string, unknown> = {}
      for (const key in value) {
        const slot = slots[key]
        if (slot === undefined) continue
        const item = value[key]
        if (item !== null && item !== undefined) result[slot.name] = slot.read(item, next)
      }
      return result
    }
  }

  #readSlots(members: readonly Member[]): Record<string, ReadSlot> {
    const slots: Record<string, ReadSlot> = Object.create(null)
    for (const member of members) slots[this.wireName(member)] = { name: member.name, read: this.memberReader(member) }
    return slots
  }

  #listReader(shape: ListShape): TreeReader {
    const sparse = shape.traits.sparse === true
    let read: TreeReader | undefined
    return (value, depth) => {
      if (!Array.isArray(value)) throw isTree(value) ? cannotConvert(value, 'List') : new MalformedValue('Expected list or null')
      read ??= this.memberReader(shape.member)
      const next = deeper(depth)
      const result: unknown[] = []
      for (const item of value) {
        if (item !== null && item !== undefined) result.push(read(item, next))
        else if (sparse) result.push(null)
      }
      return result
    }
  }

  #mapReader(shape: MapShape): TreeReader {
    const sparse = shape.traits.sparse === true
    let read: TreeReader | undefined
    return (value, depth) => {
      if (!isTree(value)) throw Array.isArray(value) ? cannotConvert(value, 'Map') : new MalformedValue('Expected map or null')
      read ??= this.memberReader(shape.value)
      const next = deeper(depth)
      const result: Record<string, unknown> = {}
      for (const key in value) {
        const item = value[key]
        if (item !== null && item !== undefined) setOwn(result, key, read(item, next))
        else if (sparse) setOwn(result, key, null)
      }
      return result
    }
  }

  #makeWriter(shape: Shape): TreeWriter {
    if (shape.type === 'structure') return this.structWriter(shape.members)
    if (shape.type === 'list') return this.#listWriter(shape)
    if (shape.type === 'map') return this.#mapWriter(shape)
    return this.#format.scalarWriter(shape, undefined) ?? (value => value)
  }

  /** A writer of a structure with these members. */
  structWriter(members: readonly Member[]): TreeWriter {
    let slots: Record<string, WriteSlot> | undefined
    return value => {
      slots ??= this.#writeSlots(members)
      const result: Record<string, unknown> = {}
      for (const key in value) {
        const slot = slots[key]
        if (slot === undefined) continue
        const item = value[key]
        if (item !== null && item !== undefined) result[slot.wire] = slot.write === undefined ? item : slot.write(item)
      }
      return result
    }
  }

  #writeSlots(members: readonly Member[]): Record<string, WriteSlot> {
    const slots: Record<string, WriteSlot> = Object.create(null)
    for (const member of members) slots[member.name] = { wire: this.wireName(member), write: this.memberWriter(member) }
    return slots
  }

  #listWriter(shape: ListShape): TreeWriter {
    const sparse = shape.traits.sparse === true
    let made: { write: TreeWriter | undefined } | undefined
    return value => {
      made ??= { write: this.memberWriter(shape.member) }
      const { write } = made
      const result: unknown[] = []
      for (const item of value) {
        if (item === null || item === undefined) sparse && result.push(null)
        else result.push(write === undefined ? item : write(item))
      }
      return result
    }
  }

  #mapWriter(shape: MapShape): TreeWriter {
    const sparse = shape.traits.sparse === true
    let made: { write: TreeWriter | undefined } | undefined
    return value => {
      made ??= { write: this.memberWriter(shape.value) }
      const { write } = made
      const result: Record<string, unknown> = {}
      for (const key in value) {
        const item = value[key]
        if (item === null || item === undefined) sparse && setOwn(result, key, null)
        else setOwn(result, key, write === undefined ? item : write(item))
      }
      return result
    }
  }
}

export function isScalar(shape: Shape): shape is ScalarShape {
  return shape.type !== 'structure' && shape.type !== 'list' && shape.type !== 'map'
}

/** Refuses a document that nests too deep for the code that will walk it. */
export function checkDocument(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value
  const next = deeper(depth)
  if (Array.isArray(value)) for (const item of value) checkDocument(item, next)
  else for (const key in value) checkDocument((value as Record<string, unknown>)[key], next)
  return value
}
