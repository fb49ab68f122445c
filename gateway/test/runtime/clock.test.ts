import t from 'tap'
import { FakeClock, SystemClock } from '../../src/runtime/clock.js'

t.test('a fake clock stands still until it is moved', async t => {
  const clock = new FakeClock('2026-01-01T00:00:00Z')
  t.equal(clock.now(), Date.UTC(2026, 0, 1))
  await clock.advance(1500)
  t.equal(clock.date().toISOString(), '2026-01-01T00:00:01.500Z')
})

t.test('timers fire in the order of their time, each at its own time', async t => {
  const clock = new FakeClock(0)
  const seen: [string, number][] = []
  clock.after(20, () => seen.push(['late', clock.now()]))
  clock.after(10, () => seen.push(['early', clock.now()]))
  clock.after(10, () => seen.push(['early too', clock.now()]))
  await clock.advance(30)
  t.same(seen, [
    ['early', 10],
    ['early too', 10],
    ['late', 20],
  ])
  t.equal(clock.now(), 30)
})

t.test('a timer that a timer sets fires within the same advance when it falls due', async t => {
  const clock = new FakeClock(0)
  const seen: number[] = []
  const again = () => {
    seen.push(clock.now())
    if (seen.length < 5) clock.after(10, again)
  }
  clock.after(10, again)
  await clock.advance(35)
  t.same(seen, [10, 20, 30])
  t.equal(clock.pending, 1)
})

t.test('a cancelled timer never fires', async t => {
  const clock = new FakeClock(0)
  const timer = clock.after(10, () => t.fail('fired'))
  timer.cancel()
  timer.cancel()
  await clock.advance(100)
  t.equal(clock.pending, 0)
})

t.test('sleep ends at its time, or with the reason of an abort', async t => {
  const clock = new FakeClock(0)
  let woke = false
  const slept = clock.sleep(50).then(() => {
    woke = true
  })
  await clock.advance(49)
  t.equal(woke, false)
  await clock.advance(1)
  await slept
  t.equal(woke, true)

  const abort = new AbortController()
  const aborted = clock.sleep(1000, abort.signal)
  abort.abort(new Error('enough'))
  await t.rejects(aborted, { message: 'enough' })
  await t.rejects(clock.sleep(1, abort.signal), { message: 'enough' }, 'an aborted signal refuses at once')
  t.equal(clock.pending, 0)
})

t.test("the machine's clock takes delays longer than Node's timers do", async t => {
  const clock = new SystemClock()
  const timer = clock.after(2 ** 33, () => t.fail('fired at once'))
  await new Promise(resolve => setTimeout(resolve, 5))
  timer.cancel()
  t.ok(timer.at > Date.now() + 2 ** 32)
})
