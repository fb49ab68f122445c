import { AwsError } from '../authoring/errors.js'
import { header } from './protocol.js'
import type { WireRequest } from './wire.js'

/** A level of a query's dotted names: `A.member.1` has `1` below `member` below `A`. */
export interface FormNode {
  value: string | undefined
  children: Map<string, FormNode> | undefined
}

const MAX_PARAMETERS = 50_000
const MAX_LEVELS = 64

const malformed = (): AwsError => new AwsError('MalformedQueryString', 'The query string contains a syntax error.', { status: 404 })

function decode(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text
  if (!spaced.includes('%')) return spaced
  try {
    return decodeURIComponent(spaced)
  } catch {
    throw malformed()
  }
}

function put(root: FormNode, name: string, value: string): void {
  let node = root
  let levels = 0
  let start = 0
  while (start <= name.length) {
    if (++levels > MAX_LEVELS) throw malformed()
    const dot = name.indexOf('.', start)
    const end = dot === -1 ? name.length : dot
    const part = name.slice(start, end)
    node.children ??= new Map()
    let child = node.children.get(part)
    if (child === undefined) {
      child = { value: undefined, children: undefined }
      node.children.set(part, child)
    }
    node = child
    start = end + 1
  }
  node.value = value
}

function putAll(root: FormNode, text: string, budget: number): number {
  let left = budget
  let start = 0
  while (start < text.length) {
    let end = text.indexOf('&', start)
    if (end === -1) end = text.length
    if (end > start) {
      if (--left < 0) throw malformed()
      const equals = text.indexOf('=', start)
      if (equals === -1 || equals > end) put(root, decode(text.slice(start, end)), '')
      else put(root, decode(text.slice(start, equals)), decode(text.slice(equals + 1, end)))
    }
    start = end + 1
  }
  return left
}

/** A request's query and form body as one tree, the body's values last. @throws AwsError `MalformedQueryString` */
export function formOf(req: WireRequest): FormNode {
  const root: FormNode = { value: undefined, children: undefined }
  const left = putAll(root, req.rawQuery, MAX_PARAMETERS)
  const type = header(req, 'content-type')
  if (req.body.length > 0 && (type === undefined || !/^application\/(?:json|x-amz-json|cbor)/i.test(type)))
    putAll(root, req.body.toString('utf8'), left)
  return root
}

/** The value of an undotted parameter. */
export function parameter(form: FormNode, name: string): string | undefined {
  return form.children?.get(name)?.value
}
