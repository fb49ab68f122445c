import { testService } from '@ministack/gateway/testing'
import t from 'tap'
import plugin from '../src/index.js'

t.test('an operation that is not implemented says so by name', async t => {
  const elbv2 = await testService<typeof import('@aws-sdk/client-elastic-load-balancing-v2')>(plugin)
  t.teardown(() => elbv2.close())
  await t.rejects(elbv2.client.describeAccountLimits({}), {
    code: 'NotImplemented',
    message: 'elbv2.DescribeAccountLimits is not implemented in MiniStack',
    status: 501,
  })
})
