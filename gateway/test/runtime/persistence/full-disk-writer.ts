import { openUnit } from './harness.js'

/** Runs under a limit on file sizes: fills the journal until the system refuses, then goes on with less, and reports on standard output. */
const { store, things, lines } = await openUnit(undefined, process.argv[2]!)
const reason = (error: Error) => error.message
let acknowledged = 0
let refused: string | undefined
let key = ''
while (!refused) {
  key = `big${acknowledged}`
  things.set(key, 'x'.repeat(9_000))
  refused = await store.committed()!.then(() => undefined, reason)
  if (!refused) acknowledged++
}
const snapshot = await store.snapshot().then(() => 'taken', reason)
const close = await store.close().then(() => 'closed', reason)
const again = await openUnit(undefined, process.argv[2]!)
again.things.set('small', 1)
await again.store.committed()
process.stdout.write(JSON.stringify({ acknowledged, refused, snapshot, close, log: lines.join('') }))
