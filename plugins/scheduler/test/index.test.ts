import { testService } from '@ministack/gateway/testing'
import t from 'tap'
import plugin from '../src/index.js'

t.test('an operation that is not implemented says so by name', async t => {
  const scheduler = await testService<typeof import('@aws-sdk/client-scheduler')>(plugin)
  t.teardown(() => scheduler.close())
  await t.rejects(scheduler.client.listScheduleGroups({}), {
    code: 'NotImplemented',
    message: 'scheduler.ListScheduleGroups is not implemented in MiniStack',
    status: 501,
  })
})
