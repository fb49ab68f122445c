import { testService } from '@ministack/gateway/testing'
import t from 'tap'
import plugin from '../src/index.js'

t.test('an operation that is not implemented says so by name', async t => {
  const secretsmanager = await testService<typeof import('@aws-sdk/client-secrets-manager')>(plugin)
  t.teardown(() => secretsmanager.close())
  await t.rejects(secretsmanager.client.batchGetSecretValue({}), {
    code: 'NotImplemented',
    message: 'secretsmanager.BatchGetSecretValue is not implemented in MiniStack',
    status: 501,
  })
})
