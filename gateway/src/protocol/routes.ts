import { AwsError, notImplemented } from '../authoring/errors.js'
import type { Model, OperationModel } from './shapes.js'
import type { WireRequest } from './wire.js'

/** The operation that a REST request asks for, and the raw values of its path's labels. */
export interface RouteMatch {
  readonly operation: string
  readonly labels: Readonly<Record<string, string>>
}

interface Route {
  readonly operation: string
  readonly method: string
  readonly segments: readonly string[]
  /** Query literals: a name that must be there, or must have that value. */
  readonly literals: readonly (readonly [string, string | undefined])[]
  readonly requiredHeaders: readonly string[]
  readonly requiredQuery: readonly string[]
  /** Names of all query parameters that the operation knows. */
  readonly boundQuery: ReadonlySet<string>
  /** Where in the path the labels are, up to a greedy one. */
  readonly labels: readonly { readonly name: string; readonly at: number }[]
  readonly literalSegments: number
  readonly greedy: boolean
  rank: number
}

interface Node {
  readonly literals: Map<string, Node>
  label: Node | undefined
  /** Routes that end here. */
  routes: Route[]
  /** Routes whose last label takes everything from here on. */
  greedy: Route[]
}

/** Query parameters that any S3 request may have: signatures, headers that SDKs move there, and tie-breaks. */
const S3_COMMON_QUERY = /^(?:x-id|x-amz-.*|awsaccesskeyid|signature|expires|content-type|content-md5|response-.*)$/i

const LABEL = /^\{(\w+)(\+?)\}$/

const newNode = (): Node => ({ literals: new Map(), label: undefined, routes: [], greedy: [] })

/** Finds operations by method, path, query and headers, as their HTTP traits say. */
export class RouteTable {
  readonly #methods = new Map<string, Node>()
  /** S3's sub-resources: a request that names one is never for the plain resource. */
  readonly #subresources = new Set<string>()
  readonly #s3: boolean

  constructor(model: Model) {
    this.#s3 = model.service.sdk === 's3'
    const routes: Route[] = []
    for (const name of model.operations) {
      const operation = model.operation(name)!
      if (operation.http !== undefined) routes.push(makeRoute(operation))
    }
    routes.sort(byRank)
    for (const [rank, route] of routes.entries()) {
      route.rank = rank
      this.#add(route)
      if (this.#s3) for (const [literal, value] of route.literals) if (value === undefined) this.#subresources.add(literal)
    }
  }

  /** The best route for a request. @throws AwsError when no operation has such a path, or S3 has no such sub-resource there. */
  match(req: WireRequest): RouteMatch {
    const segments = req.path.slice(1).split('/')
    const found: Route[] = []
    const root = this.#methods.get(req.method)
    if (root !== undefined) collect(root, segments, 0, req.rawQuery !== '', found)
    const route = this.#best(found, req)
    if (route === undefined) throw this.#unknown(req)
    return { operation: route.operation, labels: labelsOf(route, segments) }
  }

  #add(route: Route): void {
    let node = this.#methods.get(route.method)
    if (node === undefined) {
      node = newNode()
      this.#methods.set(route.method, node)
    }
    for (const segment of route.segments) {
      const label = LABEL.exec(segment)
      if (label?.[2] === '+') {
        node.greedy.push(route)
        return
      }
      let next: Node | undefined = label === null ? node.literals.get(segment) : node.label
      if (next === undefined) {
        next = newNode()
        if (label === null) node.literals.set(segment, next)
        else node.label = next
      }
      node = next
    }
    node.routes.push(route)
  }

  #best(found: Route[], req: WireRequest): Route | undefined {
    if (!inOrder(found)) found.sort((a, b) => a.rank - b.rank)
    let hit: Route | undefined
    let incomplete: Route | undefined
    const id = found.length > 1 && req.rawQuery.includes('x-id=') ? req.query.get('x-id') : null
    for (const route of found) {
      if (route.literals.length > 0 && !hasLiterals(route, req)) continue
      if (hasRequired(route, req)) {
        if (id === null || route.operation === id) {
          hit = route
          break
        }
        if (hit === undefined) hit = route
        else if (byRank(hit, route) < 0) break
      } else if (!this.#s3 || route.literals.length > 0 || route.requiredQuery.every(name => req.query.has(name))) incomplete ??= route
    }
    // A sub-resource says what a request is for; a header that it lacks is its operation's to refuse.
    const named =
      this.#s3 &&
      hit?.literals.length === 0 &&
      incomplete?.literals.length !== 0 &&
      incomplete?.requiredQuery.every(name => req.query.has(name))
    const route = named ? incomplete : (hit ?? incomplete)
    if (route !== undefined && this.#s3 && req.rawQuery !== '') {
      for (const [name, value] of req.query) {
        if (route.boundQuery.has(name) || route.literals.some(literal => literal[0] === name)) continue
        if (this.#subresources.has(name)) return undefined
        // What looks like a sub-resource that nobody knows must not be taken for the bucket or the object itself.
        if ((value === '' || req.method !== 'GET') && req.method !== 'HEAD' && !S3_COMMON_QUERY.test(name))
          throw notImplemented('s3', `?${name}`)
      }
    }
    return route
  }

  #unknown(req: WireRequest): AwsError {
    if (this.#s3) {
      const ResourceType = resourceType(req.path)
      return new AwsError('MethodNotAllowed', 'The specified method is not allowed against this resource.', {
        status: 405,
        fields: { Method: req.method, ResourceType },
        ...(ResourceType === 'OBJECT' && { headers: { allow: 'HEAD, DELETE, GET, PUT' } }),
      })
    }
    return new AwsError('UnknownOperationException', `There is no operation for ${req.method} ${req.path}`, { status: 404 })
  }
}

