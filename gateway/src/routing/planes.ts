import type { Registration } from '../runtime/exchange.js'
import type { DataPlane, ServiceManifest } from '../runtime/manifest.js'
import type { RequestHead } from './head.js'
import type { HostName } from './host.js'
import type { ApiMatch, DataPlaneMatch } from './route.js'

/** A data plane of a manifest, ready to be matched. */
export interface Plane {
  readonly plane: DataPlane
  readonly registration: Registration
  readonly host: RegExp | undefined
  readonly path: RegExp | undefined
  readonly methods: ReadonlySet<string> | undefined
  /** The path's first segment where the pattern fixes it. */
  readonly segment: string | undefined
  readonly match: ApiMatch | DataPlaneMatch
}

/** Makes a manifest's data plane ready. @throws Error that names plugin and data plane, for a pattern or service that can't be. */
export function preparePlane(plane: DataPlane, registration: Registration, api: (service: ServiceManifest) => ApiMatch): Plane {
  const { id, services } = registration.manifest
  const where = `plugin '${id}', data plane '${plane.name}'`
  const regExp = (source: string | undefined) => {
    try {
      return source === undefined ? undefined : new RegExp(source)
    } catch (error) {
      throw new Error(`${where}: ${(error as Error).message}`)
    }
  }
  const to = plane.to ?? 'routes'
  const service = services.find(s => s.name === plane.service)
  if (to !== 'routes' && !service) throw new Error(`${where}: there is no service '${plane.service}' in the manifest`)
  if (plane.host === undefined && plane.path === undefined) throw new Error(`${where}: neither host nor path says which requests it takes`)
  if (to === 'virtual-host' && plane.host === undefined) throw new Error(`${where}: a virtual host needs a host pattern`)
  return {
    plane,
    registration,
    host: regExp(plane.host),
    path: regExp(plane.path),
    methods: plane.methods && new Set(plane.methods),
    segment: firstSegmentOf(plane.path),
    match: to === 'routes' ? { kind: 'data-plane', registration, plane } : api(service!),
  }
}

/** One tier's planes for one host, found by the path's first segment. */
export class PlaneTable {
  readonly #bySegment = new Map<string, Plane[]>()
  readonly #others: readonly Plane[]

  /** @param planes those that take the host, in the order in which they win. */
  constructor(planes: readonly Plane[]) {
    this.#others = planes.filter(p => p.segment === undefined)
    for (const { segment } of planes) {
      if (segment === undefined || this.#bySegment.has(segment)) continue
      this.#bySegment.set(
        segment,
        planes.filter(p => p.segment === undefined || p.segment === segment),
      )
    }
  }

  /** The planes that may take a request, in order; each still has to look at path and method. */
  candidates(head: RequestHead): readonly Plane[] {
    if (this.#bySegment.size === 0) return this.#others
    return this.#bySegment.get(head.firstSegment) ?? this.#others
  }
}

/** Whether a plane's path, method and upgrade rules take a request whose host it takes. */
export function takes(plane: Plane, head: RequestHead): boolean {
  if (head.upgrade && !plane.plane.upgrade) return false
  if (plane.methods ? !plane.methods.has(head.method) : head.method === 'OPTIONS' && plane.match.kind === 'api') return false
  return plane.path === undefined || plane.path.test(head.path)
}

/** Whether a plane takes a host, by its own name or with `localhost` in place of the server's. */
export function takesHost(plane: Plane, host: HostName): boolean {
  return plane.host === undefined || plane.host.test(host.name) || (host.local !== host.name && plane.host.test(host.local))
}

/** Moves the bucket of a virtual-hosted request to where path style has it. */
export function toPathStyle(plane: Plane, host: HostName, path: string): string {
  const found = plane.host!.exec(host.name) ?? plane.host!.exec(host.local)!
  return `/${found.groups?.bucket ?? found[1] ?? ''}${path}`
}

/** The first segment that a pattern such as `^/oauth2/` or `^/_ministack/sqs/messages$` fixes. */
function firstSegmentOf(source: string | undefined): string | undefined {
  return source === undefined || source.includes('|') ? undefined : /^\^\/([A-Za-z0-9_-]+)(?=\/|\$)/.exec(source)?.[1]
}
