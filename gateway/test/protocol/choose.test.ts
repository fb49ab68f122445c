import t from 'tap'
import { chooseProtocol, type ProtocolName } from '../../src/protocol/index.js'

t.test('a request shows which of a service protocols it speaks', async t => {
  const cloudwatch: readonly ProtocolName[] = ['awsJson1_0', 'rpcv2Cbor', 'awsQuery']
  const choose = (headers: Record<string, string>, path = '/', rawQuery = '', protocols = cloudwatch): ProtocolName =>
    chooseProtocol(protocols, { method: 'POST', path, rawQuery, headers })
  t.equal(choose({ 'smithy-protocol': 'rpc-v2-cbor' }), 'rpcv2Cbor')
  t.equal(choose({}, '/service/GraniteServiceVersion20100801/operation/ListMetrics'), 'rpcv2Cbor')
  t.equal(choose({ 'x-amz-target': 'X.Y', 'content-type': 'application/x-amz-json-1.0' }), 'awsJson1_0')
  t.equal(choose({ 'x-amz-target': 'X.Y', 'content-type': 'application/x-amz-json-1.1' }), 'awsJson1_0', 'the JSON that the service has')
  t.equal(choose({ 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }), 'awsQuery')
  t.equal(choose({}, '/', 'Version=1&Action=ListMetrics'), 'awsQuery')
  t.equal(choose({}), 'awsJson1_0', "the service's first")
  t.equal(choose({ 'content-type': 'x' }, '/a', '', ['restXml']), 'restXml')
  t.throws(() => choose({}, '/', '', []), RangeError)
})
