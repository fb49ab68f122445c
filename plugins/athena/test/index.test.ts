import { testService } from '@ministack/gateway/testing'
import t from 'tap'
import plugin from '../src/index.js'

t.test('an operation that is not implemented says so by name', async t => {
  const athena = await testService<typeof import('@aws-sdk/client-athena')>(plugin)
  t.teardown(() => athena.close())
  await t.rejects(athena.client.listApplicationDPUSizes({}), {
    code: 'NotImplemented',
    message: 'athena.ListApplicationDPUSizes is not implemented in MiniStack',
    status: 501,
  })
})
