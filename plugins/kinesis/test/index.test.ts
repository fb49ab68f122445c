import { testService } from '@ministack/gateway/testing'
import t from 'tap'
import plugin from '../src/index.js'

t.test('an operation that is not implemented says so by name', async t => {
  const kinesis = await testService<typeof import('@aws-sdk/client-kinesis')>(plugin)
  t.teardown(() => kinesis.close())
  await t.rejects(kinesis.client.deleteStream({}), {
    code: 'NotImplemented',
    message: 'kinesis.DeleteStream is not implemented in MiniStack',
    status: 501,
  })
})
