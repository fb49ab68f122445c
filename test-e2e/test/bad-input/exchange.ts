import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { BadRequest } from './request.js'

/** What a request came to. */
export type Outcome =
  | { readonly kind: 'answer'; readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: Buffer }
  /** Closed, with what came before that wasn't a whole HTTP answer. */
  | { readonly kind: 'closed'; readonly bytes: Buffer }
  /** Neither an answer nor an end in the time that anything may take. */
  | { readonly kind: 'hung'; readonly bytes: Buffer }

/** Sends a request over a connection of its own and waits for what comes of it. */
export function exchange(port: number, { send, end = false }: BadRequest, limitMs: number): Promise<Outcome> {
  return new Promise(resolve => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    let bytes: Buffer = Buffer.alloc(0)
    let over = false
    const finish = (outcome: Outcome) => {
      if (over) return
      over = true
      clearTimeout(timer)
      socket.destroy()
      resolve(outcome)
    }
    const close = () => finish(parse(bytes, true) ?? { kind: 'closed', bytes })
    const timer = setTimeout(() => finish({ kind: 'hung', bytes }), limitMs)
    socket.setNoDelay(true)
    socket.on('error', close).on('close', close).on('end', close)
    socket.on('data', chunk => {
      bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk])
      const answer = parse(bytes, false)
      if (answer) finish(answer)
    })
    socket.on('connect', async () => {
      for (const part of send) {
        if (over) return
        if (typeof part === 'number') await sleep(part)
        else if (!socket.write(part)) await new Promise<void>(drained => socket.once('drain', drained).once('close', drained))
      }
      if (end && !over) socket.end()
    })
  })
}

/** A whole HTTP/1.1 answer, `100 Continue` aside; undefined while it isn't whole. */
function parse(bytes: Buffer, atEnd: boolean): Outcome | undefined {
  let start = 0
  for (;;) {
    const headEnd = bytes.indexOf('\r\n\r\n', start)
    if (headEnd < 0) return undefined
    const [line = '', ...lines] = bytes.toString('latin1', start, headEnd).split('\r\n')
    const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(line)?.[1])
    if (Number.isNaN(status)) return undefined
    start = headEnd + 4
    if (status === 100) continue
    const headers: Record<string, string> = Object.create(null)
    for (const each of lines) headers[each.slice(0, each.indexOf(':')).toLowerCase()] = each.slice(each.indexOf(':') + 1).trim()
    const length = headers['content-length']
    const body = bytes.subarray(start, length === undefined ? undefined : start + Number(length))
    const isWhole =
      length === undefined
        ? atEnd || headers['transfer-encoding'] === undefined || body.includes('0\r\n\r\n')
        : body.length === Number(length)
    return isWhole || atEnd ? { kind: 'answer', status, headers, body } : undefined
  }
}
