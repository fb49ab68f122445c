import t from 'tap'
import { BackgroundWork } from '../../src/runtime/background.js'
import { FakeClock } from '../../src/runtime/clock.js'
import { createLog } from '../../src/runtime/log.js'

function setup() {
  const lines: string[] = []
  const clock = new FakeClock(0)
  return {
    lines,
    clock,
    background: new BackgroundWork(
      clock,
      createLog('info', line => lines.push(line)),
    ),
  }
}

t.test('work is listed while it waits and forgotten when it is done', async t => {
  const { clock, background } = setup()
  let done = 0
  background.after(100, 'expire', () => {
    done++
  })
  t.same(background.list(), [{ name: 'expire', due: 100 }])
  await clock.advance(100)
  t.equal(done, 1)
  t.same(background.list(), [])
})

t.test('a failure is logged with the name of the work, and repeated work goes on', async t => {
  const { clock, background, lines } = setup()
  let turns = 0
  background.every(10, 'poll', () => {
    turns++
    throw new Error('broken')
  })
  await clock.advance(35)
  t.equal(turns, 3)
  t.match(lines[0], /background work failed: poll .*broken/s)
})

t.test('stop aborts what runs, cancels what waits, and waits for the end', async t => {
  const { clock, background } = setup()
  let ended = false
  background.after(10, 'never', () => void t.fail('ran'))
  background.run('loop', async signal => {
    await clock.sleep(1000, signal).catch(() => {})
    ended = true
  })
  await clock.advance(0)
  await background.stop()
  t.equal(ended, true)
  t.same(background.list(), [])
  background.run('late', async () => void t.fail('ran'))
  background.after(0, 'late', () => void t.fail('ran'))
  await clock.advance(100)
})
