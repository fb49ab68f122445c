import { AwsError } from '../authoring/errors.js'
import { scalarFromText } from './query-reader.js'
import { decodeLabel } from './routes.js'
import { MalformedValue, parseBase64, setOwn, toBase64 } from './scalars.js'
import type { Member, ScalarShape, Shape, StructShape } from './shapes.js'
import { isScalar } from './tree-codec.js'
import type { WireRequest, WireResponse } from './wire.js'
import { scalarToText } from './xml-writer.js'

type FromText = (text: string) => unknown

/** Puts one member of the input in place. */
type Binding = (input: Record<string, unknown>, req: WireRequest, labels: Readonly<Record<string, string>>) => void

/** Puts the member that a header brings in place. */
type HeaderBinding = (input: Record<string, unknown>, value: string | string[]) => void

/** Reads the members of an input that are in path, query and headers. */
export interface Bindings {
  /** By the header's name: a request has fewer headers than an operation of S3 knows. */
  readonly headers: ReadonlyMap<string, HeaderBinding>
  readonly others: readonly Binding[]
}

/** Where a structure's members go on HTTP. */
export interface Placement {
  readonly payload: Member | undefined
  /** Members of the body's document. */
  readonly body: readonly Member[]
  readonly bound: readonly Member[]
}

/** Sorts a structure's members by where they go; a trait of the other direction, such as `httpQuery` on an output, counts for nothing. */
export function placementOf(shape: StructShape, direction: 'input' | 'output'): Placement {
  const isBound = direction === 'input' ? isRequestBound : isResponseBound
  const payload = shape.members.find(member => member.traits.httpPayload)
  const bound = shape.members.filter(isBound)
  return { payload, bound, body: payload === undefined ? shape.members.filter(member => !isBound(member)) : [] }
}

function isRequestBound({ traits }: Member): boolean {
  return (
    traits.httpLabel !== undefined ||
    traits.httpHeader !== undefined ||
    traits.httpQuery !== undefined ||
    traits.httpQueryParams !== undefined ||
    traits.httpPrefixHeaders !== undefined
  )
}

function isResponseBound({ traits }: Member): boolean {
  return traits.httpHeader !== undefined || traits.httpPrefixHeaders !== undefined || traits.httpResponseCode !== undefined
}

/** Readers of the members of an input that are in path, query and headers; `uri` is the operation's template. */
export function bindingsOf(shape: StructShape, uri: string): Bindings {
  const literals = new URLSearchParams(uri.slice(uri.indexOf('?') + 1)).keys()
  const queries = new Set([
    ...shape.members.flatMap(({ traits }) => (typeof traits.httpQuery === 'string' ? [traits.httpQuery] : [])),
    ...literals,
  ])
  const headers = new Map<string, HeaderBinding>()
  const others: Binding[] = []
  for (const member of shape.members.filter(isRequestBound)) {
    const { traits } = member
    if (traits.httpLabel) others.push(labelBinding(member))
    else if (typeof traits.httpHeader === 'string') {
      const name = traits.httpHeader.toLowerCase()
      headers.set(name, headerBinding(member, name))
    } else if (typeof traits.httpPrefixHeaders === 'string') others.push(prefixBinding(member, traits.httpPrefixHeaders.toLowerCase()))
    else if (typeof traits.httpQuery === 'string') others.push(queryBinding(member, traits.httpQuery))
    else others.push(queryParamsBinding(member, queries))
  }
  return { headers, others }
}

/** Puts the members of an input that are in path, query and headers in place. @throws MalformedValue */
export function bindRequest(
  { headers, others }: Bindings,
  input: Record<string, unknown>,
  req: WireRequest,
  labels: Readonly<Record<string, string>>,
): void {
  for (const bind of others) bind(input, req, labels)
  for (const name in req.headers) {
    const value = req.headers[name]
    if (value !== undefined) headers.get(name)?.(input, value)
  }
}

/** Names the place of a value that can't be read. */
function placed(fromText: FromText, place: string, type: string): FromText {
  return text => {
    try {
      return fromText(text)
    } catch (error) {
      if (!(error instanceof MalformedValue)) throw error
      const named = new MalformedValue(`Invalid value for ${place}: ${error.message}`)
      named.binding = { place, text, type }
      throw named
    }
  }
}

/** The conditions whose date doesn't count when it isn't one (RFC 9110, sections 13.1.3 and 13.1.4). */
const DATE_CONDITIONS = new Set(['if-modified-since', 'if-unmodified-since'])

function scalarText(shape: Shape, place: string): FromText {
  const fromText = scalarFromText(isScalar(shape) ? shape : { type: 'string' })
  return DATE_CONDITIONS.has(place) ? readable(fromText) : placed(fromText, place, shape.type)
}

/** Gives undefined for what can't be read. */
function readable(fromText: FromText): FromText {
  return text => {
    try {
      return fromText(text)
    } catch (error) {
      if (!(error instanceof MalformedValue)) throw error
      return undefined
    }
  }
}

function labelBinding(member: Member): Binding {
  const fromText = scalarText(member.shape, member.name)
  return (input, _req, labels) => {
    const label = labels[member.name]
    if (label !== undefined) input[member.name] = fromText(decodeLabel(label))
  }
}

