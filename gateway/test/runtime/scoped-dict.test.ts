import t from 'tap'
import { AccountScopedDict, type ChangeSink } from '../../src/runtime/scoped-dict.js'

const here = { account: '111111111111', region: 'us-east-1' }
const there = { account: '111111111111', region: 'eu-west-1' }
const other = { account: '222222222222', region: 'us-east-1' }

function recorder() {
  const records: unknown[][] = []
  const sink: ChangeSink = { record: (...record) => records.push(record) }
  return { records, sink }
}

t.test('each region of each account sees its own values', async t => {
  const dict = new AccountScopedDict<number>('things')
  dict.in(here).set('a', 1)
  t.equal(dict.in(here).get('a'), 1)
  t.equal(dict.in(there).get('a'), undefined)
  t.equal(dict.in(other).has('a'), false)
})

t.test('a dict of level account is one for all regions, a global one for all accounts', async t => {
  const account = new AccountScopedDict<number>('account', 'account')
  account.in(here).set('a', 1)
  t.equal(account.in(there).get('a'), 1)
  t.equal(account.in(other).get('a'), undefined)
  const global = new AccountScopedDict<number>('global', 'global')
  global.in(here).set('a', 1)
  t.equal(global.in(other).get('a'), 1)
})

t.test('set, update, touch and delete are recorded; what changes nothing is not', async t => {
  const dict = new AccountScopedDict<{ n: number }>('things')
  const { records, sink } = recorder()
  dict.attach(sink)
  const view = dict.in(here)
  view.set('a', { n: 1 })
  view.update('a', value => {
    value.n++
  })
  view.touch('a')
  t.equal(
    view.update('missing', () => t.fail('called')),
    undefined,
  )
  t.equal(view.delete('missing'), false)
  view.delete('a')
  const scope = '111111111111/us-east-1'
  t.same(records, [
    ['things', scope, 'a', { n: 2 }],
    ['things', scope, 'a', { n: 2 }],
    ['things', scope, 'a', { n: 2 }],
    ['things', scope, 'a', undefined],
  ])
})

t.test('views that were taken before persistence began record from then on', async t => {
  const dict = new AccountScopedDict<number>('things')
  const view = dict.in(here)
  const { records, sink } = recorder()
  dict.attach(sink)
  view.set('a', 1)
  t.equal(records.length, 1)
})

t.test('restoring records nothing and brings back what records() gave', async t => {
  const dict = new AccountScopedDict<number>('things')
  dict.in(here).set('a', 1)
  dict.in(other).set('b', 2)
  const copy = new AccountScopedDict<number>('things')
  const { records, sink } = recorder()
  copy.attach(sink)
  for (const record of dict.records()) copy.restore(...record)
  t.equal(copy.in(here).get('a'), 1)
  t.equal(copy.in(other).get('b'), 2)
  copy.restore('222222222222/us-east-1', 'b', undefined)
  t.equal(copy.in(other).has('b'), false)
  t.equal(records.length, 0)
})

t.test('scopes() names those that hold something', async t => {
  const dict = new AccountScopedDict<number>('things')
  dict.in(there)
  dict.in(here).set('a', 1)
  t.same(
    [...dict.scopes()].map(([scope, view]) => [scope, view.size]),
    [[here, 1]],
  )
})
