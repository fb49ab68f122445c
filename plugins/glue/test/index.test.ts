import { testService } from '@ministack/gateway/testing'
import t from 'tap'
import plugin from '../src/index.js'

t.test('an operation that is not implemented says so by name', async t => {
  const glue = await testService<typeof import('@aws-sdk/client-glue')>(plugin)
  t.teardown(() => glue.close())
  await t.rejects(glue.client.createClassifier({}), {
    code: 'NotImplemented',
    message: 'glue.CreateClassifier is not implemented in MiniStack',
    status: 501,
  })
})
