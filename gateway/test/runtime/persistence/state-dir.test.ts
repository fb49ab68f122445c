import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { chmod, readdir, readFile, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { openStateDir } from '../../../src/runtime/persistence/index.js'
import { keepingLog } from './harness.js'

const { log } = keepingLog()

t.test('a directory is made, locked, and free again after close', async t => {
  const dir = join(t.testdir(), 'deep', 'state')
  const held = await openStateDir(dir, log)
  t.strictSame(await readdir(dir), ['ministack.lock'])
  await t.rejects(openStateDir(dir, log), { message: `STATE_DIR ${dir} is in use by another MiniStack of this process; give each its own` })
  await held.close()
  t.strictSame(await readdir(dir), [])
  await (await openStateDir(dir, log)).close()
})

t.test('the lock of a process that lives is respected, and taken over once it is dead', async t => {
  const dir = t.testdir()
  const module = new URL('../../../src/runtime/persistence/index.js', import.meta.url)
  const code = `import { openStateDir } from ${JSON.stringify(module.href)}; await openStateDir(${JSON.stringify(dir)}, console); console.log('locked'); setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  await t.rejects(openStateDir(dir, log), {
    message: `STATE_DIR ${dir} is in use by process ${child.pid}; stop it or set another STATE_DIR`,
  })
  child.kill('SIGKILL')
  await once(child, 'exit')
  const held = await openStateDir(dir, log)
  t.equal(JSON.parse(await readFile(join(dir, 'ministack.lock'), 'utf8')).pid, process.pid)
  await held.close()
})

t.test('a lock whose pid was given to another process since is taken over', async t => {
  const lock = { id: 'x', pid: process.pid, started: 'before this boot', host: hostname() }
  const dir = t.testdir({ 'ministack.lock': JSON.stringify(lock) })
  await (await openStateDir(dir, log)).close()
  t.strictSame(await readdir(dir), [])
})

t.test('a lock of another machine is taken over with a warning, a broken one without', async t => {
  const elsewhere = keepingLog()
  const lock = { id: 'x', pid: 1, host: 'gone-container' }
  await (await openStateDir(t.testdir({ 'ministack.lock': JSON.stringify(lock) }), elsewhere.log)).close()
  t.match(elsewhere.lines, [/WARN .*last used on gone-container/])
  await (await openStateDir(t.testdir({ 'ministack.lock': '' }), log)).close()
})

t.test('of many that meet a stale lock, one gets the directory', async t => {
  for (let round = 0; round < 20; round++) {
    const dir = t.testdir({ 'ministack.lock': 'stale' })
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => openStateDir(dir, log)))
    const held = results.filter(result => result.status === 'fulfilled')
    t.equal(held.length, 1)
    for (const result of results) if (result.status === 'rejected') t.match(result.reason, { message: /is in use by another MiniStack/ })
    t.strictSame(await readdir(dir), ['ministack.lock'])
    await held[0]!.value.close()
    t.strictSame(await readdir(dir), [])
  }
})

t.test("who died while it took a stale lock over is in nobody's way", async t => {
  const right = `ministack.lock.${createHash('sha256').update('stale').digest('hex').slice(0, 16)}`
  const dir = t.testdir({ 'ministack.lock': 'stale', [right]: 'stale too' })
  await (await openStateDir(dir, log)).close()
  t.strictSame(await readdir(dir), [])
})

t.test('the close of one who lost the lock leaves the lock of the one who has it', async t => {
  const dir = t.testdir()
  const held = await openStateDir(dir, log)
  await writeFile(join(dir, 'ministack.lock'), '{"id":"other"}')
  await held.close()
  t.strictSame(await readdir(dir), ['ministack.lock'])
})

t.test('a directory that cannot be made or written is refused by name', async t => {
  const dir = t.testdir({ file: '', readonly: {} })
  await t.rejects(openStateDir(join(dir, 'file'), log), { message: /^STATE_DIR .*file can't be used: EEXIST/ })
  await t.rejects(openStateDir(join(dir, 'file', 'below'), log), { message: /^STATE_DIR .*below can't be used: ENOTDIR/ })
  if (process.getuid?.() === 0) return
  await chmod(join(dir, 'readonly'), 0o500)
  await t.rejects(openStateDir(join(dir, 'readonly'), log), { message: /can't be used: EACCES/ })
})
