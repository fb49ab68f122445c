import { testService } from '@ministack/gateway/testing'
import t from 'tap'
import plugin from '../src/index.js'

t.test('an operation that is not implemented says so by name', async t => {
  const efs = await testService<typeof import('@aws-sdk/client-efs')>(plugin)
  t.teardown(() => efs.close())
  await t.rejects(efs.client.describeAccessPoints({}), {
    code: 'NotImplemented',
    message: 'efs.DescribeAccessPoints is not implemented in MiniStack',
    status: 501,
  })
})
