import type { ProtocolName } from '../protocol/wire.js'

/** Rules by which the generic tier knows a service's requests. Two plugins that claim the same thing are a start-up error. */
export interface MatchRules {
  /** `X-Amz-Target` prefixes, without the dot: `AmazonSQS`. */
  readonly targets?: readonly string[]
  /** SigV4 service names; a `pathPrefix` tells services apart that share one (`apigateway` + `/v2`). */
  readonly signing?: readonly { readonly name: string; readonly pathPrefix?: string }[]
  /** `Version` values of the query protocols: `2012-11-05`. */
  readonly queryVersions?: readonly string[]
  /** Query `Action`s that only this service has, for requests without version and signature. */
  readonly actions?: readonly string[]
  /** First labels of host names: `sqs` matches `sqs.us-east-1.amazonaws.com` and `sqs.localhost:4566`. */
  readonly hosts?: readonly string[]
  /** Path patterns (regular expressions, anchored by the author) for requests that nothing else tells. */
  readonly paths?: readonly string[]
}

/** A data plane: requests that aren't API calls and go to the plugin's own Fastify routes, or are rewritten for its API. */
export interface DataPlane {
  readonly name: string
  /** 1 before the body, 2 after it, 3 by host or path; `routing/steps.ts`. */
  readonly tier: 1 | 2 | 3
  /** A regular expression on the host name, without port. */
  readonly host?: string
  /** A regular expression on the path as sent. */
  readonly path?: string
  readonly methods?: readonly string[]
  /** Takes WebSocket upgrades. */
  readonly upgrade?: boolean
  /** Higher wins within a tier; 0 by default. */
  readonly priority?: number
  /** `routes`: the plugin's Fastify routes (default). `api`: the request is an API call of this service, by host or path. `virtual-host`: the same, with the bucket moved from host to path. */
  readonly to?: 'routes' | 'api' | 'virtual-host'
  /** The service, for `api` and `virtual-host`. */
  readonly service?: string
}

export interface ServiceManifest {
  /** What it is called in `SERVICES`, in-process calls, health and logs: `sqs`, `cognito-idp`. */
  readonly name: string
  readonly title: string
  /** The npm SDK client's package name. */
  readonly sdk: string
  /** The model's file beside the manifest. */
  readonly model: string
  /** Hand-written facts, applied to the model as a JSON merge patch (RFC 7386). */
  readonly patch?: string
  readonly protocols: readonly ProtocolName[]
  /** The Smithy service shape, for rpc-v2-cbor paths. */
  readonly shape: string
  readonly match: MatchRules
  /** The longest body of a non-streaming operation, in bytes; the configuration's by default. */
  readonly maxBodyBytes?: number
}

/** manifest.json: what the gateway must know of a plugin without importing its code. */
export interface Manifest {
  /** The plugin's id: `sqs`. */
  readonly id: string
  /** Other names by which `SERVICES` may ask for it. */
  readonly aliases?: readonly string[]
  readonly services: readonly ServiceManifest[]
  readonly dataPlanes?: readonly DataPlane[]
  /** The version of the state on disk; raise it when a stored value changes shape. */
  readonly stateVersion: number
  /** A setting of the plugin's own that keeps its state without `PERSIST_STATE`, and where it then is: with what else the plugin keeps there. */
  readonly keep?: { readonly when: 's3Persist'; readonly in: 's3DataDir' }
  /** Load at the start when there is persisted state: schedules and event sources that must run unasked. */
  readonly eager?: boolean
}
