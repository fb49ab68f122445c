import { testProtocols } from './test-protocols.js'

await testProtocols('restXml')
