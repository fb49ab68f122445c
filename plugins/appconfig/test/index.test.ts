import { testService } from '@ministack/gateway/testing'
import t from 'tap'
import plugin from '../src/index.js'

t.test('an operation that is not implemented says so by name', async t => {
  const appconfig = await testService<typeof import('@aws-sdk/client-appconfig')>(plugin)
  t.teardown(() => appconfig.close())
  await t.rejects(appconfig.client.getAccountSettings({}), {
    code: 'NotImplemented',
    message: 'appconfig.GetAccountSettings is not implemented in MiniStack',
    status: 501,
  })
})
