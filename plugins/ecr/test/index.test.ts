import { testService } from '@ministack/gateway/testing'
import t from 'tap'
import plugin from '../src/index.js'

t.test('an operation that is not implemented says so by name', async t => {
  const ecr = await testService<typeof import('@aws-sdk/client-ecr')>(plugin)
  t.teardown(() => ecr.close())
  await t.rejects(ecr.client.deleteRegistryPolicy({}), {
    code: 'NotImplemented',
    message: 'ecr.DeleteRegistryPolicy is not implemented in MiniStack',
    status: 501,
  })
})
