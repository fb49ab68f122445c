import { testService } from '@ministack/gateway/testing'
import t from 'tap'
import plugin from '../src/index.js'

t.test('an operation that is not implemented says so by name', async t => {
  const ec2 = await testService<typeof import('@aws-sdk/client-ec2')>(plugin)
  t.teardown(() => ec2.close())
  await t.rejects(ec2.client.acceptTransitGatewayMulticastDomainAssociations({}), {
    code: 'NotImplemented',
    message: 'ec2.AcceptTransitGatewayMulticastDomainAssociations is not implemented in MiniStack',
    status: 501,
  })
})
