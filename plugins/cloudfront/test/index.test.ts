import { testService } from '@ministack/gateway/testing'
import t from 'tap'
import plugin from '../src/index.js'

t.test('an operation that is not implemented says so by name', async t => {
  const cloudfront = await testService<typeof import('@aws-sdk/client-cloudfront')>(plugin)
  t.teardown(() => cloudfront.close())
  await t.rejects(cloudfront.client.deleteRealtimeLogConfig({}), {
    code: 'NotImplemented',
    message: 'cloudfront.DeleteRealtimeLogConfig is not implemented in MiniStack',
    status: 501,
  })
})
