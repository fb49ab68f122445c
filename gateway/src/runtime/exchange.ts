import type { Readable } from 'node:stream'
import type { Plugin } from '../authoring/plugin.js'
import type { Manifest, ServiceManifest } from './manifest.js'

/** One HTTP request as the server hands it on: nothing of its body has been read. */
export interface HttpExchange {
  readonly method: string
  /** The path as sent, percent escapes untouched, no query. */
  readonly path: string
  /** The query as sent, without `?`. */
  readonly rawQuery: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** The address that the client used: the Host header or `:authority`. */
  readonly host: string
  readonly secure: boolean
  readonly remoteAddress: string | undefined
  readonly requestId: string
  /** Whether there may be a body; a request without one needn't be waited for. */
  readonly hasBody: boolean
  /** The body as it comes in. */
  readonly stream: Readable
  /** Reads the whole body. @throws AwsError (413, 408) for one that is too long or too slow, without holding it. */
  readBody(limit: number): Promise<Buffer>
  /** Aborted when the client hangs up before its answer is complete. */
  readonly signal: AbortSignal
}

/** A plugin that this MiniStack may load. */
export interface Registration {
  readonly manifest: Manifest
  /** The folder of the manifest, where its models are. */
  readonly dir: string
  /** Imports the plugin's code; called at most once at a time, again after a failure. */
  load(): Promise<Plugin>
}

/** Where the router sends an API call. */
export interface ApiRoute {
  readonly registration: Registration
  readonly service: ServiceManifest
  readonly account: string
  readonly region: string
  /** The access key id that the request names; undefined when it isn't signed. */
  readonly accessKeyId: string | undefined
  /** The path to use instead of the sent one: a virtual-hosted bucket, moved to where path style has it. */
  readonly path?: string
}
