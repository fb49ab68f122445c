import type { ProtocolName, RequestHead } from './wire.js'

/**
 * The protocol that a request speaks, among those that its service does: by `smithy-protocol`, `X-Amz-Target`, a form or an `Action`; a REST
 * protocol, else the service's first, for all that shows none of them.
 */
export function chooseProtocol(protocols: readonly ProtocolName[], head: RequestHead): ProtocolName {
  const first = protocols[0]
  if (first === undefined) throw new RangeError('A service speaks at least one protocol')
  if (protocols.length === 1) return first
  const { headers } = head
  const type = typeof headers['content-type'] === 'string' ? headers['content-type'] : ''
  if (
    protocols.includes('rpcv2Cbor') &&
    (headers['smithy-protocol'] === 'rpc-v2-cbor' || /\/service\/[^/]+\/operation\/[^/]+$/.test(head.path))
  )
    return 'rpcv2Cbor'
  if (headers['x-amz-target'] !== undefined) {
    const asked: ProtocolName = type.includes('json-1.0') ? 'awsJson1_0' : 'awsJson1_1'
    const json = protocols.includes(asked) ? asked : protocols.find(name => name === 'awsJson1_0' || name === 'awsJson1_1')
    if (json !== undefined) return json
  }
  const query = protocols.find(name => name === 'awsQuery' || name === 'ec2Query')
  if (query !== undefined && (type.startsWith('application/x-www-form-urlencoded') || /(?:^|&)Action=/.test(head.rawQuery))) return query
  return protocols.find(name => name === 'restJson1' || name === 'restXml') ?? first
}
