import { testService } from '@ministack/gateway/testing'
import t from 'tap'
import plugin from '../src/index.js'

t.test('an operation that is not implemented says so by name', async t => {
  const firehose = await testService<typeof import('@aws-sdk/client-firehose')>(plugin)
  t.teardown(() => firehose.close())
  await t.rejects(firehose.client.listDeliveryStreams({}), {
    code: 'NotImplemented',
    message: 'firehose.ListDeliveryStreams is not implemented in MiniStack',
    status: 501,
  })
})
