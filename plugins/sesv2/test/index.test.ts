import { testService } from '@ministack/gateway/testing'
import t from 'tap'
import plugin from '../src/index.js'

t.test('an operation that is not implemented says so by name', async t => {
  const sesv2 = await testService<typeof import('@aws-sdk/client-sesv2')>(plugin)
  t.teardown(() => sesv2.close())
  await t.rejects(sesv2.client.getAccount({}), {
    code: 'NotImplemented',
    message: 'sesv2.GetAccount is not implemented in MiniStack',
    status: 501,
  })
})
