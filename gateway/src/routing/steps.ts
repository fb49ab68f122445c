import type { RequestHead } from './head.js'
import type { RouteIndex, SigningRule } from './index-of-routes.js'
import { takes, toPathStyle } from './planes.js'
import type { ApiMatch, ErrorStyle, Refusal, Route } from './route.js'
import { type Credential, isCredential } from './sigv4.js'

/** One way to tell whose a request is: a pure function of the request's head and the index. */
export type RoutingStep = (head: RequestHead, index: RouteIndex) => Route | undefined

/** Tier 1: what plugins take before anything else. */
export function preBody(head: RequestHead, index: RouteIndex): Route | undefined {
  return planeOf(1, head, index)
}

/** Tier 2: what plugins take ahead of the data planes, with its body. */
export function postBody(head: RequestHead, index: RouteIndex): Route | undefined {
  return planeOf(2, head, index)
}

/** Tier 3: data planes by host or path. */
export function dataPlanes(head: RequestHead, index: RouteIndex): Route | undefined {
  return planeOf(3, head, index)
}

/** Tier 4: `POST /service/{shape}/operation/{operation}` with `smithy-protocol: rpc-v2-cbor`. */
export function rpcV2Path(head: RequestHead, index: RouteIndex): Route | undefined {
  if (head.headers['smithy-protocol'] === undefined) return undefined
  const shape = /\/service\/([^/]+)\/operation\/[^/]+$/.exec(head.path)?.[1]
  if (shape === undefined) return undefined
  // A shape may be sent with its namespace, which says nothing more.
  return index.shapes.get(shape) ?? index.shapes.get(shape.slice(shape.lastIndexOf('.') + 1))
}

/** Tier 4: the prefix of `X-Amz-Target`. It wins over a signing name, which services may share. */
export function targetPrefix(head: RequestHead, index: RouteIndex): Route | undefined {
  const target = head.headers['x-amz-target']
  if (typeof target !== 'string') return undefined
  return index.targets.get(target.slice(0, target.lastIndexOf('.')))
}

/** Tier 4: a signature that can't be read is refused, with AWS's words for it. */
export function unreadableSignature(head: RequestHead, index: RouteIndex): Route | undefined {
  const { credential } = head
  if (credential === undefined || isCredential(credential)) return undefined
  // Only the form tells which service's form of error the client reads.
  if (head.isForm && !head.form) return { kind: 'needs-form' }
  const style = styleOf(head, index)
  if (style === 'xml') return { kind: 'refusal', status: 400, style, ...credential.s3 }
  const code = style === 'query' || style === 'ec2' ? 'IncompleteSignature' : 'IncompleteSignatureException'
  return { kind: 'refusal', status: 400, code, message: credential.problem, style }
}

/** Tier 4: the service that the request is signed for. */
export function signedService(head: RequestHead, index: RouteIndex): Route | undefined {
  const { credential } = head
  if (!isCredential(credential) || credential.service === '') return undefined
  const rules = index.signing.get(credential.service)
  if (!rules) {
    return {
      kind: 'refusal',
      status: 501,
      code: 'NotImplemented',
      message: `The service '${credential.service}' is not available in this MiniStack`,
      style: styleOf(head, index),
    }
  }
  return ruleFor(rules, head)?.match
}

/** Tier 4: `Version`, else an `Action` that only one service has; the query says it, or a form. */
export function queryAction(head: RequestHead, index: RouteIndex): Route | undefined {
  const action = head.queryParameter('Action')
  if (action === undefined) return head.isForm && !head.form ? { kind: 'needs-form' } : undefined
  const version = head.queryParameter('Version')
  return (version !== undefined && index.versions.get(version)) || index.actions.get(action)
}

/** Tier 4: the service whose endpoint the host is. */
export function endpointHost(head: RequestHead, index: RouteIndex): Route | undefined {
  return index.view(head.host).service
}

/** Tier 4: the path, for requests that nothing else tells; the patterns of S3 take what looks like S3. */
export function pathPattern(head: RequestHead, index: RouteIndex): Route | undefined {
  for (const { pattern, match } of index.paths) if (pattern.test(head.path)) return match
  return undefined
}

