import { testService } from '@ministack/gateway/testing'
import t from 'tap'
import plugin from '../src/index.js'

t.test('an operation that is not implemented says so by name', async t => {
  const cognitoIdp = await testService<typeof import('@aws-sdk/client-cognito-identity-provider')>(plugin)
  t.teardown(() => cognitoIdp.close())
  await t.rejects(cognitoIdp.client.associateSoftwareToken({}), {
    code: 'NotImplemented',
    message: 'cognito-idp.AssociateSoftwareToken is not implemented in MiniStack',
    status: 501,
  })
})
