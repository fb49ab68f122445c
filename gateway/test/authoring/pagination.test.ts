import t from 'tap'
import { paginate } from '../../src/authoring/pagination.js'

const key = (item: string) => item

t.test('pages follow each other without gap or repetition', async t => {
  const items = ['a', 'b', 'c', 'd', 'e']
  const first = paginate(items, { limit: 2, key })
  t.same(first.items, ['a', 'b'])
  const second = paginate(items, { limit: 2, key, token: first.nextToken })
  t.same(second.items, ['c', 'd'])
  const last = paginate(items, { limit: 2, key, token: second.nextToken })
  t.same(last, { items: ['e'], nextToken: undefined })
})

t.test('a full last page has no token', async t => {
  t.equal(paginate(['a', 'b'], { limit: 2, key }).nextToken, undefined)
})

t.test('an item that is deleted between two pages costs no other', async t => {
  const { nextToken } = paginate(['a', 'b', 'c'], { limit: 2, key })
  t.same(paginate(['a', 'c'], { limit: 2, key, token: nextToken }).items, ['c'])
})

t.test('a token of another list, or no token at all, is refused', async t => {
  const { nextToken } = paginate(['a', 'b'], { limit: 1, key, scope: 'one' })
  t.throws(() => paginate(['a'], { limit: 1, key, scope: 'two', token: nextToken }), { code: 'ValidationException' })
  for (const token of ['', 'x', '{}', Buffer.from('{}').toString('base64url')]) {
    t.throws(() => paginate(['a'], { limit: 1, key, token }), { code: 'ValidationException' })
  }
})
