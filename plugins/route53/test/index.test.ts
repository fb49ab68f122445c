import { testService } from '@ministack/gateway/testing'
import t from 'tap'
import plugin from '../src/index.js'

t.test('an operation that is not implemented says so by name', async t => {
  const route53 = await testService<typeof import('@aws-sdk/client-route-53')>(plugin)
  t.teardown(() => route53.close())
  await t.rejects(route53.client.getCheckerIpRanges({}), {
    code: 'NotImplemented',
    message: 'route53.GetCheckerIpRanges is not implemented in MiniStack',
    status: 501,
  })
})
