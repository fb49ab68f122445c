import type { Registration } from '../runtime/exchange.js'
import type { MatchRules, ServiceManifest } from '../runtime/manifest.js'
import { Claims } from './claims.js'
import { type HostName, parseHost } from './host.js'
import { type Plane, PlaneTable, preparePlane, takesHost } from './planes.js'
import type { ApiMatch } from './route.js'

/** What is known of one Host header: worked out once, since clients send the same one again and again. */
export interface HostView {
  readonly host: HostName
  /** The service whose endpoint it is. */
  readonly service: ApiMatch | undefined
  /** The data planes that take it, by tier. */
  readonly tiers: { readonly 1: PlaneTable; readonly 2: PlaneTable; readonly 3: PlaneTable }
}

/** A signing name's claim. */
export interface SigningRule {
  readonly pathPrefix: string
  readonly match: ApiMatch
}

/** How many hosts are remembered; a flood of them costs time, not memory. */
const MAX_HOSTS = 512

/** Everything that the manifests say about requests, arranged for looking up. */
export class RouteIndex {
  /** By Smithy service shape. */
  readonly shapes = new Map<string, ApiMatch>()
  readonly targets = new Map<string, ApiMatch>()
  /** The longest path prefix first. */
  readonly signing = new Map<string, SigningRule[]>()
  readonly versions = new Map<string, ApiMatch>()
  readonly actions = new Map<string, ApiMatch>()
  readonly hosts = new Map<string, ApiMatch>()
  /** The pattern that fixes the most text first. */
  readonly paths: { readonly pattern: RegExp; readonly match: ApiMatch }[] = []
  readonly #planes: Plane[] = []
  readonly #views = new Map<string, HostView>()
  readonly #ownHost: string | undefined

  /**
   * @param ownHost the name that `MINISTACK_HOST` gives this server.
   * @throws Error that names every two plugins that claim the same thing.
   */
  constructor(registrations: readonly Registration[], ownHost?: string) {
    this.#ownHost = ownHost
    const claims = new Claims()
    for (const registration of registrations) this.#add(registration, claims)
    claims.check()
    for (const rules of this.signing.values()) rules.sort((a, b) => b.pathPrefix.length - a.pathPrefix.length)
    this.paths.sort((a, b) => literalPrefix(b.pattern).length - literalPrefix(a.pattern).length)
    this.#planes.sort((a, b) => (b.plane.priority ?? 0) - (a.plane.priority ?? 0))
  }

  /** What is known of a Host header. */
  view(header: string): HostView {
    const known = this.#views.get(header)
    if (known) return known
    const host = parseHost(header, this.#ownHost)
    const planes = this.#planes.filter(plane => takesHost(plane, host))
    const tier = (n: 1 | 2 | 3) => new PlaneTable(planes.filter(p => p.plane.tier === n))
    const view: HostView = {
      host,
      service: host.service === '' ? undefined : this.hosts.get(host.service),
      tiers: { 1: tier(1), 2: tier(2), 3: tier(3) },
    }
    if (this.#views.size >= MAX_HOSTS) this.#views.clear()
    this.#views.set(header, view)
    return view
  }

  #add(registration: Registration, claims: Claims): void {
    const { manifest } = registration
    const owner = `plugin '${manifest.id}'`
    for (const name of new Set([manifest.id, ...(manifest.aliases ?? [])])) claims.add('the name', name, owner)
    const matches = new Map<ServiceManifest, ApiMatch>()
    for (const service of manifest.services) {
      const match: ApiMatch = { kind: 'api', registration, service }
      matches.set(service, match)
      this.#addService(match, claims)
    }
    for (const dataPlane of manifest.dataPlanes ?? []) {
      const plane = preparePlane(dataPlane, registration, service => matches.get(service)!)
      const { tier, host = '*', path = '*', methods = ['*'], priority = 0, name } = dataPlane
      for (const method of methods) {
        claims.add(`the data plane (tier ${tier}, priority ${priority})`, `${method} ${host} ${path}`, `${owner} (data plane '${name}')`)
      }
      this.#planes.push(plane)
    }
  }

  #addService(match: ApiMatch, claims: Claims): void {
    const { service, registration } = match
    const rules: MatchRules = service.match
    const owner = `plugin '${registration.manifest.id}' (service '${service.name}')`
    claims.add('the service name', service.name, owner)
    const claim = (map: Map<string, ApiMatch>, what: string, keys: readonly string[] = []) => {
      for (const key of keys) if (claims.add(what, key, owner)) map.set(key, match)
    }
    claim(this.shapes, 'the service shape', [service.shape])
    claim(this.targets, 'the X-Amz-Target prefix', rules.targets)
    claim(this.versions, 'the query version', rules.queryVersions)
    claim(this.actions, 'the query action', rules.actions)
    claim(this.hosts, 'the host label', rules.hosts)
    for (const { name, pathPrefix = '' } of rules.signing ?? []) {
      if (!claims.add('the signing name', pathPrefix ? `${name} ${pathPrefix}` : name, owner)) continue
      const list = this.signing.get(name)
      if (list) list.push({ pathPrefix, match })
      else this.signing.set(name, [{ pathPrefix, match }])
    }
    for (const source of rules.paths ?? []) {
      if (claims.add('the path pattern', source, owner)) this.paths.push({ pattern: new RegExp(source), match })
    }
  }
}

function literalPrefix(pattern: RegExp): string {
  return /^\^?((?:\\?\/|[A-Za-z0-9_.-])*)/.exec(pattern.source)?.[1]?.replaceAll('\\', '') ?? ''
}
