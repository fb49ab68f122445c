import http from 'node:http'
import type http2 from 'node:http2'
import { createRequire } from 'node:module'
import net from 'node:net'
import type { Duplex } from 'node:stream'
import type tls from 'node:tls'
import type { RawHandler, RawRequest, RawResponse } from './raw.js'

/** Limits against clients that are slow or send too much; times in milliseconds. */
export interface ConnectionLimits {
  /** For what tells a connection's kind: a TLS hello, an HTTP/2 preface or a first request's line. */
  readonly firstBytes: number
  /** For a request's headers. */
  readonly headers: number
  /** Between requests of one connection. */
  readonly keepAlive: number
  /** For requests under way when the server closes. */
  readonly grace: number
  /** The most bytes of a request's line and headers. */
  readonly headerBytes: number
}

export const DEFAULT_LIMITS: ConnectionLimits = {
  firstBytes: 60_000,
  headers: 60_000,
  keepAlive: 75_000,
  grace: 10_000,
  headerBytes: 64 * 1024,
}

/** What a {@link OnePortServer} is made from. */
export interface OnePortOptions {
  readonly handler: RawHandler
  /** Takes requests that wait for `100 Continue`; it must send it before it reads a body. */
  readonly expectContinue: RawHandler
  readonly upgrade: (request: http.IncomingMessage, socket: Duplex, head: Buffer) => void
  /** The certificate, asked for once, at the first TLS hello. */
  readonly certificate: () => Promise<{ readonly key: string; readonly cert: string }>
  readonly limits?: Partial<ConnectionLimits>
}

/** Loads the parts of Node that most servers never need when a connection does, without a turn of the event loop in which bytes could be lost. */
const require = createRequire(import.meta.url)

const TLS_HELLO = 0x16
const PREFACE = Buffer.from('PRI * HTTP/2')
const END_OF_HEADERS = Buffer.from('\r\n\r\n')
const WEBSOCKET = /\r\nupgrade:[ \t]*websocket[ \t]*\r\n/i
/** A first request is looked at for a WebSocket upgrade up to this many bytes. */
const MAX_PEEK = 16 * 1024

/**
 * One TCP port for HTTP/1.1, HTTP/2 by prior knowledge, TLS (either of them by ALPN) and WebSocket upgrades, told apart by a connection's first bytes.
 * Within TLS the same rules apply again.
 */
export class OnePortServer extends net.Server {
  readonly #limits: ConnectionLimits
  readonly #sockets = new Set<net.Socket>()
  readonly #undecided = new Set<net.Socket>()
  readonly #upgraded = new Set<Duplex>()
  readonly #sessions = new Set<http2.ServerHttp2Session>()
  readonly #http1: http.Server
  /**
   * Only connections whose first request asks for a WebSocket come here: a Node server that listens for upgrades takes every `Upgrade` header for one,
   * and curl and Java clients send `Upgrade: h2c` with ordinary requests.
   */
  readonly #websocket: http.Server
  readonly #makeHttp2: () => http2.Http2Server
  #http2: http2.Http2Server | undefined
  readonly #certificate: OnePortOptions['certificate']
  #secure: Promise<tls.Server> | undefined
  #closing = false

