import { testService } from '@ministack/gateway/testing'
import t from 'tap'
import plugin from '../src/index.js'

t.test('an operation that is not implemented says so by name', async t => {
  const rdsData = await testService<typeof import('@aws-sdk/client-rds-data')>(plugin)
  t.teardown(() => rdsData.close())
  await t.rejects(rdsData.client.batchExecuteStatement({} as never), {
    code: 'NotImplemented',
    message: 'rds-data.BatchExecuteStatement is not implemented in MiniStack',
    status: 501,
  })
})
