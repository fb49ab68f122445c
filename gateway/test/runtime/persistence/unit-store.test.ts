import { appendFile, copyFile, cp, mkdir, readFile, rmdir, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { UnitStore } from '../../../src/runtime/persistence/index.js'
import { AccountScopedDict, type ChangeSink, type Durable } from '../../../src/runtime/scoped-dict.js'
import { filesOf, HERE, keepingLog, openUnit, stateOf, textOf } from './harness.js'

const HEADER = '{"ministack":"journal","format":1,"unit":"toy","stateVersion":1}\n'

t.test('nothing is on disk and nothing pends before the first change', async t => {
  const dir = t.testdir()
  const { store } = await openUnit(t, dir)
  t.equal(store.committed(), undefined)
  await store.close()
  t.strictSame(await filesOf(dir), [])
})

t.test('committed changes are in the journal without a close', async t => {
  const dir = t.testdir()
  const { store, things } = await openUnit(t, dir)
  things.set('a', { n: 1 })
  await store.committed()
  t.equal(store.committed(), undefined)
  t.equal(await textOf(dir, 'journal.1.jsonl'), `${HEADER}[["things","000000000000/us-east-1","a",{"n":1}]]\n`)
})

t.test('one synchronous stretch is one line with the last value of each key', async t => {
  const dir = t.testdir()
  const { store, things } = await openUnit(t, dir)
  things.set('a', 1)
  things.set('b', 1)
  things.set('a', 2)
  things.delete('b')
  await store.committed()
  t.equal(
    await textOf(dir, 'journal.1.jsonl'),
    `${HEADER}[["things","000000000000/us-east-1","a",2],["things","000000000000/us-east-1","b"]]\n`,
  )
})

t.test('a value is written as it is when its turn comes', async t => {
  const dir = t.testdir()
  const { store, things } = await openUnit(t, dir)
  things.set('a', { n: 1 })
  things.update('a', value => {
    ;(value as { n: number }).n = 2
  })
  await store.committed()
  t.strictSame(await stateOf(dir), { a: { n: 2 } })
})

t.test('a stretch that runs while a write is under way is never split', async t => {
  const dir = t.testdir()
  const { store, things } = await openUnit(t, dir)
  const waits: unknown[] = []
  for (let i = 0; i < 200; i++) {
    things.set('left', i)
    // Large pieces take several turns to write, small ones are written at once.
    if (i % 5 === 0) things.set('large', 'x'.repeat(100_000))
    things.set('right', i)
    waits.push(store.committed())
    if (i % 3 === 0) await new Promise(resolve => setImmediate(resolve))
    if (i % 7 === 0) await store.committed()
  }
  await Promise.all(waits)
  const lines = (await textOf(dir, 'journal.1.jsonl')).trim().split('\n').slice(1)
  t.ok(lines.length > 1)
  for (const line of lines) {
    const records = JSON.parse(line) as [string, string, string, number][]
    const number = (key: string) => records.find(record => record[2] === key)?.[3]
    t.type(number('left'), 'number')
    t.equal(number('left'), number('right'))
  }
})

t.test('state comes back after a crash at any time and after a clean close', async t => {
  const dir = t.testdir()
  const first = await openUnit(t, dir)
  first.things.set('a', { at: new Date(5) })
  first.dict.in({ account: '111111111111', region: 'eu-west-1' }).set('a', 'other')
  first.things.set('gone', 1)
  await first.store.committed()
  first.things.delete('gone')
  await first.store.committed()

  const second = await openUnit(t, dir)
  t.strictSame(Object.fromEntries(second.things.entries()), { a: { at: new Date(5) } })
  t.equal(second.dict.in({ account: '111111111111', region: 'eu-west-1' }).get('a'), 'other')
  second.things.set('b', 2)
  await second.store.close()
  t.strictSame(await filesOf(dir), ['snapshot.2.jsonl'])

  const third = await openUnit(t, dir)
  t.strictSame(Object.fromEntries(third.things.entries()), { a: { at: new Date(5) }, b: 2 })
  third.things.set('c', 3)
  await third.store.committed()
  t.strictSame(await filesOf(dir), ['journal.2.jsonl', 'snapshot.2.jsonl'])
  t.strictSame(await stateOf(dir), { a: { at: new Date(5) }, b: 2, c: 3 })
})

t.test('a journal that is cut at any byte gives the state after its last whole line', async t => {
  const dir = t.testdir()
  const { store, things } = await openUnit(t, dir)
  const states = [{}] as Record<string, unknown>[]
  for (const change of [
    () => things.set('a', 'é'),
    () => things.set('b', [1, 2]),
    () => things.delete('a'),
    () => things.set('c', { x: 'y' }),
  ]) {
    change()
    await store.committed()
    states.push(Object.fromEntries(things.entries()))
  }
  const journal = await readFile(join(dir, 'toy', 'journal.1.jsonl'))
  for (let size = 0; size <= journal.length; size++) {
    const copy = join(dir, `cut-${size}`)
    await mkdir(join(copy, 'toy'), { recursive: true })
    await writeFile(join(copy, 'toy', 'journal.1.jsonl'), journal.subarray(0, size))
    const lines = journal.subarray(0, size).toString('latin1').split('\n').length - 1
    const expected = states[Math.max(0, lines - 1)]!
    const cut = await openUnit(t, copy)
    t.strictSame(Object.fromEntries(cut.things.entries()), expected, `${size} bytes`)
    cut.things.set('next', size)
    await cut.store.committed()
    t.strictSame(await stateOf(copy), { ...expected, next: size }, `${size} bytes, and one more line`)
    t.match(await textOf(copy, 'journal.1.jsonl'), /"next",\d+\]\]\n$/, 'nothing of the torn line is left behind it')
  }
})

