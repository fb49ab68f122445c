import { testService } from '@ministack/gateway/testing'
import t from 'tap'
import plugin from '../src/index.js'

t.test('an operation that is not implemented says so by name', async t => {
  const eks = await testService<typeof import('@aws-sdk/client-eks')>(plugin)
  t.teardown(() => eks.close())
  await t.rejects(eks.client.describeAddonVersions({}), {
    code: 'NotImplemented',
    message: 'eks.DescribeAddonVersions is not implemented in MiniStack',
    status: 501,
  })
})
