import { scalarFromText } from './query-reader.js'
import { MalformedValue, setOwn } from './scalars.js'
import type { ListShape, MapShape, Member, Shape, StructShape } from './shapes.js'
import type { XmlElement } from './xml-parser.js'

type Reader = (element: XmlElement) => unknown

interface Slot {
  readonly name: string
  readonly read: Reader
  /** Of a flattened list or map: adds one element to what is there. */
  readonly add: ((into: any, element: XmlElement) => void) | undefined
  readonly map: boolean
}

const nameOf = (member: Member, fallback: string): string => (member.traits.xmlName as string | undefined) ?? fallback

const localName = (name: string): string => name.slice(name.indexOf(':') + 1)

/** Readers of XML for the shapes of one model, made when a shape is first met. */
export class XmlReader {
  readonly #structs = new Map<StructShape, Reader>()

  /** A reader of an element that holds a value of that shape. */
  reader(shape: Shape): Reader {
    if (shape.type === 'structure') {
      let reader = this.#structs.get(shape)
      if (reader === undefined) {
        reader = this.structReader(shape.members)
        this.#structs.set(shape, reader)
      }
      return reader
    }
    if (shape.type === 'list') return this.#list(shape)
    if (shape.type === 'map') return this.#map(shape)
    const fromText = scalarFromText(shape)
    return element => {
      if (element.children !== undefined) throw new MalformedValue('An element holds elements where text was expected')
      return fromText(element.text)
    }
  }

  /** A reader of an element with these members. */
  structReader(members: readonly Member[]): Reader {
    let slots: Record<string, Slot> | undefined
    const attributes = members.filter(member => member.traits.xmlAttribute)
    return element => {
      slots ??= this.#slots(members)
      const result: Record<string, unknown> = {}
      for (const member of attributes) {
        const name = nameOf(member, member.name)
        const value = element.attributes?.[name] ?? prefixless(element, name)
        if (value !== undefined) result[member.name] = value
      }
      for (const child of element.children ?? []) {
        const slot = slots[child.name]
        if (slot === undefined) continue
        if (slot.add === undefined) result[slot.name] = slot.read(child)
        else {
          result[slot.name] ??= slot.map ? {} : []
          slot.add(result[slot.name], child)
        }
      }
      return result
    }
  }

  #slots(members: readonly Member[]): Record<string, Slot> {
    const slots: Record<string, Slot> = Object.create(null)
    for (const member of members) if (!member.traits.xmlAttribute) slots[nameOf(member, member.name)] = this.#slot(member)
    return slots
  }

  #slot(member: Member): Slot {
    const { shape, name } = member
    let read: Reader | undefined
    const lazy: Reader = element => {
      read ??= this.reader(shape)
      return read(element)
    }
    if (!member.traits.xmlFlattened || (shape.type !== 'list' && shape.type !== 'map'))
      return { name, read: lazy, add: undefined, map: false }
    if (shape.type === 'map') return { name, read: lazy, add: this.#entry(shape), map: true }
    let item: Reader | undefined
    const add = (into: unknown[], element: XmlElement): void => {
      item ??= this.reader(shape.member.shape)
      into.push(item(element))
    }
    return { name, read: lazy, add, map: false }
  }

  #list(shape: ListShape): Reader {
    const itemName = nameOf(shape.member, 'member')
    let item: Reader | undefined
    return element => {
      item ??= this.reader(shape.member.shape)
      const result: unknown[] = []
      for (const child of element.children ?? []) if (child.name === itemName) result.push(item(child))
      return result
    }
  }

  #map(shape: MapShape): Reader {
    const add = this.#entry(shape)
    return element => {
      const result = {}
      for (const child of element.children ?? []) if (child.name === 'entry') add(result, child)
      return result
    }
  }

  #entry(shape: MapShape): (into: Record<string, unknown>, element: XmlElement) => void {
    const keyName = nameOf(shape.key, 'key')
    const valueName = nameOf(shape.value, 'value')
    let value: Reader | undefined
    return (into, element) => {
      value ??= this.reader(shape.value.shape)
      const key = element.children?.find(child => child.name === keyName)
      const held = element.children?.find(child => child.name === valueName)
      if (key === undefined || held === undefined) throw new MalformedValue('A map entry lacks its key or value')
      setOwn(into, key.text, value(held))
    }
  }
}

function prefixless(element: XmlElement, name: string): string | undefined {
  for (const key in element.attributes) if (localName(key) === localName(name)) return element.attributes[key]
  return undefined
}
