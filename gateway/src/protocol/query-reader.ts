import type { FormNode } from './form.js'
import {
  deeper,
  MalformedValue,
  parseBase64,
  parseBigDecimal,
  parseBigInteger,
  parseBoolean,
  parseNumber,
  parseTimestamp,
  setOwn,
} from './scalars.js'
import type { ListShape, MapShape, Member, ScalarShape, Shape, StructShape } from './shapes.js'

type Reader = (node: FormNode, depth: number) => unknown

/** The name of a structure's member among ec2Query's parameters. */
export function ec2NameOf({ name, traits }: Member): string {
  const fallback = (traits.xmlName as string | undefined) ?? name
  return (traits.ec2QueryName as string | undefined) ?? fallback.charAt(0).toUpperCase() + fallback.slice(1)
}

/** Reads a scalar from text. */
export function scalarFromText(shape: ScalarShape): (text: string) => unknown {
  switch (shape.type) {
    case 'string':
      return text => text
    case 'number':
      return parseNumber
    case 'boolean':
      return parseBoolean
    case 'timestamp':
      return parseTimestamp
    case 'blob':
      return parseBase64
    case 'bigInteger':
      return parseBigInteger
    case 'bigDecimal':
      return parseBigDecimal
    case 'document':
      return text => text
  }
}

const ORDINAL = /^\d{1,9}$/

/** The children numbered 1, 2, 3..., in order. */
function numbered(node: FormNode | undefined): FormNode[] {
  if (node?.children === undefined) return []
  const found: [number, FormNode][] = []
  for (const [key, child] of node.children) if (ORDINAL.test(key)) found.push([Number(key), child])
  return found.sort((a, b) => a[0] - b[0]).map(entry => entry[1])
}

/** Readers of awsQuery's or ec2Query's parameters for the shapes of one model, made when a shape is first met. */
export class QueryReader {
  readonly #ec2: boolean
  readonly #structs = new Map<StructShape, Reader>()

  constructor(ec2: boolean) {
    this.#ec2 = ec2
  }

  /** The value of a structure whose members are the children of a node. */
  read(shape: StructShape, node: FormNode): Record<string, unknown> {
    return this.#struct(shape)(node, 0) as Record<string, unknown>
  }

  #struct(shape: StructShape): Reader {
    let reader = this.#structs.get(shape)
    if (reader === undefined) {
      let slots: { member: string; names: string[]; read: Reader }[] | undefined
      reader = (node, depth) => {
        slots ??= shape.members.map(member => ({ member: member.name, names: this.#names(member), read: this.#member(member) }))
        const next = deeper(depth)
        const result: Record<string, unknown> = {}
        if (node.children === undefined) return result
        for (const slot of slots) {
          for (const name of slot.names) {
            const child = node.children.get(name)
            if (child === undefined) continue
            const value = slot.read(child, next)
            if (value !== undefined) result[slot.member] = value
            break
          }
        }
        return result
      }
      this.#structs.set(shape, reader)
    }
    return reader
  }

  /** Its names, most usual first: botocore puts a flattened list's member name in the place of the list's. */
  #names(member: Member): string[] {
    const { shape, traits } = member
    const names = [this.#ec2 ? ec2NameOf(member) : ((traits.xmlName as string | undefined) ?? member.name)]
    if (!this.#ec2 && traits.xmlFlattened && shape.type === 'list' && shape.member.traits.xmlName)
      names.push(shape.member.traits.xmlName as string)
    return names
  }

  #member(member: Member): Reader {
    const { shape, traits } = member
    if (shape.type === 'structure') return this.#struct(shape)
    if (shape.type === 'list') return this.#list(shape, this.#ec2 || traits.xmlFlattened === true)
    if (shape.type === 'map') return this.#map(shape, traits.xmlFlattened === true)
    return this.#scalar(shape, member)
  }

  #scalar(shape: Shape & ScalarShape, member: Member): Reader {
    const fromText = scalarFromText(shape)
    return node => {
      if (node.value === undefined) return undefined
      try {
        return fromText(node.value)
      } catch (error) {
        if (!(error instanceof MalformedValue)) throw error
        throw new MalformedValue(
          this.#ec2
            ? `Value (${node.value}) for parameter ${member.name} is invalid. ${error.message}`
            : `Invalid value for ${member.name}: ${error.message}`,
        )
      }
    }
  }

  #list(shape: ListShape, flat: boolean): Reader {
    let read: Reader | undefined
    return (node, depth) => {
      read ??= this.#member(shape.member)
      const next = deeper(depth)
      const source = flat
        ? node
        : (node.children?.get((shape.member.traits.xmlName as string | undefined) ?? 'member') ?? node.children?.get('member') ?? node)
      const result: unknown[] = []
      for (const child of numbered(source)) {
        const value = read(child, next)
        if (value !== undefined) result.push(value)
      }
      return result
    }
  }

  #map(shape: MapShape, flat: boolean): Reader {
    const keyName = (shape.key.traits.xmlName as string | undefined) ?? 'key'
    const valueName = (shape.value.traits.xmlName as string | undefined) ?? 'value'
    let read: Reader | undefined
    return (node, depth) => {
      read ??= this.#member(shape.value)
      const next = deeper(depth)
      const result: Record<string, unknown> = {}
      for (const entry of numbered(flat ? node : (node.children?.get('entry') ?? node))) {
        const key = entry.children?.get(keyName)?.value
        const child = entry.children?.get(valueName)
        if (key === undefined) throw new MalformedValue(`A map entry has no ${keyName}`)
        const value = child === undefined ? undefined : read(child, next)
        if (value !== undefined) setOwn(result, key, value)
      }
      return result
    }
  }
}
