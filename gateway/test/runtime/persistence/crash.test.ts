import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { stateOf } from './harness.js'

const writer = fileURLToPath(new URL('./crash-writer.js', import.meta.url))

t.test('after kill -9 every acknowledged change is there, and each stretch is whole or absent', async t => {
  const dir = t.testdir()
  let seen = 0
  for (let life = 0; life < 6; life++) {
    const child = spawn(process.execPath, [writer, dir], { stdio: ['ignore', 'pipe', 'inherit'] })
    const exit = once(child, 'exit')
    let acknowledged = -1
    const enough = 40 + life * 61
    for await (const line of createInterface({ input: child.stdout })) {
      acknowledged = Number(line)
      if (++seen % enough === 0) child.kill('SIGKILL')
    }
    t.strictSame(await exit, [null, 'SIGKILL'])
    const state = await stateOf(dir)
    t.ok((state.left as { n: number }).n >= acknowledged, `life ${life}: ${(state.left as { n: number }).n} of ${acknowledged}`)
    t.strictSame(state.left, state.right)
    t.equal(Object.keys(state).filter(key => key.startsWith('item')).length, (state.left as { n: number }).n + 1)
  }
})

t.test(
  'a disk that refuses bytes fails the request, and takes the changes once it has room',
  { skip: process.platform === 'win32' && 'needs ulimit' },
  async t => {
    const dir = t.testdir()
    const full = fileURLToPath(new URL('./full-disk-writer.js', import.meta.url))
    const child = spawn('bash', ['-c', `unset NODE_OPTIONS; trap '' XFSZ; ulimit -Sf 64; exec ${process.execPath} ${full} ${dir}`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let output = ''
    child.stdout.on('data', (data: Buffer) => {
      output += data
    })
    t.strictSame(await once(child, 'close'), [0, null])
    const report = JSON.parse(output) as { acknowledged: number; refused: string; log: string; close: string; snapshot: string }
    t.ok(report.acknowledged > 3)
    t.match(report.refused, /EFBIG/)
    t.match(report.log, /ERROR the state of toy can't be written to .*EFBIG/)
    t.match(report.snapshot, /EFBIG/)
    t.equal(report.close, 'closed', 'the new journal has room')
    const state = await stateOf(dir)
    t.equal(Object.keys(state).length, report.acknowledged + 2, 'what was acknowledged, what was refused first, and the change after')
    t.equal(state.small, 1)
  },
)
