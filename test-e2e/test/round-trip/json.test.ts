import { testProtocols } from './test-protocols.js'

await testProtocols('awsJson1_0', 'awsJson1_1')
