import type { Registration } from '../runtime/exchange.js'
import type { DataPlane, ServiceManifest } from '../runtime/manifest.js'

/** An API call of a service. The index holds one for each service, so that finding it allocates nothing. */
export interface ApiMatch {
  readonly kind: 'api'
  readonly registration: Registration
  readonly service: ServiceManifest
  /** The path to use instead of the sent one. */
  readonly path?: string
}

/** A request for a plugin's own Fastify routes. */
export interface DataPlaneMatch {
  readonly kind: 'data-plane'
  readonly registration: Registration
  readonly plane: DataPlane
}

/** Only the body, a form, can tell; read it, set `head.form` and route again. */
export interface NeedsForm {
  readonly kind: 'needs-form'
}

/** How an error is written for a request that no service answers. */
export type ErrorStyle = 'json' | 'query' | 'ec2' | 'xml' | 'cbor'

/** Nobody's request, or one that can't be read. */
export interface Refusal {
  readonly kind: 'refusal'
  readonly status: number
  readonly code: string
  readonly message: string
  readonly style: ErrorStyle
}

/** Where a request goes. */
export type Route = ApiMatch | DataPlaneMatch | NeedsForm | Refusal
