import type { Constraints, Member, ProtocolName, StructShape, Traits } from '@ministack/gateway/protocol'
import type { Random } from '../../src/random.js'
import { Texts } from './texts.js'

/** How much of a structure is there. */
export type Extent = 'all' | 'some' | 'required'

/** Where a value stands, which decides what can be said there. */
interface Place {
  /** In a header. */
  readonly header: boolean
  /** In the path. */
  readonly label: boolean
  readonly query: boolean
  /** Whether an empty list or map can be told from an absent one. */
  readonly empty: boolean
  /** Has to be there. */
  readonly must: boolean
}

const NOWHERE = Symbol('no value')
const FREE: Constraints = {}
const NUMBERS = [0, 1, -1, 42, 2 ** 31 - 1, 2 ** 40, 0.5, 1234]

/** Makes values for the shapes of models: any that the protocol can carry, the awkward ones gladly. Inputs keep the model's constraints. */
export class Values {
  readonly #random: Random
  readonly #protocol: ProtocolName
  readonly #direction: 'input' | 'output'
  readonly #texts: Texts

  constructor(random: Random, protocol: ProtocolName, direction: 'input' | 'output') {
    this.#random = random
    this.#protocol = protocol
    this.#direction = direction
    this.#texts = new Texts(random)
  }

