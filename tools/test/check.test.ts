import t from 'tap'
import { ambientState } from '../src/check/ambient.js'
import { fileLength } from '../src/check/files.js'
import { exportStar, gatewayImports, pluginImports } from '../src/check/imports.js'
import { conforms } from '../src/check/json-schema.js'
import { type Problem, withoutExceptions } from '../src/check/problem.js'

const file = (path: string, text: string) => ({ path, text })
const plugin = (text: string) => file('plugins/sqs/src/operations/queues.ts', text)
const messages = (problems: Problem[]) => problems.map(({ line, message }) => `${line}: ${message}`)

t.test('a plugin that imports another plugin is found, in whatever form', async t => {
  const specifier = '@ministack/plugin-sns'
  for (const code of [
    `import sns from '${specifier}'`,
    `import type { Topic } from '${specifier}'`,
    `export { topic } from '${specifier}'`,
    `const sns = await import('${specifier}')`,
    `type Sns = typeof import('${specifier}')`,
  ]) {
    t.same(messages(pluginImports(plugin(`\n${code}`))), [`2: imports the plugin ${specifier}; call it through ctx.services`], code)
  }
})

t.test('a plugin that reaches out of its folder is found', async t => {
  t.same(messages(pluginImports(plugin(`import { x } from '../../../sns/src/topics.js'`))), [
    '1: reaches out of its package: ../../../sns/src/topics.js',
  ])
  t.same(pluginImports(plugin(`import { x } from '../names.js'\nimport { AwsError } from '@ministack/gateway'`)), [])
})

t.test('a plugin test may start the plugins that its own calls', async t => {
  t.same(pluginImports(file('plugins/sns/test/sqs.test.ts', `import sqs from '@ministack/plugin-sqs'`)), [])
})

t.test('the gateway may not import a plugin, nor the package of them all', async t => {
  const text = `import sqs from '@ministack/plugin-sqs'\nimport { startMiniStack } from 'ministack'\nimport { Router } from './router.js'`
  t.same(
    gatewayImports(file('gateway/src/a.ts', text)).map(problem => problem.line),
    [1, 2],
  )
  t.same(gatewayImports(file('ministack/src/a.ts', text)), [])
})

t.test('state at module level is found', async t => {
  t.same(messages(ambientState(plugin('let count = 0'))), ['1: `let count` at module level; state belongs into `state()`'])
  t.same(messages(ambientState(plugin('export var count = 0'))), ['1: `var count` at module level; state belongs into `state()`'])
  for (const [init, change] of [
    ['new Map()', 'x.set(1, 2)'],
    ['new Set<string>()', "x.add('a')"],
    ['[] as string[]', "x.push('a')"],
    ['{} as Record<string, number>', 'x.a = 1'],
    ['{ n: { m: 0 } }', 'x.n.m++'],
    ['{ n: [] }', 'x.n.push(1)'],
    ['{}', 'delete x.a'],
    ['{}', 'Object.assign(x, { a: 1 })'],
  ] as const) {
    const found = messages(ambientState(plugin(`const x = ${init}\nexport const f = () => { ${change} }`)))
    t.same(found, ['2: `x` at module level is written to; state belongs into `state()`'], change)
  }
})

t.test('a table that is only read, or filled while the module loads, is no state', async t => {
  t.same(ambientState(plugin(`const names = new Map([['a', 1]])\nexport const f = (k: string) => names.get(k)`)), [])
  t.same(ambientState(plugin('const table = new Array(256)\nfor (let i = 0; i < 256; i++) table[i] = i')), [])
  t.same(ambientState(plugin('export const f = () => { const seen = new Set(); seen.add(1); return seen }')), [])
})

t.test('clock, timers, randomness and environment that are not the context are found', async t => {
  for (const code of [
    'Date.now()',
    'const now = Date.now',
    'new Date()',
    'Date()',
    'performance.now()',
    'setTimeout(f, 1)',
    'setInterval(f, 1)',
    'Math.random()',
    'process.env.HOME',
    "import { setTimeout as sleep } from 'node:timers/promises'",
    'class A { static count = 0 }',
  ]) {
    t.equal(ambientState(plugin(code)).length, 1, code)
  }
  t.same(ambientState(plugin('export const f = (ctx: C) => new Date(ctx.clock.now())')), [])
  t.same(ambientState(plugin('class A { static readonly limit = 10 }')), [])
  t.same(ambientState(plugin("import { setImmediate as nextTurn } from 'node:timers/promises'")), [])
  t.equal(ambientState(plugin("import * as timers from 'node:timers'")).length, 1)
  t.same(ambientState(file('gateway/src/clock.ts', 'Date.now()')), [], 'the gateway has the clock')
})

t.test('`export *` is for an index alone', async t => {
  t.equal(exportStar(plugin(`export * from './a.js'`)).length, 1)
  t.same(exportStar(plugin(`export * as names from './a.js'`)), [])
  t.same(exportStar(file('gateway/src/index.ts', `export * from './a.js'`)), [])
})

t.test('a file of more than 500 lines needs a reason', async t => {
  t.same(fileLength(plugin('\n'.repeat(500))), [])
  const problems = fileLength(plugin('\n'.repeat(501)))
  t.equal(problems.length, 1)
  const exception = { check: 'file-length', file: problems[0]!.file, reason: 'one table' }
  t.same(withoutExceptions(problems, [exception]), [])
})

t.test('an exception that nothing needs, or that has no reason, is a problem', async t => {
  const unused = withoutExceptions([], [{ check: 'file-length', file: 'a.ts', reason: 'one table' }])
  t.same(messages(unused), ['undefined: nothing needs the exception of file-length for a.ts'])
  const problem = { check: 'file-length', file: 'a.ts', message: '501 lines' }
  t.same(messages(withoutExceptions([problem], [{ check: 'file-length', file: 'a.ts', reason: '' }])), ['undefined: a.ts has no reason'])
})

t.test('a value that is not as its schema says is named with its place', async t => {
  const schema = {
    type: 'object',
    required: ['id'],
    properties: {
      id: { type: 'string', pattern: '^[a-z]+$' },
      tiers: { type: 'array', items: { enum: [1, 2] } },
      path: { type: 'string', format: 'regex' },
    },
  } as const
  t.same(conforms({ id: 'a', tiers: [1, 2], path: '^/a' }, schema), [])
  t.same(conforms([], schema), ['the manifest must be an object'])
  t.same(conforms({ tiers: [1, 3], path: '(', other: 1 }, schema), [
    'id is missing',
    'tiers[1] must be one of 1, 2',
    'path must be a regular expression',
    'other is unknown',
  ])
  t.same(conforms({ id: 'A1' }, schema), ['id must match ^[a-z]+$'])
})
