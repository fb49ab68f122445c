import { testService } from '@ministack/gateway/testing'
import t from 'tap'
import plugin from '../src/index.js'

t.test('an operation that is not implemented says so by name', async t => {
  const cloudformation = await testService<typeof import('@aws-sdk/client-cloudformation')>(plugin)
  t.teardown(() => cloudformation.close())
  await t.rejects(cloudformation.client.activateOrganizationsAccess({}), {
    code: 'NotImplemented',
    message: 'cloudformation.ActivateOrganizationsAccess is not implemented in MiniStack',
    status: 501,
  })
})
