import { Pieces } from './pieces.js'
import { dateOf, formatBigDecimal, formatTimestamp, isoTimestamp, toBase64 } from './scalars.js'
import type { ListShape, MapShape, Member, ScalarShape, Shape, StructShape } from './shapes.js'

type Writer = (value: any) => string

// biome-ignore lint/suspicious/noControlCharactersInRegex: these can't stand in XML as they are.
const SPECIAL = /[&<>"\u0000-\u0008\u000b-\u001f\u0085\u2028\ufffe\uffff]/
const SPECIALS = new RegExp(SPECIAL.source, 'g')
const RARE = new RegExp(SPECIAL.source.replace('"', ''))
const NAMED: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

/** Escapes text for an element's content or an attribute's value. */
export function escapeXml(text: string): string {
  if (!SPECIAL.test(text)) return text
  // Quotes alone are the usual case: ETags.
  const quoted = text.replaceAll('"', '&quot;')
  return RARE.test(text) ? text.replace(SPECIALS, c => NAMED[c] ?? `&#x${c.charCodeAt(0).toString(16)};`) : quoted
}

/** An `xmlns` attribute, with a blank before it; nothing for what has no namespace, or says by an empty one that it has none. */
export function xmlns(namespace: unknown): string {
  if (namespace === undefined || namespace === '') return ''
  const [prefix, uri] = Array.isArray(namespace) ? (namespace as [string, string]) : ['', String(namespace)]
  return ` xmlns${prefix ? `:${prefix}` : ''}="${escapeXml(uri)}"`
}

const nameOf = (member: Member, fallback: string): string => (member.traits.xmlName as string | undefined) ?? fallback

/** Writes a scalar as text. */
export function scalarToText(shape: ScalarShape, name: string, format: 'date-time' | 'http-date' = 'date-time'): (value: any) => string {
  switch (shape.type) {
    case 'timestamp':
      return value => formatTimestamp(dateOf(value, name), shape.format ?? format)
    case 'blob':
      return toBase64
    case 'bigDecimal':
      return formatBigDecimal
    default:
      return String
  }
}

/** What a list's element is made of; a flattened one has no tags of its own. */
interface ListParts {
  readonly open: string
  readonly close: string
  readonly item: Writer
}

interface Slot {
  readonly name: string
  readonly write: Writer
  readonly list: ListParts | undefined
}

/** Adds the elements of several flattened lists in the order that `turns` tells. */
function addMixed(out: Pieces, turns: readonly string[], slots: readonly Slot[], value: Readonly<Record<string, unknown>>): void {
  const next = new Map<string, () => string>()
  for (const { name, list } of slots) {
    if (list === undefined || !turns.includes(name)) continue
    const left = (value[name] as unknown[]).values()
    next.set(name, () => list.item(left.next().value))
  }
  for (const turn of turns) out.add(next.get(turn)!())
}

/** Writers of XML for the shapes of one model, made when a shape is first met. */
export class XmlWriter {
  readonly #listMember: string
  readonly #millis: boolean
  readonly #contents = new Map<StructShape, Writer>()

  /**
   * `listMember`: what a list's elements are called where the model doesn't say, `item` for ec2Query. `millis`: timestamps have milliseconds even
   * when there are none, as S3 and EC2 write them.
   */
  constructor(settings: { readonly listMember?: 'member' | 'item'; readonly millis?: boolean } = {}) {
    this.#listMember = settings.listMember ?? 'member'
    this.#millis = settings.millis === true
  }

  /** A structure's members as elements, without an element around them. */
  content(shape: StructShape): Writer {
    let writer = this.#contents.get(shape)
    if (writer === undefined) {
      writer = this.contentOf(shape.members)
      this.#contents.set(shape, writer)
    }
    return writer
  }

  /** The same for some of a structure's members. */
  contentOf(members: readonly Member[]): Writer {
    let slots: { name: string; write: Writer }[] | undefined
    return value => {
      slots ??= members.filter(member => !member.traits.xmlAttribute).map(member => ({ name: member.name, write: this.member(member) }))
      let xml = ''
      for (const slot of slots) {
        const item = value[slot.name]
        if (item !== undefined && item !== null) xml += slot.write(item)
      }
      return xml
    }
  }

  /** A document: some of a structure's members as elements, between the tags of its root. It is bytes where it is long. */
  document(members: readonly Member[]): (value: any, start: string, end: string) => string | Buffer {
    let slots: Slot[] | undefined
    return (value, start, end) => {
      slots ??= members
        .filter(member => !member.traits.xmlAttribute)
        .map(member => ({ name: member.name, write: this.member(member), list: this.#listPartsOf(member) }))
      const out = new Pieces()
      out.add(start)
      const turns = (value.$metadata as { turns?: readonly string[] } | undefined)?.turns ?? []
      const mixed = new Set(turns)
      for (const { name, write, list } of slots) {
        const item = value[name]
        if (item === undefined || item === null) continue
        if (mixed.has(name)) {
          if (name === turns[0]) addMixed(out, turns, slots, value)
        } else if (list === undefined || item.length === 0) out.add(write(item))
        else {
          out.add(list.open)
          for (const one of item) out.add(list.item(one))
          out.add(list.close)
        }
      }
      out.add(end)
      return out.end()
    }
  }

  /** A member as an element, or as several where it's flattened. */
  member(member: Member): Writer {
    return this.element(member.shape, nameOf(member, member.name), member)
  }

  /** A value as an element of that name. */
  element(shape: Shape, name: string, member?: Member): Writer {
    const flat = member?.traits.xmlFlattened === true
    const namespace = xmlns(member?.traits.xmlNamespace)
    if (shape.type === 'structure') return this.#structElement(shape, name, namespace)
    if (shape.type === 'list') return this.#listElement(shape, name, flat, namespace)
    if (shape.type === 'map') return this.#mapElement(shape, name, flat, namespace)
    const text = scalarToText(shape, name)
    const open = `<${name}${namespace}>`
    const close = `</${name}>`
    if (this.#millis && shape.type === 'timestamp' && (shape.format ?? 'date-time') === 'date-time')
      return value => open + isoTimestamp(dateOf(value, name)) + close
    if (shape.type === 'number' || shape.type === 'boolean') return value => open + value + close
    return value => open + escapeXml(text(value)) + close
  }

  #structElement(shape: StructShape, name: string, namespace: string): Writer {
    const start = `<${name}${namespace || xmlns(shape.traits.xmlNamespace)}`
    const close = `</${name}>`
    const attributes = shape.members.filter(member => member.traits.xmlAttribute)
    let content: Writer | undefined
    if (attributes.length === 0) {
      return value => {
        content ??= this.content(shape)
        return `${start}>${content(value)}${close}`
      }
    }
    return value => {
      content ??= this.content(shape)
      let open = start
      for (const member of attributes) {
        const item = value[member.name]
        if (item !== undefined && item !== null) open += ` ${nameOf(member, member.name)}="${escapeXml(String(item))}"`
      }
      return `${open}>${content(value)}${close}`
    }
  }

  #listElement(shape: ListShape, name: string, flat: boolean, namespace: string): Writer {
    const { open, close, item } = this.#listParts(shape, name, flat, namespace)
    return value => {
      let xml = ''
      for (const one of value) xml += item(one)
      if (flat) return xml
      return xml === '' ? `<${name}${namespace}/>` : open + xml + close
    }
  }

  /** Those of a member that is a list of structures. */
  #listPartsOf({ name, shape, traits }: Member): ListParts | undefined {
    if (shape.type !== 'list' || shape.member.shape.type !== 'structure') return undefined
    return this.#listParts(shape, (traits.xmlName as string | undefined) ?? name, traits.xmlFlattened === true, xmlns(traits.xmlNamespace))
  }

  #listParts(shape: ListShape, name: string, flat: boolean, namespace: string): ListParts {
    const itemName = flat ? name : nameOf(shape.member, this.#listMember)
    const absent = shape.traits.sparse === true ? `<${itemName}/>` : ''
    let write: Writer | undefined
    const item: Writer = value => {
      write ??= this.element(shape.member.shape, itemName, shape.member)
      return value === undefined || value === null ? absent : write(value)
    }
    return flat ? { open: '', close: '', item } : { open: `<${name}${namespace}>`, close: `</${name}>`, item }
  }

  #mapElement(shape: MapShape, name: string, flat: boolean, namespace: string): Writer {
    const entry = flat ? name : 'entry'
    const keyName = nameOf(shape.key, 'key')
    const valueName = nameOf(shape.value, 'value')
    const sparse = shape.traits.sparse === true
    let write: Writer | undefined
    return value => {
      write ??= this.element(shape.value.shape, valueName, shape.value)
      let xml = ''
      for (const key in value) {
        const item = value[key]
        const absent = item === undefined || item === null
        if (absent && !sparse) continue
        xml += `<${entry}><${keyName}>${escapeXml(key)}</${keyName}>${absent ? `<${valueName}/>` : write(item)}</${entry}>`
      }
      if (flat) return xml
      return xml === '' ? `<${name}${namespace}/>` : `<${name}${namespace}>${xml}</${name}>`
    }
  }
}
