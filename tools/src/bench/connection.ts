import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** An answer, as far as the bench looks at it. */
export interface Answer {
  readonly status: number
  readonly body: Buffer
}

/** One keep-alive connection, one request at a time: just enough HTTP to be much cheaper than the server that it drives. */
export class Connection {
  readonly #socket: Socket
  #chunks: Buffer[] = []
  #bytes = 0
  /** As many bytes are needed for the next look at them. */
  #wanted = 0
  #done: ((answer: Answer) => void) | undefined
  #failed: ((error: Error) => void) | undefined

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.on('data', chunk => this.#read(chunk))
    socket.on('error', error => this.#failed?.(error))
    socket.on('close', () => this.#failed?.(new Error('the server closed the connection')))
  }

  static async open(port: number): Promise<Connection> {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    return new Connection(socket)
  }

  /** Sends a request; `done` gets its answer. */
  send(request: Buffer, done: (answer: Answer) => void, failed: (error: Error) => void): void {
    if (this.#socket.destroyed) {
      failed(new Error('the server closed the connection'))
      return
    }
    this.#done = done
    this.#failed = failed
    this.#socket.write(request)
  }

  close(): void {
    this.#failed = undefined
    this.#socket.destroy()
  }

  #read(chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#bytes += chunk.length
    if (this.#bytes < this.#wanted) return
    const buffer = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks)
    const headEnd = buffer.indexOf('\r\n\r\n')
    if (headEnd < 0) return
    const head = buffer.toString('latin1', 0, headEnd)
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)
    const status = Number(head.slice(9, 12))
    if (!length && status !== 204) {
      this.#failed?.(new Error(`an answer without content-length: ${head}`))
      return
    }
    const end = headEnd + 4 + Number(length?.[1] ?? 0)
    // A long body is put together once, when all of it is there.
    this.#wanted = end
    if (buffer.length < end) return
    const rest = buffer.subarray(end)
    this.#chunks = rest.length === 0 ? [] : [rest]
    this.#bytes = rest.length
    this.#wanted = 0
    // A server may close a connection that waits for the others of its round.
    this.#failed = undefined
    this.#done?.({ status, body: buffer.subarray(headEnd + 4, end) })
  }
}
