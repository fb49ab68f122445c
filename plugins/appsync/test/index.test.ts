import { testService } from '@ministack/gateway/testing'
import t from 'tap'
import plugin from '../src/index.js'

t.test('an operation that is not implemented says so by name', async t => {
  const appsync = await testService<typeof import('@aws-sdk/client-appsync')>(plugin)
  t.teardown(() => appsync.close())
  await t.rejects(appsync.client.listApis({}), {
    code: 'NotImplemented',
    message: 'appsync.ListApis is not implemented in MiniStack',
    status: 501,
  })
})
