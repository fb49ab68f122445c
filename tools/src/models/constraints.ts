import type { Constraints, MemberRef, ModelJson, Traits } from '@ministack/gateway/protocol'
import type { BotoModel, BotoShape } from './botocore.js'
import { type Draft, memberOf, traitsOf, typeOf } from './model-json.js'

type ProtocolName = ModelJson['service']['protocols'][number]

/**
 * Adds to a draft what the npm package lacks: constraints of the inputs, the errors of each operation, further protocols.
 *
 * @returns notes on where the two sources differ, one a line
 */
export function addConstraints(draft: Draft, boto: BotoModel): string[] {
  const merge = new Merge(draft, boto)
  merge.run()
  return merge.notes
}

class Merge {
  readonly notes: string[] = []
  readonly #visited = new Map<string, string>()
  /** Only inputs are validated: what is reached from an output alone gets number types, but no constraints. */
  #isInput = true

  constructor(
    readonly draft: Draft,
    readonly boto: BotoModel,
  ) {}

  run(): void {
    const { draft, boto } = this
    draft.service = {
      ...draft.service,
      protocols: allProtocols(draft.service, boto.metadata),
      ...(boto.metadata.endpointPrefix && { endpointPrefix: boto.metadata.endpointPrefix }),
    }
    for (const [name, operation] of Object.entries(draft.operations)) {
      const known = boto.operations[name]
      if (!known) this.notes.push(`operation ${name} is in the SDK only`)
      else if (known.input) this.#visitType(operation.input, known.input.shape)
    }
    this.#isInput = false
    for (const [name, known] of Object.entries(boto.operations)) {
      const operation = draft.operations[name]
      if (!operation) {
        this.notes.push(`operation ${name} is in botocore only`)
        continue
      }
      if (known.output) this.#visitType(operation.output, known.output.shape)
      const errors = (known.errors ?? []).map(error => error.shape)
      for (const error of errors) this.#error(error)
      if (errors.length) operation.errors = errors
    }
  }

