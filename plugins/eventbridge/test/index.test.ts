import { testService } from '@ministack/gateway/testing'
import t from 'tap'
import plugin from '../src/index.js'

t.test('an operation that is not implemented says so by name', async t => {
  const events = await testService<typeof import('@aws-sdk/client-eventbridge')>(plugin)
  t.teardown(() => events.close())
  await t.rejects(events.client.describeEventBus({}), {
    code: 'NotImplemented',
    message: 'events.DescribeEventBus is not implemented in MiniStack',
    status: 501,
  })
})
