import t, { type Test } from 'tap'
import { FakeClock } from '../../src/runtime/clock.js'
import { Gateway } from '../../src/runtime/gateway.js'
import { createLog } from '../../src/runtime/log.js'
import { readConfig } from '../../src/server/config.js'
import { type NotesOptions, notesPlugin } from './fixtures/notes.js'

const here = { account: '111111111111', region: 'us-east-1' }

function setup(t: Test, options: NotesOptions = {}, env: Record<string, string> = {}) {
  const dir = t.testdir()
  const lines: string[] = []
  const gateway = new Gateway({
    config: readConfig(env),
    clock: new FakeClock(0),
    log: createLog('info', line => lines.push(line)),
    plugins: [notesPlugin(dir, 'notes', options), notesPlugin(dir, 'other')],
    freeze: true,
  })
  t.teardown(() => gateway.close())
  const call = (operation: string, input: object = {}, from: object = here) =>
    gateway.call('notes', operation, input, from as typeof here) as Promise<{ Name?: string; Text?: string }>
  return { gateway, call, lines, dir }
}

t.test('a plugin is loaded by its first call, once for all that come together', async t => {
  let loads = 0
  const load = async () => {
    loads++
  }
  const { gateway, call } = setup(t, { load })
  t.same(gateway.loadedUnits(), [])
  await Promise.all([call('Put', { Name: 'a', Text: '1' }), call('Put', { Name: 'b', Text: '2' })])
  t.equal(loads, 1)
  t.same(
    gateway.loadedUnits().map(unit => unit.id),
    ['notes'],
  )
})

t.test('a load that fails says why, and the next call tries again', async t => {
  let fails = true
  const load = async () => {
    if (fails) throw new Error('the disk is wet')
  }
  const { call, lines } = setup(t, { load })
  await t.rejects(call('WhoAmI'), { message: 'the disk is wet' })
  t.match(lines[0], /plugin 'notes' failed to load .*the disk is wet/s)
  fails = false
  await t.resolves(call('WhoAmI'))
})

t.test('accounts and regions are apart', async t => {
  const { call } = setup(t)
  await call('Put', { Name: 'a', Text: 'mine' })
  t.equal((await call('Get', { Name: 'a' })).Text, 'mine')
  await t.rejects(call('Get', { Name: 'a' }, { ...here, region: 'eu-west-1' }), { code: 'NoSuchNote', message: 'There is no note a' })
  await t.rejects(call('Get', { Name: 'a' }, { ...here, account: '222222222222' }), { code: 'NoSuchNote' })
})

t.test('an operation without a handler answers 501 by name, an unknown service says that it is missing', async t => {
  const { call, gateway } = setup(t)
  await t.rejects(call('Absent'), { code: 'NotImplemented', status: 501, message: 'notes.Absent is not implemented in MiniStack' })
  await t.rejects(gateway.call('none', 'Get', {}, here), { code: 'ServiceNotAvailable', status: 501 })
})

t.test('an input is validated before its handler sees it', async t => {
  const { call } = setup(t)
  await t.rejects(call('Put', { Name: 'far too long a name' }), {
    code: 'ValidationException',
    message: /'name' failed to satisfy constraint/,
  })
})

t.test('a bug becomes InternalFailure, and a log line that names service, operation and request', async t => {
  const { call, lines } = setup(t)
  await t.rejects(call('Break'), { code: 'InternalFailure', status: 500 })
  t.match(lines[0], /notes\.Break failed requestId=[0-9a-f-]{36} error=TypeError: a bug/)
})

t.test('a service calls another with its own account, region and caller', async t => {
  const { call, gateway } = setup(t)
  await call('Copy', { Name: 'a', Text: 'copied' })
  t.match(await gateway.call('other', 'Get', { Name: 'a' }, here), { Text: 'copied' })
  await t.rejects(gateway.call('other', 'Get', { Name: 'a' }, { ...here, region: 'eu-west-1' }), { code: 'NoSuchNote' })
})

t.test('what a call answers cannot be changed into the state of a service', async t => {
  const { call } = setup(t)
  const note = await call('Put', { Name: 'a', Text: 'x' })
  t.throws(() => {
    note.Text = 'y'
  }, TypeError)
})

t.test('a reset wipes all state while calls under way end, aborted, and others wait', async t => {
  const seen: string[] = []
  let entered = () => {}
  const blocked = new Promise<void>(resolve => {
    entered = resolve
  })
  const block: NotesOptions['block'] = ctx =>
    new Promise(resolve => {
      ctx.signal.addEventListener('abort', () => {
        seen.push('aborted')
        resolve()
      })
      entered()
    })
  const { call, gateway } = setup(t, { block, start: () => void seen.push('start') })
  await call('Put', { Name: 'a', Text: 'x' })
  const { accessKeyId } = gateway.credentials.issueLongTerm({ ...here, arn: '', userId: '', type: 'user' })
  const waiting = call('Block')
  await blocked
  await gateway.reset()
  await waiting
  t.same(seen, ['start', 'aborted', 'start'])
  await t.rejects(call('Get', { Name: 'a' }), { code: 'NoSuchNote' })
  t.equal(gateway.credentials.find(accessKeyId), undefined)
  t.equal(gateway.gate(), undefined)
})

t.test('two gateways in one process share nothing', async t => {
  const one = setup(t)
  const two = setup(t)
  await one.call('Put', { Name: 'a', Text: 'x' })
  await t.rejects(two.call('Get', { Name: 'a' }), { code: 'NoSuchNote' })
})

t.test(
  'with persistence the state of units and the issued keys come back, and a reset wipes those of plugins that are not loaded',
  async t => {
    const dir = t.testdir()
    const open = () =>
      new Gateway({
        config: { ...readConfig({}), persist: true, stateDir: `${dir}/state` },
        log: createLog('silent'),
        plugins: [notesPlugin(dir)],
      })
    const first = open()
    await first.start()
    await first.call('notes', 'Put', { Name: 'a', Text: 'kept' }, here)
    const { accessKeyId } = first.credentials.issueLongTerm({ ...here, arn: 'arn:x', userId: 'u', type: 'user' })
    await first.close()

    const second = open()
    await second.start()
    t.match(second.credentials.find(accessKeyId), { caller: { arn: 'arn:x' } })
    t.match(await second.call('notes', 'Get', { Name: 'a' }, here), { Text: 'kept' })
    await second.close()

    const third = open()
    await third.start()
    await third.reset()
    await t.rejects(third.call('notes', 'Get', { Name: 'a' }, here), { code: 'NoSuchNote' })
    t.equal(third.credentials.find(accessKeyId), undefined)
    await third.close()
  },
)

t.test('a closed gateway loads nothing any more', async t => {
  const { gateway, call } = setup(t)
  await gateway.close()
  await t.rejects(call('WhoAmI'), { message: 'MiniStack is closed' })
})
