import { testService } from '@ministack/gateway/testing'
import t from 'tap'
import plugin from '../src/index.js'

t.test('an operation that is not implemented says so by name', async t => {
  const autoscaling = await testService<typeof import('@aws-sdk/client-auto-scaling')>(plugin)
  t.teardown(() => autoscaling.close())
  await t.rejects(autoscaling.client.describeAccountLimits({}), {
    code: 'NotImplemented',
    message: 'autoscaling.DescribeAccountLimits is not implemented in MiniStack',
    status: 501,
  })
})