function headerBinding(member: Member, name: string): HeaderBinding {
  const { shape } = member
  if (shape.type === 'list') {
    const item = shape.member.shape as ScalarShape
    const fromText = scalarText(item, name)
    const dates = item.type === 'timestamp' && item.format !== 'date-time' && item.format !== 'epoch-seconds'
    return (input, value) => {
      input[member.name] = splitHeader(Array.isArray(value) ? value.join(', ') : value, dates).map(fromText)
    }
  }
  const fromText =
    member.traits.mediaType === undefined ? scalarText(shape, name) : placed(text => parseBase64(text).toString('utf8'), name, 'blob')
  return (input, value) => {
    input[member.name] = fromText(typeof value === 'string' ? value : value[0]!)
  }
}

/** Splits a header that is a list; quoted items may hold commas, and an HTTP date has one of its own. */
export function splitHeader(value: string, dates: boolean): string[] {
  if (dates) return [...value.matchAll(/\s*([^,]*,[^,]*)(?:,|$)/g)].map(match => match[1]!.trim()).filter(item => item !== '')
  const items: string[] = []
  let at = 0
  while (at <= value.length) {
    while (value[at] === ' ' || value[at] === '\t') at++
    let item = ''
    if (value[at] === '"') {
      for (at++; at < value.length && value[at] !== '"'; at++) {
        if (value[at] === '\\' && at + 1 < value.length) at++
        item += value[at]
      }
      const comma = value.indexOf(',', at)
      at = comma === -1 ? value.length : comma
    } else {
      const comma = value.indexOf(',', at)
      const end = comma === -1 ? value.length : comma
      item = value.slice(at, end).trim()
      at = end
    }
    items.push(item)
    at++
  }
  return items
}

function prefixBinding(member: Member, prefix: string): Binding {
  return (input, req) => {
    let found: Record<string, unknown> | undefined
    for (const name in req.headers) {
      if (!name.startsWith(prefix)) continue
      const value = req.headers[name]
      if (value === undefined) continue
      found ??= {}
      setOwn(found, name.slice(prefix.length), Array.isArray(value) ? value.join(',') : value)
    }
    if (found !== undefined) input[member.name] = found
  }
}

function queryBinding(member: Member, name: string): Binding {
  const { shape } = member
  if (shape.type === 'list') {
    const fromText = scalarText(shape.member.shape, name)
    return (input, req) => {
      if (req.rawQuery === '') return
      const values = req.query.getAll(name)
      if (values.length > 0) input[member.name] = values.map(fromText)
    }
  }
  const fromText = scalarText(shape, name)
  return (input, req) => {
    if (req.rawQuery === '') return
    const value = req.query.get(name)
    if (value !== null) input[member.name] = fromText(value)
  }
}

function queryParamsBinding(member: Member, bound: ReadonlySet<string>): Binding {
  const lists = member.shape.type === 'map' && member.shape.value.shape.type === 'list'
  return (input, req) => {
    if (req.rawQuery === '') return
    const found: Record<string, unknown> = {}
    for (const name of new Set(req.query.keys()))
      if (!bound.has(name)) setOwn(found, name, lists ? req.query.getAll(name) : req.query.get(name))
    if (Object.keys(found).length > 0) input[member.name] = found
  }
}

/** Checks the query's percent escapes, which URLSearchParams lets through. @throws AwsError `InvalidURI` */
export function checkQuery(rawQuery: string): void {
  if (/%(?![0-9a-fA-F]{2})/.test(rawQuery))
    throw new AwsError('InvalidURI', "Couldn't parse the specified URI.", { fields: { URI: rawQuery } })
}

type HeaderWriter = (response: WireResponse, value: any) => void

/** Writers of the members of an output or error that go to headers and status, by name. */
export function headerWriters(members: readonly Member[]): ReadonlyMap<string, HeaderWriter> {
  return new Map(members.map(member => [member.name, headerWriter(member)]))
}

function headerWriter(member: Member): HeaderWriter {
  const { shape, traits } = member
  if (traits.httpResponseCode)
    return (response, value) => {
      response.status = Number(value)
    }
  if (typeof traits.httpPrefixHeaders === 'string') {
    const prefix = traits.httpPrefixHeaders.toLowerCase()
    return (response, value) => {
      for (const key in value)
        if (value[key] !== undefined && value[key] !== null) response.headers[prefix + key.toLowerCase()] = headerText(String(value[key]))
    }
  }
  const name = String(traits.httpHeader).toLowerCase()
  if (shape.type === 'list') {
    const item = shape.member.shape as ScalarShape
    const text = scalarToText(item, member.name, 'http-date')
    const quote = item.type !== 'timestamp'
    return (response, value) => {
      if (value.length > 0)
        response.headers[name] = headerText((value as unknown[]).map(v => (quote ? quoted(text(v)) : text(v))).join(', '))
    }
  }
  const text = traits.mediaType === undefined ? scalarToText(shape as ScalarShape, member.name, 'http-date') : toBase64
  return (response, value) => {
    response.headers[name] = headerText(text(value))
  }
}

const quoted = (text: string): string => (/[",]/.test(text) ? `"${text.replace(/["\\]/g, '\\$&')}"` : text)

/** Text as a header may carry it: what isn't Latin-1 goes as RFC 2047 has it, which is what S3 does with metadata. */
export function headerText(text: string): string {
  return /[^\t\x20-\x7e\x80-\xff]/.test(text) ? `=?UTF-8?B?${Buffer.from(text).toString('base64')}?=` : text
}
