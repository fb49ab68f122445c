import { testService } from '@ministack/gateway/testing'
import t from 'tap'
import plugin from '../src/index.js'

t.test('an operation that is not implemented says so by name', async t => {
  const kms = await testService<typeof import('@aws-sdk/client-kms')>(plugin)
  t.teardown(() => kms.close())
  await t.rejects(kms.client.createKey({}), {
    code: 'NotImplemented',
    message: 'kms.CreateKey is not implemented in MiniStack',
    status: 501,
  })
})