/** The end: nobody's request. */
export function nobodys(head: RequestHead, index: RouteIndex): Refusal {
  const style = styleOf(head, index)
  const { credential } = head
  const action = head.queryParameter('Action')
  if (action !== undefined) {
    const version = head.queryParameter('Version') ?? ''
    const message = `Could not find operation ${action} for version ${version || 'NO_VERSION_SPECIFIED'}`
    return { kind: 'refusal', status: 400, code: 'InvalidAction', message, style: 'query' }
  }
  if (isCredential(credential) && credential.service !== '') {
    const message = `The service '${credential.service}' has no API at ${head.path} in this MiniStack`
    return { kind: 'refusal', status: 501, code: 'NotImplemented', message, style }
  }
  const { 'x-amz-target': target } = head.headers
  const seen =
    target === undefined
      ? 'it has no X-Amz-Target, no signature and no Action'
      : `its X-Amz-Target '${target}' is unknown, it has no signature`
  const message = `Nothing tells which service this request is for: ${seen}, and neither its host nor its path belongs to a service`
  return { kind: 'refusal', status: 404, code: 'UnknownOperationException', message, style }
}

/** Every way to tell whose a request is, in the order in which they count. */
export const routingSteps: readonly RoutingStep[] = [
  preBody,
  postBody,
  dataPlanes,
  rpcV2Path,
  targetPrefix,
  unreadableSignature,
  signedService,
  queryAction,
  endpointHost,
  pathPattern,
]

/** The form in which a request without a service wants its error. */
export function styleOf(head: RequestHead, index: RouteIndex): ErrorStyle {
  const type = head.header('content-type') ?? ''
  if (head.headers['smithy-protocol'] === 'rpc-v2-cbor' || type.startsWith('application/cbor')) return 'cbor'
  if (head.headers['x-amz-target'] !== undefined || /json/i.test(type)) return 'json'
  if (head.isForm || head.queryParameter('Action') !== undefined) {
    return index.versions.get(head.queryParameter('Version') ?? '')?.service.protocols[0] === 'ec2Query' ? 'ec2' : 'query'
  }
  if (/xml/i.test(type)) return 'xml'
  const match = index.view(head.host).service ?? pathPattern(head, index)
  if (match?.kind === 'api') {
    const [first] = match.service.protocols
    if (first === 'restXml') return 'xml'
    if (first === 'awsQuery' || first === 'ec2Query') return 'query'
  }
  return 'json'
}

function planeOf(tier: 1 | 2 | 3, head: RequestHead, index: RouteIndex): Route | undefined {
  const view = index.view(head.host)
  for (const plane of view.tiers[tier].candidates(head)) {
    if (!takes(plane, head)) continue
    const { match } = plane
    if (plane.plane.to === 'virtual-host') {
      if (isAnothers(match as ApiMatch, head, index)) continue
      const { kind, registration, service } = match as ApiMatch
      return { kind, registration, service, path: toPathStyle(plane, view.host, head.path) }
    }
    if (plane.host === undefined && tier === 3 && isSignedForPath(plane.registration.manifest.id, head, index)) continue
    return match
  }
  return undefined
}

/** `sqs.localhost` may be a bucket's host name or a service's; the request or the manifests say when it is a service's. */
function isAnothers(match: ApiMatch, head: RequestHead, index: RouteIndex): boolean {
  const { credential } = head
  if (head.headers['x-amz-target'] !== undefined || index.view(head.host).service !== undefined) return true
  if (!isCredential(credential) || credential.service === '') return false
  return !index.signing.get(credential.service)?.some(rule => rule.match.service === match.service)
}

/** A signature whose service claims this very path (`apigateway` + `/v2`) beats another plugin's data plane that has only the path (`/v2/`). */
function isSignedForPath(plugin: string, head: RequestHead, index: RouteIndex): boolean {
  const { credential } = head
  if (!isCredential(credential)) return false
  const rules = index.signing.get(credential.service)
  const rule = rules && ruleFor(rules, head)
  return rule !== undefined && rule.pathPrefix !== '' && rule.match.registration.manifest.id !== plugin
}

function ruleFor(rules: readonly SigningRule[], { path }: RequestHead): SigningRule | undefined {
  return rules.find(({ pathPrefix }) => {
    if (pathPrefix === '' || path === pathPrefix) return true
    return path.startsWith(pathPrefix) && (pathPrefix.endsWith('/') || path[pathPrefix.length] === '/')
  })
}

/** The region and account parts of a signature, for {@link Router}. */
export function signedBy(head: RequestHead): Credential | undefined {
  return isCredential(head.credential) ? head.credential : undefined
}
