import { testService } from '@ministack/gateway/testing'
import t from 'tap'
import plugin from '../src/index.js'

t.test('an operation that is not implemented says so by name', async t => {
  const emr = await testService<typeof import('@aws-sdk/client-emr')>(plugin)
  t.teardown(() => emr.close())
  await t.rejects(emr.client.describeJobFlows({}), {
    code: 'NotImplemented',
    message: 'emr.DescribeJobFlows is not implemented in MiniStack',
    status: 501,
  })
})