/** What S3 calls the thing that a path is of. */
function resourceType(path: string): 'SERVICE' | 'BUCKET' | 'OBJECT' {
  const [, bucket = '', ...key] = path.split('/')
  return bucket === '' ? 'SERVICE' : key.join('') === '' && key.length < 2 ? 'BUCKET' : 'OBJECT'
}

/** The routes of one place in the tree are in order already. */
function inOrder(found: readonly Route[]): boolean {
  for (let n = 1; n < found.length; n++) if (found[n]!.rank < found[n - 1]!.rank) return false
  return true
}

function hasLiterals({ literals }: Route, req: WireRequest): boolean {
  return literals.every(([name, value]) => (value === undefined ? req.query.has(name) : req.query.get(name) === value))
}

function hasRequired({ requiredHeaders, requiredQuery }: Route, req: WireRequest): boolean {
  for (const name of requiredHeaders) if (req.headers[name] === undefined) return false
  if (requiredQuery.length === 0) return true
  return req.rawQuery !== '' && requiredQuery.every(name => req.query.has(name))
}

/** Query literals first, then literal segments, depth, and required parameters. */
function byRank(a: Route, b: Route): number {
  return (
    b.literals.length - a.literals.length ||
    b.literalSegments - a.literalSegments ||
    b.segments.length - a.segments.length ||
    Number(a.greedy) - Number(b.greedy) ||
    b.requiredHeaders.length + b.requiredQuery.length - a.requiredHeaders.length - a.requiredQuery.length
  )
}

function makeRoute(operation: OperationModel): Route {
  const { method, uri } = operation.http!
  const [path = '/', query = ''] = uri.split('?')
  const members = operation.input?.members ?? []
  const segments = path.split('/').filter(segment => segment !== '')
  // S3's and S3 Control's templates leave out the labels that their endpoints carry; here they come first in the path.
  const missing = members.filter(({ name, traits }) => traits.httpLabel && !segments.some(segment => LABEL.exec(segment)?.[1] === name))
  segments.unshift(...missing.map(member => `{${member.name}}`))
  const greedyAt = segments.findIndex(segment => segment.endsWith('+}'))
  const required = members.filter(member => member.required)
  const literals = query
    .split('&')
    .filter(part => part !== '')
    .map(part => part.split('=') as [string, string?])
    .map(([name, value]) => [name, value === '' ? undefined : value] as const)
    .filter(([name]) => name !== 'x-id')
  return {
    operation: operation.name,
    method,
    segments,
    literals,
    requiredHeaders: required.flatMap(({ traits }) => (typeof traits.httpHeader === 'string' ? [traits.httpHeader.toLowerCase()] : [])),
    requiredQuery: required.flatMap(({ traits }) => (typeof traits.httpQuery === 'string' ? [traits.httpQuery] : [])),
    boundQuery: new Set(members.flatMap(({ traits }) => (typeof traits.httpQuery === 'string' ? [traits.httpQuery] : []))),
    labels: segments.slice(0, greedyAt === -1 ? segments.length : greedyAt + 1).flatMap((segment, at) => {
      const name = LABEL.exec(segment)?.[1]
      return name === undefined ? [] : [{ name, at }]
    }),
    literalSegments: segments.filter(segment => !LABEL.test(segment)).length,
    greedy: greedyAt !== -1,
    rank: 0,
  }
}

/** @param query whether there is one: without it no route that wants a part of one is meant, which is most of S3's. */
function collect(node: Node, segments: readonly string[], at: number, query: boolean, found: Route[]): void {
  const segment = segments[at]
  // A slash at the end doesn't matter, except below a greedy label.
  if (segment === undefined || (segment === '' && at === segments.length - 1)) {
    for (const route of node.routes) if (query || route.literals.length === 0) found.push(route)
  } else {
    const literal = node.literals.get(segment) ?? (segment.includes('%') ? node.literals.get(decodeSegment(segment)) : undefined)
    if (literal !== undefined) collect(literal, segments, at + 1, query, found)
    if (node.label !== undefined && segment !== '') collect(node.label, segments, at + 1, query, found)
    for (const route of node.greedy) if ((query || route.literals.length === 0) && endsAs(route, segments, at)) found.push(route)
  }
}

/** Whether a path ends with what a route's template has after its greedy label. */
function endsAs({ segments: template }: Route, segments: readonly string[], greedyAt: number): boolean {
  const after = template.length - greedyAt - 1
  if (segments.length - greedyAt - after < 1) return false
  for (let n = 1; n <= after; n++) if (template[template.length - n] !== segments[segments.length - n]) return false
  return true
}

function labelsOf({ labels, segments: template, greedy }: Route, segments: readonly string[]): Record<string, string> {
  const values: Record<string, string> = {}
  for (const { name, at } of labels) values[name] = segments[at] ?? ''
  if (!greedy) return values
  const { name, at } = labels.at(-1)!
  // What comes after the greedy label in the template belongs to the template.
  const end = segments.length - (template.length - at - 1)
  values[name] = end === at + 1 ? segments[at]! : segments.slice(at, end).join('/')
  return values
}

function decodeSegment(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Decodes a label. @throws AwsError `InvalidURI` for broken percent escapes. */
export function decodeLabel(text: string): string {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch {
    throw new AwsError('InvalidURI', "Couldn't parse the specified URI.", { fields: { URI: text } })
  }
}
