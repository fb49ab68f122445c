import { testService } from '@ministack/gateway/testing'
import t from 'tap'
import plugin from '../src/index.js'

t.test('an operation that is not implemented says so by name', async t => {
  const elasticache = await testService<typeof import('@aws-sdk/client-elasticache')>(plugin)
  t.teardown(() => elasticache.close())
  await t.rejects(elasticache.client.describeCacheClusters({}), {
    code: 'NotImplemented',
    message: 'elasticache.DescribeCacheClusters is not implemented in MiniStack',
    status: 501,
  })
})
