import { testService } from '@ministack/gateway/testing'
import t from 'tap'
import plugin from '../src/index.js'

t.test('an operation that is not implemented says so by name', async t => {
  const lambda = await testService<typeof import('@aws-sdk/client-lambda')>(plugin)
  t.teardown(() => lambda.close())
  await t.rejects(lambda.client.getAccountSettings({}), {
    code: 'NotImplemented',
    message: 'lambda.GetAccountSettings is not implemented in MiniStack',
    status: 501,
  })
})
