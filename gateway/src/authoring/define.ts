import type { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import type { Context, HttpInfo } from '../runtime/context.js'
import type { Unit } from '../runtime/unit.js'
import type { Input, OperationName, Output } from './operations.js'

/** What a handler may answer for a streaming body. */
export type StreamingOutput = Readable | Uint8Array | string

type IfStreamIn<T> = [Readable] extends [NonNullable<T>] ? Readable | Extract<T, undefined> : T
type IfStreamOut<T> = NonNullable<T> extends { transformToByteArray(): Promise<Uint8Array> } ? StreamingOutput | Extract<T, undefined> : T

/** The input as a handler gets it: the SDK's, with a `Readable` for a streaming body. */
export type HandlerInput<M, K extends OperationName<M>> = { [P in keyof Input<M, K>]: IfStreamIn<Input<M, K>[P]> }

/** The output as a handler gives it: the SDK's, with a `Readable`, bytes or text for a streaming body. */
export type HandlerOutput<M, K extends OperationName<M>> = { [P in keyof Output<M, K>]: IfStreamOut<Output<M, K>[P]> } & {
  readonly $metadata?: {
    /** On the REST protocols, another status than the model's: 206 for a part of an object. */
    readonly httpStatusCode?: number
    /** In an XML document, the lists whose elements come mixed: for each element the member that it is of. */
    readonly turns?: readonly string[]
  }
}

/** What an operation does: input in, output or an {@link AwsError} out. */
export type Handler<M, K extends OperationName<M>, S> = (
  ctx: Context<S>,
  input: HandlerInput<M, K>,
) => HandlerOutput<M, K> | Promise<HandlerOutput<M, K>>

/** A handler with its types erased, as the runtime calls it. */
export type AnyHandler = (ctx: Context<never>, input: never) => unknown

/** An answer on its way out; headers may be added to it. */
export interface Answer {
  readonly status: number
  readonly headers: Record<string, string | string[]>
  /** How long its body is, in bytes; undefined for a stream. */
  readonly bytes: number | undefined
  /** The code of the error that it is. */
  readonly error?: string
  /** When the request came, by the clock, in milliseconds since the epoch. */
  readonly arrived: number
}

/** What a service does beside its operations. */
export interface ServiceHooks<S> {
  /**
   * A first look at each body that is read whole, before it is parsed: S3 compares it with its digests there.
   *
   * @returns a promise where it has to wait.
   * @throws AwsError that is the answer.
   */
  received?(operation: string, http: HttpInfo, body: Buffer): Promise<void> | undefined
  /** A last look at each answer that goes over the wire, errors too: S3 adds the headers of a bucket's CORS rules there and keeps its access log. */
  answered?(ctx: Context<S>, answer: Answer): void
}

/** The implemented operations of one AWS service, by name. */
export interface ServiceDefinition extends ServiceHooks<never> {
  readonly operations: Readonly<Record<string, AnyHandler>>
}

/** A service plugin: what a plugin package's index exports, through {@link definePlugin}. */
export interface PluginDefinition<S = unknown> {
  /** The manifest that describes it: `new URL('../../manifest.json', import.meta.url)`. */
  readonly manifest: URL
  /** Makes the empty state; called when the plugin is loaded and again at each reset. Own properties that are {@link Durable} are persisted. */
  state?(): S
  /** The services, by their names in the manifest. */
  readonly services: Readonly<Record<string, ServiceDefinition>>
  /** Runs once the state is restored, and again after a reset: start timers and background work here. */
  start?(unit: Unit<S>): void | Promise<void>
  /** Adds the data plane's routes to the unit's own Fastify instance. */
  routes?(app: FastifyInstance, unit: Unit<S>): void | Promise<void>
  /** Turns state of an older `stateVersion` into today's; without it older state is refused. */
  migrate?(record: { dict: string; key: string; value: unknown }, fromVersion: number): unknown
  /** Last words: the state is still whole. */
  stop?(unit: Unit<S>): void | Promise<void>
}

/** The tools to write a service's operations with, typed by its SDK client module `M` and the plugin's state `S`. */
export interface ServiceKit<M, S> {
  /**
   * Names and types one operation.
   *
   * ```ts
   * export const sendMessage = operation('SendMessage', (ctx, input) => ({ MessageId: '...' }))
   * ```
   */
  operation<K extends OperationName<M>>(name: K, handler: Handler<M, K, S>): Handler<M, K, S>
  /** Gathers the operations; a name that the service doesn't have doesn't compile. */
  service(operations: { readonly [K in OperationName<M>]?: Handler<M, K, S> }, hooks?: ServiceHooks<S>): ServiceDefinition
}

/**
 * `const { operation, service } = forService<typeof import('@aws-sdk/client-sqs'), SqsState>()`
 *
 * The module is named as a type only: nothing of the SDK is loaded at run time.
 */
export function forService<M, S = unknown>(): ServiceKit<M, S> {
  return {
    operation: (_name, handler) => handler,
    service: (operations, hooks) => ({
      operations: operations as unknown as Record<string, AnyHandler>,
      ...(hooks as ServiceHooks<never>),
    }),
  }
}
