import { testService } from '@ministack/gateway/testing'
import t from 'tap'
import plugin from '../src/index.js'

t.test('an operation that is not implemented says so by name', async t => {
  const transfer = await testService<typeof import('@aws-sdk/client-transfer')>(plugin)
  t.teardown(() => transfer.close())
  await t.rejects(transfer.client.createServer({}), {
    code: 'NotImplemented',
    message: 'transfer.CreateServer is not implemented in MiniStack',
    status: 501,
  })
})
