import { testService } from '@ministack/gateway/testing'
import t from 'tap'
import plugin from '../src/index.js'

t.test('an operation that is not implemented says so by name', async t => {
  const ecs = await testService<typeof import('@aws-sdk/client-ecs')>(plugin)
  t.teardown(() => ecs.close())
  await t.rejects(ecs.client.createCluster({}), {
    code: 'NotImplemented',
    message: 'ecs.CreateCluster is not implemented in MiniStack',
    status: 501,
  })
})