  /** An error that the SDK doesn't model is still an answer that AWS gives. */
  #error(name: string): void {
    const known = this.boto.shapes[name]
    const shape = this.draft.shapes[name]
    if (!known) return
    const { code, httpStatusCode, senderFault } = known.error ?? {}
    if (!shape) {
      this.notes.push(`error ${name} is in botocore only`)
      const isServer = known.fault || senderFault === false || (httpStatusCode ?? 400) >= 500
      const members = Object.keys(known.members ?? {}).filter(member => /^message$/i.test(member))
      this.draft.shapes[name] = {
        error: isServer ? 'server' : 'client',
        ...(httpStatusCode && { status: httpStatusCode }),
        ...(code && code !== name && { code }),
        members: Object.fromEntries(members.map(member => [member, 'string'])),
      }
      return
    }
    if (!shape.error) this.notes.push(`${name} is an error in botocore, not in the SDK`)
    if (httpStatusCode && !shape.status) shape.status = httpStatusCode
    if (code && code !== name && !shape.code) shape.code = code
    this.#visit(name, name)
  }

  #visitType(type: string, name: string): void {
    if (type.startsWith('#')) this.#visit(type.slice(1), name)
  }

  #visit(key: string, name: string): void {
    const shape = this.draft.shapes[key]
    const known = this.boto.shapes[name]
    if (!shape || !known) {
      this.notes.push(`shape ${key} has no counterpart ${name}`)
      return
    }
    const before = this.#visited.get(key)
    if (before) {
      if (before !== name && JSON.stringify(this.boto.shapes[before]) !== JSON.stringify(known))
        this.notes.push(`shape ${key} is ${before} and ${name}`)
      return
    }
    this.#visited.set(key, name)
    if (shape.list && known.member) shape.list = this.#constrain(shape.list, known.member.shape)
    if (shape.key && known.key) shape.key = this.#constrain(shape.key, known.key.shape)
    if (shape.map && known.value) shape.map = this.#constrain(shape.map, known.value.shape)
    for (const [member, ref] of Object.entries(shape.members ?? {})) {
      const target = known.members?.[member]
      if (!target) this.notes.push(`member ${key}.${member} is in the SDK only`)
      else shape.members![member] = this.#constrain(ref, target.shape)
    }
    for (const member of Object.keys(known.members ?? {})) {
      if (!shape.members?.[member]) this.notes.push(`member ${key}.${member} is in botocore only`)
    }
    this.#require(key, shape, known)
  }

  /** The SDK leaves out what its clients fill in by themselves (idempotency tokens, S3 Control's account); the service asks for it. */
  #require(key: string, shape: Draft['shapes'][string], known: BotoShape): void {
    const members = Object.keys(shape.members ?? {})
    const optional = (shape.required ?? []).filter(member => !known.required?.includes(member))
    if (optional.length) this.notes.push(`${key} requires ${optional} in the SDK only`)
    const required = members.filter(member => known.required?.includes(member) || optional.includes(member))
    if (required.length) shape.required = required
  }

  #constrain(ref: MemberRef, name: string): MemberRef {
    const known = this.boto.shapes[name]
    if (!known) return ref
    const constraints = this.#isInput && constraintsFrom(known)
    const traits: Traits = { ...traitsOf(ref), ...(constraints && { constraints }) }
    return memberOf(this.#constrainType(typeOf(ref), known, name), traits)
  }

  /** A bare `list<string>` or `map<string>` whose elements have constraints becomes a shape of its own, by its AWS name. */
  #constrainType(type: string, known: BotoShape, name: string): string {
    if (type.startsWith('#')) {
      this.#visit(type.slice(1), name)
      return type
    }
    if (type === 'number') return NUMBERS[known.type] ?? type
    const element = /^(?:list|map)<(.+)>$/.exec(type)?.[1]
    if (!element) return type
    if (type.startsWith('list')) {
      const list = known.member ? this.#constrain(element, known.member.shape) : element
      return typeof list === 'string' ? `list<${list}>` : this.#add(name, { list })
    }
    const key = known.key ? this.#constrain('string', known.key.shape) : 'string'
    const map = known.value ? this.#constrain(element, known.value.shape) : element
    return typeof key === 'string' && typeof map === 'string' ? `map<${map}>` : this.#add(name, { key, map })
  }

  #add(name: string, shape: Draft['shapes'][string]): string {
    for (let key = name; ; key += '_') {
      const taken = this.draft.shapes[key]
      if (taken && JSON.stringify(taken) !== JSON.stringify(shape)) continue
      this.draft.shapes[key] = shape
      return `#${key}`
    }
  }
}

/** What the SDK's schemas call `number` alike. */
const NUMBERS: Record<string, string> = {
  byte: 'integer',
  short: 'integer',
  integer: 'integer',
  long: 'long',
  float: 'float',
  double: 'double',
}

const MATCHES_ALL = new Set(['[\\s\\S]*', '^[\\s\\S]*$', '[\\S\\s]*', '(?s).*', '(?s)^.*$'])

/** The constraints that can fail: not a least length of 0, nor a pattern that takes everything. */
function constraintsFrom(shape: BotoShape): Constraints | undefined {
  const constraints = {
    ...(shape.min !== undefined && (NUMBERS[shape.type] || shape.min > 0) && { min: shape.min }),
    ...(shape.max !== undefined && { max: shape.max }),
    ...(shape.pattern !== undefined && !MATCHES_ALL.has(shape.pattern) && { pattern: shape.pattern }),
    ...(shape.enum && { enum: shape.enum }),
  }
  return Object.keys(constraints).length ? constraints : undefined
}

function allProtocols(service: ModelJson['service'], metadata: BotoModel['metadata']): ProtocolName[] {
  const names: Record<string, ProtocolName> = {
    json: metadata.jsonVersion === '1.1' ? 'awsJson1_1' : 'awsJson1_0',
    query: 'awsQuery',
    ec2: 'ec2Query',
    'rest-json': 'restJson1',
    'rest-xml': 'restXml',
    'smithy-rpc-v2-cbor': 'rpcv2Cbor',
  }
  const all = new Set<ProtocolName>(service.protocols)
  for (const protocol of metadata.protocols ?? [metadata.protocol]) if (names[protocol]) all.add(names[protocol])
  if (service.queryCompatible) all.add('awsQuery')
  return [...all]
}
