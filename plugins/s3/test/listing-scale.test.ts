import t from 'tap'
import { BlobStore } from '../src/blob-store.js'
import { type ListQuery, walk } from '../src/listing.js'
import { type BucketObjects, type KeyVersions, ObjectIndex } from '../src/object-index.js'

const KEYS = 1_000_000
const PAGE = 1000

/** A bucket with a million keys under `big/`, a thousand folders of a thousand, and one key on each side. */
function millionKeys(): BucketObjects {
  const index = new ObjectIndex(new BlobStore()).in('b')
  const add = (key: string, seq: number) =>
    index.put({ key, versionId: 'null', seq, modified: 0, deleteMarker: true, owner: '000000000000' })
  add('a', 0)
  for (let i = 0; i < KEYS; i++) add(keyOf(i), i + 1)
  add('c', KEYS + 1)
  return index
}

const keyOf = (i: number) => `big/${String(Math.floor(i / PAGE)).padStart(3, '0')}/${String(i % PAGE).padStart(3, '0')}`

/** A page of a list, with the seeks in the index and the keys that were looked at on the way. */
function page(index: BucketObjects, query: Partial<ListQuery>) {
  let seeks = 0
  let steps = 0
  const counted = {
    *from(low: string): IterableIterator<[string, KeyVersions]> {
      seeks++
      for (const entry of index.from(low)) {
        steps++
        yield entry
      }
    },
  } as BucketObjects
  const found: string[] = []
  for (const met of walk(counted, { prefix: '', delimiter: '', after: '', ...query }, () => true)) {
    if (found.length === PAGE) break
    found.push(met.prefix ?? met.versions[0]!.key)
  }
  return { found, seeks, steps }
}

t.test('a page of a million keys costs a page’s steps', async t => {
  const index = millionKeys()

  t.test('of the keys themselves, from the first and from any token', async t => {
    for (const after of ['', keyOf(499_999)]) {
      const { found, seeks, steps } = page(index, { prefix: 'big/', after })
      t.equal(found.length, PAGE)
      t.equal(found[0], after === '' ? keyOf(0) : keyOf(500_000))
      // One more key tells that the page isn't the last; the token's own may be met.
      t.ok(seeks === 1 && steps <= PAGE + 2, `${seeks} seeks and ${steps} steps`)
    }
  })

  t.test('of the common prefixes under them: a seek and a step for each', async t => {
    const { found, seeks, steps } = page(index, { prefix: 'big/', delimiter: '/' })
    t.same([found.length, found[0], found.at(-1)], [PAGE, 'big/000/', 'big/999/'])
    t.ok(seeks <= PAGE + 1 && steps <= PAGE + 1, `${seeks} seeks and ${steps} steps`)
  })

  t.test('of the one common prefix that holds them all: three steps for the bucket', async t => {
    const { found, seeks, steps } = page(index, { delimiter: '/' })
    t.same(found, ['a', 'big/', 'c'])
    t.ok(seeks === 2 && steps === 3, `${seeks} seeks and ${steps} steps`)
  })

  t.test('of what comes after that prefix, or of a prefix that nothing has', async t => {
    t.same(page(index, { delimiter: '/', after: 'big/' }), { found: ['c'], seeks: 1, steps: 1 })
    t.match(page(index, { prefix: 'big/zzz' }), { found: [], seeks: 1, steps: 1 })
  })
})
