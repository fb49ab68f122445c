import { testService } from '@ministack/gateway/testing'
import t from 'tap'
import plugin from '../src/index.js'

t.test('an operation that is not implemented says so by name', async t => {
  const ssm = await testService<typeof import('@aws-sdk/client-ssm')>(plugin)
  t.teardown(() => ssm.close())
  await t.rejects(ssm.client.deleteAssociation({}), {
    code: 'NotImplemented',
    message: 'ssm.DeleteAssociation is not implemented in MiniStack',
    status: 501,
  })
})
