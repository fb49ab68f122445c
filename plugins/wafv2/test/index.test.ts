import { testService } from '@ministack/gateway/testing'
import t from 'tap'
import plugin from '../src/index.js'

t.test('an operation that is not implemented says so by name', async t => {
  const wafv2 = await testService<typeof import('@aws-sdk/client-wafv2')>(plugin)
  t.teardown(() => wafv2.close())
  await t.rejects(wafv2.client.getRuleGroup({}), {
    code: 'NotImplemented',
    message: 'wafv2.GetRuleGroup is not implemented in MiniStack',
    status: 501,
  })
})
