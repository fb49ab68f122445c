import { testService } from '@ministack/gateway/testing'
import t from 'tap'
import plugin from '../src/index.js'

t.test('an operation that is not implemented says so by name', async t => {
  const iam = await testService<typeof import('@aws-sdk/client-iam')>(plugin)
  t.teardown(() => iam.close())
  await t.rejects(iam.client.createAccessKey({}), {
    code: 'NotImplemented',
    message: 'iam.CreateAccessKey is not implemented in MiniStack',
    status: 501,
  })
})
