import { testService } from '@ministack/gateway/testing'
import t from 'tap'
import plugin from '../src/index.js'

t.test('an operation that is not implemented says so by name', async t => {
  const apigatewayv2 = await testService<typeof import('@aws-sdk/client-apigatewayv2')>(plugin)
  t.teardown(() => apigatewayv2.close())
  await t.rejects(apigatewayv2.client.getApis({}), {
    code: 'NotImplemented',
    message: 'apigatewayv2.GetApis is not implemented in MiniStack',
    status: 501,
  })
})
