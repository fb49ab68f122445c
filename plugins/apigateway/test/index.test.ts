import { testService } from '@ministack/gateway/testing'
import t from 'tap'
import plugin from '../src/index.js'

t.test('an operation that is not implemented says so by name', async t => {
  const apigateway = await testService<typeof import('@aws-sdk/client-api-gateway')>(plugin)
  t.teardown(() => apigateway.close())
  await t.rejects(apigateway.client.createApiKey({}), {
    code: 'NotImplemented',
    message: 'apigateway.CreateApiKey is not implemented in MiniStack',
    status: 501,
  })
})
