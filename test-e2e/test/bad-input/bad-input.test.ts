import t from 'tap'
import { residentMiB, startServerProcess } from '../../src/server.js'
import { corpus } from './corpus.js'
import { exchange } from './exchange.js'
import { judge } from './judge.js'
import type { BadRequest } from './request.js'
import { write } from './request.js'
import { jsonTargets } from './targets.js'

const SEED = Number(process.env.BAD_INPUT_SEED ?? 20_260_101)
const MIB = 1024 * 1024
const BODY_LIMIT = 4 * MIB
/** Longer than any of the server's own limits for slow clients. */
const PATIENCE_MS = 20_000
const AT_ONCE = 24
/** How much more memory than at the start the server may hold at any time. */
const MEMORY_MIB = 400

// Longer than tap gives a file by itself.
t.setTimeout(600_000)

t.test('bad input', async t => {
  const server = await startServerProcess({ impatient: true, env: { LOG_LEVEL: 'info', MINISTACK_MAX_BODY_BYTES: `${BODY_LIMIT}` } })
  t.teardown(() => server.kill())
  const good = jsonTargets.find(target => target.name.endsWith('CreateQueue'))!
  const answers = async () => {
    const outcome = await exchange(
      server.port,
      { name: 'a good request', send: [write(good)], expect: { kind: 'answered', form: 'json' } },
      PATIENCE_MS,
    )
    return outcome.kind === 'answer' ? outcome.status : outcome.kind
  }
  t.equal(await answers(), 200, 'a good request is answered before')
  const before = residentMiB(server.pid)
  let peak = before ?? 0
  let total = 0

  for (const [kind, requests] of Object.entries(corpus(SEED, BODY_LIMIT))) {
    t.test(`${kind} are refused in the service's own form, or cut off where HTTP itself is broken`, async t => {
      const failures: string[] = []
      let count = 0
      const queue = requests[Symbol.iterator]()
      const worker = async () => {
        for (let next = queue.next(); !next.done; next = queue.next()) {
          const request: BadRequest = next.value
          count++
          const wrong = judge(request, await exchange(server.port, request, PATIENCE_MS))
          if (wrong !== undefined) failures.push(`${request.name}: ${wrong}`)
          peak = Math.max(peak, residentMiB(server.pid) ?? 0)
          if (server.ended()) return
        }
      }
      await Promise.all(Array.from({ length: AT_ONCE }, worker))
      total += count
      t.equal(server.ended(), undefined, 'the server still runs')
      t.same(failures.slice(0, 25), [], `${failures.length} of ${count} requests (seed ${SEED}) came to something else`)
      t.equal(await answers(), 200, 'a good request is answered after')
    })
  }

  t.test('that was all', async t => {
    t.ok(total >= 2000, `${total} requests were sent`)
    const pollution = await exchange(
      server.port,
      { name: 'health', send: [Buffer.from('GET /_ministack/health HTTP/1.1\r\nhost: x\r\n\r\n')], expect: { kind: 'broken' } },
      PATIENCE_MS,
    )
    t.notMatch(pollution.kind === 'answer' ? pollution.body.toString() : pollution.kind, 'polluted')
    t.notMatch(server.log.join('\n'), /InternalFailure|failed|TypeError|RangeError|"error"/, 'the server logged no failure')
    if (before !== undefined) t.ok(peak - before < MEMORY_MIB, `memory grew by ${Math.round(peak - before)} MiB at most`)
  })
})