t.test('a line that was damaged is set aside with a warning and takes nothing else down', async t => {
  const dir = t.testdir()
  const { store, things } = await openUnit(t, dir)
  for (const key of ['a', 'b', 'c']) {
    things.set(key, key)
    await store.committed()
  }
  const path = join(dir, 'toy', 'journal.1.jsonl')
  const lines = (await readFile(path, 'utf8')).split('\n')
  lines[2] = lines[2]!.replace('"b"', '"b')
  await writeFile(path, lines.join('\n'))
  const again = await openUnit(t, dir)
  t.strictSame(Object.fromEntries(again.things.entries()), { a: 'a', c: 'c' })
  t.match(again.lines, [/WARN .*a record of toy can't be read and was set aside .*line=3/])
  t.equal(await textOf(dir, 'records.bad'), `${lines[2]}\n`)

  const third = await openUnit(t, dir)
  t.strictSame(third.lines, [], 'it is said once')
  t.strictSame(Object.fromEntries(third.things.entries()), { a: 'a', c: 'c' })
})

t.test('whatever one byte of the files is changed to, at most the line it is in is lost', async t => {
  const dir = t.testdir()
  const { store, things } = await openUnit(t, dir)
  for (const key of ['a', 'b']) things.set(key, key)
  await store.snapshot()
  for (const key of ['c', 'd']) {
    things.set(key, key)
    await store.committed()
  }
  const damaged = async (file: string, at: number, byte: number) => {
    const copy = join(dir, `bad-${file}-${at}`)
    await cp(join(dir, 'toy'), join(copy, 'toy'), { recursive: true })
    const bytes = await readFile(join(copy, 'toy', file))
    bytes[at] = byte
    await writeFile(join(copy, 'toy', file), bytes)
    return Object.keys(await stateOf(copy)).filter(key => 'abcd'.includes(key)).length
  }
  for (const file of await filesOf(dir)) {
    const bytes = await readFile(join(dir, 'toy', file))
    for (let at = bytes.indexOf(10) + 1; at < bytes.length - 1; at++) {
      const least = bytes[at] === 10 ? 2 : 3
      if ((await damaged(file, at, 0xff)) < least) t.fail(`${file} byte ${at}`)
    }
    if ((await damaged(file, 0, 0xff)) < 4) t.fail(`${file} header`)
  }
})

t.test('a record of a dict that is not there is set aside', async t => {
  const dir = t.testdir()
  const { store, things } = await openUnit(t, dir)
  things.set('a', 1)
  await store.committed()
  await appendFile(
    join(dir, 'toy', 'journal.1.jsonl'),
    '[["nowhere","*","é",1],["things","000000000000/us-east-1","c",3]]\n[["things","000000000000/us-east-1","b",2]]\n',
  )
  const again = await openUnit(t, dir)
  t.strictSame(Object.fromEntries(again.things.entries()), { a: 1, b: 2, c: 3 })
  t.match(again.lines, [/there is no nowhere/])
  t.equal(await textOf(dir, 'records.bad'), '["nowhere","*","é",1]\n')
})

t.test('a newer format is refused', async t => {
  const dir = t.testdir({
    toy: { 'snapshot.4.jsonl': '{"ministack":"snapshot","format":2,"unit":"toy","stateVersion":1}\n[{"what":"ever"}]\n' },
  })
  await t.rejects(openUnit(t, dir), { message: /snapshot\.4\.jsonl has format 2, written by a newer MiniStack; this one reads up to 1/ })
  t.strictSame(await filesOf(dir), ['snapshot.4.jsonl'])
})

t.test('a newer state version is refused, and an older one that nobody converts', async t => {
  const dir = t.testdir()
  const { store, things } = await openUnit(t, dir, { stateVersion: 2 })
  things.set('a', 1)
  await store.committed()
  await t.rejects(openUnit(t, dir, { stateVersion: 1 }), {
    message: /has state version 2, written by a newer MiniStack; this one reads up to 1/,
  })
  await t.rejects(openUnit(t, dir, { stateVersion: 3 }), { message: /has state version 2; this MiniStack needs 3 and can't convert it/ })
})

t.test('older state is converted once, and kept in its new form', async t => {
  const dir = t.testdir()
  const old = await openUnit(t, dir)
  old.things.set('a', 1)
  old.things.set('b', 2)
  await old.store.committed()
  await old.store.snapshot()
  old.things.set('c', 3)
  old.things.delete('b')
  await old.store.committed()
  const seen: unknown[] = []
  const migrate = (record: { dict: string; key: string; value: unknown }, fromVersion: number) => {
    seen.push([record.dict, record.key, fromVersion])
    return record.key === 'c' ? undefined : { n: record.value }
  }
  const next = await openUnit(t, dir, { stateVersion: 2, migrate })
  t.strictSame(Object.fromEntries(next.things.entries()), { a: { n: 1 } })
  t.strictSame(seen, [
    ['things', 'a', 1],
    ['things', 'b', 1],
    ['things', 'c', 1],
  ])
  t.strictSame(await filesOf(dir), ['snapshot.3.jsonl'])
  const again = await openUnit(t, dir, { stateVersion: 2 })
  t.strictSame(Object.fromEntries(again.things.entries()), { a: { n: 1 } })
})

t.test('a crash between any two steps of a snapshot loses nothing and brings nothing back', async t => {
  const dir = t.testdir()
  const { store, things } = await openUnit(t, dir)
  things.set('a', 1)
  things.set('b', 1)
  await store.snapshot()
  things.set('a', 2)
  things.delete('b')
  await store.committed()
  const before = join(dir, 'before')
  await cp(join(dir, 'toy'), join(before, 'toy'), { recursive: true })
  await store.snapshot()
  things.set('c', 3)
  await store.committed()

  // The new journal is begun, and the new snapshot isn't whole.
  await copyFile(join(dir, 'toy', 'journal.3.jsonl'), join(before, 'toy', 'journal.3.jsonl'))
  await writeFile(join(before, 'toy', 'snapshot.tmp'), '{"ministack":"snap')
  t.strictSame(await stateOf(before), { a: 2, c: 3 })
  // The new snapshot is in force, and the old files aren't deleted.
  await copyFile(join(dir, 'toy', 'snapshot.3.jsonl'), join(before, 'toy', 'snapshot.3.jsonl'))
  t.strictSame(await stateOf(before), { a: 2, c: 3 })
  t.strictSame(await filesOf(before), ['journal.3.jsonl', 'snapshot.3.jsonl'])
})

t.test('changes go on while a snapshot is written', async t => {
  const dir = t.testdir()
  const { store, things } = await openUnit(t, dir)
  const filler = 'x'.repeat(1000)
  for (let i = 0; i < 3000; i++) things.set(`k${i}`, { i, filler })
  const snapshot = store.snapshot()
  let round = 0
  let over = false
  const done = snapshot.finally(() => {
    over = true
  })
  while (!over) {
    round++
    things.set(`k${(round * 37) % 3000}`, { i: -round, filler })
    things.delete(`k${(round * 91) % 3000}`)
    things.set(`new${round}`, round)
    await store.committed()
  }
  await done
  t.ok(round > 1)
  await store.committed()
  t.strictSame(new Map(Object.entries(await stateOf(dir))), new Map([...things.entries()].sort(() => 0)))
})

t.test('a snapshot loses nothing of a part that cannot be changed while it is read', async t => {
  const dir = t.testdir()
  const items = Array.from({ length: 2000 }, (_, i) => `item${i}`)
  let sink: ChangeSink | undefined
  const list: Durable = {
    name: 'list',
    attach: given => {
      sink = given
    },
    *records() {
      for (let i = 0; i < items.length; i++) yield ['*', items[i]!, 'x'.repeat(1000)]
    },
    restore: () => {},
  }
  const store = await UnitStore.open({ dir, unit: 'toy', stateVersion: 1, log: keepingLog().log })
  t.teardown(() => store.close())
  await store.restore([list])
  const snapshot = store.snapshot()
  await new Promise(resolve => setImmediate(resolve))
  const gone = items.splice(0, 10)
  for (const key of gone) sink!.record('list', '*', key, undefined)
  await snapshot
  const kept = new Set(
    (await textOf(dir, 'snapshot.2.jsonl'))
      .split('\n')
      .slice(1, -1)
      .map(line => (JSON.parse(line) as string[])[2]),
  )
  t.strictSame(
    items.filter(item => !kept.has(item)),
    [],
  )
})

t.test('a snapshot takes no effect before the changes that it may hold are in the journal', async t => {
  const dir = t.testdir()
  const { store, things, lines } = await openUnit(t, dir)
  things.set('a', 1)
  await store.committed()
  const obstacle = join(dir, 'toy', 'journal.2.jsonl')
  await mkdir(obstacle)
  const snapshot = store.snapshot()
  things.set('b', 2)
  const refused = store.committed()!
  await t.rejects(refused, { code: 'EISDIR' })
  await t.rejects(snapshot, { code: 'EISDIR' })
  t.match(lines, [/ERROR .*the state of toy can't be written to .*toy/])
  t.strictSame(await filesOf(dir), ['journal.1.jsonl', 'journal.2.jsonl'])
  t.equal(store.committed(), undefined, 'who only reads is not held up')
  await rmdir(obstacle)
  things.set('c', 3)
  await store.committed()
  t.strictSame(await stateOf(dir), { a: 1, b: 2, c: 3 })
})

t.test('a snapshot is written by itself when the journal has grown', async t => {
  const dir = t.testdir()
  const { store, things } = await openUnit(t, dir)
  const filler = 'x'.repeat(1 << 20)
  for (let i = 0; i < 18; i++) {
    things.set('a', filler + i)
    await store.committed()
  }
  await store.snapshot()
  t.ok((await filesOf(dir)).every(file => file !== 'journal.1.jsonl'))
  t.strictSame(await stateOf(dir), { a: `${filler}17` })
})

t.test('a stretch of many megabytes is written in parts that count as one', async t => {
  const dir = t.testdir()
  const { store, things } = await openUnit(t, dir)
  things.set('before', 1)
  await store.committed()
  for (let i = 0; i < 40; i++) things.set(`k${i}`, 'x'.repeat(1 << 20))
  await store.committed()
  t.equal(Object.keys(await stateOf(dir)).length, 41)
  const path = join(dir, 'toy', 'journal.1.jsonl')
  const bytes = await readFile(path)
  t.ok(bytes.includes('{"part":['))
  await truncate(path, bytes.length - 1)
  t.strictSame(await stateOf(dir), { before: 1 })
})

t.test('a cleared state is gone, and what the life before still writes goes nowhere', async t => {
  const dir = t.testdir()
  const { store, things } = await openUnit(t, dir)
  things.set('a', 1)
  await store.snapshot()
  things.set('b', 1)
  await store.committed()
  things.set('c', 1)
  await store.clear()
  things.set('late', 1)
  t.equal(store.committed(), undefined)
  t.strictSame(await filesOf(dir), [])
  await t.rejects(store.snapshot(), { message: "the state of toy isn't restored" })

  const fresh = new AccountScopedDict<unknown>('things')
  await store.restore([fresh])
  fresh.in(HERE).set('new', 2)
  await store.close()
  t.strictSame(await stateOf(dir), { new: 2 })
})

t.test('a clear while a snapshot and a write are under way leaves nothing behind', async t => {
  const dir = t.testdir()
  const { store, things } = await openUnit(t, dir)
  for (let i = 0; i < 2000; i++) things.set(`k${i}`, 'x'.repeat(1000))
  const snapshot = store.snapshot()
  await store.committed()
  things.set('more', 1)
  await Promise.all([store.clear(), t.rejects(snapshot)])
  t.strictSame(
    (await filesOf(dir)).filter(file => file.endsWith('.jsonl')),
    [],
  )
  t.strictSame(await stateOf(dir), {})
})

t.test('a value that cannot be kept fails its request and no other record', async t => {
  const dir = t.testdir()
  const { store, things, lines } = await openUnit(t, dir)
  things.set('good', 1)
  things.set('bad', () => {})
  await t.rejects(store.committed()!, { message: "toy can't keep things 000000000000/us-east-1 bad" })
  t.match(lines, [/ERROR .*a function can't be kept/])
  things.set('next', 1)
  await store.committed()
  t.strictSame(await stateOf(dir), { good: 1, next: 1 })
})

t.test('two dicts of one name are refused', async t => {
  const store = await UnitStore.open({ dir: t.testdir(), unit: 'toy', stateVersion: 1, log: keepingLog().log })
  await t.rejects(store.restore([new AccountScopedDict('x'), new AccountScopedDict('x')]), {
    message: 'two parts of the state of toy are called x',
  })
})

t.test('a small change to a large state is left in the journal by a close', async t => {
  const dir = t.testdir()
  const first = await openUnit(t, dir)
  for (let i = 0; i < 100; i++) first.things.set(`k${i}`, 'x'.repeat(1000))
  await first.store.close()
  const second = await openUnit(t, dir)
  second.things.set('one', 1)
  await second.store.close()
  t.strictSame(await filesOf(dir), ['journal.2.jsonl', 'snapshot.2.jsonl'])
  t.equal((await stateOf(dir)).one, 1)
})