  #upTo(limit: number): number {
    return this.#random.int(0, limit - 1)
  }

  /** A value for an operation's input or output, or an error's fields. */
  structure(shape: StructShape, extent: Extent): Record<string, unknown> {
    return this.#members(shape, 0, extent)
  }

  /** An event of an event stream, for each of its members that isn't an error. */
  events(shape: StructShape): Record<string, unknown>[] {
    return shape.members.flatMap(member => {
      if (member.shape.type !== 'structure' || member.shape.error !== undefined) return []
      return [{ [member.name]: this.#members(member.shape, 1, 'all') }]
    })
  }

  #members(shape: StructShape, depth: number, extent: Extent): Record<string, unknown> {
    const value: Record<string, unknown> = {}
    const members = shape.union ? [this.#random.pick(depth > 5 ? shallow(shape) : shape.members)] : shape.members
    for (const member of members) {
      if (member === undefined || member.isEventStream) continue
      const { traits } = member
      const must = shape.union || member.required || this.#isAlwaysThere(traits)
      if (!must && extent !== 'all' && (extent === 'required' || depth > 3 || this.#random.next() < 0.4)) continue
      const item = this.#member(member, depth + 1, must)
      if (item !== NOWHERE) value[member.name] = item
    }
    return value
  }

  /** Members that a client sends, or gives, whether they were set or not. */
  #isAlwaysThere(traits: Traits): boolean {
    const header = typeof traits.httpHeader === 'string' ? traits.httpHeader.toLowerCase() : ''
    const payload = traits.httpPayload !== undefined || traits.httpPrefixHeaders !== undefined || header === 'content-type'
    return traits.httpLabel !== undefined || traits.idempotencyToken !== undefined || (payload && this.#direction === 'output')
  }

  #member(member: Member, depth: number, must: boolean): unknown {
    const { traits } = member
    const header = traits.httpHeader !== undefined || traits.httpPrefixHeaders !== undefined || traits.eventHeader !== undefined
    const query = traits.httpQuery !== undefined || traits.httpQueryParams !== undefined
    const flat =
      traits.xmlFlattened === true && (this.#protocol === 'restXml' || (this.#protocol === 'awsQuery' && this.#direction === 'output'))
    const noEmpties = this.#protocol === 'ec2Query' && (this.#direction === 'input' || flat)
    const maps = this.#protocol === 'awsQuery' && this.#direction === 'input' && member.shape.type !== 'list'
    const place: Place = {
      header,
      label: traits.httpLabel !== undefined,
      query,
      empty: !(header || query || flat || noEmpties || maps),
      must,
    }
    if (traits.httpResponseCode) return NOWHERE
    return this.#value(member, depth, place)
  }

  #value(member: Member, depth: number, place: Place): unknown {
    const { shape } = member
    const constraints = this.#constraintsOf(member)
    switch (shape.type) {
      case 'structure':
        return this.#nested(shape, depth, place.must)
      case 'list':
        return this.#list(shape.member, shape.traits.sparse === true, depth, place, constraints)
      case 'map':
        return this.#map(shape.key, shape.value, shape.traits.sparse === true, depth, place, constraints)
      case 'string':
        return this.#texts.one(constraints, place.header || place.label) ?? NOWHERE
      case 'number':
        return this.#number(constraints)
      case 'boolean':
        return this.#random.next() < 0.5
      case 'timestamp':
        return this.#date(shape.format, place)
      case 'blob': {
        const { min = 0, max = Infinity } = constraints
        const length = Math.min(Math.max(1 + this.#upTo(40), min), max)
        return Uint8Array.from({ length }, () => this.#upTo(256))
      }
      case 'document':
        return this.#random.pick<unknown>([{ a: [1, 'x', null, { b: true }] }, 'text', 3.5, [1, [2]], { constructor: 'c' }])
      default:
        return NOWHERE
    }
  }

  /** Only inputs are held to constraints: what a service answers is its own affair. */
  #constraintsOf(member: Member): Constraints {
    return (this.#direction === 'input' ? member.constraints : undefined) ?? FREE
  }

  #number({ min = -Infinity, max = Infinity }: Constraints): number {
    const fitting = NUMBERS.filter(number => number >= min && number <= max)
    return fitting.length > 0 ? this.#random.pick(fitting) : Number.isFinite(min) ? min : max
  }

  #nested(shape: StructShape, depth: number, must: boolean): unknown {
    if (depth > 6 && !must) return NOWHERE
    const value = this.#members(shape, depth, 'some')
    if (Object.keys(value).length > 0) return value
    // A query can't say that a structure is there and has nothing in it.
    const silent = (this.#protocol === 'awsQuery' || this.#protocol === 'ec2Query') && this.#direction === 'input'
    if (!silent && !shape.union) return value
    const [first] = must ? shallow(shape) : []
    const item = first === undefined ? NOWHERE : this.#member(first, depth + 1, true)
    return item === NOWHERE ? NOWHERE : { [first!.name]: item }
  }

  #list(member: Member, sparse: boolean, depth: number, place: Place, { min = 0, max = Infinity }: Constraints): unknown {
    if (depth > 7 && !place.must) return NOWHERE
    const least = Math.max(min, place.empty ? 0 : 1)
    const count = depth > 7 ? least : Math.min(Math.max(least + this.#upTo(3), least), max)
    const list: unknown[] = []
    for (let n = 0; n < count; n++) {
      const item = this.#value(member, depth + 1, { ...place, empty: place.empty && this.#protocol !== 'awsQuery' })
      if (item === NOWHERE) return NOWHERE
      list.push(item)
    }
    if (sparse && list.length < max && this.#protocol.startsWith('awsJson')) list.push(null)
    return list
  }

  #map(key: Member, member: Member, sparse: boolean, depth: number, place: Place, { min = 0, max = Infinity }: Constraints): unknown {
    if (depth > 7 && !place.must) return NOWHERE
    const keys = this.#keys(key, place)
    const count = Math.min(Math.max(keys.length - (place.empty ? this.#upTo(3) : 0), min), max, keys.length)
    if (count < min) return NOWHERE
    const map: Record<string, unknown> = {}
    for (const name of keys.slice(keys.length - count)) {
      const item = this.#value(member, depth + 1, { ...place, empty: place.empty && this.#protocol !== 'awsQuery' })
      if (item === NOWHERE) return NOWHERE
      map[name] = item
    }
    if (sparse && count < max && this.#protocol.startsWith('awsJson')) map.nothing = null
    return map
  }

  #keys(key: Member, place: Place): string[] {
    const constraints = this.#constraintsOf(key)
    if (place.header) return ['one', 'two-2']
    // A client of its own accord leaves out a query parameter called constructor.
    if (constraints === FREE) return ['k 1', 'ü&<x>', place.query ? 'plain' : 'constructor', '007']
    return this.#texts.some(constraints, false, 4)
  }

  #date(format: string | undefined, place: Place): Date {
    const seconds = 1_600_000_000 + this.#upTo(200_000_000)
    const whole = format === 'http-date' || (format === undefined && place.header)
    return new Date(seconds * 1000 + (whole ? 0 : this.#random.pick([0, 120, 7])))
  }
}

/** The members through which a value comes to an end soon; all of them when there are none. */
function shallow(shape: StructShape): readonly Member[] {
  const plain = shape.members.filter(({ shape }) => shape.type !== 'structure' && shape.type !== 'list' && shape.type !== 'map')
  return plain.length > 0 ? plain : shape.members
}
