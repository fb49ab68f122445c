import { testService } from '@ministack/gateway/testing'
import t from 'tap'
import plugin from '../src/index.js'

t.test('an operation that is not implemented says so by name', async t => {
  const logs = await testService<typeof import('@aws-sdk/client-cloudwatch-logs')>(plugin)
  t.teardown(() => logs.close())
  await t.rejects(logs.client.deleteResourcePolicy({}), {
    code: 'NotImplemented',
    message: 'logs.DeleteResourcePolicy is not implemented in MiniStack',
    status: 501,
  })
})
