import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { pathToFileURL } from 'node:url'
import { type AnyHandler, type AwsError, type Context, definePlugin } from '@ministack/gateway'
import type { Model } from '@ministack/gateway/protocol'
import { App, Gateway, type Registration, readConfig } from '@ministack/gateway/server'
import { plugins, type Service } from './services.js'

/** What the server is to answer the next call with. */
export type Canned = { readonly output: Readonly<Record<string, unknown>> } | { readonly error: AwsError }

/** What a handler got. */
export interface Received {
  readonly service: string
  readonly operation: string
  /** The one that the signature names; undefined for a request without. */
  readonly account: string | undefined
  readonly input: Readonly<Record<string, unknown>>
}

/**
 * The real server, with the manifests and models of all plugins at once, so that each request has to be told from those of all other services. In the
 * place of the plugins' own handlers are such that say what they got and answer what they were told.
 */
export class RoundTripServer {
  readonly port: number
  readonly #app: App
  readonly #gateway: Gateway
  readonly #desk: Desk

  private constructor(app: App, gateway: Gateway, desk: Desk) {
    this.#app = app
    this.#gateway = gateway
    this.#desk = desk
    this.port = (app.server.address() as AddressInfo).port
  }

  static async start(): Promise<RoundTripServer> {
    const desk = new Desk()
    const registrations = plugins().map(({ manifest, dir, services }): Registration => {
      const load = async () => {
        const definitions = services.map(service => [service.name, { operations: handlersOf(service, desk) }] as const)
        return definePlugin({ manifest: pathToFileURL(`${dir}/manifest.json`), services: Object.fromEntries(definitions) })
      }
      return { manifest, dir, load }
    })
    const gateway = new Gateway({ config: { ...readConfig({}), logLevel: 'error' }, plugins: registrations })
    await gateway.start()
    const app = new App(gateway)
    await app.listen({ port: 0, host: '127.0.0.1' })
    return new RoundTripServer(app, gateway, desk)
  }

  prepare(canned: Canned): void {
    this.#desk.canned = canned
    this.#desk.received = undefined
  }

  /** What the last call's handler got; undefined when the call never came to one. */
  received(): Received | undefined {
    return this.#desk.received
  }

  async close(): Promise<void> {
    this.#app.server.closeAllConnections()
    await this.#app.close()
    await this.#gateway.close()
  }
}

/** Where tests and handlers meet. */
class Desk {
  canned: Canned = { output: {} }
  received: Received | undefined
}

function handlersOf(service: Service, desk: Desk): Record<string, AnyHandler> {
  const model = service.model()
  return Object.fromEntries(model.operations.map(name => [name, handlerOf(service.name, model, name, desk) as AnyHandler]))
}

function handlerOf(service: string, model: Model, name: string, desk: Desk) {
  const { streamingInput } = model.operation(name)!
  return async ({ operation, account, http }: Context<unknown>, input: Record<string, unknown>) => {
    const body = streamingInput === undefined ? undefined : input[streamingInput]
    const whole = body instanceof Readable ? { ...input, [streamingInput!]: await bytesOf(body) } : input
    const signed = http?.headers.authorization !== undefined
    desk.received = { service, operation, account: signed ? account : undefined, input: whole }
    if ('error' in desk.canned) throw desk.canned.error
    return desk.canned.output
  }
}

async function bytesOf(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = []
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  await once(stream, 'end')
  return Buffer.concat(chunks)
}
