import { testService } from '@ministack/gateway/testing'
import t from 'tap'
import plugin from '../src/index.js'

t.test('an operation that is not implemented says so by name', async t => {
  const sns = await testService<typeof import('@aws-sdk/client-sns')>(plugin)
  t.teardown(() => sns.close())
  await t.rejects(sns.client.getSMSAttributes({}), {
    code: 'NotImplemented',
    message: 'sns.GetSMSAttributes is not implemented in MiniStack',
    status: 501,
  })
})
