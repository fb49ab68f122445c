import t from 'tap'
import { AwsError } from '../../src/authoring/errors.js'
import { AccountScopedDict } from '../../src/runtime/scoped-dict.js'

/** Loads a module once more, as a plugin's own copy of the gateway would. */
async function again<T>(module: string): Promise<T> {
  return (await import(`${new URL(module, import.meta.url).href}?again`)) as T
}

t.test("errors and dicts of a plugin's own copy of the gateway are known as such", async t => {
  const errors = await again<typeof import('../../src/authoring/errors.js')>('../../src/authoring/errors.js')
  const dicts = await again<typeof import('../../src/runtime/scoped-dict.js')>('../../src/runtime/scoped-dict.js')
  t.not(errors.AwsError, AwsError, 'they are another copy')
  t.ok(errors.notImplemented('xray', 'GetGroups') instanceof AwsError)
  t.ok(new dicts.AccountScopedDict('groups') instanceof AccountScopedDict)
  t.notOk(new Error('a bug') instanceof AwsError)
  t.notOk(new Map() instanceof AccountScopedDict)
})

t.test('a subclass is still told from its parent', async t => {
  class Special extends AwsError {}
  t.ok(new Special('Code') instanceof Special)
  t.ok(new Special('Code') instanceof AwsError)
  t.notOk(new AwsError('Code') instanceof Special)
})
