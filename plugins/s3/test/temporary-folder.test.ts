import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { mkdtemp, rename } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { createInterface } from 'node:readline'
import t from 'tap'
import { startS3 } from './kit.js'

const MODULE = new URL('../src/temporary-folder.js', import.meta.url).href
const skip = !existsSync('/proc/self/ns/pid') && 'this system does not tell which processes have ended'

/** A process that made its temporary folder. It is moved to the others', where this process doesn't look for what it could remove. */
async function other(tmp: string) {
  const TMPDIR = await mkdtemp(join(tmp, 'of-'))
  const code = `import(${JSON.stringify(MODULE)}).then(it => { console.log(it.makeTemporaryFolder()); setInterval(() => {}, 60_000) })`
  const child = spawn(process.execPath, ['-e', code], { env: { ...process.env, TMPDIR }, stdio: ['ignore', 'pipe', 'inherit'] })
  const [made] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  const folder = join(tmp, basename(made))
  await rename(made, folder)
  const kill = async () => {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  return { folder, kill }
}

t.test('objects in a temporary folder go with the next server where their own was killed, and stay where it runs', { skip }, async t => {
  const { TMPDIR } = process.env
  t.teardown(() => {
    if (TMPDIR === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = TMPDIR
  })
  const tmp = t.testdir({ 'ministack-s3-foreign': { owner: 'pid:[1] another-system 1 1', t0: 'bytes' }, 'ministack-s3-mine': { k: '' } })
  const [killed, alive] = [await other(tmp), await other(tmp)]
  t.teardown(alive.kill)
  await killed.kill()
  t.ok(existsSync(killed.folder))
  process.env.TMPDIR = tmp
  const { client } = await startS3(t)
  await client.putObject({ Bucket: 'data', Key: 'k', Body: Buffer.alloc(100_000) })
  while (existsSync(killed.folder)) await new Promise(resolve => setImmediate(resolve))
  t.ok(existsSync(alive.folder))
  const left = readdirSync(tmp).filter(name => name.startsWith('ministack-s3-'))
  t.ok(left.includes('ministack-s3-foreign') && left.includes('ministack-s3-mine'), 'what is not known to be over stays')
  t.equal(left.length, 4, 'with the one of this server')
})
