import { testProtocols } from './test-protocols.js'

await testProtocols('ec2Query')
