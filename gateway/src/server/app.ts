import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { InjectOptions, Response } from 'light-my-request'
import type { Gateway } from '../runtime/gateway.js'
import { AdminApi } from './admin.js'
import type { BodyTimeouts } from './body.js'
import type { Certificate } from './certificate.js'
import { Dispatcher } from './dispatch.js'
import type { InitScripts } from './init-scripts.js'
import { type ConnectionLimits, OnePortServer } from './sniff.js'

/** How an app may differ from the usual one. */
export interface AppOptions {
  readonly scripts?: InitScripts
  readonly limits?: Partial<ConnectionLimits>
  readonly bodyTimeouts?: Partial<BodyTimeouts>
}

/**
 * Everything that answers, behind one port or none.
 *
 * There is no Fastify here. Its body path answers 415 to legal S3 uploads, ignores GET bodies and refuses `/%zz`, so every request would go past it, and
 * loading it takes longer than all the rest of a start. A plugin's data plane is Fastify, loaded with its first request.
 */
export class App {
  readonly server: OnePortServer
  readonly #dispatcher: Dispatcher

  /** @throws Error that names every two plugins that claim the same thing. */
  constructor(gateway: Gateway, { scripts, limits, bodyTimeouts }: AppOptions = {}) {
    const dispatcher = new Dispatcher(gateway, { timeouts: bodyTimeouts, admin: new AdminApi(gateway, scripts) })
    let certificate: Promise<Certificate> | undefined
    this.#dispatcher = dispatcher
    this.server = new OnePortServer({
      handler: (request, response) => void dispatcher.take(request, response),
      expectContinue: (request, response) => void dispatcher.take(request, response, true),
      upgrade: (request, socket, head) => dispatcher.upgrade(request, socket, head),
      certificate: () => {
        certificate ??= import('./certificate.js').then(({ certificateFor }) => certificateFor(gateway.config))
        return certificate
      },
      limits,
    })
    this.server.on('certificateError', error => {
      certificate = undefined
      gateway.log.error('TLS is not available', { error })
    })
  }

  /** Takes a request from any Node server, or from one that only looks so. */
  routing(request: IncomingMessage, response: ServerResponse): void {
    this.#dispatcher.take(request, response)
  }

  /** Answers a request without a connection. The URL arrives as it is given: the S3 key `a/../b` is not `b`. */
  async inject(options: InjectOptions | string): Promise<Response> {
    const { default: inject } = await import('light-my-request')
    const { url, ...rest } = typeof options === 'string' ? { url: options } : options
    return inject(
      (request, response) => {
        if (typeof url === 'string') request.url = url
        this.routing(request as IncomingMessage, response as unknown as ServerResponse)
      },
      { ...rest, url: '/' },
    )
  }

  /** @throws Error that says who has a port that is taken, as far as the machine tells it. */
  async listen({ port, host }: { readonly port: number; readonly host: string }): Promise<void> {
    // `once` rejects with an `error` event that comes before.
    const listening = once(this.server, 'listening')
    this.server.listen({ port, host })
    try {
      await listening
    } catch (error) {
      const { explainListenError } = await import('./taken-port.js')
      throw await explainListenError(error as NodeJS.ErrnoException, port, host)
    }
  }

  /** Lets requests under way end, then closes every connection. */
  async close(): Promise<void> {
    if (this.server.listening) await new Promise(resolve => this.server.close(resolve))
    this.#dispatcher.close()
  }
}
