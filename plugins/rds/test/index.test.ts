import { testService } from '@ministack/gateway/testing'
import t from 'tap'
import plugin from '../src/index.js'

t.test('an operation that is not implemented says so by name', async t => {
  const rds = await testService<typeof import('@aws-sdk/client-rds')>(plugin)
  t.teardown(() => rds.close())
  await t.rejects(rds.client.deleteDBInstanceAutomatedBackup({}), {
    code: 'NotImplemented',
    message: 'rds.DeleteDBInstanceAutomatedBackup is not implemented in MiniStack',
    status: 501,
  })
})
