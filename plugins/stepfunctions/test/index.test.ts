import { testService } from '@ministack/gateway/testing'
import t from 'tap'
import plugin from '../src/index.js'

t.test('an operation that is not implemented says so by name', async t => {
  const stepfunctions = await testService<typeof import('@aws-sdk/client-sfn')>(plugin)
  t.teardown(() => stepfunctions.close())
  await t.rejects(stepfunctions.client.listActivities({}), {
    code: 'NotImplemented',
    message: 'stepfunctions.ListActivities is not implemented in MiniStack',
    status: 501,
  })
})