  constructor({ handler, expectContinue, upgrade, certificate, limits }: OnePortOptions) {
    super({ allowHalfOpen: true, noDelay: true })
    this.#limits = { ...DEFAULT_LIMITS, ...limits }
    this.#certificate = certificate
    this.#http1 = this.#http1Server(handler, expectContinue)
    this.#websocket = this.#http1Server(handler, expectContinue)
    this.#websocket.on('upgrade', (request, socket, head) => {
      this.#upgraded.add(socket)
      socket.once('close', () => this.#upgraded.delete(socket))
      upgrade(request, socket, head)
    })
    this.#makeHttp2 = () => this.#http2Server(handler, expectContinue)
    this.on('connection', (socket: net.Socket) => {
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
      this.#tell(socket)
    })
    // Node's servers begin to look for slow headers when they are told that they listen.
    this.once('listening', () => {
      this.#http1.emit('listening')
      this.#websocket.emit('listening')
    })
  }

  /** Accepts no more connections, lets requests under way end, and after the grace period ends them. */
  override close(callback?: (error?: Error) => void): this {
    super.close(callback)
    if (this.#closing) return this
    this.#closing = true
    this.closeIdleConnections()
    this.closeHttp2Sessions()
    const idle = setInterval(() => this.closeIdleConnections(), 20)
    const grace = setTimeout(() => this.closeAllConnections(), this.#limits.grace)
    const end = () => {
      clearInterval(idle)
      clearTimeout(grace)
      for (const server of [this.#http1, this.#websocket]) server.close(() => {})
    }
    this.once('close', end)
    return this
  }

  /** Closes connections without a request under way. */
  closeIdleConnections(): void {
    for (const socket of this.#undecided) socket.destroy()
    for (const socket of this.#upgraded) socket.destroy()
    this.#http1.closeIdleConnections()
    this.#websocket.closeIdleConnections()
  }

  closeAllConnections(): void {
    for (const session of this.#sessions) session.destroy()
    for (const socket of this.#sockets) socket.destroy()
  }

  /** Ends each HTTP/2 session when its streams have ended. */
  closeHttp2Sessions(): void {
    for (const session of this.#sessions) session.close()
  }

  /** Reads just enough of a connection to tell what it is, and hands it on unread. */
  #tell(socket: net.Socket): void {
    const end = () => {
      clearTimeout(timer)
      this.#undecided.delete(socket)
      socket.off('readable', peek).off('close', end).off('end', hangUp)
    }
    const hangUp = () => socket.destroy()
    let bytes: Buffer | undefined
    const peek = () => {
      for (let more: Buffer | null = socket.read(); more !== null; more = socket.read()) bytes = bytes ? Buffer.concat([bytes, more]) : more
      const server = bytes && this.#serverFor(bytes)
      if (!server) return
      end()
      socket.unshift(bytes)
      if (server !== 'tls') server.emit('connection', socket)
      else this.#decrypt(socket)
    }
    const timer = setTimeout(hangUp, this.#limits.firstBytes)
    this.#undecided.add(socket)
    socket.on('readable', peek).on('close', end).on('end', hangUp)
    socket.on('error', ignore)
  }

  /** The server for a connection that begins with these bytes; undefined when it takes more to tell. */
  #serverFor(bytes: Buffer): http.Server | http2.Http2Server | 'tls' | undefined {
    if (bytes[0] === TLS_HELLO) return 'tls'
    if (bytes[0] === PREFACE[0] && PREFACE.subarray(0, bytes.length).equals(bytes.subarray(0, PREFACE.length))) {
      if (bytes.length < PREFACE.length) return undefined
      this.#http2 ??= this.#makeHttp2()
      return this.#http2
    }
    if (bytes[0] !== 0x47) return this.#http1
    const end = bytes.indexOf(END_OF_HEADERS)
    if (end === -1) return bytes.length < MAX_PEEK ? undefined : this.#http1
    return WEBSOCKET.test(bytes.toString('latin1', 0, end + 2)) ? this.#websocket : this.#http1
  }

  #decrypt(socket: net.Socket): void {
    // As on Node's own TLS servers: a client that breaks off a handshake is gone.
    socket.allowHalfOpen = false
    this.#secure ??= this.#tlsServer()
    this.#secure.then(
      server => server.emit('connection', socket),
      error => {
        this.#secure = undefined
        socket.destroy()
        this.emit('certificateError', error)
      },
    )
  }

  async #tlsServer(): Promise<tls.Server> {
    const certificate = await this.#certificate()
    const { createServer } = require('node:tls') as typeof tls
    const server = createServer({ ...certificate, ALPNProtocols: ['h2', 'http/1.1'], handshakeTimeout: this.#limits.firstBytes })
    server.on('secureConnection', socket => this.#tell(socket))
    server.on('tlsClientError', (_error, socket) => socket.destroy())
    return server
  }

  #http1Server(handler: RawHandler, expectContinue: RawHandler): http.Server {
    const { headers, keepAlive, headerBytes } = this.#limits
    const server = http.createServer({
      headersTimeout: headers,
      // Bodies have watches of their own: an upload may take as long as it moves.
      requestTimeout: 0,
      keepAliveTimeout: keepAlive,
      maxHeaderSize: headerBytes,
      connectionsCheckingInterval: Math.min(headers / 2, 10_000),
    })
    server.on('request', (request, response) => this.#dispatch(handler, request, response))
    server.on('checkContinue', (request, response) => this.#dispatch(expectContinue, request, response))
    server.on('clientError', refuseConnection)
    return server
  }

  #dispatch(handler: RawHandler, request: RawRequest, response: http.ServerResponse): void {
    if (this.#closing) response.shouldKeepAlive = false
    handler(request, response)
  }

  #http2Server(handler: RawHandler, expectContinue: RawHandler): http2.Http2Server {
    const { createServer } = require('node:http2') as typeof http2
    const server = createServer({ settings: { maxConcurrentStreams: 1000, maxHeaderListSize: this.#limits.headerBytes } })
    server.on('request', handler as (request: http2.Http2ServerRequest, response: http2.Http2ServerResponse) => void)
    server.on('checkContinue', expectContinue as (request: http2.Http2ServerRequest, response: http2.Http2ServerResponse) => void)
    server.on('sessionError', ignore)
    server.on('session', session => {
      this.#sessions.add(session)
      session.once('close', () => this.#sessions.delete(session))
      session.setTimeout(this.#limits.keepAlive, () => session.close())
      session.socket.once('end', () => session.close())
      if (this.#closing) session.close()
    })
    return server
  }
}

function ignore(): void {}

const STATUS_OF_ERROR: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: '413 Payload Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
}

/** Answers what isn't HTTP, or too much of it, in bare HTTP: nothing is known of a service yet. */
function refuseConnection(error: NodeJS.ErrnoException, socket: Duplex): void {
  const { _httpMessage: answer } = socket as { _httpMessage?: RawResponse }
  if (error.code === 'ECONNRESET' || !socket.writable || answer?.headersSent) {
    socket.destroy()
    return
  }
  const status = STATUS_OF_ERROR[error.code ?? ''] ?? '400 Bad Request'
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy())
}
