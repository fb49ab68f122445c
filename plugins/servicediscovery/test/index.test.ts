import { testService } from '@ministack/gateway/testing'
import t from 'tap'
import plugin from '../src/index.js'

t.test('an operation that is not implemented says so by name', async t => {
  const servicediscovery = await testService<typeof import('@aws-sdk/client-servicediscovery')>(plugin)
  t.teardown(() => servicediscovery.close())
  await t.rejects(servicediscovery.client.listNamespaces({}), {
    code: 'NotImplemented',
    message: 'servicediscovery.ListNamespaces is not implemented in MiniStack',
    status: 501,
  })
})
