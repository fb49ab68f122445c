import { Connection } from './connection.js'
import type { Step } from './scenario.js'

/** What one round of one step took. */
export interface Round {
  /** Requests a second. */
  readonly rate: number
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
}

/** One request outside of any measurement. @throws when it isn't answered with success. */
export async function call(port: number, request: Buffer): Promise<Buffer> {
  const connection = await Connection.open(port)
  try {
    return await new Promise((resolve, reject) => {
      connection.send(request, ({ status, body }) => (status < 300 ? resolve(body) : reject(new Error(`${status} ${body}`))), reject)
    })
  } finally {
    connection.close()
  }
}

/**
 * Sends `count` requests of a step as fast as they are answered, over so many connections with one request under way at a time. The connections are
 * new ones: a server may have closed those of an earlier round.
 * @throws when a request isn't answered with success.
 */
export async function runRound(port: number, connections: number, step: Step, count: number): Promise<Round> {
  const open = await Promise.all(Array.from({ length: connections }, () => Connection.open(port)))
  try {
    return await send(open, step, count)
  } finally {
    for (const connection of open) connection.close()
  }
}

function send(connections: readonly Connection[], step: Step, count: number): Promise<Round> {
  return new Promise((resolve, reject) => {
    const took = new Float64Array(count)
    const started = performance.now()
    let sent = 0
    let answered = 0
    const next = (connection: Connection) => {
      if (sent === count) return
      sent++
      const request = step.request()
      const at = performance.now()
      connection.send(
        request,
        ({ status, body }) => {
          took[answered++] = performance.now() - at
          if (status >= 300) return reject(new Error(`${step.label}: ${status} ${body}`))
          step.response?.(body)
          if (answered < count) return next(connection)
          took.sort()
          resolve({ rate: (count / (performance.now() - started)) * 1000, p50: took[count >> 1]!, p99: took[Math.floor(count * 0.99)]! })
        },
        reject,
      )
    }
    for (const connection of connections) next(connection)
  })
}
