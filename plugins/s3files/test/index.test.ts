import { testService } from '@ministack/gateway/testing'
import t from 'tap'
import plugin from '../src/index.js'

t.test('an operation that is not implemented says so by name', async t => {
  const s3files = await testService<typeof import('@aws-sdk/client-s3files')>(plugin)
  t.teardown(() => s3files.close())
  await t.rejects(s3files.client.listFileSystems({}), {
    code: 'NotImplemented',
    message: 's3files.ListFileSystems is not implemented in MiniStack',
    status: 501,
  })
})
