import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { BotocoreData } from '../src/models/botocore.js'
import { newPlugin } from '../src/scaffold/new-plugin.js'
import { firstOperation } from '../src/scaffold/templates.js'
import { readJson } from '../src/workspace.js'

const repository = fileURLToPath(new URL('../../..', import.meta.url))
/** Runs Node in a folder, without the hooks that tap puts into every process of its tests. */
const node = (folder: string, ...args: string[]) =>
  execFileSync('env', ['-u', 'NODE_OPTIONS', process.execPath, ...args], { cwd: folder, encoding: 'utf8', stdio: 'pipe' })

/** The scaffold reads constraints from botocore; without it there is nothing to test. */
const skip = (() => {
  try {
    new BotocoreData()
    return false
  } catch {
    return 'botocore is not installed'
  }
})()

t.before(() => {
  process.env.INIT_CWD = repository
  console.log = () => {}
})

t.test('a plugin outside of the repository compiles and passes its test', { skip }, async t => {
  const root = t.testdir({ node_modules: t.fixture('symlink', join(repository, 'node_modules')) })
  const folder = join(root, 'my-kms')
  t.equal(await newPlugin(repository, ['kms', '--out', folder]), 0)
  node(folder, join(repository, 'node_modules/typescript/bin/tsc'), '-b')
  t.match(node(folder, 'dist/test/create-key.test.js'), /^ok 1 - /m)
  t.equal(readJson<{ name: string }>(join(folder, 'package.json')).name, 'my-kms')
  await t.rejects(newPlugin(repository, ['kms', '--out', folder]), { message: `${folder} has a plugin already` })
})

t.test('a plugin of the repository is put into its lists', { skip }, async t => {
  const root = t.testdir()
  for (const folder of ['tools', 'ministack', 'gateway']) mkdirSync(join(root, folder))
  const write = (name: string, content: object) => writeFileSync(join(root, name), JSON.stringify(content))
  write('tools/plugins.json', { acm: ['acm'], sqs: ['sqs'] })
  write('ministack/package.json', { dependencies: { '@ministack/plugin-acm': '^0.1.0' } })
  write('gateway/package.json', { version: '0.1.0' })
  write('tsconfig.json', { files: [], references: [{ path: 'gateway' }, { path: 'tools' }] })
  write('tsconfig.base.json', { compilerOptions: {} })
  await newPlugin(root, ['cognito-identity', 'kms', '--id', 'keys'])
  t.equal(
    readFileSync(join(root, 'tools/plugins.json'), 'utf8'),
    '{\n  "acm": ["acm"],\n  "keys": ["cognito-identity", "kms"],\n  "sqs": ["sqs"]\n}\n',
  )
  t.match(
    readFileSync(join(root, 'tsconfig.json'), 'utf8'),
    '{ "path": "gateway" },\n    { "path": "plugins/keys" },\n    { "path": "tools" }',
  )
  t.same(Object.keys(readJson<{ dependencies: object }>(join(root, 'ministack/package.json')).dependencies), [
    '@ministack/plugin-acm',
    '@ministack/plugin-keys',
  ])
  symlinkSync(join(repository, 'node_modules'), join(root, 'node_modules'))
  t.match(
    readFileSync(join(root, 'plugins/keys/src/index.ts'), 'utf8'),
    "'cognito-identity': cognitoIdentity.service({ CreateIdentityPool: createIdentityPool }),",
  )
})

t.test('wrong arguments are refused with words that help', async t => {
  await t.rejects(newPlugin(repository, []), { message: /npm run new-plugin -- <sdk client>/ })
  await t.rejects(newPlugin(repository, ['--bogus']), { message: /^Unknown option '--bogus'\n\nnpm run new-plugin -- <sdk client>/ })
  await t.rejects(newPlugin(repository, ['no-such-service']), { message: /client-no-such-service is not installed: npm install -D/ })
})

t.test('the operation to begin with needs no input where there is such a one', async t => {
  const shapes = { In: { members: { Name: 'string' }, required: ['Name'] } }
  const operations = { A: { input: '#In', output: 'unit' }, B: { input: 'unit', output: 'unit' } }
  t.same(firstOperation({ shapes, operations }), { name: 'B', requires: undefined })
  t.same(firstOperation({ shapes, operations: { A: operations.A } }), { name: 'A', requires: 'Name' })
  t.throws(() => firstOperation({ shapes, operations: {} }), { message: 'the model has no operations' })
})
