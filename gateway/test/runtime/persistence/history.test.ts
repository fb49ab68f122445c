import { cp, mkdir, readFile, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { AccountScopedDict } from '../../../src/runtime/scoped-dict.js'
import { filesOf, HERE, openUnit } from './harness.js'

/** What may happen to a unit between one start and the next. */
type Act =
  | { kind: 'change'; keys: number[]; value: number }
  | { kind: 'commit' | 'snapshot' | 'snapshot-behind' | 'crash' | 'close' | 'clear' }
  | { kind: 'tear'; bytes: number }

const key = fc.integer({ min: 0, max: 7 })
const acts = fc.array(
  fc.oneof(
    {
      weight: 12,
      arbitrary: fc.record({ kind: fc.constant('change' as const), keys: fc.array(key, { minLength: 1, maxLength: 4 }), value: fc.nat() }),
    },
    { weight: 6, arbitrary: fc.record({ kind: fc.constantFrom('commit' as const, 'snapshot' as const, 'snapshot-behind' as const) }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('crash' as const, 'close' as const) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('clear' as const) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('tear' as const), bytes: fc.integer({ min: 1, max: 60 }) }) },
  ),
  { minLength: 1, maxLength: 40 },
)

t.test('whatever happens between, a start finds the state as it was, or, where the journal was torn, as it once was', async t => {
  const root = t.testdir()
  let run = 0
  const check = async (list: readonly Act[]) => {
    const folder = join(root, String(run++))
    let lives = 0
    let dir = join(folder, '0')
    await mkdir(dir, { recursive: true })
    let unit = await openUnit(undefined, dir)
    let things = unit.things
    const state = () => JSON.stringify([...things.entries()].sort(([a], [b]) => (a < b ? -1 : 1)))
    const history = new Set([state()])
    const reopen = async () => {
      unit = await openUnit(undefined, dir)
      things = unit.things
    }
    for (const act of list) {
      switch (act.kind) {
        case 'change':
          // One stretch: two keys in step, so that half of it would be seen.
          for (const key of act.keys) {
            if (act.value % 4 === 0) things.delete(`k${key}`)
            else things.set(`k${key}`, { n: act.value, keys: act.keys })
          }
          history.add(state())
          break
        case 'commit':
          await unit.store.committed()
          break
        case 'snapshot':
          await unit.store.snapshot()
          break
        case 'snapshot-behind':
          void unit.store.snapshot().catch(() => {})
          break
        case 'clear': {
          await unit.store.clear()
          const dict = new AccountScopedDict<unknown>('things')
          await unit.store.restore([dict])
          things = dict.in(HERE)
          history.clear()
          history.add(state())
          break
        }
        default: {
          // A crash is a copy of the files as they are at that moment; a snapshot would change them while they are copied.
          await unit.store.snapshot().catch(() => {})
          things.set('last', run)
          history.add(state())
          await unit.store.committed()
          const crashed = join(folder, String(++lives))
          if (act.kind !== 'close') await cp(dir, crashed, { recursive: true })
          await unit.store.close()
          if (act.kind !== 'close') dir = crashed
          const before = state()
          if (act.kind === 'tear') {
            const journal = (await filesOf(dir)).filter(file => file.startsWith('journal')).at(-1)!
            const size = (await readFile(join(dir, 'toy', journal))).length
            await truncate(join(dir, 'toy', journal), Math.max(0, size - act.bytes))
          }
          await reopen()
          if (act.kind === 'tear' ? !history.has(state()) : state() !== before) throw new Error(`${state()} after ${before}`)
          history.clear()
          history.add(state())
        }
      }
    }
    await unit.store.close()
  }
  await fc.assert(fc.asyncProperty(acts, check), { numRuns: 150 })
  t.pass()
})
