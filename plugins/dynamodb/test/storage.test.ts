import fc from 'fast-check'
import t from 'tap'
import { compare } from '../src/expression/evaluate.js'
import type { KeyTest } from '../src/expression/key-condition.js'
import { queryBounds } from '../src/read/bounds.js'
import { encodeParts, keySchema, partitionHash } from '../src/storage/key-schema.js'
import type { ItemKey } from '../src/storage/position.js'
import { type IndexDefinition, TableItems } from '../src/storage/table-items.js'
import { type AttributeValue, compareValues, type Item } from '../src/value/attribute-value.js'
import { canonicalNumber } from '../src/value/decimal.js'
import { itemSize } from '../src/value/size.js'

const definitions = [
  { AttributeName: 'pk', AttributeType: 'S' as const },
  { AttributeName: 'sk', AttributeType: 'N' as const },
  { AttributeName: 'g', AttributeType: 'S' as const },
  { AttributeName: 'r', AttributeType: 'S' as const },
]
const table = keySchema(
  [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ],
  definitions,
)
const index: IndexDefinition = {
  name: 'g',
  local: false,
  projected: ['pk', 'sk', 'g', 'r'],
  schema: keySchema(
    [
      { AttributeName: 'g', KeyType: 'HASH' },
      { AttributeName: 'r', KeyType: 'RANGE' },
    ],
    definitions,
  ),
}

const text = (S: string) => ({ S })
const attributes = fc.record(
  { g: fc.constantFrom('', 'x', 'y').map(text), r: fc.constantFrom('a', 'b', 'é', '😀').map(text), v: fc.string().map(text) },
  { requiredKeys: [] },
) as fc.Arbitrary<Item>
const key = fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: -5, max: 5 }))
/** A put, or without attributes a delete. */
const change = fc.tuple(key, fc.option(attributes))
type Change = [[string, number], Item | null]

function apply(items: TableItems, model: Map<string, Item>, [[pk, sk], rest]: Change): void {
  const keys = { pk: { S: pk }, sk: { N: canonicalNumber(String(sk)) } }
  const partition = encodeParts([table.hash[0]!], keys)!
  const itemKey: ItemKey = { hash: partitionHash(partition), partition, sort: encodeParts([table.range[0]!], keys)! }
  if (rest) {
    const item = { ...keys, ...rest }
    items.put(itemKey, item, itemSize(item))
    model.set(`${pk}/${sk}`, item)
  } else {
    items.delete(itemKey)
    model.delete(`${pk}/${sk}`)
  }
}

const show = (items: readonly Item[]) => items.map(item => JSON.stringify(item))
const indexed = (model: ReadonlyMap<string, Item>) => [...model.values()].filter(item => item.g?.S && item.r?.S)

function checkAgainst(items: TableItems, model: ReadonlyMap<string, Item>): void {
  const all = [...items.entries.all()].map(entry => entry.item)
  if (
    show(all).sort().join() !==
    show([...model.values()])
      .sort()
      .join()
  )
    throw new Error('the items of the table')
  if (items.bytes !== all.reduce((sum, item) => sum + itemSize(item), 0)) throw new Error('the size of the table')
  const stored = items.indexes.get('g')!
  const wanted = indexed(model)
  if (
    show([...stored.entries.all()].map(entry => entry.base.item))
      .sort()
      .join() !== show(wanted).sort().join()
  )
    throw new Error('the index')
  const size = wanted.reduce((sum, item) => sum + itemSize(stored.view(item)), 0)
  if (stored.bytes !== size) throw new Error(`the size of the index: ${stored.bytes}, not ${size}`)
}

t.test('a table and its index hold what was put and not deleted', async () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 60 }), changes => {
      const items = new TableItems()
      items.addIndex(index)
      const model = new Map<string, Item>()
      for (const each of changes) apply(items, model, each as Change)
      checkAgainst(items, model)
    }),
    { numRuns: 200 },
  )
})

t.test('an index that is filled while the table changes ends as one that was always there', async () => {
  fc.assert(
    fc.property(
      fc.array(change, { maxLength: 60 }),
      fc.array(change, { maxLength: 60 }),
      fc.integer({ min: 1, max: 5 }),
      (before, during, chunk) => {
        const items = new TableItems()
        const model = new Map<string, Item>()
        for (const each of before) apply(items, model, each as Change)
        const left = [...during]
        for (const _chunk of items.fillIndex(index, chunk)) for (const each of left.splice(0, 3)) apply(items, model, each as Change)
        for (const each of left) apply(items, model, each as Change)
        checkAgainst(items, model)
      },
    ),
    { numRuns: 200 },
  )
})

const numbers = fc.integer({ min: -6, max: 6 }).map((n): AttributeValue => ({ N: canonicalNumber(String(n)) }))
const sortTest = fc.oneof(
  fc.record({ operator: fc.constantFrom('=' as const, '<' as const, '<=' as const, '>' as const, '>=' as const), value: numbers }),
  fc.record({ operator: fc.constant('between' as const), value: numbers, high: numbers }),
) as fc.Arbitrary<KeyTest>

const holds = (test: KeyTest, value: AttributeValue) =>
  test.operator === 'between'
    ? compare('>=', value, test.value) && compare('<=', value, test.high)
    : test.operator !== 'begins_with' && compare(test.operator, value, test.value)

t.test('a query finds just what its key condition holds for, in order, both ways', async () => {
  fc.assert(
    fc.property(
      fc.array(change, { maxLength: 60 }),
      fc.constantFrom('a', 'b', 'z'),
      fc.option(sortTest),
      fc.boolean(),
      (changes, pk, test, forward) => {
        const items = new TableItems()
        const model = new Map<string, Item>()
        for (const each of changes) apply(items, model, each as Change)
        const tests = new Map<string, KeyTest>([['pk', { operator: '=', value: { S: pk } }]])
        if (test) tests.set('sk', test)
        const { low, high } = queryBounds(table, tests)
        const found = [...items.entries.range(low, high, forward)].map(entry => entry.item)
        const wanted = [...model.values()]
          .filter(item => item.pk!.S === pk && (!test || holds(test, item.sk!)))
          .sort((a, b) => compareValues(a.sk!, b.sk!)! * (forward ? 1 : -1))
        return show(found).join() === show(wanted).join()
      },
    ),
    { numRuns: 500 },
  )
})
