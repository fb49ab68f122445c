import { testService } from '@ministack/gateway/testing'
import t from 'tap'
import plugin from '../src/index.js'

t.test('an operation that is not implemented says so by name', async t => {
  const cloudwatch = await testService<typeof import('@aws-sdk/client-cloudwatch')>(plugin)
  t.teardown(() => cloudwatch.close())
  await t.rejects(cloudwatch.client.deleteAnomalyDetector({}), {
    code: 'NotImplemented',
    message: 'cloudwatch.DeleteAnomalyDetector is not implemented in MiniStack',
    status: 501,
  })
})
