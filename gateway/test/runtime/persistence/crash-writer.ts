import { openUnit } from './harness.js'

/** Counts on from what the state says, two keys and an item a stretch, snapshots between, and tells each acknowledged number; until it is killed. */
const { store, things } = await openUnit(undefined, process.argv[2]!)
let n = (things.get('left') as { n: number } | undefined)?.n ?? -1
for (;;) {
  n++
  things.set('left', { n })
  things.set('right', { n })
  things.set(`item${n}`, { n, text: 'x'.repeat(n % 500) })
  const number = n
  const done = store.committed()!.then(() => process.stdout.write(`${number}\n`))
  if (n % 4 === 0) await done
  if (n % 50 === 0) void store.snapshot()
}
