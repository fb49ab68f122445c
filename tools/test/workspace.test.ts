import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { generatedModels, pluginLists } from '../src/check/files.js'
import { pluginDependencies } from '../src/check/imports.js'
import type { Schema } from '../src/check/json-schema.js'
import { findConflicts, manifests } from '../src/check/manifests.js'
import { readJson, Workspace } from '../src/workspace.js'

const repository = fileURLToPath(new URL('../../..', import.meta.url))
const schema = readJson<Schema>(join(repository, 'tools/manifest.schema.json'))

/** A workspace with the real plugins sqs and sts, and `files` laid over it. */
function workspace(root: string, files: Record<string, object | string> = {}): Workspace {
  const all = {
    'ministack/package.json': { dependencies: { '@ministack/plugin-sqs': '*', '@ministack/plugin-sts': '*' } },
    'tsconfig.json': { references: [{ path: 'plugins/sqs' }, { path: 'plugins/sts' }] },
    'tools/plugins.json': { sqs: ['sqs'], sts: ['sts'] },
    ...files,
  }
  for (const id of ['sqs', 'sts']) {
    for (const name of ['manifest.json', 'model.json', 'model.patch.json', 'package.json', 'README.md']) {
      const file = join(repository, 'plugins', id, name)
      if (existsSync(file)) cpSync(file, join(root, 'plugins', id, name))
    }
  }
  for (const [name, content] of Object.entries(all)) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), typeof content === 'string' ? content : JSON.stringify(content))
  }
  return new Workspace(root)
}

const original = <T>(name: string) => readJson<T>(join(repository, name))
const all = (each: Workspace) => [
  ...pluginDependencies(each),
  ...generatedModels(each),
  ...pluginLists(each),
  ...manifests(each, schema, findConflicts),
]

t.test('the plugins as they are have no problems', async t => {
  t.same(all(workspace(t.testdir())), [])
})

t.test('a model that was edited by hand is found', async t => {
  const text = readFileSync(join(repository, 'plugins/sts/model.json'), 'utf8')
  const problems = generatedModels(workspace(t.testdir(), { 'plugins/sts/model.json': text.replace('RoleArn', 'Role') }))
  t.same(
    problems.map(problem => problem.file),
    ['plugins/sts/model.json'],
  )
})

t.test('a plugin that depends on another at run time is found', async t => {
  const packageJson = { ...original<object>('plugins/sts/package.json'), dependencies: { '@ministack/plugin-iam': '*' } }
  const problems = pluginDependencies(workspace(t.testdir(), { 'plugins/sts/package.json': packageJson }))
  t.match(problems, [{ file: 'plugins/sts/package.json', message: 'depends on @ministack/plugin-iam' }])
})

t.test('a plugin that is missing in the workspace’s lists is found', async t => {
  const files = { 'ministack/package.json': {}, 'tsconfig.json': { references: [] }, 'tools/plugins.json': {} }
  const problems = pluginLists(workspace(t.testdir(), files)).filter(problem => problem.file === 'plugins/sqs')
  t.same(
    problems.map(problem => problem.message),
    ['is missing in ministack/package.json: dependencies', 'is missing in tsconfig.json: references', 'is missing in tools/plugins.json'],
  )
})

t.test('a manifest that disagrees with its model or package is found', async t => {
  interface Loose {
    id: string
    services: { sdk: string; shape: string; match: object; [name: string]: unknown }[]
  }
  const manifest = original<Loose>('plugins/sqs/manifest.json')
  manifest.services[0] = { ...manifest.services[0]!, sdk: '@aws-sdk/client-sns', shape: 'AmazonSNS', match: {} }
  const found = manifests(workspace(t.testdir(), { 'plugins/sqs/manifest.json': manifest }), schema, findConflicts)
  t.same(
    found.map(problem => problem.message),
    [
      "sqs: @aws-sdk/client-sns isn't in the devDependencies",
      'sqs: model.json is the model of sqs',
      "sqs: the model's shape is 'AmazonSQS', not 'AmazonSNS'",
      "sqs: the X-Amz-Target prefix 'AmazonSQS' is missing",
    ],
  )
})

t.test('two plugins that claim the same thing are both named', async t => {
  interface Loose {
    services: { match: { signing: object[] } }[]
  }
  const manifest = original<Loose>('plugins/sts/manifest.json')
  manifest.services[0]!.match.signing.push({ name: 'sqs' })
  const [problem, ...others] = manifests(workspace(t.testdir(), { 'plugins/sts/manifest.json': manifest }), schema, findConflicts)
  t.same(others, [])
  t.match(problem?.message, /plugin 'sqs'.*plugin 'sts'.*both claim the signing name 'sqs'/)
})
