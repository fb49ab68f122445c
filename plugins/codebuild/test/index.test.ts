import { testService } from '@ministack/gateway/testing'
import t from 'tap'
import plugin from '../src/index.js'

t.test('an operation that is not implemented says so by name', async t => {
  const codebuild = await testService<typeof import('@aws-sdk/client-codebuild')>(plugin)
  t.teardown(() => codebuild.close())
  await t.rejects(codebuild.client.listBuildBatches({}), {
    code: 'NotImplemented',
    message: 'codebuild.ListBuildBatches is not implemented in MiniStack',
    status: 501,
  })
})
