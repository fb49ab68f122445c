import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t from 'tap'
import { discoverPlugins } from '../src/plugins.js'

const SERVICE = {
  name: 'toy',
  title: 'Toy',
  sdk: '@aws-sdk/client-toy',
  model: 'model.json',
  shape: 'Toy',
  protocols: ['awsJson1_0'],
  match: {},
}
const MANIFEST = { id: 'toy', stateVersion: 1, services: [SERVICE] }
const plugin = (manifest: unknown = MANIFEST, pkg: object = {}) => ({
  'package.json': JSON.stringify({ name: 'toy-plugin', type: 'module', ministack: './manifest.json', exports: './index.js', ...pkg }),
  'manifest.json': typeof manifest === 'string' ? manifest : JSON.stringify(manifest),
  'index.js': 'export default Object.assign(async () => {}, { definition: { services: {} } })',
})
const home = (dir: string) => pathToFileURL(join(dir, 'package.json'))

t.test('the dependencies that are plugins are found, and nothing else that is installed', async t => {
  const dir = t.testdir({
    'package.json': JSON.stringify({ dependencies: { 'toy-plugin': '1', plain: '1' } }),
    node_modules: {
      'toy-plugin': plugin(MANIFEST, { exports: { '.': { types: './index.d.ts', import: './index.js' } } }),
      plain: { 'package.json': '{"name":"plain","exports":{}}' },
      stray: plugin({ ...MANIFEST, id: 'stray' }),
    },
  })
  const found = discoverPlugins(home(dir))
  t.strictSame(
    found.map(r => [r.manifest.id, r.dir]),
    [['toy', join(dir, 'node_modules/toy-plugin')]],
  )
  t.strictSame((await found[0]!.load()).definition, { services: {} })
})

t.test('further plugins are taken by path and by name', async t => {
  const dir = t.testdir({
    home: { 'package.json': '{}' },
    work: { local: plugin(), node_modules: { '@me': { named: plugin({ ...MANIFEST, id: 'named' }) } } },
  })
  const ids = (more: string[]) => discoverPlugins(home(join(dir, 'home')), more, join(dir, 'work')).map(r => r.manifest.id)
  t.strictSame(ids([]), [])
  t.strictSame(ids(['./local', '@me/named']), ['toy', 'named'])
  t.strictSame(ids([join(dir, 'work/local')]), ['toy'])
  t.strictSame(ids(['./local', './local']), ['toy'], 'asked for twice, it is one')
})

t.test('a plugin that cannot be used is named', async t => {
  const dir = t.testdir({
    'package.json': '{}',
    'no-manifest': { 'package.json': '{"name":"lost","ministack":"./manifest.json"}' },
    'bad-json': plugin('{'),
    'bad-field': plugin(MANIFEST, { ministack: true }),
    'no-id': plugin({ ...MANIFEST, id: '../x' }),
    reserved: plugin({ ...MANIFEST, id: 'gateway' }),
    'no-version': plugin({ ...MANIFEST, stateVersion: undefined }),
    'no-services': plugin({ ...MANIFEST, services: undefined }),
    'no-model': plugin({ ...MANIFEST, services: [{ ...SERVICE, model: undefined }] }),
    'no-match': plugin({ ...MANIFEST, services: [{ ...SERVICE, match: undefined }] }),
    'no-plugin': { 'package.json': '{}' },
    empty: {},
  })
  const refused = (name: string, message: RegExp) =>
    t.throws(() => discoverPlugins(home(dir), [name], dir), { name: 'PluginError', message }, name)
  refused('./no-manifest', /^plugin 'lost': its manifest .*manifest\.json isn't there$/)
  refused('./bad-json', /bad-json.manifest\.json can't be read: .*JSON/)
  refused('./bad-field', /^plugin 'toy-plugin': "ministack" in its package\.json must be the manifest's path$/)
  refused('./no-id', /^plugin 'toy-plugin': "id" must be a name of lower-case letters, digits and dashes in its manifest$/)
  refused('./reserved', /"id" must not be 'gateway', under which MiniStack keeps its own state, in its manifest$/)
  refused('./no-version', /"stateVersion" must be a whole number in its manifest$/)
  refused('./no-services', /"services" must be a list in its manifest$/)
  refused('./no-model', /every service needs a "model" in its manifest$/)
  refused('./no-match', /the service 'toy' needs "match" in its manifest$/)
  refused('./no-plugin', /^'\.\/no-plugin' is no plugin: its package\.json has no "ministack" that names a manifest$/)
  refused('./empty', /^there is no plugin '\.\/empty': .*empty holds no package\.json$/)
  refused('nowhere-to-be-found', /^there is no plugin 'nowhere-to-be-found'$/)
})

t.test('a dependency that is not installed is named', async t => {
  const dir = t.testdir({ 'package.json': '{"dependencies":{"not-there-at-all":"1"}}' })
  t.throws(() => discoverPlugins(home(dir)), { message: /^the dependency 'not-there-at-all' of .*package\.json isn't installed$/ })
})

t.test('code that fails or is no plugin is named when it is loaded', async t => {
  const dir = t.testdir({
    'package.json': '{}',
    throws: { ...plugin(), 'index.js': 'throw new Error("no such engine")' },
    other: { ...plugin(), 'index.js': 'export default 1' },
  })
  const [throws, other] = discoverPlugins(home(dir), ['./throws', './other'], dir)
  await t.rejects(throws!.load(), { message: "plugin 'toy-plugin' can't be loaded: no such engine" })
  await t.rejects(other!.load(), { message: "plugin 'toy-plugin': its default export isn't what definePlugin makes" })
})
