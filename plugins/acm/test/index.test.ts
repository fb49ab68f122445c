import { testService } from '@ministack/gateway/testing'
import t from 'tap'
import plugin from '../src/index.js'

t.test('an operation that is not implemented says so by name', async t => {
  const acm = await testService<typeof import('@aws-sdk/client-acm')>(plugin)
  t.teardown(() => acm.close())
  await t.rejects(acm.client.getAccountConfiguration({}), {
    code: 'NotImplemented',
    message: 'acm.GetAccountConfiguration is not implemented in MiniStack',
    status: 501,
  })
})
