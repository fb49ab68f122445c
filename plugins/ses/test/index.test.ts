import { testService } from '@ministack/gateway/testing'
import t from 'tap'
import plugin from '../src/index.js'

t.test('an operation that is not implemented says so by name', async t => {
  const ses = await testService<typeof import('@aws-sdk/client-ses')>(plugin)
  t.teardown(() => ses.close())
  await t.rejects(ses.client.describeActiveReceiptRuleSet({}), {
    code: 'NotImplemented',
    message: 'ses.DescribeActiveReceiptRuleSet is not implemented in MiniStack',
    status: 501,
  })
})
