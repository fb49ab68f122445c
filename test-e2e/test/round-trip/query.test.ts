import { testProtocols } from './test-protocols.js'

await testProtocols('awsQuery', 'rpcv2Cbor')
